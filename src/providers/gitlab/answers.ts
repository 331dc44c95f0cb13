import { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { gitlabPace } from './pace.ts';

const MESSAGE_LIMIT = 300;

const Words = z.union([
  z.string(),
  z.array(z.string()).transform((words) => words.join(', ')),
  z
    .record(z.string(), z.union([z.string(), z.array(z.string()).transform((words) => words.join(', '))]))
    .transform((fields) =>
      Object.entries(fields)
        .map(([field, words]) => `${field} ${words}`)
        .join('; '),
    ),
]);

/** `{"message": …}`, `{"error": …}` or OAuth's `{"error": …, "error_description": …}`. */
const Refusal = z.object({
  message: Words.optional().catch(undefined),
  error: Words.optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
});

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'tracker-unauthorized',
  403: 'tracker-forbidden',
  404: 'tracker-not-found',
  410: 'tracker-not-found',
  429: 'tracker-rate-limited',
};

const REMEDIES: Readonly<Record<number, string>> = {
  301: 'The project has moved; check projectId, best as a number.',
  401: 'The token is wrong, expired or revoked; store a new one.',
  403: 'The token needs the scope "api", and its account the role Planner, Reporter or higher in the project.',
  404: 'Check projectId, and that the account may see the project: GitLab says "not found" also for "not allowed".',
};

/** GitLab's own words about a refusal, cut to what a line can hold. */
export function refusalWords(answer: TrackerResponse): string {
  const status = `HTTP ${String(answer.status)}`;
  const parsed = Refusal.safeParse(answer.json);
  if (!parsed.success) return status;
  const { message, error, error_description: description } = parsed.data;
  const words = [message, error, description].filter((each) => each !== undefined && each !== '').join('; ');
  if (words === '') return status;
  return `${words.startsWith(String(answer.status)) ? 'HTTP ' : `${status}: `}${words}`
    .replace(/\s+/g, ' ')
    .slice(0, MESSAGE_LIMIT);
}

/** The error for an answer that is no success. `now` turns a wait in seconds into a time. */
export function refusal(answer: TrackerResponse, what: string, now: Date): TrackerError {
  const resumeAt = gitlabPace(answer.status, answer.headers, answer.text, now)?.resumeAt;
  if (resumeAt !== undefined)
    return new TrackerError('tracker-rate-limited', `GitLab asked us to wait until ${resumeAt}.`, {
      arrived: 'no',
      resumeAt,
      status: answer.status,
    });
  const server = answer.status >= 500;
  const code = CODES[answer.status] ?? (server ? 'tracker-unreachable' : 'tracker-refused');
  const remedy = REMEDIES[answer.status] ?? (server ? 'It is tried again later.' : '');
  const message = `GitLab refused to ${what} (${refusalWords(answer)}). ${remedy}`.trim();
  return new TrackerError(code, message, { arrived: server ? 'maybe' : 'no', status: answer.status });
}

function nonsense(answer: TrackerResponse, what: string, why: string): TrackerError {
  const html = /^\s*<(?:!doctype|html)/i.test(answer.text);
  const guess = html ? ' It is a web page: a proxy or a sign-in page may stand between us and GitLab.' : '';
  return new TrackerError(
    'tracker-nonsense',
    `GitLab's answer to "${what}" is not understood: ${why}.${guess}`,
    { arrived: 'maybe', status: answer.status },
  );
}

/**
 * The data of a 2xx answer. Throws `tracker-nonsense` when it is not what GitLab sends (a web page, half a list,
 * nothing), so that an odd answer is never taken for an empty one; else what `refusal` says.
 */
export function dataOf<T>(answer: TrackerResponse, schema: z.ZodType<T>, what: string, now: Date): T {
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, what, now);
  if (answer.json === undefined) throw nonsense(answer, what, 'it is no JSON');
  const parsed = schema.safeParse(answer.json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw nonsense(answer, what, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
