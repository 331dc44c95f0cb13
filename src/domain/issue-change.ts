import type { Mapping } from './integration.ts';
import type { Issue, IssueChange } from './issue.ts';
import type { Step } from './plan.ts';
import { hasLabel, statusChange } from './status-words.ts';
import { isLabelKey } from './values.ts';

export type Push = Extract<Step, { kind: 'push' }>;

/** The smallest change to an issue that carries out these pushes. Labels that are not ours are never named. */
export function changeOf(
  pushes: readonly Push[],
  issue: Pick<Issue, 'labels'>,
  mapping: Mapping,
  mark: string,
): IssueChange {
  const change: { -readonly [Key in keyof IssueChange]: IssueChange[Key] } = {};
  const add: string[] = [];
  const remove: string[] = [];
  for (const { field, from, to, undo } of pushes) {
    if (isLabelKey(field)) (to === null ? remove : add).push(field.slice('label:'.length));
    if (field === 'severity') {
      // What an undo brings back may have been several labels.
      if (to !== null) add.push(...(undo === undefined ? [to] : to.split(', ')));
      if (from !== null) remove.push(...from.split(', '));
    }
    if (to === null) continue;
    if (field === 'title') change.title = to;
    if (field === 'block') change.block = { mark, text: to };
    if (field === 'priority') change.priority = to;
    if (field === 'status') {
      const written = statusChange(to, mapping);
      change.status = written.status;
      add.push(...written.addLabels);
      remove.push(...written.removeLabels.filter((label) => hasLabel(issue.labels, label)));
    }
  }
  const removed = remove.filter((label) => !hasLabel(add, label));
  if (add.length > 0) change.addLabels = add;
  if (removed.length > 0) change.removeLabels = removed;
  return change;
}
