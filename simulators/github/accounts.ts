import { appOfJwt } from './app-jwt.ts';
import type { Account, App, Permission, Repository, State, Token } from './state.ts';
import { newIds, PERMISSIONS, stamp } from './state.ts';

/** The account of a login, made when it is new. */
export function accountOf(state: State, login: string, type: Account['type'] = 'User'): Account {
  const known = state.accounts.get(login.toLowerCase());
  if (known !== undefined) return known;
  const ids = newIds(state, { User: 'U', Organization: 'O', Bot: 'BOT' }[type]);
  const account: Account = { ...ids, login, name: null, type, createdAt: stamp(state) };
  state.accounts.set(login.toLowerCase(), account);
  return account;
}

/** Who asks: nobody, an account through one of its tokens, or an App that proves who it is. */
export interface Caller {
  account?: Account;
  token?: Token;
  app?: App;
  /** What is wrong with an App's proof. */
  disproof?: { status: 401 | 404; words: string };
}

/** What the account itself may do in the repository, whatever its token says. */
export function permissionOf(repository: Repository, account: Account | undefined): Permission | undefined {
  const floor = repository.visibility === 'public' ? 'read' : undefined;
  if (account === undefined) return floor;
  if (account === repository.owner) return 'admin';
  return repository.permissions.get(account.login.toLowerCase()) ?? floor;
}

/** Whether a permission is at least as strong as another one. */
export function reaches(permission: Permission | undefined, wanted: Permission): boolean {
  return permission !== undefined && PERMISSIONS.indexOf(permission) >= PERMISSIONS.indexOf(wanted);
}

/** Whether the caller sees the repository at all; otherwise GitHub says that it does not exist. */
export function canRead({ account, token }: Caller, repository: Repository): boolean {
  if (token?.kind === 'installation')
    return repository.visibility === 'public' || coversRepository(token, repository);
  if (!reaches(permissionOf(repository, account), 'read')) return false;
  if (repository.visibility === 'public' || token === undefined) return true;
  if (token.kind === 'classic') return token.scopes.includes('repo');
  return coversRepository(token, repository);
}

/** Whether a fine-grained token, or one of an installation, was made for this repository. */
export function coversRepository(token: Token, repository: Repository): boolean {
  const { installation, within } = token;
  if (installation !== undefined) {
    const { account, repositories } = installation;
    const isInstalled =
      repositories === 'all' ? repository.owner === account : repositories.includes(repository);
    return isInstalled && (within?.includes(repository) ?? true);
  }
  const name = `${repository.owner.login}/${repository.name}`.toLowerCase();
  return token.repositories?.some((each) => each.toLowerCase() === name) ?? true;
}

/** The caller behind an `Authorization` header; undefined: the token is not good. */
export function callerOf(state: State, authorization: string | undefined): Caller | undefined {
  if (authorization === undefined) return {};
  const value = /^(?:bearer|token)\s+(\S+)$/i.exec(authorization)?.[1] ?? basicPassword(authorization);
  if (value !== undefined && /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/.test(value)) {
    const found = appOfJwt(state, value);
    return 'app' in found ? found : { disproof: found };
  }
  const token = value === undefined ? undefined : state.tokens.get(value);
  if (token === undefined || token.revoked) return undefined;
  if (token.expiresAt !== undefined && new Date(token.expiresAt) <= state.now()) return undefined;
  return { account: token.account, token };
}

function basicPassword(authorization: string): string | undefined {
  const encoded = /^basic\s+(\S+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  return Buffer.from(encoded, 'base64').toString('utf8').split(':')[1];
}
