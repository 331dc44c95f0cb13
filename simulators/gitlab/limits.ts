import { Refusal } from '../shared/answers.ts';
import type { Caller } from './accounts.ts';
import type { State } from './state.ts';

/** Requests per minute and account; infinite where nothing is said. */
interface Limits {
  perMinute: number;
  issuesPerMinute: number;
  notesPerMinute: number;
  projectReadsPerMinute: number;
}

export type LimitsOption = 'generous' | 'gitlab.com' | Partial<Limits>;

/** As on a self-managed server whose administrator set none. */
const NONE: Limits = {
  perMinute: Number.POSITIVE_INFINITY,
  issuesPerMinute: Number.POSITIVE_INFINITY,
  notesPerMinute: Number.POSITIVE_INFINITY,
  projectReadsPerMinute: Number.POSITIVE_INFINITY,
};

/** https://docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom */
const GITLAB_COM: Limits = {
  perMinute: 2000,
  issuesPerMinute: 200,
  notesPerMinute: 60,
  projectReadsPerMinute: 400,
};
const MINUTE_MS = 60_000;

/** What a request counts as, besides being one. */
export type Special = 'issue' | 'note' | 'project';

export interface Meter {
  /** Counts a request, or refuses it over the limit of all requests. */
  count(caller: Caller): void;
  /** Counts what has a limit of its own, or refuses it. */
  countSpecial(caller: Caller, special: Special): void;
  /** `RateLimit-*`; none where there is no limit. */
  headers(caller: Caller): Record<string, string>;
}

/** Windows are whole minutes of the clock, as those of GitLab's request throttle. */
export function newMeter(state: State, option: LimitsOption): Meter {
  const limits = limitsOf(option);
  const books = new Map<string, { window: number; observed: number }>();

  function book(caller: Caller, name: string): { window: number; observed: number } {
    const key = `${caller.account?.id ?? 'visitor'} ${name}`;
    const window = Math.floor(state.now().getTime() / MINUTE_MS);
    const known = books.get(key);
    if (known !== undefined && known.window === window) return known;
    const fresh = { window, observed: 0 };
    books.set(key, fresh);
    return fresh;
  }

  function headers(caller: Caller): Record<string, string> {
    if (!Number.isFinite(limits.perMinute)) return {};
    const { window, observed } = book(caller, 'all');
    const resetAtMs = (window + 1) * MINUTE_MS;
    return {
      'ratelimit-name':
        caller.account === undefined ? 'throttle_unauthenticated_api' : 'throttle_authenticated_api',
      'ratelimit-limit': String(limits.perMinute),
      'ratelimit-observed': String(observed),
      'ratelimit-remaining': String(Math.max(0, limits.perMinute - observed)),
      'ratelimit-reset': String(resetAtMs / 1000),
      'ratelimit-resettime': new Date(resetAtMs).toUTCString(),
    };
  }

  function secondsLeft(window: number): string {
    return String(Math.max(1, Math.ceil(((window + 1) * MINUTE_MS - state.now().getTime()) / 1000)));
  }

  return {
    headers,
    count(caller) {
      const entry = book(caller, 'all');
      entry.observed += 1;
      if (entry.observed <= limits.perMinute) return;
      throw new Refusal({
        status: 429,
        text: 'Retry later\n',
        headers: {
          'content-type': 'text/plain',
          'retry-after': secondsLeft(entry.window),
          ...headers(caller),
        },
      });
    },
    countSpecial(caller, special) {
      const entry = book(caller, special);
      entry.observed += 1;
      if (entry.observed <= specialLimit(limits, special)) return;
      throw new Refusal({
        status: 429,
        json: {
          message: { error: 'This endpoint has been requested too many times. Try again later.' },
        },
        headers: { 'retry-after': secondsLeft(entry.window) },
      });
    },
  };
}

function limitsOf(option: LimitsOption): Limits {
  if (option === 'generous') return NONE;
  return option === 'gitlab.com' ? GITLAB_COM : { ...NONE, ...option };
}

function specialLimit(limits: Limits, special: Special): number {
  if (special === 'issue') return limits.issuesPerMinute;
  return special === 'note' ? limits.notesPerMinute : limits.projectReadsPerMinute;
}
