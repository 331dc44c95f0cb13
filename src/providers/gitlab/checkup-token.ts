import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { HOOK_BY_HAND } from './hooks.ts';
import { GitlabToken } from './wire.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
const LITTLE_LEFT = 0.1;
/** Scopes that let a token do much more than issues. https://docs.gitlab.com/user/profile/personal_access_tokens/#personal-access-token-scopes */
const BROAD = new Set(['sudo', 'admin_mode', 'write_repository', 'create_runner', 'manage_runner']);
/** Scopes without which, but for `api`, a token is surely too narrow. */
const CLASSIC = /^(?:read_|write_|create_|manage_|k8s_proxy|ai_features|sudo|admin_mode|self_rotate)/;

/** What the token says of itself; undefined = the access is no such token (OAuth), or the server is older than 15.5. */
export function tokenOf(answer: TrackerResponse | Error): GitlabToken | undefined {
  return answer instanceof Error || answer.status !== 200
    ? undefined
    : GitlabToken.safeParse(answer.json).data;
}

export function checkScopes(user: TrackerResponse, token: GitlabToken | undefined): CheckItem {
  const name = 'scopes';
  const remedy = 'Create a token with the scope "api" and store it.';
  if (token === undefined && user.status === 403)
    return { name, outcome: 'failed', detail: 'The token lacks the scope "api".', remedy };
  if (token === undefined)
    return {
      name,
      outcome: 'not-checked',
      detail: 'GitLab does not tell the scopes of this access. It needs "api".',
      remedy: 'Look at the application or token in GitLab; the first write shows it too.',
    };
  const listed = token.scopes.join(', ') || 'none';
  const detail = `The token has these scopes: ${listed}.`;
  if (!token.scopes.includes('api')) {
    if (token.scopes.every((scope) => CLASSIC.test(scope)))
      return { name, outcome: 'failed', detail: `${detail} It lacks "api".`, remedy };
    return {
      name,
      outcome: 'warning',
      detail: `${detail} Whether they suffice is not known.`,
      remedy:
        'A fine-grained token must read the project and read and write its issues, comments and webhooks; else use the scope "api".',
    };
  }
  const broad = token.scopes.filter((scope) => BROAD.has(scope));
  if (broad.length === 0) return { name, outcome: 'ok', detail };
  return {
    name,
    outcome: 'warning',
    detail: `The token may do more than we need: ${broad.join(', ')}.`,
    remedy: 'Use a token with the scope "api" alone.',
  };
}

/** GitLab gives a day, or none; the token ends when that day begins in UTC. */
export function checkExpiry(token: GitlabToken | undefined, now: Date): CheckItem {
  const name = 'expiry';
  if (token === undefined)
    return {
      name,
      outcome: 'not-checked',
      detail: 'GitLab does not tell when this access ends.',
      remedy: 'An OAuth access is renewed by itself; of a token look at its page in GitLab.',
    };
  if (token.expires_at == null) return { name, outcome: 'ok', detail: 'The token has no end.' };
  const end = Date.parse(token.expires_at);
  if (Number.isNaN(end))
    return {
      name,
      outcome: 'not-checked',
      detail: `The end of the token is not understood: ${token.expires_at.slice(0, 40)}.`,
      remedy: 'Look at the token in GitLab.',
    };
  const days = Math.floor((end - now.getTime()) / DAY_MS);
  const until = new Date(end).toISOString().slice(0, 10);
  if (days >= SOON_DAYS) return { name, outcome: 'ok', detail: `The token is valid until ${until}.` };
  return {
    name,
    outcome: 'warning',
    detail: `The token ends on ${until}, in ${String(Math.max(0, days))} days.`,
    remedy: 'Create or rotate the token and store the new one before that day.',
  };
}

export function checkRate(answer: TrackerResponse): CheckItem {
  const name = 'rate-limit';
  const remaining = answer.headers.get('ratelimit-remaining');
  const limit = answer.headers.get('ratelimit-limit');
  if (remaining === null || limit === null)
    return { name, outcome: 'ok', detail: 'This server names no rate limit.' };
  const detail = `${remaining} of ${limit} requests are left in this period.`;
  if (Number(remaining) >= Number(limit) * LITTLE_LEFT) return { name, outcome: 'ok', detail };
  return {
    name,
    outcome: 'warning',
    detail,
    remedy: 'Other programs use the same account; use a project token, which is an account of its own.',
  };
}

/** Whether webhooks may be listed is the nearest that can be asked without making one. */
export function checkWebhook(answer: TrackerResponse | Error): CheckItem {
  const name = 'webhook';
  if (answer instanceof Error)
    return { name, outcome: 'not-checked', detail: answer.message, remedy: 'Test again later.' };
  if (answer.status === 200)
    return { name, outcome: 'ok', detail: 'The token may see the webhooks of the project.' };
  return {
    name,
    outcome: 'warning',
    detail: 'The token may not manage webhooks; changes are found by polling until one is there.',
    remedy: HOOK_BY_HAND,
  };
}
