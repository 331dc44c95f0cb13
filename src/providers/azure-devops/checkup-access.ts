import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { isSignInPage, refusalWords } from './answers.ts';
import type { AzureDevopsCredentials } from './settings.ts';

const LITTLE_LEFT = 0.1;
const SCOPES = '"Work Items (Read & write)" and "Project and Team (Read)"';

export function isRefused(answer: TrackerResponse): boolean {
  return answer.status === 401 || isSignInPage(answer);
}

export function checkToken(
  answer: TrackerResponse,
  account: string | undefined,
  access: AzureDevopsCredentials['type'],
): CheckItem {
  const name = 'token';
  if (account !== undefined) return { name, outcome: 'ok', detail: `The credentials belong to ${account}.` };
  const why = isSignInPage(answer) ? 'Azure DevOps shows its page to sign in' : refusalWords(answer);
  const remedy =
    access === 'token'
      ? `Create a new personal access token for this organization with the scopes ${SCOPES} and store it.`
      : 'Add the application to the organization as a user (Organization settings > Users), and check its client secret.';
  return { name, outcome: 'failed', detail: `The credentials are refused: ${why}.`, remedy };
}

/** Azure DevOps tells no scopes: what was refused to an account that it knows was refused to the token. */
export function checkScopes(
  access: AzureDevopsCredentials['type'],
  tried: readonly TrackerResponse[],
): CheckItem {
  const name = 'scopes';
  if (tried.some(isRefused))
    return {
      name,
      outcome: 'failed',
      detail: 'The token may not do something that we need.',
      remedy: `Give the token the scopes ${SCOPES}.`,
    };
  const detail =
    access === 'token'
      ? 'The token may read the project and read and write work items.'
      : 'An application has no scopes, but the permissions of its user.';
  return { name, outcome: 'ok', detail };
}

export function checkExpiry(access: AzureDevopsCredentials['type']): CheckItem {
  const name = 'expiry';
  if (access === 'service_principal')
    return {
      name,
      outcome: 'ok',
      detail: 'The access is renewed by itself as long as the client secret is valid.',
    };
  return {
    name,
    outcome: 'not-checked',
    detail: 'Azure DevOps does not tell when a personal access token ends; it lasts a year at most.',
    remedy: 'Look at User settings > Personal access tokens, and store a new one before that day.',
  };
}

export function checkRate({ headers }: TrackerResponse): CheckItem {
  const name = 'rate-limit';
  const remaining = headers.get('x-ratelimit-remaining');
  const limit = headers.get('x-ratelimit-limit');
  if (remaining === null || limit === null) return { name, outcome: 'ok', detail: 'No rate limit is near.' };
  const detail = `${remaining} of ${limit} units of work are left in this period.`;
  if (Number(remaining) >= Number(limit) * LITTLE_LEFT) return { name, outcome: 'ok', detail };
  return {
    name,
    outcome: 'warning',
    detail,
    remedy: 'Other programs use the same account; use an account or application of its own.',
  };
}

const BY_HAND =
  'Give the account the permission to edit subscriptions (project administrators have it), or make the service hooks by hand: Project settings > Service hooks > + > Web Hooks; one each for Work item created, updated, deleted, restored and commented on; URL: your public address + /webhooks/azure_devops/ + the id of the integration; Basic authentication username: tmi; password: the webhook secret of the integration; Resource details to send: Minimal; Messages to send: None.';

/** Whether service hooks may be listed is the nearest that can be asked without making one. */
export function checkWebhook(answer: TrackerResponse | Error): CheckItem {
  const name = 'webhook';
  if (answer instanceof Error)
    return { name, outcome: 'not-checked', detail: answer.message, remedy: 'Test again later.' };
  if (answer.status === 200)
    return { name, outcome: 'ok', detail: 'The account may see the service hooks of the project.' };
  return {
    name,
    outcome: 'warning',
    detail: 'The account may not manage service hooks; changes are found by polling until some are there.',
    remedy: BY_HAND,
  };
}
