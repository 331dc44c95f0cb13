import { z } from 'zod';
import { TrackerError } from '../../domain/errors.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { answersOf } from '../shared/answers.ts';
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

const CREDENTIALS =
  'The token is wrong, expired, revoked or lacks the scopes "Work Items (Read & write)" and "Project and Team (Read)"; store a new one.';
const REMEDIES: Readonly<Record<number, string>> = {
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
    // What a success says is no word of a refusal, and may be anything.
    words: said === '' || status < 300 ? http : `${http}: ${said}`,
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

function unauthorized(answer: TrackerResponse, what: string): TrackerError | undefined {
  const isPage = isSignInPage(answer);
  if (!isPage && answer.status !== 401) return undefined;
  const why = isPage ? 'it showed its sign-in page' : refusalWords(answer);
  return new TrackerError(
    'tracker-unauthorized',
    `Azure DevOps refused to ${what} (${why}). ${CREDENTIALS}`,
    { arrived: 'no', status: 401 },
  );
}

export const { refusal, dataOf } = answersOf({
  tracker: 'Azure DevOps',
  remedies: REMEDIES,
  refusalWords,
  resumeAt: ({ status, headers, text }, now) => azureDevopsPace(status, headers, text, now)?.resumeAt,
  disguised: unauthorized,
});
