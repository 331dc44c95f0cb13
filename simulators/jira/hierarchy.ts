import type { Issue, IssueType, State } from './state.ts';

/** What is wrong with the parent of an issue of this type: one level above it, and on Data Center only of sub-tasks. */
export function parentFault(
  state: State,
  type: IssueType,
  parent: Issue | null | undefined,
): string | undefined {
  if (parent === undefined || parent === null) return undefined;
  if (state.flavour === 'data-center' && !type.subtask)
    return 'Issue type is not a sub-task but parent issue key or id specified.';
  return parent.type.hierarchyLevel === type.hierarchyLevel + 1
    ? undefined
    : 'Given parent work item does not belong to appropriate hierarchy.';
}

/** An epic of a Data Center is no more: nothing links to it. */
export function leaveEpic(state: State, epic: Issue): void {
  const field = state.customFields.find(({ type }) => type === 'epic-link');
  if (field === undefined) return;
  for (const each of state.issues.values())
    if (each.custom.get(field.id) === epic.key) each.custom = new Map([...each.custom, [field.id, null]]);
}
