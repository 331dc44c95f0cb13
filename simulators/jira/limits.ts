import { refuse } from './answers.ts';
import type { Caller } from './people.ts';
import type { ApiRequest } from './request.ts';
import { isFields } from './request.ts';
import type { State } from './state.ts';
import { Refusal } from '../shared/answers.ts';
import type { Answer } from '../shared/answers.ts';

/** Cloud counts points an hour (apps only), calls a second by method, and writes to one issue. Data Center has a bucket per user. */
interface Limits {
  pointsPerHour: number;
  getsPerSecond: number;
  postsPerSecond: number;
  putsPerSecond: number;
  deletesPerSecond: number;
  issueReadsPerSecond: number;
  issueWritesIn2s: number;
  issueWritesIn30s: number;
  /** Data Center: calls that can be saved up, and how many come back in an interval. */
  bucket: number;
  fillRate: number;
  intervalSeconds: number;
}

export type LimitsOption = 'generous' | 'jira' | Partial<Limits>;

const NONE = Number.POSITIVE_INFINITY;
const GENEROUS: Limits = {
  pointsPerHour: NONE,
  getsPerSecond: NONE,
  postsPerSecond: NONE,
  putsPerSecond: NONE,
  deletesPerSecond: NONE,
  issueReadsPerSecond: NONE,
  issueWritesIn2s: NONE,
  issueWritesIn30s: NONE,
  bucket: NONE,
  fillRate: NONE,
  intervalSeconds: 1,
};

/** https://developer.atlassian.com/cloud/jira/platform/rate-limiting/; on Data Center limits are off until an administrator sets them. */
const JIRA: Limits = {
  ...GENEROUS,
  pointsPerHour: 65_000,
  getsPerSecond: 100,
  postsPerSecond: 100,
  putsPerSecond: 50,
  deletesPerSecond: 50,
  issueReadsPerSecond: 150,
  issueWritesIn2s: 20,
  issueWritesIn30s: 100,
};

export interface Meter {
  /** Refuses a request over a limit; counts it otherwise. */
  check(request: ApiRequest): void;
  /** Counts the points of what was answered. */
  count(request: ApiRequest, answer: Answer): void;
  headers(caller: Caller): Record<string, string>;
}

const HOUR_MS = 3_600_000;

