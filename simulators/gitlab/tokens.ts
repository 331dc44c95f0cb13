import { accountOf } from './accounts.ts';
import type { Account, Project, Role, State, Token } from './state.ts';
import { newId, stamp } from './state.ts';

export interface NewUser {
  username: string;
  /** A first personal access token. */
  token?: string;
  name?: string;
  /** Of the token; `['api']` if left out. */
  scopes?: readonly string[];
  /** Of the token; an ISO day or time. */
  expiresAt?: string;
}

/** Of a project or a group. */
export interface NewBotToken {
  token: string;
  /** Shown as the name of the bot user. */
  name?: string;
  role: Role;
  scopes?: readonly string[];
  expiresAt?: string;
}

/** A user and, maybe, its personal access token. */
export function newUser(state: State, { username, name, token, ...rest }: NewUser): Account {
  const account = accountOf(state, username);
  if (name !== undefined) account.name = name;
  if (token !== undefined) newToken(state, { account, value: token, kind: 'personal', ...rest });
  return account;
}

/** A token of a project or group acts as a bot user that is a member of it. `owner` is how GitLab names the bot: `project_7`. */
export function newBotToken(
  state: State,
  kind: 'project' | 'group',
  owner: string,
  projects: readonly Project[],
  wish: NewBotToken,
): Account {
  const hex = Math.floor(state.random() * 0xffff_ffff)
    .toString(16)
    .padStart(8, '0');
  const account = accountOf(state, `${owner}_bot_${hex}`, true);
  account.name = wish.name ?? account.name;
  for (const project of projects) project.members.set(account, wish.role);
  const { token, scopes, expiresAt } = wish;
  newToken(state, {
    account,
    value: token,
    kind,
    ...(scopes === undefined ? {} : { scopes }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  return account;
}

export function newToken(
  state: State,
  wish: {
    account: Account;
    value: string;
    kind: Token['kind'];
    scopes?: readonly string[];
    expiresAt?: string;
  },
): Token {
  const id = newId(state);
  const token: Token = {
    id,
    value: wish.value,
    name: `token ${id}`,
    account: wish.account,
    kind: wish.kind,
    scopes: wish.scopes ?? ['api'],
    createdAt: stamp(state),
    expiresAt: wish.expiresAt ?? null,
    lastUsedAt: null,
    revoked: false,
  };
  state.tokens.set(token.value, token);
  return token;
}
