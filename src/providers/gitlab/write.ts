import type { TrackerError } from '../../domain/errors.ts';
import type { IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import { composeBlock, composeComment } from '../shared/managed-block.ts';
import { writeEach } from '../shared/write-each.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf } from './answers.ts';
import { issueOf } from './convert.ts';
import { changedText, longerThanAllowed, missingLabels } from './judge.ts';
import { NOTE_LIMIT } from './limits.ts';
import { issuePath } from './project.ts';
import { placeIssue } from './place.ts';
import type { GitlabPlace } from './project.ts';
import { updateIssue } from './update.ts';
import { GitlabIssue, GitlabNote } from './wire.ts';

const REFUSALS: Readonly<Record<number, string>> = {
  301: 'moved',
  302: 'moved',
  307: 'moved',
  308: 'moved',
  400: 'invalid',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'gone',
  413: 'too-long',
  422: 'invalid',
};

/** One outcome for each write, in order: GitLab's API takes one issue a request. */
export function writeAll(
  place: GitlabPlace,
  writes: readonly IssueWrite[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const one = {
    write: (write: IssueWrite, attempt: Attempt) => writeOne(place, write, attempt, signal),
    refusalCode: (error: TrackerError) => REFUSALS[error.status ?? 0],
  };
  return writeEach(writes, one, signal);
}

function writeOne(
  place: GitlabPlace,
  write: IssueWrite,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  switch (write.kind) {
    case 'create':
      return createIssue(place, write, attempt, signal);
    case 'update':
      return updateIssue(place, write, attempt, signal);
    case 'comment':
      return addNote(place, write, attempt, signal);
    case 'place':
      return placeIssue(place, write, attempt, signal);
  }
}

async function createIssue(
  place: GitlabPlace,
  write: Extract<IssueWrite, { kind: 'create' }>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const description = composeBlock(write.block);
  const tooLong = longerThanAllowed(write.title, description);
  if (tooLong !== undefined) return tooLong;
  attempt.sent = true;
  const json = { title: write.title, description, labels: write.labels, issue_type: 'issue' };
  const path = `${place.path}/issues`;
  const answer = await place.send({ method: 'POST', path, json, createsContent: true }, signal);
  const wire = dataOf(answer, GitlabIssue, 'create an issue', place.clock.now());
  const issue = issueOf(wire, place.format);
  const unwritten = missingLabels(issue, write.labels);
  const warnings = [...unwritten.map((each) => each.reason), ...changedText(issue, description)];
  if (issue.block.kind !== 'present' || issue.block.mark !== write.block.mark)
    warnings.push('The hidden mark is missing in the new issue: it could not be found again by it.');
  return {
    kind: 'written',
    issue,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(unwritten.length > 0 ? { unwritten } : {}),
  };
}

async function addNote(
  place: GitlabPlace,
  write: Extract<IssueWrite, { kind: 'comment' }>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const body = composeComment(write.text, write.mark);
  if (body.length > NOTE_LIMIT)
    return { kind: 'refused', code: 'too-long', reason: 'The comment is longer than GitLab allows.' };
  attempt.sent = true;
  const path = `${issuePath(place, write.ref.key)}/notes`;
  const answer = await place.send({ method: 'POST', path, json: { body }, createsContent: true }, signal);
  dataOf(answer, GitlabNote, 'comment on an issue', place.clock.now());
  return { kind: 'written' };
}
