import { accountOf } from './accounts.ts';
import type { State, Token } from './state.ts';

export interface NewToken {
  login: string;
  token: string;
  name?: string;
  /** Of a classic token; `['repo']` if left out. */
  scopes?: readonly string[];
  /**
   * Makes it a fine-grained token. Permissions are named as GitHub's headers name them: `issues`, `metadata`, `repository_hooks`.
   * `true` grants issues and hooks everywhere.
   */
  fineGrained?:
    true | { permissions: Readonly<Record<string, 'read' | 'write'>>; repositories?: readonly string[] };
  /** ISO. */
  expiresAt?: string;
}

const EVERYTHING = { metadata: 'read', issues: 'write', repository_hooks: 'write' } as const;

/** Gives an account a token; the account is made when it is new. */
export function newToken(state: State, wish: NewToken): { id: number; nodeId: string } {
  const account = accountOf(state, wish.login);
  if (wish.name !== undefined) account.name = wish.name;
  const fine = wish.fineGrained === true ? { permissions: EVERYTHING } : wish.fineGrained;
  const token: Token = {
    value: wish.token,
    account,
    kind: fine === undefined ? 'classic' : 'fine-grained',
    scopes: fine === undefined ? (wish.scopes ?? ['repo']) : [],
    permissions: fine?.permissions ?? {},
    revoked: false,
    ...(fine !== undefined && 'repositories' in fine && fine.repositories !== undefined
      ? { repositories: fine.repositories }
      : {}),
    ...(wish.expiresAt === undefined ? {} : { expiresAt: wish.expiresAt }),
  };
  state.tokens.set(token.value, token);
  return { id: account.id, nodeId: account.nodeId };
}
