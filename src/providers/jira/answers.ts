import type { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { JiraRefusal } from './wire.ts';

const MESSAGE_LIMIT = 400;

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'tracker-unauthorized',
  403: 'tracker-forbidden',
  404: 'tracker-not-found',
  410: 'tracker-not-found',
  429: 'tracker-rate-limited',
};

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'The token or password is wrong, expired or revoked; store a new one.',
  403: 'The account lacks a permission in this project.',
  404: 'Check the address and the project key, and that the account may browse the project.',
  413: 'The issue has reached a limit of its comments, links or attachments.',
};

/** Jira's words about each field that it refused. */
export function fieldFaults(value: unknown): Readonly<Record<string, string>> {
  return JiraRefusal.safeParse(value).data?.errors ?? {};
}

/** All of Jira's words about a refusal, on one line; undefined = it gave none. */
export function wordsAbout(value: unknown): string | undefined {
  const { errorMessages = [], errors = {}, message } = JiraRefusal.safeParse(value).data ?? {};
  const fields = Object.entries(errors).map(([field, text]) => `${field}: ${text}`);
  const words = [...errorMessages, ...fields, ...(message === undefined ? [] : [message])];
  return words.length === 0 ? undefined : words.join('; ').replace(/\s+/g, ' ').slice(0, MESSAGE_LIMIT);
}

export function refusalWords(answer: TrackerResponse): string {
  const words = wordsAbout(answer.json);
  return `HTTP ${String(answer.status)}${words === undefined ? '' : `: ${words}`}`;
}

/** After failed log-ins a Data Center wants a person to solve a captcha. */
function isLockedOut(answer: TrackerResponse): boolean {
  return answer.headers.get('x-authentication-denied-reason')?.includes('CAPTCHA') === true;
}

/** The error for an answer that is no success. */
export function refusal(answer: TrackerResponse, what: string): TrackerError {
  const { status } = answer;
  if (isLockedOut(answer))
    return new TrackerError(
      'tracker-unauthorized',
      'Jira asks the account for a captcha after failed log-ins. Sign in with it once in a browser, then store the right token.',
      { arrived: 'no', status },
    );
  const server = status >= 500;
  const code = CODES[status] ?? (server ? 'tracker-unreachable' : 'tracker-refused');
  const remedy = REMEDIES[status] ?? (server ? 'It is tried again later.' : '');
  const message = `Jira refused to ${what} (${refusalWords(answer)}). ${remedy}`.trim();
  return new TrackerError(code, message, { arrived: server ? 'maybe' : 'no', status });
}

function nonsense(answer: TrackerResponse, what: string, why: string): TrackerError {
  const html = /^\s*<(?:!doctype|html)/i.test(answer.text);
  const guess = html ? ' It is a web page: a proxy or a sign-in page may stand between us and Jira.' : '';
  return new TrackerError(
    'tracker-nonsense',
    `Jira's answer to "${what}" is not understood: ${why}.${guess}`,
    { arrived: 'maybe', status: answer.status },
  );
}

/**
 * The data of a 2xx answer. Throws `tracker-nonsense` when it is not what Jira sends (a web page, half a list, nothing),
 * so that an odd answer is never taken for an empty one; else what `refusal` says. Jira serves some lists to everybody:
 * an answer to nobody in particular is `tracker-unauthorized`.
 */
export function dataOf<T>(answer: TrackerResponse, schema: z.ZodType<T>, what: string): T {
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, what);
  if (answer.headers.get('x-ausername') === 'anonymous')
    throw new TrackerError('tracker-unauthorized', `Jira does not know who we are. ${REMEDIES[401] ?? ''}`, {
      arrived: 'no',
      status: 401,
    });
  if (answer.json === undefined) throw nonsense(answer, what, 'it is no JSON');
  const parsed = schema.safeParse(answer.json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw nonsense(answer, what, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
