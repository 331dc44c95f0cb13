import type { Answer } from '../../shared/answers.ts';
import { canReadIssue } from '../accounts.ts';
import { refuseEarly } from '../answers.ts';
import { keysetPage, page } from '../paging.ts';
import type { ApiRequest } from '../request.ts';
import { choice } from '../request.ts';
import { issueShape } from '../shapes.ts';
import type { Issue } from '../state.ts';
import { isSince } from '../state.ts';

const ORDERS = ['created_at', 'updated_at', 'due_date', 'title', 'weight'] as const;
const OTHER_ORDERS = [
  'label_priority',
  'milestone_due',
  'popularity',
  'priority',
  'relative_position',
] as const;
const SCOPES = ['created_by_me', 'created-by-me', 'assigned_to_me', 'assigned-to-me', 'all'] as const;
const TYPES = ['issue', 'incident', 'test_case', 'requirement', 'task', 'ticket'] as const;

/** A page of those issues that the query asks for and the caller may see. */
export function issuePage(
  request: ApiRequest,
  issues: readonly Issue[],
  usualScope: 'all' | 'created_by_me',
): Answer {
  const { query, state } = request;
  const found = issues.filter((issue) => isWanted(request, issue, usualScope));
  const order = choice(query.get('order_by'), 'order_by', [...ORDERS, ...OTHER_ORDERS]) ?? 'created_at';
  const sign = (choice(query.get('sort'), 'sort', ['asc', 'desc']) ?? 'desc') === 'asc' ? 1 : -1;
  const keyOf = (issue: Issue): (string | number)[] => [valueOf(issue, order), issue.id];
  const compare = (one: readonly (string | number)[], other: readonly (string | number)[]): number =>
    sign * compared(one, other);
  const sorted = found.toSorted((one, other) => compare(keyOf(one), keyOf(other)));
  const withDetails = query.get('with_labels_details') === 'true';
  const shape = (issue: Issue): unknown => issueShape(state, issue, withDetails);
  if (query.get('pagination') !== 'keyset') return page(request, sorted, shape);
  if (!isSince(state, 18, 3))
    throw refuseEarly(405, 'Keyset pagination is not yet available for this type of request');
  return keysetPage(request, sorted, keyOf, compare, shape);
}

function isWanted(request: ApiRequest, issue: Issue, usualScope: 'all' | 'created_by_me'): boolean {
  const { query, state, knobs, caller } = request;
  if (!canReadIssue(issue, caller.account)) return false;
  if (knobs.listLagMs > 0 && issue.bornAtMs > state.now().getTime() - knobs.listLagMs) return false;
  const wanted = choice(query.get('state'), 'state', ['opened', 'closed', 'all']) ?? 'all';
  const type = choice(query.get('issue_type'), 'issue_type', TYPES);
  const confidential = query.get('confidential');
  return (
    (wanted === 'all' || issue.state === wanted) &&
    (type === undefined || issue.type === type) &&
    (confidential === null || String(issue.confidential) === confidential) &&
    isInScope(request, issue, usualScope) &&
    isBetween(query, issue) &&
    hasLabels(query, issue) &&
    isOneOf(query, issue) &&
    isBy(query, issue) &&
    isFound(query, issue)
  );
}

function isInScope({ query, caller }: ApiRequest, issue: Issue, usual: 'all' | 'created_by_me'): boolean {
  const scope = (choice(query.get('scope'), 'scope', SCOPES) ?? usual).replaceAll('-', '_');
  if (scope === 'all' || caller.account === undefined) return true;
  return scope === 'created_by_me'
    ? issue.author === caller.account
    : issue.assignees.includes(caller.account);
}

function isBetween(query: URLSearchParams, { createdAt, updatedAt }: Issue): boolean {
  const at = (name: string): string | undefined => timeOf(query, name);
  return (
    createdAt >= (at('created_after') ?? '') &&
    createdAt <= (at('created_before') ?? '~') &&
    updatedAt >= (at('updated_after') ?? '') &&
    updatedAt <= (at('updated_before') ?? '~')
  );
}

/** An ISO time. A `+` that was not encoded has become a space and makes it invalid, as at GitLab. */
function timeOf(query: URLSearchParams, name: string): string | undefined {
  const given = query.get(name);
  if (given === null || given === '') return undefined;
  const date = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(given)
    ? new Date(given)
    : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) throw refuseEarly(400, `${name} is invalid`);
  return date.toISOString();
}

function hasLabels(query: URLSearchParams, { labels }: Issue): boolean {
  const wanted = namesIn(query, 'labels');
  if (wanted.length === 1 && /^none$/i.test(wanted[0] ?? '')) return labels.length === 0;
  if (wanted.length === 1 && /^any$/i.test(wanted[0] ?? '')) return labels.length > 0;
  const has = (name: string): boolean => labels.some((label) => label.name === name);
  return wanted.every(has) && !namesIn(query, 'not[labels]').some(has);
}

function isOneOf(query: URLSearchParams, issue: Issue): boolean {
  const wanted = namesIn(query, 'iids');
  if (wanted.some((each) => !/^\d+$/.test(each))) throw refuseEarly(400, 'iids is invalid');
  return wanted.length === 0 || wanted.includes(String(issue.iid));
}

function isBy(query: URLSearchParams, { author, assignees }: Issue): boolean {
  const authorId = query.get('author_id');
  const authorName = query.get('author_username');
  const assigneeId = query.get('assignee_id');
  const assigneeName = query.get('assignee_username');
  return (
    (authorId === null || String(author.id) === authorId) &&
    (authorName === null || author.username.toLowerCase() === authorName.toLowerCase()) &&
    (assigneeName === null ||
      assignees.some(({ username }) => username.toLowerCase() === assigneeName.toLowerCase())) &&
    (assigneeId === null || isAssigned(assigneeId, assignees))
  );
}

function isAssigned(wanted: string, assignees: Issue['assignees']): boolean {
  if (/^none$/i.test(wanted)) return assignees.length === 0;
  if (/^any$/i.test(wanted)) return assignees.length > 0;
  return assignees.some(({ id }) => String(id) === wanted);
}

/** Every word must be there; short ones count for nothing, as in an index of words. */
function isFound(query: URLSearchParams, { title, description }: Issue): boolean {
  const places = (query.get('in') ?? 'title,description').split(',');
  const text = [
    places.includes('title') ? title : '',
    places.includes('description') ? (description ?? '') : '',
  ]
    .join(' ')
    .toLowerCase();
  const words = (query.get('search') ?? '').toLowerCase().split(/\s+/);
  return words.filter((word) => word.length > 2).every((word) => text.includes(word));
}

/** `name=a,b` and `name[]=a&name[]=b`. */
function namesIn(query: URLSearchParams, name: string): string[] {
  return [...query.getAll(name), ...query.getAll(`${name}[]`)]
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

function valueOf(issue: Issue, order: string): string | number {
  if (order === 'updated_at') return issue.updatedAt;
  if (order === 'title') return issue.title;
  if (order === 'due_date') return issue.dueDate ?? '~';
  if (order === 'weight') return issue.weight ?? -1;
  return issue.createdAt;
}

function compared(one: readonly (string | number)[], other: readonly (string | number)[]): number {
  for (const [index, left] of one.entries()) {
    const right = other[index];
    if (right === undefined || left === right) continue;
    return left < right ? -1 : 1;
  }
  return 0;
}
