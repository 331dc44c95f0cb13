import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { refusal } from './answers.ts';
import { EVENTS } from './hooks.ts';
import type { JiraPlace } from './tracker.ts';

const LITTLE_LEFT = 0.1;

/** Whether the credentials are taken, and whose they are. */
export function checkAccess(
  place: JiraPlace,
  answer: TrackerResponse | Error,
  account: string | undefined,
): CheckItem {
  const name = 'token';
  if (account !== undefined) return { name, outcome: 'ok', detail: `The credentials belong to ${account}.` };
  const detail =
    answer instanceof Error
      ? answer.message
      : answer.status === 200
        ? 'Jira does not say whose credentials they are.'
        : refusal(answer, 'sign us in').message;
  return { name, outcome: 'failed', detail, remedy: accessRemedy(place) };
}

function accessRemedy({ cloud, access }: JiraPlace): string {
  if (!cloud)
    return 'Create a personal access token in your Jira profile and store it as { "type": "token" }; basic is switched off on newer servers.';
  if (access === 'token')
    return 'Jira Cloud takes API tokens together with the e-mail address: { "type": "basic", "username": e-mail, "password": API token }.';
  if (access === 'oauth2') return 'Let a person authorise the app again and store the new refresh token.';
  return 'Create an API token at id.atlassian.com, Security, and store it with the e-mail address of its account.';
}

/** Jira tells no scopes; what an account may do in the project is asked for line by line. */
export function checkScopes({ cloud, access }: JiraPlace): CheckItem {
  const name = 'scopes';
  if (!cloud || access === 'basic')
    return { name, outcome: 'ok', detail: 'The account may do what its permissions below say.' };
  return {
    name,
    outcome: 'ok',
    detail:
      'The app needs read:jira-work, write:jira-work, read:jira-user, manage:jira-webhook, offline_access.',
  };
}

export function checkExpiry({ cloud, access }: JiraPlace): CheckItem {
  const name = 'expiry';
  if (access === 'oauth2')
    return { name, outcome: 'ok', detail: 'The access is renewed by us before it ends.' };
  return {
    name,
    outcome: 'not-checked',
    detail: `Jira does not tell when ${cloud ? 'an API token' : 'a token'} ends.`,
    remedy: 'Look at the token in the profile of its account, and replace it in time.',
  };
}

export function checkRate(answer: TrackerResponse | Error): CheckItem {
  const name = 'rate-limit';
  const headers = answer instanceof Error ? new Headers() : answer.headers;
  const remaining = headers.get('x-ratelimit-remaining');
  const limit = headers.get('x-ratelimit-limit');
  if (remaining === null || limit === null)
    return { name, outcome: 'ok', detail: 'Jira names no rate limit for this account.' };
  const detail = `${remaining} of ${limit} requests are left.`;
  const near = headers.get('x-ratelimit-nearlimit') === 'true';
  if (!near && Number(remaining) >= Number(limit) * LITTLE_LEFT) return { name, outcome: 'ok', detail };
  return {
    name,
    outcome: 'warning',
    detail,
    remedy: 'Other programs use the same account; give us an account of our own.',
  };
}

/** Whether we can register the webhook; where not, how a person does it. */
export function checkWebhook({ cloud, access, key }: JiraPlace, isAdministrator: boolean): CheckItem {
  const name = 'webhook';
  if (access === 'oauth2')
    return {
      name,
      outcome: 'ok',
      detail: 'The app registers its webhook itself and extends it every 30 days.',
    };
  if (!cloud && isAdministrator)
    return { name, outcome: 'ok', detail: 'The account may register the webhook.' };
  const what = cloud
    ? 'Jira Cloud lets no API token register a webhook'
    : 'Only an administrator of Jira may register a webhook';
  return {
    name,
    outcome: 'warning',
    detail: `${what}; changes are found by polling until one is there.`,
    remedy: `An administrator adds it in Settings, System, WebHooks: the URL and secret that the integration shows, the events ${EVENTS.join(', ')}, the filter "project = ${key}", "Exclude body" off.`,
  };
}
