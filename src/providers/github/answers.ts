import { z } from 'zod';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { answersOf } from '../shared/answers.ts';
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

export const { refusal, dataOf } = answersOf({
  tracker: 'GitHub',
  remedies: REMEDIES,
  refusalWords,
  resumeAt({ status, headers, text }, now) {
    return status === 429 || status === 403 ? githubPace(status, headers, text, now)?.resumeAt : undefined;
  },
});
