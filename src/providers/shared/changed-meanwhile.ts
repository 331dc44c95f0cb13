import type { Issue, IssueWrite } from '../../domain/issue.ts';
import { TIMINGS } from '../../domain/timings.ts';
import type { Clock } from '../../ports/clock.ts';

/** Labels are compared without regard to case. */
export function folded(label: string): string {
  return label.toLowerCase();
}

/**
 * Has somebody changed, since it was seen, what a write is about to change, or what it rests on? `shown` says in which form the
 * tracker's titles and texts are compared.
 */
export function changedMeanwhile(
  { seen, change, watched = [] }: Extract<IssueWrite, { kind: 'update' }>,
  now: Issue,
  shown: { title(text: string): string; text(issue: Issue): string },
): boolean {
  const had = new Set(seen.labels.map(folded));
  const has = new Set(now.labels.map(folded));
  const labels = [...(change.addLabels ?? []), ...(change.removeLabels ?? []), ...watched].map(folded);
  const sameStatus = seen.status.id === now.status.id && seen.status.category === now.status.category;
  return (
    seen.ref.id !== now.ref.id ||
    (change.title !== undefined && shown.title(seen.title) !== shown.title(now.title)) ||
    (change.block !== undefined && shown.text(seen) !== shown.text(now)) ||
    (change.priority !== undefined && seen.priority !== now.priority) ||
    (change.status !== undefined && !sameStatus) ||
    labels.some((label) => had.has(label) !== has.has(label))
  );
}

/** Is what was seen surely what is there? Then it is not read again before a write. */
export function isFresh({ seenAt }: { seenAt: string }, clock: Pick<Clock, 'now'>): boolean {
  const age = clock.now().getTime() - Date.parse(seenAt);
  return age >= 0 && age < TIMINGS.freshMs;
}