export function newMeter(state: State, option: LimitsOption): Meter {
  const limits = option === 'generous' ? GENEROUS : option === 'jira' ? JIRA : { ...GENEROUS, ...option };
  const times = new Map<string, number[]>();
  const buckets = new Map<string, { left: number; atMs: number }>();
  const points = { used: 0, endsAtMs: 0 };

  function hit(key: string, limit: number, windowMs: number): number | undefined {
    if (limit === NONE) return undefined;
    const now = state.now().getTime();
    const recent = (times.get(key) ?? []).filter((at) => at > now - windowMs);
    times.set(key, recent);
    if (recent.length < limit) {
      recent.push(now);
      return undefined;
    }
    return Math.max(1, Math.ceil(((recent[0] ?? now) + windowMs - now) / 1000));
  }

  function burst({ method, path, params }: ApiRequest): void {
    const isIssue = method === 'GET' && /^\/issue\/[^/]+$/.test(path);
    const perSecond = {
      GET: isIssue ? limits.issueReadsPerSecond : limits.getsPerSecond,
      POST: limits.postsPerSecond,
      PUT: limits.putsPerSecond,
      DELETE: limits.deletesPerSecond,
    }[method];
    const endpoint = path.replace(params['issue'] ?? '\0', ':issue');
    const seconds = hit(`${method} ${endpoint}`, perSecond ?? NONE, 1000);
    if (seconds !== undefined) throw tooMany('jira-burst-based', seconds, perSecond ?? 0);
    if (method === 'GET' || params['issue'] === undefined) return;
    const short = hit(`2s ${params['issue']}`, limits.issueWritesIn2s, 2000);
    if (short !== undefined) throw tooMany('jira-per-issue-on-write', short, limits.issueWritesIn2s);
    const long = hit(`30s ${params['issue']}`, limits.issueWritesIn30s, 30_000);
    if (long !== undefined) throw tooMany('jira-per-issue-on-write', long, limits.issueWritesIn30s);
  }

  function quota(caller: Caller): void {
    const now = state.now().getTime();
    if (now >= points.endsAtMs) {
      points.used = 0;
      points.endsAtMs = now + HOUR_MS;
    }
    if (caller.credential?.clientId === undefined || points.used < limits.pointsPerHour) return;
    const seconds = Math.max(1, Math.ceil((points.endsAtMs - now) / 1000));
    throw tooMany('jira-quota-global-based', seconds, limits.pointsPerHour);
  }

  function tooMany(reason: string, seconds: number, limit: number): Refusal {
    const reset = new Date(state.now().getTime() + seconds * 1000).toISOString();
    return refuse(
      429,
      ['Rate limit exceeded.'],
      {},
      {
        'retry-after': String(seconds),
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': `${reset.slice(0, 16)}Z`,
        'ratelimit-reason': reason,
      },
    );
  }

  function bucketOf(caller: Caller): { left: number; atMs: number } {
    const key = caller.user?.key ?? '';
    const now = state.now().getTime();
    const known = buckets.get(key) ?? { left: limits.bucket, atMs: now };
    const intervals = Math.floor((now - known.atMs) / (limits.intervalSeconds * 1000));
    const bucket = {
      left: Math.min(limits.bucket, known.left + (intervals > 0 ? intervals * limits.fillRate : 0)),
      atMs: known.atMs + intervals * limits.intervalSeconds * 1000,
    };
    buckets.set(key, bucket);
    return bucket;
  }

  function bucketHeaders(caller: Caller): Record<string, string> {
    if (limits.bucket === NONE || caller.user === undefined) return {};
    return {
      'x-ratelimit-limit': String(limits.bucket),
      'x-ratelimit-remaining': String(bucketOf(caller).left),
      'x-ratelimit-fillrate': String(limits.fillRate),
      'x-ratelimit-interval-seconds': String(limits.intervalSeconds),
    };
  }

  return {
    check(request) {
      if (state.flavour === 'cloud') {
        quota(request.caller);
        burst(request);
        return;
      }
      if (limits.bucket === NONE) return;
      const bucket = bucketOf(request.caller);
      if (bucket.left < 1)
        throw new Refusal({
          status: 429,
          json: { message: 'Rate limit exceeded.' },
          headers: { ...bucketHeaders(request.caller), 'retry-after': String(limits.intervalSeconds) },
        });
      bucket.left -= 1;
    },
    count({ method, caller, body }, { json }) {
      if (caller.credential?.clientId === undefined) return;
      const updates = body['issueUpdates'];
      const writes = Array.isArray(updates) ? updates.length : 1;
      points.used += method === 'GET' ? 1 + objectsIn(json) : writes;
    },
    headers(caller) {
      if (state.flavour === 'data-center') return bucketHeaders(caller);
      if (limits.pointsPerHour === NONE || caller.credential?.clientId === undefined) return {};
      const remaining = Math.max(0, limits.pointsPerHour - points.used);
      return {
        'x-ratelimit-limit': String(limits.pointsPerHour),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-reset': `${new Date(points.endsAtMs).toISOString().slice(0, 16)}Z`,
        ...(remaining < limits.pointsPerHour / 5 ? { 'x-ratelimit-nearlimit': 'true' } : {}),
      };
    },
  };
}

/** Issues cost one point each, users two. */
function objectsIn(json: unknown): number {
  if (Array.isArray(json)) return json.reduce((sum: number, each) => sum + objectsIn(each), 0);
  if (!isFields(json)) return 0;
  if (Array.isArray(json['issues'])) return json['issues'].length;
  if ('accountId' in json) return 2;
  return 'fields' in json ? 1 : 0;
}
