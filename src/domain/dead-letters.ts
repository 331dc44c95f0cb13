import type { Link } from './link.ts';

/** A link that was set aside: nothing is written for it until a person retries or discards it. */
export interface DeadLetter {
  linkId: string;
  role: Link['role'];
  threatId: string;
  issue?: NonNullable<Link['issue']>;
  since: string;
  failures: number;
  reason: string;
}

/** The dead letters of one cause. */
export interface DeadCause {
  code: string;
  /** What the newest of them says. */
  message: string;
  /** What to do before they are retried. */
  todo: string;
  count: number;
  /** The oldest ones first. */
  items: readonly DeadLetter[];
}

export type AsideCode = 'block-damaged' | 'mark-doubled' | 'fought-over';

/** Why it was set aside: the code of its last error. */
export function causeOf({ lastError }: Pick<Link, 'lastError'>): string {
  return lastError?.code ?? 'set-aside';
}

/** By cause, the most frequent first; of each at most `limit` items, the one that was set aside first first. */
export function deadCauses(links: readonly Link[], limit: number): readonly DeadCause[] {
  const causes = Map.groupBy(links, causeOf);
  return [...causes]
    .map(([code, all]): DeadCause => {
      const sorted = all.toSorted((one, other) => order(one.stateSince, other.stateSince));
      const items = sorted.map(letterOf);
      const message = items.at(-1)?.reason ?? '';
      return { code, message, todo: todoOf(code), count: items.length, items: items.slice(0, limit) };
    })
    .toSorted((one, other) => other.count - one.count || order(one.code, other.code));
}

function letterOf(link: Link): DeadLetter {
  return {
    linkId: link.id,
    role: link.role,
    threatId: link.threatId,
    ...(link.issue === undefined ? {} : { issue: link.issue }),
    since: link.stateSince,
    failures: link.failures,
    reason: link.stateReason ?? link.lastError?.message ?? 'It was set aside.',
  };
}

function todoOf(code: string): string {
  switch (code) {
    case 'block-damaged':
      return "Mend or remove the sync's part of the issue, then retry.";
    case 'mark-doubled':
      return 'Delete all but one of the issues, or their marks, then retry: the one that is left is taken.';
    case 'fought-over':
      return 'Find the program that writes the status (a rule of the tracker, another synchronisation), switch it off or change the mapping, then retry.';
    default:
      return 'Mend what the message says, then retry; discard what shall not be synchronised any more.';
  }
}

function order(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
