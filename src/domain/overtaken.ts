import type { Mapping } from './integration.ts';
import type { PastChange, TrackerStatus } from './issue.ts';
import type { Op } from './link.ts';
import { statusChange } from './status-words.ts';

/** A write of the status without a known outcome, and how the issue stood when it was decided on. */
export interface Questionable {
  op: Op;
  /** The status that was sent, in the issue's words. */
  sent: string;
  seen: NonNullable<Op['payload']['seen']>;
}

/**
 * Writes of the status of which the issue as it is cannot tell whether they were carried out: what was sent may have been there
 * before somebody else came, and what is there may be somebody else's. Two words for "closed" differ by labels alone, of which
 * histories of the status say nothing.
 */
export function questionable(
  ops: readonly Op[],
  before: string | null | undefined,
  mapping: Mapping,
): readonly Questionable[] {
  return ops.flatMap((op): Questionable[] => {
    const { issue, seen } = op.payload;
    const sent = issue.status;
    if (op.kind !== 'update' || seen === undefined || sent == null || before == null) return [];
    return isApart(sent, before, mapping) ? [{ op, sent, seen }] : [];
  });
}

/**
 * Have our accounts brought the issue to what was sent, and somebody else away from it? `history`: since the write was decided
 * on, oldest first; steps of an earlier write of ours in the same second may be among them, so that only our last one counts.
 */
export function wasCarriedOut(
  sent: string,
  history: readonly PastChange[],
  accountIds: readonly string[],
  mapping: Mapping,
): boolean {
  const changes = history.filter((each) => each.field === 'status');
  const last = changes.findLastIndex(({ by }) => accountIds.includes(by));
  const ours = changes[last];
  const isUndone = last < changes.length - 1;
  return ours !== undefined && isUndone && isMet(statusChange(sent, mapping).status, ours.to);
}

/** Is what the issue shows somebody else's, who wanted the same, while ours has never arrived? `history` as above. */
export function wasSetByOthers(
  sent: string,
  history: readonly PastChange[],
  accountIds: readonly string[],
  mapping: Mapping,
): boolean {
  const changes = history.filter((each) => each.field === 'status');
  const wanted = statusChange(sent, mapping).status;
  const last = changes.at(-1);
  if (last === undefined || accountIds.includes(last.by) || !isMet(wanted, last.to)) return false;
  return !changes.some(({ by, to }) => accountIds.includes(by) && isMet(wanted, to));
}

type Wanted = ReturnType<typeof statusChange>['status'];

function isApart(one: string, other: string, mapping: Mapping): boolean {
  const [left, right] = [statusChange(one, mapping).status, statusChange(other, mapping).status];
  if (left.id !== undefined && right.id !== undefined) return left.id !== right.id;
  return !isMet({ category: left.category }, right);
}

/** Is this the status that was wanted? Histories do not always tell why an issue was closed. */
export function isMet(wanted: Wanted, to: Pick<TrackerStatus, 'category' | 'id'> | Wanted): boolean {
  if (wanted.id !== undefined) return wanted.id === to.id;
  return isClosed(wanted) ? isClosed(to) : wanted.category === to.category;
}

function isClosed({ category }: Pick<Wanted, 'category'>): boolean {
  return category === 'done' || category === 'dropped';
}
