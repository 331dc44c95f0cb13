import { AppError, messageOf, TrackerError } from '../../domain/errors.ts';
import type { IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import { composeBlock, composeComment } from '../shared/managed-block.ts';
import { dataOf } from './answers.ts';
import { issueOf } from './convert.ts';
import { longerThanAllowed } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import { learnIssue } from './project.ts';
import type { GithubProject } from './project.ts';
import { placeIssue } from './place.ts';
import { issuePath } from './read.ts';
import { updateIssue } from './update.ts';
import { GithubComment, GithubIssue } from './wire.ts';

const REFUSALS: Readonly<Record<number, string>> = {
  301: 'moved',
  307: 'moved',
  308: 'moved',
  403: 'forbidden',
  404: 'not-found',
  410: 'gone',
  413: 'too-long',
  422: 'invalid',
};

/**
 * One outcome for each write, in order; REST, one request for each create, since GraphQL batches save no quota
 * and leave many unknown outcomes. Throws only when the very first write finds that the token is refused.
 */
export async function writeAll(
  project: GithubProject,
  writes: readonly IssueWrite[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  let stopped: WriteOutcome | undefined;
  for (const write of writes) {
    if (stopped !== undefined || signal.aborted) {
      outcomes.push(stopped ?? { kind: 'later', reason: 'The run was stopped before this write.' });
      continue;
    }
    const attempt: Attempt = { sent: false, done: false };
    try {
      outcomes.push(await writeOne(project, write, attempt, signal));
    } catch (error) {
      if (outcomes.length === 0 && isUnauthorized(error)) throw error;
      const outcome = outcomeOf(error, attempt, signal);
      outcomes.push(outcome);
      if (stopsAll(error)) stopped = laterOf(error);
    }
  }
  return outcomes;
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof TrackerError && error.code === 'tracker-unauthorized';
}

/** What fails one write and would fail the rest as well: nothing more is sent. */
function stopsAll(error: unknown): boolean {
  if (!(error instanceof TrackerError)) return false;
  return isUnauthorized(error) || error.code === 'tracker-rate-limited' || isUnsent(error);
}

function isUnsent(error: TrackerError): boolean {
  return error.arrived === 'no' && error.status === undefined;
}

function laterOf(error: unknown): WriteOutcome {
  const resumeAt = error instanceof TrackerError ? error.resumeAt : undefined;
  return { kind: 'later', reason: messageOf(error), ...(resumeAt === undefined ? {} : { resumeAt }) };
}

function outcomeOf(error: unknown, attempt: Attempt, signal: AbortSignal): WriteOutcome {
  if (attempt.done) return { kind: 'unknown', reason: `A part of it was written, then: ${messageOf(error)}` };
  if (error instanceof TrackerError) {
    if (isUnauthorized(error) || error.code === 'tracker-rate-limited') return laterOf(error);
    const code = refusalCode(error);
    if (code !== undefined) return { kind: 'refused', code, reason: error.message };
    if (!attempt.sent || isUnsent(error)) return laterOf(error);
    if (error.arrived === 'maybe') return { kind: 'unknown', reason: error.message };
    return { kind: 'refused', code: 'refused', reason: error.message };
  }
  if (error instanceof AppError) return { kind: 'refused', code: error.code, reason: error.message };
  if (!signal.aborted) throw error;
  return attempt.sent
    ? { kind: 'unknown', reason: 'The run was stopped during this write.' }
    : laterOf(error);
}

/** 410 is a deleted issue, or issues that are switched off for the whole repository. */
function refusalCode(error: TrackerError): string | undefined {
  if (error.status === 410 && /disabled/i.test(error.message)) return 'issues-disabled';
  return REFUSALS[error.status ?? 0];
}

function writeOne(
  project: GithubProject,
  write: IssueWrite,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  switch (write.kind) {
    case 'create':
      return createIssue(project, write, attempt, signal);
    case 'update':
      return updateIssue(project, write, attempt, signal);
    case 'comment':
      return addComment(project, write, attempt, signal);
    case 'place':
      return placeIssue(project, write, attempt, signal);
  }
}

async function createIssue(
  project: GithubProject,
  write: Extract<IssueWrite, { kind: 'create' }>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const body = composeBlock(write.block);
  const tooLong = longerThanAllowed(write.title, body);
  if (tooLong !== undefined) return tooLong;
  attempt.sent = true;
  const json = { title: write.title, body, labels: write.labels };
  const path = `${project.path}/issues`;
  const answer = await project.send({ method: 'POST', path, json, createsContent: true }, signal);
  const wire = dataOf(answer, GithubIssue, 'create an issue', project.clock.now());
  const issue = issueOf(wire, project.format);
  learnIssue(project, wire);
  const warnings = [];
  if (issue.block.kind !== 'present' || issue.block.mark !== write.block.mark)
    warnings.push('The hidden mark is missing in the new issue: it could not be found again by it.');
  const has = new Set(issue.labels.map((label) => label.toLowerCase()));
  const dropped = write.labels.filter((label) => !has.has(label.toLowerCase()));
  if (dropped.length > 0)
    warnings.push(`Labels were dropped, which GitHub does without push access: ${dropped.join(', ')}.`);
  return { kind: 'written', issue, ...(warnings.length > 0 ? { warnings } : {}) };
}

async function addComment(
  project: GithubProject,
  write: Extract<IssueWrite, { kind: 'comment' }>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const body = composeComment(write.text, write.mark);
  const tooLong = longerThanAllowed(undefined, body);
  if (tooLong !== undefined) return tooLong;
  attempt.sent = true;
  const path = `${issuePath(project, write.ref.key)}/comments`;
  const answer = await project.send({ method: 'POST', path, json: { body }, createsContent: true }, signal);
  dataOf(answer, GithubComment, 'comment on an issue', project.clock.now());
  return { kind: 'written' };
}
