import { sameName } from './issue-acts.ts';
import type { Issue } from './state.ts';
import { isoSeconds } from './state.ts';

type StateName = 'OPEN' | 'CLOSED';

/** How a repository is asked for its issues. */
export interface IssuesArguments {
  states?: readonly StateName[] | null;
  labels?: readonly string[] | null;
  filterBy?: {
    assignee?: string | null;
    createdBy?: string | null;
    labels?: readonly string[] | null;
    since?: string | null;
    states?: readonly StateName[] | null;
  } | null;
  orderBy?: { field: 'CREATED_AT' | 'UPDATED_AT' | 'COMMENTS'; direction: 'ASC' | 'DESC' } | null;
}

/** The issues that fit. A list of labels is an "or" here, other than in REST. */
export function selectIssues(issues: readonly Issue[], wish: IssuesArguments): Issue[] {
  const { filterBy, orderBy } = wish;
  const states = wish.states ?? filterBy?.states;
  const labels = wish.labels ?? filterBy?.labels;
  const since = filterBy?.since == null ? undefined : isoSeconds(new Date(filterBy.since));
  const found = issues.filter(
    (issue) =>
      (states == null || states.some((state) => state.toLowerCase() === issue.state)) &&
      (labels == null || issue.labels.some(({ name }) => labels.some((each) => sameName(each, name)))) &&
      (filterBy?.createdBy == null || sameName(issue.author.login, filterBy.createdBy)) &&
      (filterBy?.assignee == null || isAssignedTo(issue, filterBy.assignee)) &&
      (since === undefined || issue.updatedAt >= since),
  );
  if (orderBy == null) return found;
  const sign = orderBy.direction === 'ASC' ? 1 : -1;
  return found.toSorted(
    (one, other) => sign * (compare(orderBy.field, one, other) || one.number - other.number),
  );
}

function isAssignedTo(issue: Issue, login: string): boolean {
  return issue.assignees.some((account) => sameName(account.login, login));
}

function compare(field: 'CREATED_AT' | 'UPDATED_AT' | 'COMMENTS', one: Issue, other: Issue): number {
  if (field === 'COMMENTS') return one.comments.length - other.comments.length;
  if (field === 'CREATED_AT') return one.createdAt.localeCompare(other.createdAt);
  return one.updatedAt.localeCompare(other.updatedAt);
}
