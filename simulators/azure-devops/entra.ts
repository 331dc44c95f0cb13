import type { Answer } from '../shared/answers.ts';
import { issueToken } from './accounts.ts';
import type { State } from './state.ts';
import { newGuid } from './state.ts';

/** Azure DevOps in Entra ID, the same for everybody. */
const SCOPE = '499b84ac-1321-427f-aa17-267ca6975798/.default';

/** `POST /{tenant}/oauth2/v2.0/token` of Entra ID, for applications: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
export function answerToken(state: State, tenant: string, form: string): Answer {
  const wish = new URLSearchParams(form);
  const refuse = (status: number, error: string, code: number, message: string): Answer =>
    failure(state, status, error, code, message);
  if (wish.get('grant_type') !== 'client_credentials')
    return refuse(400, 'unsupported_grant_type', 70_003, 'The app requested an unsupported grant type.');
  if (!state.applications.some(({ tenantId }) => tenantId === tenant))
    return refuse(400, 'invalid_request', 90_002, `Tenant '${tenant}' not found.`);
  const application = state.applications.find(
    ({ tenantId, clientId }) => tenantId === tenant && clientId === wish.get('client_id'),
  );
  if (application === undefined)
    return refuse(
      400,
      'unauthorized_client',
      700_016,
      `Application with identifier '${wish.get('client_id')}' was not found in the directory.`,
    );
  if (wish.get('client_secret') !== application.clientSecret)
    return refuse(401, 'invalid_client', 7_000_215, 'Invalid client secret provided.');
  if (wish.get('scope') !== SCOPE)
    return refuse(
      400,
      'invalid_scope',
      70_011,
      `The provided value for scope ${wish.get('scope')} is not valid.`,
    );
  const { token, expiresIn } = issueToken(state, application);
  return {
    status: 200,
    json: {
      token_type: 'Bearer',
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    },
    headers: { 'cache-control': 'no-store, no-cache' },
  };
}

function failure(state: State, status: number, error: string, code: number, message: string): Answer {
  const trace = newGuid(state);
  return {
    status,
    json: {
      error,
      error_description: `AADSTS${code}: ${message} Trace ID: ${trace}`,
      error_codes: [code],
      timestamp: `${state.now().toISOString().slice(0, 19).replace('T', ' ')}Z`,
      trace_id: trace,
      correlation_id: newGuid(state),
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}
