import { invalid } from '../answers.ts';
import { sameName } from '../issue-acts.ts';
import type { ApiRequest } from '../request.ts';
import type { Issue, Repository } from '../state.ts';
import { isoSeconds } from '../state.ts';

/** The issues a listing asks for: filtered, then sorted; equal times keep the order of their numbers. */
export function listedIssues(request: ApiRequest, repository: Repository): Issue[] {
  const { query, state, knobs } = request;
  const visibleSince = state.now().getTime() - knobs.listLagMs;
  const wanted = choice(query, 'state', ['open', 'closed', 'all'], 'open');
  const sort = choice(query, 'sort', ['created', 'updated', 'comments'], 'created');
  const direction = choice(query, 'direction', ['asc', 'desc'], 'desc');
  const since = sinceOf(query);
  const labels = (query.get('labels') ?? '').split(',').filter((name) => name !== '');
  const creator = query.get('creator')?.toLowerCase();
  const found = [...repository.issues.values()].filter(
    (issue) =>
      (wanted === 'all' || issue.state === wanted) &&
      (since === undefined || issue.updatedAt >= since) &&
      (creator === undefined || issue.author.login.toLowerCase() === creator) &&
      labels.every((name) => issue.labels.some((label) => sameName(label.name, name))) &&
      isAssigned(issue, query.get('assignee')) &&
      hasMilestone(issue, query.get('milestone')) &&
      (knobs.listLagMs === 0 || issue.bornAtMs <= visibleSince),
  );
  const sign = direction === 'asc' ? 1 : -1;
  return found.toSorted((one, other) => sign * (compare(sort, one, other) || one.number - other.number));
}

/** A `since` is inclusive and knows seconds only. */
export function sinceOf(query: URLSearchParams): string | undefined {
  const given = query.get('since');
  if (given === null) return undefined;
  const date = new Date(given);
  if (Number.isNaN(date.getTime()))
    throw invalid({ resource: 'Issue', field: 'since', code: 'invalid', value: given });
  return isoSeconds(date);
}

function choice<T extends string>(query: URLSearchParams, name: string, among: readonly T[], usual: T): T {
  const given = query.get(name);
  if (given === null || given === '') return usual;
  const known = among.find((each) => each === given);
  if (known !== undefined) return known;
  throw invalid({ resource: 'Issue', field: name, code: 'invalid', value: given });
}

function isAssigned(issue: Issue, wanted: string | null): boolean {
  if (wanted === null) return true;
  if (wanted === 'none') return issue.assignees.length === 0;
  if (wanted === '*') return issue.assignees.length > 0;
  return issue.assignees.some(({ login }) => login.toLowerCase() === wanted.toLowerCase());
}

function hasMilestone(issue: Issue, wanted: string | null): boolean {
  if (wanted === null) return true;
  if (wanted === 'none') return issue.milestone === null;
  if (wanted === '*') return issue.milestone !== null;
  return String(issue.milestone?.number) === wanted;
}

function compare(sort: 'created' | 'updated' | 'comments', one: Issue, other: Issue): number {
  if (sort === 'comments') return one.comments.length - other.comments.length;
  const [left, right] =
    sort === 'created' ? [one.createdAt, other.createdAt] : [one.updatedAt, other.updatedAt];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
