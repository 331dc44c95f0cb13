import { accountOf } from './accounts.ts';
import type { Account, Permission, Repository, State, Visibility } from './state.ts';
import { newIds, stamp } from './state.ts';

export interface NewRepository {
  owner: string;
  name: string;
  visibility?: Visibility;
  /** Logins that may push: set labels and assignees, edit and close every issue. */
  push?: readonly string[];
  /** Logins that may manage webhooks, too. */
  admin?: readonly string[];
  /** Logins that may only read. */
  pull?: readonly string[];
}

/** A repository without issues. An owner that is no user yet is an organization. */
export function addRepository(state: State, wish: NewRepository): Repository {
  const owner = accountOf(state, wish.owner, 'Organization');
  const at = stamp(state);
  const permissions = new Map<string, Permission>();
  for (const login of wish.pull ?? []) permissions.set(login.toLowerCase(), 'read');
  for (const login of wish.push ?? []) permissions.set(login.toLowerCase(), 'write');
  for (const login of wish.admin ?? []) permissions.set(login.toLowerCase(), 'admin');
  const repository: Repository = {
    ...newIds(state, 'R'),
    owner,
    name: wish.name,
    formerNames: [],
    visibility: wish.visibility ?? 'private',
    archived: false,
    hasIssues: true,
    permissions,
    labels: [],
    milestones: [],
    issues: new Map(),
    departed: new Map(),
    nextNumber: 1,
    hooks: [],
    createdAt: at,
    updatedAt: at,
  };
  for (const [name, color] of DEFAULT_LABELS)
    repository.labels.push({ ...newIds(state, 'LA'), name, color, description: null });
  state.repositories.push(repository);
  return repository;
}

const DEFAULT_LABELS = [
  ['bug', 'd73a4a'],
  ['duplicate', 'cfd3d7'],
  ['enhancement', 'a2eeef'],
  ['wontfix', 'ffffff'],
] as const;

/** The repository of that name today. */
export function findRepository(state: State, owner: string, name: string): Repository | undefined {
  const wanted = `${owner}/${name}`.toLowerCase();
  return state.repositories.find((each) => fullName(each).toLowerCase() === wanted);
}

/** The repository that had that name once. */
export function findRenamed(state: State, owner: string, name: string): Repository | undefined {
  const wanted = `${owner}/${name}`.toLowerCase();
  return state.repositories.find((each) => each.formerNames.includes(wanted));
}

export function fullName(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`;
}

export function renameRepository(state: State, repository: Repository, actor: Account, name: string): void {
  const from = repository.name;
  repository.formerNames.push(fullName(repository).toLowerCase());
  repository.name = name;
  tell(state, repository, actor, 'renamed', { repository: { name: { from } } });
}

export function setVisibility(
  state: State,
  repository: Repository,
  actor: Account,
  visibility: Visibility,
): void {
  const wasPublic = repository.visibility === 'public';
  repository.visibility = visibility;
  if (wasPublic !== (visibility === 'public'))
    tell(state, repository, actor, wasPublic ? 'privatized' : 'publicized');
}

export function archiveRepository(state: State, repository: Repository, actor: Account): void {
  repository.archived = true;
  tell(state, repository, actor, 'archived');
}

function tell(
  state: State,
  repository: Repository,
  sender: Account,
  action: string,
  changes?: Record<string, unknown>,
): void {
  repository.updatedAt = stamp(state);
  state.notify({
    event: 'repository',
    action,
    repository,
    sender,
    ...(changes === undefined ? {} : { changes }),
  });
}
