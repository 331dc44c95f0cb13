import type { Caller } from './accounts.ts';
import { canRead, coversRepository, permissionOf, reaches } from './accounts.ts';
import { moved, notFound, refuse } from './answers.ts';
import { findRenamed, findRepository } from './repository-acts.ts';
import type { ApiRequest } from './request.ts';
import { param } from './request.ts';
import type { Account, Issue, Repository } from './state.ts';

/** The repository of the path if the caller may see it. A former name is redirected: 301, or 307 where a method must stay. */
export function repositoryOf(request: ApiRequest): Repository {
  const owner = param(request, 'owner');
  const name = param(request, 'repo');
  const repository = findRepository(request.state, owner, name);
  if (repository !== undefined && canRead(request.caller, repository)) return repository;
  const renamed = repository === undefined ? findRenamed(request.state, owner, name) : undefined;
  if (renamed === undefined || !canRead(request.caller, renamed)) throw notFound();
  const rest = request.path.split('/').slice(4);
  throw moved(
    request.method === 'GET' ? 301 : 307,
    addressOf(request, ['repositories', renamed.id, ...rest]),
  );
}

/** The account that asks; anonymous requests, and Apps without an installation, are told to sign in. */
export function accountOf(request: ApiRequest): Account {
  const { account } = request.caller;
  if (account === undefined) throw refuse(401, 'Requires authentication');
  return account;
}

/** Whether the caller may set what only collaborators set: labels, assignees, milestones, other people's issues. */
export function mayTriage(caller: Caller, repository: Repository): boolean {
  const { token } = caller;
  if (token?.kind === 'installation')
    return token.permissions['issues'] === 'write' && coversRepository(token, repository);
  return reaches(permissionOf(repository, caller.account), 'triage');
}

/** Refuses a token that may not use issues in this way. */
export function needIssues(request: ApiRequest, repository: Repository, wanted: 'read' | 'write'): void {
  if (wanted === 'write') accountOf(request);
  if (wanted === 'write' && repository.archived)
    throw refuse(403, 'Repository was archived so is read-only.');
  const { token } = request.caller;
  if (token === undefined || (wanted === 'read' && repository.visibility === 'public')) return;
  const accepted = repository.visibility === 'public' ? ['public_repo', 'repo'] : ['repo'];
  if (token.kind === 'classic') {
    if (accepted.some((scope) => token.scopes.includes(scope))) return;
    throw refuse(403, 'Resource not accessible by personal access token', {
      headers: { 'x-accepted-oauth-scopes': accepted.join(', ') },
    });
  }
  needPermission(request, repository, 'issues', wanted);
}

/** Webhooks belong to administrators; for everybody else there are none. */
export function needHooks(request: ApiRequest, repository: Repository, wanted: 'read' | 'write'): void {
  const account = accountOf(request);
  const { token } = request.caller;
  if (token !== undefined && token.kind !== 'classic')
    needPermission(request, repository, 'repository_hooks', wanted);
  if (token?.kind === 'installation') return;
  const accepted = ['admin:repo_hook', 'repo', 'write:repo_hook'];
  if (wanted === 'read') accepted.push('read:repo_hook');
  const inScope = token?.kind !== 'classic' || accepted.some((scope) => token.scopes.includes(scope));
  if (!inScope || !reaches(permissionOf(repository, account), 'admin'))
    throw notFound({ 'x-accepted-oauth-scopes': accepted.join(', ') });
}

function needPermission(
  request: ApiRequest,
  repository: Repository,
  name: string,
  wanted: 'read' | 'write',
): void {
  const { token } = request.caller;
  if (token === undefined) return;
  const granted = coversRepository(token, repository) ? token.permissions[name] : undefined;
  if (granted === 'write' || granted === wanted) return;
  const whom = token.kind === 'installation' ? 'integration' : 'personal access token';
  throw refuse(403, `Resource not accessible by ${whom}`, {
    headers: { 'x-accepted-github-permissions': `${name}=${wanted}` },
  });
}

/** The issue of the path. Deleted: 410; transferred: 301 if the caller sees where to, else 404. */
export function issueOf(request: ApiRequest): Issue {
  const repository = repositoryOf(request);
  if (!repository.hasIssues) throw refuse(410, 'Issues are disabled for this repo');
  const number = Number(param(request, 'issue_number'));
  const issue = repository.issues.get(number);
  if (issue !== undefined) return issue;
  const departed = repository.departed.get(number);
  if (departed === undefined) throw notFound();
  if (departed === 'deleted') throw refuse(410, 'This issue was deleted');
  const target = departed.repository;
  if (!canRead(request.caller, target)) throw notFound();
  const rest = request.path.split('/').slice(6);
  throw moved(301, addressOf(request, ['repositories', target.id, 'issues', departed.number, ...rest]));
}

function addressOf(request: ApiRequest, path: readonly (string | number)[]): string {
  const query = request.query.size === 0 ? '' : `?${request.query.toString()}`;
  return `${request.apiRoot}/${path.join('/')}${query}`;
}
