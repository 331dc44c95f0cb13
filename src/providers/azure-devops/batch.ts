import { messageOf, TrackerError } from '../../domain/errors.ts';
import type { IssueWrite, WriteOutcome } from '../../domain/issue.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { isFresh } from '../shared/changed-meanwhile.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, isSignInPage, refusedBy } from './answers.ts';
import { createPath, typeFor } from './create.ts';
import type { Create } from './create.ts';
import { parentUrl } from './parent.ts';
import { TOGETHER } from './limits.ts';
import { planCreate } from './plan.ts';
import type { FieldChange } from './plan.ts';
import { ask } from './project.ts';
import type { AzurePlace } from './project.ts';
import { itemPath } from './read.ts';
import { operationsOf, PATCH_TYPE, savedIssue, writtenOf } from './save.ts';
import { planFor } from './update.ts';
import type { Update } from './update.ts';
import { AzureBatchAnswers } from './wire.ts';

/** Characters in one request; one save always goes. */
const ROOM = 2_000_000;

/** What has to be looked at by itself: somebody was quicker, a rule refuses a part, a way of several steps. */
type Outcome = WriteOutcome | { kind: 'singly' };

interface Part {
  path: string;
  fields: readonly FieldChange[];
  rev?: string;
  unwritten: Extract<WriteOutcome, { kind: 'written' }>['unwritten'];
  labels: readonly string[];
  mark?: string;
  /** It is put under its parent with this save. */
  isUnder?: boolean;
}

/** How many writes from the first on go together: creates and updates, as long as there is room. */
export function togetherFrom(writes: readonly IssueWrite[]): number {
  let size = 0;
  let count = 0;
  for (const write of writes.slice(0, TOGETHER)) {
    if (write.kind === 'comment' || write.kind === 'place') break;
    size +=
      write.kind === 'create'
        ? write.block.text.length
        : (write.change.block?.text.length ?? 0) + write.seen.body.length;
    if (size > ROOM) break;
    count += 1;
  }
  return count;
}

/**
 * Many saves in one request, each with its own result. What is thrown is about the whole request.
 * https://learn.microsoft.com/azure/devops/integrate/previous-apis/wit/batch
 */
export async function saveTogether(
  place: AzurePlace,
  writes: readonly IssueWrite[],
  attempt: Attempt,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const planned: (Part | Outcome)[] = [];
  for (const write of writes) planned.push(await partOf(place, write, signal));
  const parts = planned.filter(isPart);
  if (parts.length === 0) return planned.flatMap((each) => (isPart(each) ? [] : [each]));
  attempt.sent = true;
  const answer = await ask(place, (version) => requestOf(parts, version), signal);
  // Refused as a whole: nothing was saved, and nobody says which part it was.
  if (isRefused(answer)) return writes.map(() => ({ kind: 'singly' }));
  const { value } = dataOf(answer, AzureBatchAnswers, 'save work items', place.clock.now());
  const outcomes: Outcome[] = [];
  let at = 0;
  for (const each of planned) {
    if (!isPart(each)) outcomes.push(each);
    else {
      outcomes.push(await outcomeOf(place, each, value[at], signal));
      at += 1;
    }
  }
  return outcomes;
}

function isRefused(answer: TrackerResponse): boolean {
  return answer.status >= 400 && answer.status !== 401 && answer.status !== 429 && !isSignInPage(answer);
}

function isPart(planned: Part | Outcome): planned is Part {
  return 'path' in planned;
}

async function partOf(place: AzurePlace, write: IssueWrite, signal: AbortSignal): Promise<Part | Outcome> {
  switch (write.kind) {
    case 'create':
      return createPart(place, write, signal);
    case 'update':
      return updatePart(place, write, signal);
    case 'comment':
    case 'place':
      return { kind: 'singly' };
  }
}

async function createPart(place: AzurePlace, write: Create, signal: AbortSignal): Promise<Part | Outcome> {
  const type = await typeFor(place, write, signal);
  const plan = planCreate(place, type, write, parentUrl(place, write.parent));
  if ('kind' in plan) return plan;
  const { fields, unwritten } = plan;
  const labels = unwritten.length > 0 ? [] : write.labels;
  const isUnder = write.parent !== undefined;
  return { path: createPath(place, type.name), fields, unwritten, labels, mark: write.block.mark, isUnder };
}

async function updatePart(place: AzurePlace, write: Update, signal: AbortSignal): Promise<Part | Outcome> {
  const { seen, change } = write;
  if (!place.held.has(write.ref.id)) return { kind: 'singly' };
  const plan = await planFor(place, seen, change, signal);
  if ('kind' in plan) return isFresh(write, place.clock) ? plan : { kind: 'singly' };
  const { fields, via, unwritten } = plan;
  if (via.length > 0 || fields.length === 0) return { kind: 'singly' };
  const labels = unwritten.some(({ field }) => field === 'labels') ? [] : (change.addLabels ?? []);
  return { path: itemPath(place, write.ref.id), fields, rev: seen.version, unwritten, labels };
}

/** New work items have negative numbers in a batch. */
function requestOf(parts: readonly Part[], version: string) {
  const json = parts.map(({ path, fields, rev }, index) => ({
    method: 'PATCH',
    uri: `${path}?api-version=${version}`,
    headers: { 'Content-Type': PATCH_TYPE },
    body:
      rev === undefined
        ? [{ op: 'add', path: '/id', value: String(-1 - index) }, ...operationsOf(fields)]
        : operationsOf(fields, rev),
  }));
  return { method: 'PATCH', path: '/_apis/wit/$batch', json, createsContent: true, slow: true } as const;
}

const REFUSALS: Readonly<Record<number, string>> = { 403: 'forbidden', 404: 'not-found', 413: 'too-long' };

async function outcomeOf(
  place: AzurePlace,
  part: Part,
  result: { code: number; body?: unknown } | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  if (result === undefined)
    return { kind: 'unknown', reason: 'Azure DevOps gave no result for this part of a batch.' };
  const { code } = result;
  const json = typeof result.body === 'string' ? parsed(result.body) : result.body;
  if (code >= 200 && code < 300) {
    const answer = { status: code, headers: new Headers(), json, text: '' };
    try {
      const issue = await savedIssue(place, answer, 'save a work item', signal);
      const outcome = writtenOf(issue, part.unwritten ?? [], part.labels, part.mark);
      return part.isUnder === true && outcome.kind === 'written'
        ? { ...outcome, placed: { kind: 'child' } }
        : outcome;
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      return { kind: 'unknown', reason: messageOf(error) };
    }
  }
  const { words } = refusedBy(code, json);
  if (code === 400 || code === 409 || code === 412) return { kind: 'singly' };
  // Perhaps only the parent is not there, or not for us.
  if ((code === 403 || code === 404) && part.isUnder === true) return { kind: 'singly' };
  if (code === 401 || code === 429) return { kind: 'later', reason: words };
  if (code >= 500) return { kind: 'unknown', reason: words };
  return { kind: 'refused', code: REFUSALS[code] ?? 'refused', reason: words };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
