import { TrackerError } from '../../domain/errors.ts';
import type { IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import { writeEach } from '../shared/write-each.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf } from './answers.ts';
import { createIssue, createTogether } from './create.ts';
import type { Create } from './draft.ts';
import { BODY_LIMIT, CREATES_TOGETHER } from './limits.ts';
import { placeIssue } from './place.ts';
import { ensureSignedIn } from './project.ts';
import type { JiraProject } from './project.ts';
import { issuePath } from './read.ts';
import { updateIssue } from './update.ts';
import { JiraComment } from './wire.ts';

const REFUSALS: Readonly<Record<number, string>> = {
  403: 'forbidden',
  404: 'not-found',
  410: 'gone',
  413: 'too-long',
  422: 'invalid',
};

/** One outcome for each write, in order. Creates that follow each other go together. */
export function writeAll(
  project: JiraProject,
  writes: readonly IssueWrite[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  return writeEach(
    writes,
    {
      write: (write, attempt) =>
        provenRefusal(project, () => writeOne(project, write, attempt, signal), signal),
      refusalCode: (error: TrackerError) => REFUSALS[error.status ?? 0],
      batch: {
        size: (rest) => leadingCreates(rest).length,
        async write(some, attempt) {
          const outcomes = await createTogether(project, leadingCreates(some), attempt, signal);
          if (outcomes.every(({ kind }) => kind === 'refused')) await ensureSignedIn(project, signal);
          return outcomes;
        },
      },
    },
    signal,
  );
}

/**
 * Cloud takes a request with a dead token for one of nobody's, and refuses it for a lack of permissions: a refusal counts
 * only while the credentials are good. Throws `tracker-unauthorized` when they are not.
 */
async function provenRefusal(
  project: JiraProject,
  write: () => Promise<WriteOutcome>,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  try {
    const outcome = await write();
    if (outcome.kind === 'refused') await ensureSignedIn(project, signal);
    return outcome;
  } catch (error) {
    if (error instanceof TrackerError && [403, 404].includes(error.status ?? 0))
      await ensureSignedIn(project, signal);
    throw error;
  }
}

function leadingCreates(writes: readonly IssueWrite[]): readonly Create[] {
  const creates: Create[] = [];
  for (const write of writes.slice(0, CREATES_TOGETHER)) {
    if (write.kind !== 'create') break;
    creates.push(write);
  }
  return creates;
}

function writeOne(
  project: JiraProject,
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

async function addComment(
  project: JiraProject,
  write: Extract<IssueWrite, { kind: 'comment' }>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const body = project.markup.comment(write.text, write.mark);
  if (write.text.length > BODY_LIMIT)
    return { kind: 'refused', code: 'too-long', reason: `Jira allows ${String(BODY_LIMIT)} characters.` };
  attempt.sent = true;
  const path = `${issuePath(project, write.ref.id)}/comment`;
  const answer = await project.send({ method: 'POST', path, json: { body }, createsContent: true }, signal);
  dataOf(answer, JiraComment, 'comment on an issue');
  return { kind: 'written' };
}
