import type { Answer } from '../shared/answers.ts';
import { refuse } from './answers.ts';
import type { Caller } from './accounts.ts';
import type { State } from './state.ts';

/** Requests per hour, and what GitHub counts besides; infinite where nothing is said. */
interface Limits {
  perHour: number;
  createsPerMinute: number;
  createsPerHour: number;
  /** Points of a minute: a GET or query costs 1, a write 5. */
  restPointsPerMinute: number;
  graphqlPointsPerMinute: number;
}

export type LimitsOption =
  'generous' | 'github' | { perHour?: number; createsPerMinute?: number; createsPerHour?: number };

const GENEROUS: Limits = {
  perHour: 1_000_000,
  createsPerMinute: Number.POSITIVE_INFINITY,
  createsPerHour: Number.POSITIVE_INFINITY,
  restPointsPerMinute: Number.POSITIVE_INFINITY,
  graphqlPointsPerMinute: Number.POSITIVE_INFINITY,
};

/** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const GITHUB: Limits = {
  perHour: 5000,
  createsPerMinute: 80,
  createsPerHour: 500,
  restPointsPerMinute: 900,
  graphqlPointsPerMinute: 2000,
};
const ANONYMOUS_PER_HOUR = 60;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export type Resource = 'core' | 'graphql';

export interface Meter {
  /** Refuses a request over a limit. Does not count it. */
  check(caller: Caller, resource: Resource, write: boolean, creates: boolean): void;
  /** Counts a request that was let through. */
  count(caller: Caller, resource: Resource, write: boolean, creates: boolean): void;
  headers(caller: Caller, resource: Resource): Record<string, string>;
  overview(caller: Caller): Answer;
  budget(caller: Caller, resource: Resource): Budget;
}

interface Budget {
  limit: number;
  used: number;
  remaining: number;
  /** Epoch seconds. */
  reset: number;
}

interface Book {
  used: Record<Resource, number>;
  windowEndsAtMs: Record<Resource, number>;
  /** Times of creates, in ms, of the last hour. */
  creates: number[];
  points: Record<Resource, { at: number; points: number }[]>;
}

export function newMeter(state: State, option: LimitsOption): Meter {
  const limits = limitsOf(option);
  const books = new Map<string, Book>();

  function bookOf(caller: Caller): Book {
    const key = caller.account?.login ?? caller.app?.clientId ?? '';
    const known = books.get(key);
    if (known !== undefined) return known;
    const book: Book = {
      used: { core: 0, graphql: 0 },
      windowEndsAtMs: { core: 0, graphql: 0 },
      creates: [],
      points: { core: [], graphql: [] },
    };
    books.set(key, book);
    return book;
  }

  function budget(caller: Caller, resource: Resource): Budget {
    const book = bookOf(caller);
    const now = state.now().getTime();
    if (now >= book.windowEndsAtMs[resource]) {
      book.used[resource] = 0;
      book.windowEndsAtMs[resource] = now + HOUR_MS;
    }
    const limit =
      caller.account === undefined && caller.app === undefined
        ? Math.min(ANONYMOUS_PER_HOUR, limits.perHour)
        : limits.perHour;
    const used = Math.min(book.used[resource], limit);
    const reset = Math.floor(book.windowEndsAtMs[resource] / 1000);
    return { limit, used, remaining: limit - used, reset };
  }

  function headers(caller: Caller, resource: Resource): Record<string, string> {
    const { limit, used, remaining, reset } = budget(caller, resource);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': resource,
      'x-ratelimit-used': String(used),
    };
  }

  return {
    headers,
    budget,
    check(caller, resource, write, creates) {
      if (budget(caller, resource).remaining === 0) throw primary(caller);
      const book = bookOf(caller);
      const now = state.now().getTime();
      const points = book.points[resource].filter(({ at }) => at > now - MINUTE_MS);
      const ceiling = resource === 'core' ? limits.restPointsPerMinute : limits.graphqlPointsPerMinute;
      const spent = points.reduce((sum, each) => sum + each.points, 0);
      if (spent + (write ? 5 : 1) > ceiling) throw secondary(secondsUntil(points[0]?.at, MINUTE_MS, now));
      if (!creates) return;
      const hour = book.creates.filter((at) => at > now - HOUR_MS);
      const minute = hour.filter((at) => at > now - MINUTE_MS);
      if (minute.length >= limits.createsPerMinute) throw secondary(secondsUntil(minute[0], MINUTE_MS, now));
      if (hour.length >= limits.createsPerHour) throw secondary(secondsUntil(hour[0], HOUR_MS, now));
    },
    count(caller, resource, write, creates) {
      const book = bookOf(caller);
      const now = state.now().getTime();
      book.used[resource] += 1;
      book.points[resource] = book.points[resource].filter(({ at }) => at > now - MINUTE_MS);
      book.points[resource].push({ at: now, points: write ? 5 : 1 });
      if (!creates) return;
      book.creates = book.creates.filter((at) => at > now - HOUR_MS);
      book.creates.push(now);
    },
    overview(caller) {
      const core = budget(caller, 'core');
      const search = { limit: 30, used: 0, remaining: 30, reset: core.reset };
      const resources = { core, graphql: budget(caller, 'graphql'), search };
      return { status: 200, json: { resources, rate: core } };
    },
  };
}

function limitsOf(option: LimitsOption): Limits {
  if (option === 'generous') return GENEROUS;
  return option === 'github' ? GITHUB : { ...GENEROUS, ...option };
}

function secondsUntil(firstAt: number | undefined, windowMs: number, now: number): number {
  return Math.max(1, Math.ceil(((firstAt ?? now) + windowMs - now) / 1000));
}

function primary({ account }: Caller): ReturnType<typeof refuse> {
  const whose = account === undefined ? '127.0.0.1' : `user ID ${account.id}`;
  return refuse(403, `API rate limit exceeded for ${whose}.`, {
    documentation: 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api',
  });
}

/** GitHub's words for it; clients look for "secondary rate limit". */
function secondary(retryAfterSeconds: number): ReturnType<typeof refuse> {
  return refuse(
    403,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    {
      headers: { 'retry-after': String(retryAfterSeconds) },
      documentation:
        'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
    },
  );
}
