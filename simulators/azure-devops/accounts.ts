import type { Account, Application, Credential, Organization, Project, Role, State } from './state.ts';
import { newGuid } from './state.ts';

const ROLES: readonly Role[] = ['reader', 'contributor', 'administrator'];

/** Who asks, and with what. */
export interface Caller {
  account: Account;
  credential: Credential;
}

/** The account of that name (`ann`, or `ann@acme.test`), made when it is new. */
export function accountOf(state: State, uniqueName: string, name?: string): Account {
  const full = uniqueName.includes('@') ? uniqueName : `${uniqueName}@acme.test`;
  const known = state.accounts.get(full.toLowerCase());
  if (known !== undefined) return known;
  const id = newGuid(state);
  const account = {
    id,
    name: name ?? full.split('@')[0] ?? full,
    uniqueName: full,
    descriptor: `aad.${Buffer.from(id).toString('base64url')}`,
  };
  state.accounts.set(full.toLowerCase(), account);
  return account;
}

/** As people name each other: unique name, `Name <unique name>`, display name, id or descriptor. */
export function findAccount(state: State, text: string): Account | undefined {
  const inner = /<([^>]+)>\s*$/.exec(text)?.[1] ?? text;
  const wanted = inner.trim().toLowerCase();
  return [...state.accounts.values()].find((each) =>
    [each.uniqueName, each.name, each.id, each.descriptor].some((name) => name.toLowerCase() === wanted),
  );
}

/** The caller behind an `Authorization` header; undefined: there is none, or the credential is not good. */
export function callerOf(state: State, authorization: string | undefined): Caller | undefined {
  if (authorization === undefined) return undefined;
  const bearer = /^bearer\s+(\S+)$/i.exec(authorization)?.[1];
  const credential = state.credentials.get(bearer ?? basicPassword(authorization) ?? '');
  if (credential === undefined || credential.revoked) return undefined;
  if (bearer === undefined && credential.kind === 'entra') return undefined;
  if (credential.expiresAt !== undefined && new Date(credential.expiresAt) <= state.now()) return undefined;
  return { account: credential.account, credential };
}

function basicPassword(authorization: string): string | undefined {
  const encoded = /^basic\s+(\S+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  'vso.work': ['vso.work_write', 'vso.work_full'],
  'vso.work_write': ['vso.work_full'],
  'vso.project': ['vso.project_write', 'vso.project_manage', 'vso.profile'],
  'vso.profile': ['vso.profile_write'],
  'vso.hooks_write': [],
};

/** Whether the token was made for this. */
export function hasScope({ credential }: Caller, wanted: string): boolean {
  const enough = ['full', wanted, ...(IMPLIED[wanted] ?? [])];
  return credential.scopes.some((scope) => enough.includes(scope));
}

/** What the account may do in the project; everybody in the organization reads a public one. */
export function roleOf(project: Project, account: Account): Role | undefined {
  if (project.organization.administrators.has(account.id)) return 'administrator';
  return project.roles.get(account.id) ?? (project.visibility === 'public' ? 'reader' : undefined);
}

export function reaches(role: Role | undefined, wanted: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(wanted);
}

export function isAdministrator(organization: Organization, account: Account): boolean {
  return organization.administrators.has(account.id);
}

/** An access token of Entra ID for an application, good for about an hour. */
export function issueToken(state: State, application: Application): { token: string; expiresIn: number } {
  const expiresIn = 3599;
  const expiresAt = new Date(state.now().getTime() + expiresIn * 1000).toISOString();
  const claims = Buffer.from(JSON.stringify({ oid: application.account.id, jti: newGuid(state) }));
  const token = `eyJ0eXAiOiJKV1QifQ.${claims.toString('base64url')}.simulated`;
  state.credentials.set(token, {
    value: token,
    kind: 'entra',
    account: application.account,
    scopes: ['full'],
    expiresAt,
    revoked: false,
  });
  return { token, expiresIn };
}
