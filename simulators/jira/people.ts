import type { Credential, Grant, State, User } from './state.ts';
import { newId } from './state.ts';

export interface NewUser {
  /** Log-in name on Data Center; on Cloud only how tests call the account. */
  name: string;
  displayName?: string;
  /** `<name>@example.com` if left out. */
  email?: string;
  /** IANA name; `UTC` if left out. */
  timeZone?: string;
  /** May administer Jira: admin webhooks and writing without notification. */
  admin?: boolean;
  /** Data Center: for Basic. */
  password?: string;
  /** Cloud: an API token, used with the e-mail in Basic. With `scopes` it works through `/ex/jira/{cloudId}` only. */
  apiToken?: string;
  scopes?: readonly string[];
  /** Data Center: a personal access token. */
  personalAccessToken?: string;
  expiresAt?: Date;
}

/** A user with the credentials it is given. A known name gets further credentials. */
export function addUser(state: State, wish: NewUser): User {
  const user = userOf(state, wish.name);
  user.displayName = wish.displayName ?? user.displayName;
  user.email = wish.email ?? user.email;
  user.timeZone = wish.timeZone ?? user.timeZone;
  user.isAdmin = wish.admin ?? user.isAdmin;
  if (wish.password !== undefined) user.password = wish.password;
  const terms = {
    user,
    revoked: false,
    ...(wish.scopes === undefined ? {} : { scopes: wish.scopes }),
    ...(wish.expiresAt === undefined ? {} : { expiresAt: wish.expiresAt }),
  };
  if (wish.apiToken !== undefined)
    state.credentials.push({ ...terms, kind: 'api-token', value: wish.apiToken });
  if (wish.personalAccessToken !== undefined)
    state.credentials.push({ ...terms, kind: 'pat', value: wish.personalAccessToken });
  return user;
}

/** The user of that name, made when it is new. */
export function userOf(state: State, name: string): User {
  const known = state.users.find((each) => each.name === name);
  if (known !== undefined) return known;
  const id = newId(state);
  const user: User = {
    accountId: `712020:${id.toString(16).padStart(8, '0')}-4a1b-4c2d-9e3f-${id.toString(16).padStart(12, '0')}`,
    name,
    key: `JIRAUSER${id}`,
    displayName: name,
    email: `${name}@example.com`,
    timeZone: 'UTC',
    active: true,
    isAdmin: false,
    failedLogins: 0,
  };
  state.users.push(user);
  return user;
}

/** Who asks: nobody, or a user by one of its credentials. */
export interface Caller {
  user?: User;
  credential?: Credential;
  /** A credential was sent and was not good; Cloud goes on as if none had been sent. */
  rejected?: 'wrong' | 'captcha';
}

/** The caller behind an `Authorization` header. `gateway`: the request came through `/ex/jira/{cloudId}`. */
export function callerOf(state: State, authorization: string | undefined, gateway: boolean): Caller {
  if (authorization === undefined) return {};
  const bearer = /^bearer\s+(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) {
    const kind = state.flavour === 'cloud' ? 'access-token' : 'pat';
    return usable(
      state,
      state.credentials.find((each) => each.kind === kind && each.value === bearer),
      gateway,
    );
  }
  const encoded = /^basic\s+(\S+)$/i.exec(authorization)?.[1];
  const [login = '', ...rest] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const secret = rest.join(':');
  if (state.flavour === 'data-center') return byPassword(state, login, secret);
  const found = state.credentials.find(
    ({ kind, value, user }) =>
      kind === 'api-token' && value === secret && user.email.toLowerCase() === login.toLowerCase(),
  );
  return usable(state, found, gateway);
}

/** OAuth and scoped tokens work at the gateway, all others at the site. */
function usable(state: State, credential: Credential | undefined, gateway: boolean): Caller {
  if (credential === undefined || credential.revoked || !credential.user.active) return { rejected: 'wrong' };
  if (credential.expiresAt !== undefined && credential.expiresAt <= state.now()) return { rejected: 'wrong' };
  const wantsGateway = credential.kind === 'access-token' || credential.scopes !== undefined;
  if (wantsGateway !== gateway) return { rejected: 'wrong' };
  return { user: credential.user, credential };
}

/** After three wrong passwords Jira wants a person to solve a CAPTCHA. */
const ATTEMPTS = 3;

function byPassword(state: State, login: string, password: string): Caller {
  const user = state.users.find((each) => each.name === login);
  if (user === undefined) return { rejected: 'wrong' };
  if (user.failedLogins >= ATTEMPTS) return { rejected: 'captcha' };
  if (user.password !== undefined && user.password === password && user.active) {
    user.failedLogins = 0;
    return { user };
  }
  return { rejected: 'wrong' };
}

/** Counts a wrong password, as only one look at a request may. */
export function countFailure(state: State, authorization: string | undefined): void {
  const encoded = /^basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  const login = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':')[0];
  const user = state.users.find((each) => each.name === login);
  if (user !== undefined) user.failedLogins += 1;
}

const ACCESS_MS = 3_600_000;

/** A new access token of the grant; the refresh token before it is worth nothing from now on, older access tokens live out their hour. */
export function renew(state: State, grant: Grant): Credential {
  grant.refreshToken = `refresh-${newId(state)}-${Math.floor(state.random() * 1e9).toString(36)}`;
  const credential: Credential = {
    kind: 'access-token',
    value: `access-${newId(state)}-${Math.floor(state.random() * 1e9).toString(36)}`,
    user: grant.user,
    scopes: grant.scopes,
    expiresAt: new Date(state.now().getTime() + ACCESS_MS),
    revoked: false,
    clientId: grant.clientId,
  };
  state.credentials.push(credential);
  return credential;
}
