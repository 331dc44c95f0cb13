import type { Pace } from '../../ports/tracker.ts';

/** https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ */
const DEFAULT_WAIT_MS = 30_000;

function numberOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/** A mere number is no time, though it parses as one: "48" would be the year 2048. */
function timeOf(headers: Headers, name: string): string | undefined {
  const text = headers.get(name) ?? '';
  const ms = /^[\d.+-]+$/.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** What an answer says about our pace; undefined = nothing. */
export function jiraPace(status: number, headers: Headers, _text: string, now: Date): Pace | undefined {
  const limit = numberOf(headers, 'x-ratelimit-limit');
  const remaining = numberOf(headers, 'x-ratelimit-remaining');
  const resetsAt = timeOf(headers, 'x-ratelimit-reset');
  if (status === 429) {
    const seconds = numberOf(headers, 'retry-after');
    const waitMs = seconds === undefined ? DEFAULT_WAIT_MS : seconds * 1000;
    const resumeAt =
      timeOf(headers, 'retry-after') ??
      (seconds === undefined ? resetsAt : undefined) ??
      new Date(now.getTime() + waitMs).toISOString();
    if (headers.get('ratelimit-reason') === 'jira-per-issue-on-write') return { itemResumeAt: resumeAt };
    return { resumeAt, ...(resetsAt === undefined ? {} : { resetsAt }) };
  }
  // A Data Center's bucket fills all the time and names no reset: its rest says nothing about how fast we may go.
  if (remaining === undefined || resetsAt === undefined) return undefined;
  return { remaining, resetsAt, ...(limit === undefined ? {} : { limit }) };
}
