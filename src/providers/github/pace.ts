import type { Pace } from '../../ports/tracker.ts';

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const SECONDARY_WAIT_MS = 60_000;
const SECONDARY_WORDS = /secondary rate limit|abuse detection|rate limit exceeded/i;

function numberOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function after(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}

function resumeAtOf(headers: Headers, resetsAt: string | undefined, now: Date): string {
  const seconds = numberOf(headers, 'retry-after');
  if (seconds !== undefined) return after(now, seconds * 1000);
  const date = Date.parse(headers.get('retry-after') ?? '');
  if (!Number.isNaN(date)) return new Date(date).toISOString();
  const exhausted = headers.get('x-ratelimit-remaining') === '0';
  return exhausted && resetsAt !== undefined ? resetsAt : after(now, SECONDARY_WAIT_MS);
}

function isRefusal(status: number, headers: Headers, text: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const exhausted = headers.get('x-ratelimit-remaining') === '0';
  return exhausted || headers.has('retry-after') || SECONDARY_WORDS.test(text.slice(0, 2000));
}

/**
 * What an answer says about our pace; undefined = nothing. GraphQL has a budget of its own: it is told only
 * when it is used up, so that it never hides the one of REST.
 */
export function githubPace(status: number, headers: Headers, text: string, now: Date): Pace | undefined {
  const limit = numberOf(headers, 'x-ratelimit-limit');
  const remaining = numberOf(headers, 'x-ratelimit-remaining');
  const reset = numberOf(headers, 'x-ratelimit-reset');
  const resetsAt = reset === undefined ? undefined : new Date(reset * 1000).toISOString();
  if (isRefusal(status, headers, text)) {
    const resumeAt = resumeAtOf(headers, resetsAt, now);
    return { resumeAt, ...(remaining === undefined ? {} : { remaining }), ...(resetsAt ? { resetsAt } : {}) };
  }
  const resource = headers.get('x-ratelimit-resource') ?? 'core';
  if (resource !== 'core') return remaining === 0 && resetsAt ? { resumeAt: resetsAt } : undefined;
  if (remaining === undefined) return undefined;
  return { remaining, ...(limit === undefined ? {} : { limit }), ...(resetsAt ? { resetsAt } : {}) };
}
