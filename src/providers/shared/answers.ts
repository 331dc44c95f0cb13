import type { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'tracker-unauthorized',
  403: 'tracker-forbidden',
  404: 'tracker-not-found',
  410: 'tracker-not-found',
  429: 'tracker-rate-limited',
};

/** How one tracker says no. */
interface Manners {
  /** As people call it. */
  tracker: string;
  /** What to do, by status. */
  remedies: Readonly<Record<number, string>>;
  /** Its own words about a refusal, cut to what a line can hold. */
  refusalWords(answer: TrackerResponse): string;
  /** When an answer that is a rate limit lets us go on; undefined = it is none. */
  resumeAt?(answer: TrackerResponse, now: Date): string | undefined;
  /** The error of an answer whose status does not tell what it is: a page to sign in, an answer to nobody in particular. */
  disguised?(answer: TrackerResponse, what: string): TrackerError | undefined;
}

/** How the answers of one tracker are taken. */
interface Answers {
  /** The error for an answer that is no success. `now` turns a wait in seconds into a time. */
  refusal: (answer: TrackerResponse, what: string, now: Date) => TrackerError;
  /**
   * The data of a 2xx answer. Throws `tracker-nonsense` when it is not what the tracker sends (a web page, half a list, nothing),
   * so that an odd answer is never taken for an empty one; else what `refusal` says.
   */
  dataOf: <T>(answer: TrackerResponse, schema: z.ZodType<T>, what: string, now: Date) => T;
}

export function answersOf(manners: Manners): Answers {
  const { tracker, remedies } = manners;

  function refusal(answer: TrackerResponse, what: string, now: Date): TrackerError {
    const disguised = manners.disguised?.(answer, what);
    if (disguised !== undefined) return disguised;
    const { status } = answer;
    const resumeAt = manners.resumeAt?.(answer, now);
    if (resumeAt !== undefined)
      return new TrackerError('tracker-rate-limited', `${tracker} asked us to wait until ${resumeAt}.`, {
        arrived: 'no',
        resumeAt,
        status,
      });
    const server = status >= 500;
    const code = CODES[status] ?? (server ? 'tracker-unreachable' : 'tracker-refused');
    const remedy = remedies[status] ?? (server ? 'It is tried again later.' : '');
    const message = `${tracker} refused to ${what} (${manners.refusalWords(answer)}). ${remedy}`.trim();
    return new TrackerError(code, message, { arrived: server ? 'maybe' : 'no', status });
  }

  function nonsense({ status, text }: TrackerResponse, what: string, why: string): TrackerError {
    const html = /^\s*<(?:!doctype|html)/i.test(text);
    const guess = html
      ? ` It is a web page: a proxy or a sign-in page may stand between us and ${tracker}.`
      : '';
    const whose = tracker.endsWith('s') ? `${tracker}'` : `${tracker}'s`;
    const message = `${whose} answer to "${what}" is not understood: ${why}.${guess}`;
    return new TrackerError('tracker-nonsense', message, { arrived: 'maybe', status });
  }

  return {
    refusal,
    dataOf(answer, schema, what, now) {
      if (answer.status < 200 || answer.status > 299) throw refusal(answer, what, now);
      const disguised = manners.disguised?.(answer, what);
      if (disguised !== undefined) throw disguised;
      if (answer.json === undefined) throw nonsense(answer, what, 'it is no JSON');
      const parsed = schema.safeParse(answer.json);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      throw nonsense(answer, what, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
    },
  };
}

/** When the tracker answered, by its own clock. */
export function serverTime({ headers }: TrackerResponse, clock: Pick<Clock, 'now'>): Date {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? clock.now() : new Date(date);
}
