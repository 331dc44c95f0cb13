import type { CheckItem, TrackerResponse } from '../../ports/tracker.ts';
import { answerOf } from '../shared/checkup-lines.ts';
import { refusalWords } from './answers.ts';
import type { GithubProject } from './project.ts';
import { GithubUser } from './wire.ts';
import type { GithubRepository } from './wire.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
const LITTLE_LEFT = 0.1;

/** Who we are at GitHub and what that may do, as far as it is known before the repository is asked. */
export interface Identity {
  first: TrackerResponse | Error;
  /** Absent when nothing answered. */
  token?: CheckItem;
  account?: { id: number; login: string };
  /** What the account may do in the repository, where GitHub's answer about that does not say. */
  role?: GithubRepository['permissions'];
  /** Further lines; they come before all others of their names. */
  lines?: (repository: GithubRepository | undefined) => readonly CheckItem[];
}

/** Who the token belongs to: one request. */
export async function tokenIdentity(project: GithubProject, signal: AbortSignal): Promise<Identity> {
  const first = await answerOf(() => project.send({ method: 'GET', path: '/user' }, signal));
  if (first instanceof Error) return { first };
  const account = GithubUser.safeParse(first.json).data;
  const token = checkToken(first, account?.login);
  if (first.status !== 200 || account === undefined) return { first, token };
  const now = project.clock.now();
  return {
    first,
    token,
    account,
    lines: (repository) => [checkScopes(first, repository), checkExpiry(first, now)],
  };
}

function checkToken(answer: TrackerResponse, login: string | undefined): CheckItem {
  const name = 'token';
  if (answer.status === 200 && login !== undefined)
    return { name, outcome: 'ok', detail: `The token belongs to ${login}.` };
  return {
    name,
    outcome: 'failed',
    detail: answer.status === 200 ? 'GitHub does not say whose token it is.' : refusalWords(answer),
    remedy: 'Create a new token with access to issues of this repository and store it.',
  };
}

/** Classic tokens name their scopes in a header; fine-grained ones have permissions that only use shows. */
function scopesOf(answer: TrackerResponse): ReadonlySet<string> | undefined {
  const header = answer.headers.get('x-oauth-scopes');
  if (header === null) return undefined;
  return new Set(
    header
      .split(',')
      .map((scope) => scope.trim())
      .filter((scope) => scope !== ''),
  );
}

function checkScopes(user: TrackerResponse, repository: GithubRepository | undefined): CheckItem {
  const name = 'scopes';
  const scopes = scopesOf(user);
  if (scopes === undefined)
    return {
      name,
      outcome: 'ok',
      detail:
        'A fine-grained token: the lines below say what it may do. It needs Issues (read and write) and Metadata (read); Webhooks (read and write) to register the webhook.',
    };
  const listed = [...scopes].join(', ') || 'none';
  const enough = scopes.has('repo') || (scopes.has('public_repo') && repository?.private === false);
  if (!enough)
    return {
      name,
      outcome: 'failed',
      detail: `The token has these scopes: ${listed}. It lacks "repo".`,
      remedy:
        'Give the token the scope "repo" ("public_repo" is enough for a public repository), or use a fine-grained token.',
    };
  const broad = [...scopes].filter((scope) =>
    /^(?:delete_repo|admin:org|admin:enterprise|site_admin)$/.test(scope),
  );
  if (broad.length > 0)
    return {
      name,
      outcome: 'warning',
      detail: `The token may do more than we need: ${broad.join(', ')}.`,
      remedy: 'Use a token without these scopes.',
    };
  return { name, outcome: 'ok', detail: `The token has these scopes: ${listed}.` };
}

/** GitHub writes `2026-12-01 00:00:00 UTC`, or with an offset such as `+0200`. */
function checkExpiry(user: TrackerResponse, now: Date): CheckItem {
  const name = 'expiry';
  const header = user.headers.get('github-authentication-token-expiration');
  if (header === null) return { name, outcome: 'ok', detail: 'The token has no end that GitHub tells.' };
  const end = Date.parse(header);
  if (Number.isNaN(end))
    return {
      name,
      outcome: 'not-checked',
      detail: `The end of the token is not understood: ${header.slice(0, 40)}.`,
      remedy: 'Look at the token on GitHub.',
    };
  const days = Math.floor((end - now.getTime()) / DAY_MS);
  const until = new Date(end).toISOString().slice(0, 10);
  if (days >= SOON_DAYS) return { name, outcome: 'ok', detail: `The token is valid until ${until}.` };
  return {
    name,
    outcome: 'warning',
    detail: `The token ends on ${until}, in ${String(Math.max(0, days))} days.`,
    remedy: 'Create a new token and store it before that day.',
  };
}

export function checkRate(answer: TrackerResponse): CheckItem {
  const name = 'rate-limit';
  const remaining = answer.headers.get('x-ratelimit-remaining');
  const limit = answer.headers.get('x-ratelimit-limit');
  if (remaining === null || limit === null)
    return { name, outcome: 'ok', detail: 'This server names no rate limit.' };
  const detail = `${remaining} of ${limit} requests are left in this hour.`;
  if (Number(remaining) >= Number(limit) * LITTLE_LEFT) return { name, outcome: 'ok', detail };
  return {
    name,
    outcome: 'warning',
    detail,
    remedy: 'Other programs use the same account; give us an account of our own.',
  };
}

/** Whether webhooks may be listed is the nearest that can be asked without making one. */
export function checkWebhook(answer: TrackerResponse | Error): CheckItem {
  const name = 'webhook';
  if (answer instanceof Error)
    return { name, outcome: 'not-checked', detail: answer.message, remedy: 'Test again later.' };
  if (answer.status === 200)
    return { name, outcome: 'ok', detail: 'The token may see the webhooks of the repository.' };
  return {
    name,
    outcome: 'warning',
    detail: 'The token may not manage webhooks; changes are found by polling until one is there.',
    remedy:
      'Give the token "admin:repo_hook" (fine-grained: Webhooks, read and write), or add the webhook by hand in the settings of the repository.',
  };
}
