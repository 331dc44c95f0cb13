import type { Pace } from '../../ports/tracker.ts';

/** When we are told to wait and not how long. */
const WAIT_MS = 60_000;

function numberOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  return text !== null && /^\d{1,12}(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function resumeAtOf(headers: Headers, resetsAt: string | undefined, now: Date): string {
  const seconds = numberOf(headers, 'retry-after');
  if (seconds !== undefined) return new Date(now.getTime() + seconds * 1000).toISOString();
  const date = Date.parse(headers.get('retry-after') ?? '');
  if (!Number.isNaN(date)) return new Date(date).toISOString();
  return resetsAt ?? new Date(now.getTime() + WAIT_MS).toISOString();
}

/**
 * What an answer says about our pace; undefined = nothing. Far from the limit there is no word of it. What is left is
 * counted in units of work, of which a request uses several.
 * https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits#api-client-experience
 */
export function azureDevopsPace(
  status: number,
  headers: Headers,
  _text: string,
  now: Date,
): Pace | undefined {
  const limit = numberOf(headers, 'x-ratelimit-limit');
  const remaining = numberOf(headers, 'x-ratelimit-remaining');
  const reset = numberOf(headers, 'x-ratelimit-reset');
  const bucket = headers.get('x-ratelimit-resource');
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
