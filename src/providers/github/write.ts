import type { TrackerError } from '../../domain/errors.ts';
import type { IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import { composeBlock, composeComment } from '../shared/managed-block.ts';
import { writeEach } from '../shared/write-each.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf } from './answers.ts';
import { issueOf } from './convert.ts';
import { longerThanAllowed } from './longer-than-allowed.ts';
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
export function writeAll(
  project: GithubProject,
  writes: readonly IssueWrite[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const one = {
    write: (write: IssueWrite, attempt: Attempt) => writeOne(project, write, attempt, signal),
    refusalCode,
  };
  return writeEach(writes, one, signal);
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
