import { z } from 'zod';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { answersOf } from '../shared/answers.ts';
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

export const { refusal, dataOf } = answersOf({
  tracker: 'GitLab',
  remedies: REMEDIES,
  refusalWords,
  resumeAt: ({ status, headers, text }, now) => gitlabPace(status, headers, text, now)?.resumeAt,
});
