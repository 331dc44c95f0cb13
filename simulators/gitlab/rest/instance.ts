import { refuse, unauthorized } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { page } from '../paging.ts';
import type { ApiRequest } from '../request.ts';
import { actorOf } from '../request.ts';
import { accountShape, ownAccountShape } from '../shapes.ts';
import { route } from './route.ts';

/** The server itself, the account that asks, and its token. */
export const instanceRoutes = [
  route('GET /version', metadata, { forUserScope: true }),
  route('GET /metadata', metadata, { forUserScope: true }),
  route('GET /user', (request) => ({ status: 200, json: ownAccountShape(request.state, actorOf(request)) }), {
    forUserScope: true,
  }),
  route('GET /users', listUsers, { forUserScope: true }),
  route('GET /personal_access_tokens/self', ownToken, { forAnyScope: true }),
];

function metadata({ state }: ApiRequest): Answer {
  const version = state.enterprise ? `${state.version}-ee` : state.version;
  const kas = { enabled: true, externalUrl: null, externalK8sProxyUrl: null, version };
  return { status: 200, json: { version, revision: '0a1b2c3d4e5', kas, enterprise: state.enterprise } };
}

function listUsers(request: ApiRequest): Answer {
  const { state, query } = request;
  const username = query.get('username')?.toLowerCase();
  const search = query.get('search')?.toLowerCase();
  const found = [...state.accounts.values()].filter(
    (account) =>
      (username === undefined || account.username.toLowerCase() === username) &&
      (search === undefined || `${account.username} ${account.name}`.toLowerCase().includes(search)),
  );
  return page(request, found, (account) => accountShape(state, account));
}

function ownToken({ caller }: ApiRequest): Answer {
  const { token } = caller;
  if (token === undefined) throw unauthorized();
  if (token.kind === 'oauth')
    throw refuse(400, '400 Bad request - This endpoint requires token type to be a personal access token');
  return {
    status: 200,
    json: {
      id: token.id,
      name: token.name,
      revoked: false,
      created_at: token.createdAt,
      description: null,
      scopes: token.scopes,
      user_id: token.account.id,
      last_used_at: token.lastUsedAt,
      active: true,
      expires_at: token.expiresAt?.slice(0, 10) ?? null,
      last_used_ips: [],
    },
  };
}
