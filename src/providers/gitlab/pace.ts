import type { Pace } from '../../ports/tracker.ts';

/** GitLab's own advice when an answer does not say how long. */
const WAIT_MS = 60_000;

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
  return resetsAt ?? after(now, WAIT_MS);
}

/**
 * What an answer says about our pace; undefined = nothing. GitLab has several limits and tells of one at a time, by
 * name. https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
 */
export function gitlabPace(status: number, headers: Headers, _text: string, now: Date): Pace | undefined {
  const limit = numberOf(headers, 'ratelimit-limit');
  const remaining = numberOf(headers, 'ratelimit-remaining');
  const reset = numberOf(headers, 'ratelimit-reset');
  const bucket = headers.get('ratelimit-name');
  const resetsAt = reset === undefined ? undefined : new Date(reset * 1000).toISOString();
  const told = {
    ...(remaining === undefined ? {} : { remaining }),
    ...(limit === undefined ? {} : { limit }),
    ...(resetsAt === undefined ? {} : { resetsAt }),
    ...(bucket === null ? {} : { bucket }),
  };
  if (status === 429) return { ...told, resumeAt: resumeAtOf(headers, resetsAt, now) };
  return remaining === undefined ? undefined : told;
}
