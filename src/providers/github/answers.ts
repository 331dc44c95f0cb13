import { z } from 'zod';
import { messageOf, TrackerError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { githubPace } from './pace.ts';

const MESSAGE_LIMIT = 300;

const Refusal = z.object({
  message: z.string(),
  errors: z
    .array(
      z.object({
        field: z.string().optional(),
        code: z.string().optional(),
        message: z.string().optional(),
      }),
    )
    .optional()
    .catch(undefined),
});

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'tracker-unauthorized',
  403: 'tracker-forbidden',
  404: 'tracker-not-found',
  410: 'tracker-not-found',
  429: 'tracker-rate-limited',
};

const REMEDIES: Readonly<Record<number, string>> = {
  301: 'The repository or issue has moved; check owner and repo.',
  401: 'The token is wrong, expired or revoked; store a new one.',
  403: 'The token lacks a permission; it needs read and write access to issues of this repository.',
  404: 'Check owner and repo, and that the token may see this repository.',
  410: 'It was deleted, or issues are disabled in this repository.',
};

/** GitHub's own words about a refusal, cut to what a line can hold. */
export function refusalWords(answer: TrackerResponse): string {
  const parsed = Refusal.safeParse(answer.json);
  if (!parsed.success) return `HTTP ${String(answer.status)}`;
  const details = (parsed.data.errors ?? [])
    .map((error) => error.message ?? [error.field, error.code].filter(Boolean).join(' '))
    .filter((text) => text !== '');
  const words = [parsed.data.message, ...details].join('; ').replace(/\s+/g, ' ');
  return `HTTP ${String(answer.status)}: ${words}`.slice(0, MESSAGE_LIMIT);
}

/** The error for an answer that is no success. `now` turns a wait in seconds into a time. */
export function refusal(answer: TrackerResponse, what: string, now: Date): TrackerError {
  const resumeAt = githubPace(answer.status, answer.headers, answer.text, now)?.resumeAt;
  if (resumeAt !== undefined && (answer.status === 429 || answer.status === 403))
    return new TrackerError('tracker-rate-limited', `GitHub asked us to wait until ${resumeAt}.`, {
      arrived: 'no',
      resumeAt,
      status: answer.status,
    });
  const server = answer.status >= 500;
  const code = CODES[answer.status] ?? (server ? 'tracker-unreachable' : 'tracker-refused');
  const remedy = REMEDIES[answer.status] ?? (server ? 'It is tried again later.' : '');
  const message = `GitHub refused to ${what} (${refusalWords(answer)}). ${remedy}`.trim();
  return new TrackerError(code, message, { arrived: server ? 'maybe' : 'no', status: answer.status });
}

/** The answer, or the error in place of one: a connection test fails by its lines only. */
export async function answerOf(ask: () => Promise<TrackerResponse>): Promise<TrackerResponse | Error> {
  try {
    return await ask();
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

function nonsense(answer: TrackerResponse, what: string, why: string): TrackerError {
  const html = /^\s*<(?:!doctype|html)/i.test(answer.text);
  const guess = html ? ' It is a web page: a proxy or a sign-in page may stand between us and GitHub.' : '';
  return new TrackerError(
    'tracker-nonsense',
    `GitHub's answer to "${what}" is not understood: ${why}.${guess}`,
    {
      arrived: 'maybe',
      status: answer.status,
    },
  );
}

/**
 * The data of a 2xx answer. Throws `tracker-nonsense` when it is not what GitHub sends (a web page, half a
 * list, nothing), so that an odd answer is never taken for an empty one; else what `refusal` says.
 */
export function dataOf<T>(answer: TrackerResponse, schema: z.ZodType<T>, what: string, now: Date): T {
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, what, now);
  if (answer.json === undefined) throw nonsense(answer, what, 'it is no JSON');
  const parsed = schema.safeParse(answer.json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw nonsense(answer, what, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
