/** What GitHub checks in the body of an issue that is created or changed. */
import { reaches, permissionOf } from '../accounts.ts';
import { invalid } from '../answers.ts';
import type { ApiRequest } from '../request.ts';
import { names } from '../request.ts';
import type { Account, Milestone, Repository } from '../state.ts';

const TITLE_LIMIT = 256;
const BODY_LIMIT = 65_536;
const LABEL_NAME_LIMIT = 50;
const LABEL_LIMIT = 100;
const ASSIGNEE_LIMIT = 10;

/** Refuses an empty title, and one or a body that is too long (characters, not bytes). */
export function checkTexts(title: string | null | undefined, body: string | null | undefined): void {
  if (title !== undefined && (title === null || title.trim() === ''))
    throw invalid({ resource: 'Issue', field: 'title', code: 'missing_field' });
  if (title != null && length(title) > TITLE_LIMIT) throw tooLong('Issue', 'title', TITLE_LIMIT);
  checkBody('Issue', body);
}

export function checkBody(resource: string, body: string | null | undefined): void {
  if (body != null && length(body) > BODY_LIMIT) throw tooLong(resource, 'body', BODY_LIMIT);
}

/** The label names of a body, each with a length GitHub takes. */
export function labelNames(request: ApiRequest): string[] | undefined {
  const wanted = names(request.body['labels'], 'labels', 'name');
  if (wanted !== undefined) checkLabelNames(wanted);
  return wanted;
}

export function checkLabelNames(wanted: readonly string[]): void {
  if (wanted.length > LABEL_LIMIT)
    throw invalid({
      resource: 'Issue',
      field: 'labels',
      code: 'custom',
      message: 'cannot have more than 100 labels',
    });
  for (const name of wanted) {
    if (name.trim() === '') throw invalid({ resource: 'Label', field: 'name', code: 'missing_field' });
    if (length(name) > LABEL_NAME_LIMIT) throw tooLong('Label', 'name', LABEL_NAME_LIMIT);
  }
}

/** The accounts of the body's `assignees` (or the older `assignee`); somebody who cannot be assigned is a 422. */
export function assigneesOf(request: ApiRequest, repository: Repository): Account[] | undefined {
  const { assignee } = request.body;
  const logins =
    names(request.body['assignees'], 'assignees', 'login') ??
    (assignee === null || assignee === ''
      ? []
      : names(assignee === undefined ? undefined : [assignee], 'assignee', 'login'));
  if (logins === undefined) return undefined;
  if (logins.length > ASSIGNEE_LIMIT)
    throw invalid({
      resource: 'Issue',
      field: 'assignees',
      code: 'custom',
      message: 'cannot have more than 10 assignees',
    });
  return logins.map((login) => {
    const account = assignable(request, repository, login);
    if (account !== undefined) return account;
    throw invalid({ resource: 'Issue', field: 'assignees', code: 'invalid', value: login });
  });
}

/** The account of a login if issues of the repository can be assigned to it. */
export function assignable(request: ApiRequest, repository: Repository, login: string): Account | undefined {
  const account = request.state.accounts.get(login.toLowerCase());
  if (account === undefined || account.type !== 'User') return undefined;
  const explicit = account === repository.owner || repository.permissions.has(login.toLowerCase());
  return explicit && reaches(permissionOf(repository, account), 'read') ? account : undefined;
}

/** The milestone that the body names by number; `null` takes it away. */
export function milestoneOf(request: ApiRequest, repository: Repository): Milestone | null | undefined {
  const wanted = request.body['milestone'];
  if (wanted === undefined || wanted === null) return wanted;
  const found = repository.milestones.find((each) => each.number === Number(wanted));
  if (found !== undefined) return found;
  throw invalid({ resource: 'Issue', field: 'milestone', code: 'invalid', value: JSON.stringify(wanted) });
}

function tooLong(resource: string, field: string, limit: number): ReturnType<typeof invalid> {
  return invalid({
    resource,
    field,
    code: 'custom',
    message: `${field} is too long (maximum is ${limit} characters)`,
  });
}

function length(value: string): number {
  return Array.from(value).length;
}
