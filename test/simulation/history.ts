import type { SeenIssue } from './profiles/profile.ts';

/** Who changed something: people, or one of our processes. */
export type Doer = 'person' | 'engine';

/** One change of one field of one side, as it happened. */
export interface Change {
  sequence: number;
  /** Ms since the epoch. */
  at: number;
  team: number;
  side: 'threat' | 'issue';
  /** The threat's id or the issue's key. */
  of: string;
  field: 'status' | 'title' | 'text';
  value: string;
  by: Doer;
}

/** Everything that happened, in order; what the oracles judge. */
export class History {
  readonly changes: Change[] = [];
  #sequence = 0;

  add(change: Omit<Change, 'sequence'>): void {
    this.#sequence += 1;
    this.changes.push({ ...change, sequence: this.#sequence });
  }

  /** What differs between two looks at a team's issues. */
  compare(
    team: number,
    before: readonly SeenIssue[],
    after: readonly SeenIssue[],
    at: number,
    by: Doer,
  ): void {
    const known = new Map(before.map((issue) => [issue.key, issue]));
    for (const issue of after) {
      const old = known.get(issue.key);
      const add = (field: Change['field'], value: string): void =>
        this.add({ at, team, side: 'issue', of: issue.key, field, value, by });
      if (old?.title !== issue.title) add('title', issue.title);
      if (old === undefined || statusOf(old) !== statusOf(issue)) add('status', statusOf(issue));
      if (old?.text !== issue.text) add('text', issue.text);
    }
  }

  of(team: number, side: Change['side'], of: string, field: Change['field']): readonly Change[] {
    return this.changes.filter(
      (each) => each.team === team && each.side === side && each.of === of && each.field === field,
    );
  }
}

const DISPOSITION = /^tm-(?:accepted|transferred|avoided|false-positive)$/;

/** Open or closed, with the labels that say why. */
function statusOf(issue: Pick<SeenIssue, 'isOpen' | 'labels'>): string {
  const why = issue.labels.filter((label) => DISPOSITION.test(label)).toSorted();
  return [issue.isOpen ? 'open' : 'closed', ...why].join(' ');
}

/** The link that an issue says it belongs to, by the mark in its text. */
export function markedLinkOf(issue: Pick<SeenIssue, 'text'>): string | undefined {
  return /tmi:begin v=1 link=([0-9a-f-]{36})/.exec(issue.text)?.[1];
}
