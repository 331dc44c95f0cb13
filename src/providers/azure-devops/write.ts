import { messageOf, TrackerError } from '../../domain/errors.ts';
import type { IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import { writeEach } from '../shared/write-each.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf } from './answers.ts';
import { saveTogether, togetherFrom } from './batch.ts';
import { createItem } from './create.ts';
import { composeComment } from './html-section.ts';
import { COMMENT_LIMIT } from './limits.ts';
import { placeItem } from './place.ts';
import { ask } from './project.ts';
import type { AzurePlace } from './project.ts';
import { commentsPath } from './read.ts';
import { updateItem } from './update.ts';
import { AzureComment } from './wire.ts';

const REFUSALS: Readonly<Record<number, string>> = {
  301: 'moved',
  302: 'moved',
  400: 'invalid',
  403: 'forbidden',
  404: 'not-found',
  405: 'invalid',
  409: 'conflict',
  412: 'conflict',
  413: 'too-long',
  415: 'invalid',
};

/** One outcome for each write, in order. Creates and updates that follow each other go together. */
export function writeAll(
  place: AzurePlace,
  writes: readonly IssueWrite[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const one = singly(place, signal);
  const batch = {
    size: togetherFrom,
    async write(some: readonly IssueWrite[], attempt: Attempt) {
      const outcomes = await saveTogether(place, some, attempt, signal);
      // From here on every save has its own fate.
      const rest = some.filter((_, index) => outcomes[index]?.kind === 'singly');
      const later = [...(await afterwards(place, rest, signal))];
      return outcomes.map((each): WriteOutcome => {
        if (each.kind !== 'singly') return each;
        return later.shift() ?? { kind: 'unknown', reason: 'It was not tried.' };
      });
    },
  };
  return writeEach(writes, { ...one, batch }, signal);
}

function singly(place: AzurePlace, signal: AbortSignal) {
  return {
    write: (write: IssueWrite, attempt: Attempt) => writeOne(place, write, attempt, signal),
    refusalCode: (error: TrackerError) => REFUSALS[error.status ?? 0],
  };
}

/** What a batch could not do. Its other saves are done: refused credentials are no more a reason to throw. */
async function afterwards(
  place: AzurePlace,
  writes: readonly IssueWrite[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  try {
    return await writeEach(writes, singly(place, signal), signal);
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    return writes.map(() => ({ kind: 'later', reason: messageOf(error) }));
  }
}

function writeOne(
  place: AzurePlace,
  write: IssueWrite,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  switch (write.kind) {
    case 'create':
      return createItem(place, write, attempt, signal);
    case 'update':
      return updateItem(place, write, attempt, signal);
    case 'comment':
      return addComment(place, write, attempt, signal);
    case 'place':
      return placeItem(place, write, attempt, signal);
  }
}

/** Without a format the text is HTML. https://learn.microsoft.com/rest/api/azure/devops/wit/comments/add-work-item-comment */
async function addComment(
  place: AzurePlace,
  write: Extract<IssueWrite, { kind: 'comment' }>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const text = composeComment(write.text, write.mark);
  if (text.length > COMMENT_LIMIT)
    return { kind: 'refused', code: 'too-long', reason: 'The comment is longer than Azure DevOps allows.' };
  attempt.sent = true;
  const path = commentsPath(place, write.ref.id);
  const request = { method: 'POST', path, json: { text }, isPreview: true, createsContent: true } as const;
  const answer = await ask(place, request, signal);
  dataOf(answer, AzureComment, 'comment on a work item', place.clock.now());
  return { kind: 'written' };
}
