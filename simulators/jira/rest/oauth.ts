import { Refusal } from '../../shared/answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { renew } from '../people.ts';
import type { ApiRequest } from '../request.ts';
import { route } from './route.ts';

/** What auth.atlassian.com and api.atlassian.com do, on the simulator's own address. */
export const oauthRoutes = [
  route('POST /oauth/token', token, 'cloud'),
  route('GET /oauth/token/accessible-resources', resources, 'cloud'),
  route(
    'GET /_edge/tenant_info',
    ({ state }) => ({ status: 200, json: { cloudId: state.cloudId } }),
    'cloud',
  ),
];

/** A refresh token is good once; using an old one ends the grant. */
function token({ state, body }: ApiRequest): Answer {
  const { grants } = state;
  const app = grants.find(({ clientId }) => clientId === body['client_id']);
  if (app === undefined || app.clientSecret !== body['client_secret'])
    throw denied(401, 'access_denied', 'Unauthorized');
  if (body['grant_type'] !== 'refresh_token')
    throw denied(403, 'unauthorized_client', 'Only the refresh_token grant is simulated.');
  const found = grants.find(
    ({ clientId, refreshToken }) => clientId === body['client_id'] && refreshToken === body['refresh_token'],
  );
  if (found === undefined || found.revoked)
    throw denied(403, 'invalid_grant', 'Unknown or invalid refresh token.');
  const credential = renew(state, found);
  return {
    status: 200,
    json: {
      access_token: credential.value,
      refresh_token: found.refreshToken,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: found.scopes.join(' '),
    },
  };
}

function denied(status: number, error: string, description: string): Refusal {
  return new Refusal({ status, json: { error, error_description: description } });
}

function resources({ state, caller, apiRoot }: ApiRequest): Answer {
  const { credential } = caller;
  if (credential?.kind !== 'access-token')
    throw new Refusal({ status: 401, json: { code: 401, message: 'Unauthorized' } });
  return {
    status: 200,
    json: [
      {
        id: state.cloudId,
        name: 'simulator',
        url: apiRoot,
        scopes: credential.scopes ?? [],
        avatarUrl: `${apiRoot}/avatar`,
      },
    ],
  };
}
