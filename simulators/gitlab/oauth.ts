import type { Answer } from '../shared/answers.ts';
import { refuseEarly } from './answers.ts';
import { newToken } from './tokens.ts';
import type { Account, OauthApp, OauthGrant, State, Token } from './state.ts';
import { newId } from './state.ts';

/** https://docs.gitlab.com/api/oauth2/ */
const ACCESS_SECONDS = 7200;

/** A person allows an application: the grant with its first refresh token. */
export function newGrant(
  state: State,
  app: OauthApp,
  account: Account,
  { refreshToken, scopes }: { refreshToken: string; scopes?: readonly string[] },
): OauthGrant {
  const grant = {
    app,
    account,
    scopes: scopes ?? ['api'],
    refreshToken,
    access: null,
    revoked: false,
  };
  state.grants.push(grant);
  return grant;
}

/** `POST /oauth/token`: a refresh token is good once; with it dies the access token it came with. */
export function exchange(state: State, fields: Readonly<Record<string, unknown>>): Answer {
  const app = state.apps.find(
    ({ clientId, clientSecret }) =>
      clientId === fields['client_id'] && clientSecret === fields['client_secret'],
  );
  if (app === undefined)
    throw refuseEarly(401, 'invalid_client', {
      error_description:
        'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
    });
  if (fields['grant_type'] !== 'refresh_token')
    throw refuseEarly(400, 'unsupported_grant_type', {
      error_description: 'The authorization grant type is not supported by the authorization server.',
    });
  const grant = state.grants.find(
    (each) => each.app === app && each.refreshToken === fields['refresh_token'] && !each.revoked,
  );
  if (grant === undefined)
    throw refuseEarly(400, 'invalid_grant', {
      error_description:
        'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
    });
  const access = renew(state, grant);
  return {
    status: 200,
    json: {
      access_token: access.value,
      token_type: 'Bearer',
      expires_in: ACCESS_SECONDS,
      refresh_token: grant.refreshToken,
      scope: grant.scopes.join(' '),
      created_at: Math.floor(state.now().getTime() / 1000),
    },
    headers: { 'cache-control': 'no-store' },
  };
}

function renew(state: State, grant: OauthGrant): Token {
  if (grant.access !== null) grant.access.revoked = true;
  grant.access = newToken(state, {
    account: grant.account,
    value: `access-${newId(state)}-${newSecret(state)}`,
    kind: 'oauth',
    scopes: grant.scopes,
    expiresAt: new Date(state.now().getTime() + ACCESS_SECONDS * 1000).toISOString(),
  });
  grant.refreshToken = `refresh-${newId(state)}-${newSecret(state)}`;
  return grant.access;
}

function newSecret(state: State): string {
  return Math.floor(state.random() * 2 ** 48).toString(16);
}

/** `GET /oauth/token/info`: what an access token is good for. */
export function tokenInfo(state: State, token: Token): Answer {
  if (token.kind !== 'oauth' || token.expiresAt === null) throw refuseEarly(401, 'invalid_request');
  const grant = state.grants.find(({ access }) => access === token);
  return {
    status: 200,
    json: {
      resource_owner_id: token.account.id,
      scope: token.scopes,
      expires_in: Math.round((new Date(token.expiresAt).getTime() - state.now().getTime()) / 1000),
      application: { uid: grant?.app.clientId ?? null },
      created_at: Math.floor(new Date(token.createdAt).getTime() / 1000),
    },
  };
}
