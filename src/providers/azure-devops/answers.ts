import { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { azureDevopsPace } from './pace.ts';

const MESSAGE_LIMIT = 300;

const RuleFault = z.object({
  fieldReferenceName: z.string(),
  errorMessage: z.string().nullish(),
});

/** `typeKey` names the kind of error; a broken rule also says of which fields. */
const Refusal = z.object({
  message: z.string().optional().catch(undefined),
  typeKey: z.string().optional().catch(undefined),
  customProperties: z
    .object({ RuleValidationErrors: z.array(RuleFault).optional().catch(undefined) })
    .nullish()
    .catch(undefined),
});

/** Why a part of Azure DevOps said no. */
export interface Refused {
  typeKey: string;
  words: string;
  /** Reference names of the fields whose rules are broken. */
  fields: readonly string[];
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'tracker-unauthorized',
  403: 'tracker-forbidden',
  404: 'tracker-not-found',
  429: 'tracker-rate-limited',
};

const CREDENTIALS =
  'The token is wrong, expired, revoked or lacks the scopes "Work Items (Read & write)" and "Project and Team (Read)"; store a new one.';
const REMEDIES: Readonly<Record<number, string>> = {
  401: CREDENTIALS,
  403: 'The account needs the permissions of a contributor in the project, also in the area of the work item.',
  404: 'Check organization and project, and that the account may see them: Azure DevOps says "not found" also for "not allowed".',
};

/** What an error's body says, cut to what a line can hold. */
export function refusedBy(status: number, json: unknown): Refused {
  const parsed = Refusal.safeParse(json).data;
  const { message = '', typeKey = '', customProperties } = parsed ?? {};
  const faults = customProperties?.RuleValidationErrors ?? [];
  const all = [...new Set([message, ...faults.map((fault) => fault.errorMessage ?? '')])];
  const said = all
    .filter((each) => each !== '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .slice(0, MESSAGE_LIMIT);
  const http = `HTTP ${String(status)}`;
  return {
    typeKey,
    words: said === '' ? http : `${http}: ${said}`,
    fields: faults.map((fault) => fault.fieldReferenceName),
  };
}

export function refusalWords(answer: TrackerResponse): string {
  return refusedBy(answer.status, answer.json).words;
}

/**
 * Without good credentials Azure DevOps may show its page to sign in, even with a status of success, instead of 401.
 * https://learn.microsoft.com/azure/devops/integrate/how-to/call-rest-api
 */
export function isSignInPage({ status, headers, json, text }: TrackerResponse): boolean {
  if (json !== undefined) return false;
  if (status === 203) return true;
  if (status >= 300 && status < 400) return /_signin|login|authorize/i.test(headers.get('location') ?? '');
  return status === 200 && /_signin\b|<title>Azure DevOps[^<]*Sign In/i.test(text.slice(0, 5000));
}

function unauthorized(answer: TrackerResponse, what: string): TrackerError {
  const why = isSignInPage(answer) ? 'it showed its sign-in page' : refusalWords(answer);
  return new TrackerError(
    'tracker-unauthorized',
    `Azure DevOps refused to ${what} (${why}). ${CREDENTIALS}`,
    { arrived: 'no', status: 401 },
  );
}

/** The error for an answer that is no success. `now` turns a wait in seconds into a time. */
export function refusal(answer: TrackerResponse, what: string, now: Date): TrackerError {
  const { status, headers, text } = answer;
  if (status === 401 || isSignInPage(answer)) return unauthorized(answer, what);
  const resumeAt = azureDevopsPace(status, headers, text, now)?.resumeAt;
  if (resumeAt !== undefined)
    return new TrackerError('tracker-rate-limited', `Azure DevOps asked us to wait until ${resumeAt}.`, {
      arrived: 'no',
      resumeAt,
      status,
    });
  const server = status >= 500;
  const code = CODES[status] ?? (server ? 'tracker-unreachable' : 'tracker-refused');
  const remedy = REMEDIES[status] ?? (server ? 'It is tried again later.' : '');
  const message = `Azure DevOps refused to ${what} (${refusalWords(answer)}). ${remedy}`.trim();
  return new TrackerError(code, message, { arrived: server ? 'maybe' : 'no', status });
}

function nonsense(answer: TrackerResponse, what: string, why: string): TrackerError {
  const html = /^\s*<(?:!doctype|html)/i.test(answer.text);
  const guess = html ? ' It is a web page: a proxy may stand between us and Azure DevOps.' : '';
  return new TrackerError(
    'tracker-nonsense',
    `Azure DevOps' answer to "${what}" is not understood: ${why}.${guess}`,
    { arrived: 'maybe', status: answer.status },
  );
}

/**
 * The data of a 2xx answer. Throws `tracker-unauthorized` for a page to sign in, `tracker-nonsense` when it is not what
 * Azure DevOps sends (another web page, half a list, nothing), so that an odd answer is never taken for an empty one;
 * else what `refusal` says.
 */
export function dataOf<T>(answer: TrackerResponse, schema: z.ZodType<T>, what: string, now: Date): T {
  if (answer.status < 200 || answer.status > 299 || isSignInPage(answer)) throw refusal(answer, what, now);
  if (answer.json === undefined) throw nonsense(answer, what, 'it is no JSON');
  const parsed = schema.safeParse(answer.json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw nonsense(answer, what, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
