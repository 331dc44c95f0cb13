import type { Issue, IssueChange, IssueWrite, Unwritten, WriteOutcome } from '../../domain/issue.ts';
import { changedMeanwhile, isFresh } from '../shared/changed-meanwhile.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusal, refusalWords } from './answers.ts';
import { issueOf } from './convert.ts';
import { htmlFormat } from './html-format.ts';
import { planUpdate, STATE } from './plan.ts';
import type { FieldChange, Plan } from './plan.ts';
import type { AzurePlace } from './project.ts';
import { askItem } from './read.ts';
import { isStale, savedIssue, saveTolerantly, sendPatch, writtenOf } from './save.ts';
import { AzureWorkItem } from './wire.ts';
import { typeNamed } from './work-item-type.ts';

export type Update = Extract<IssueWrite, { kind: 'update' }>;

/** How often somebody else may have been quicker with something that is not ours to write. */
const TRIES = 4;

/**
 * Change only what is named. Every save tests the revision it was decided on; where somebody was quicker, the work item is
 * read again, and only a change of the same things is `stale`.
 */
export async function updateItem(
  place: AzurePlace,
  write: Update,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  let now = write.seen;
  let isNew = isFresh(write, place.clock);
  if (!place.held.has(write.ref.id)) {
    now = await presentIssue(place, write.ref.id, signal);
    isNew = true;
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (now !== write.seen && changedMeanwhile(write, now, SHOWN)) return { kind: 'stale' };
    const plan = await planFor(place, now, write.change, signal);
    if ('kind' in plan) return plan;
    if (plan.fields.length > 0 || isNew) {
      const outcome = await carryOut(place, now, plan, write.change, attempt, signal);
      if (outcome.kind !== 'stale' || attempt.done) return outcome;
    }
    now = await presentIssue(place, write.ref.id, signal);
    isNew = true;
  }
  return { kind: 'stale' };
}

async function presentIssue(place: AzurePlace, id: string, signal: AbortSignal): Promise<Issue> {
  const answer = await askItem(place, id, signal);
  const wire = dataOf(answer, AzureWorkItem, 'read the work item before writing', place.clock.now());
  return issueOf(place, wire, signal);
}

const SHOWN = {
  title: (text: string) => htmlFormat.canonTitle(text),
  text: ({ block }: Issue) => JSON.stringify(block),
};

/** The save for a change. The work item must have been read by this tracker. */
export async function planFor(
  place: AzurePlace,
  now: Issue,
  change: IssueChange,
  signal: AbortSignal,
): Promise<Plan | WriteOutcome> {
  const held = place.held.get(now.ref.id);
  if (held === undefined) return { kind: 'unknown', reason: 'The work item was not read.' };
  return planUpdate(place, await typeNamed(place, held.type, signal), held, now, change);
}

async function carryOut(
  place: AzurePlace,
  now: Issue,
  { fields, via, unwritten }: Plan,
  change: IssueChange,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const labels = unwritten.some(({ field }) => field === 'labels') ? [] : (change.addLabels ?? []);
  if (fields.length === 0) return writtenOf(now, unwritten, []);
  const walked = await walk(place, now, via, attempt, signal);
  if (walked === 'stale') return { kind: 'stale' };
  const isStuck = 'stuck' in walked;
  const rest = isStuck ? fields.filter(({ field }) => field !== STATE) : fields;
  const here = isStuck ? walked.at : walked;
  const left = isStuck ? [...unwritten, walked.stuck] : unwritten;
  if (rest.length === 0) return writtenOf(here, left, []);
  const saved = await saveTolerantly(
    (some) => sendPatch(place, now.ref.id, some, here.version, attempt, signal),
    rest,
  );
  const all = [...left, ...saved.unwritten];
  if (saved.kind === 'nothing-left')
    return writtenOf(await wayBack(place, now, here, attempt, signal), all, []);
  if (isStale(saved.answer.status)) return { kind: 'stale' };
  const issue = await savedIssue(place, saved.answer, 'change the work item', signal);
  attempt.done = true;
  const isHalfway = via.length > 0 && saved.unwritten.some(({ field }) => field === 'status');
  return writtenOf(isHalfway ? await wayBack(place, now, issue, attempt, signal) : issue, all, labels);
}

/** Go through the states before the last one. */
async function walk(
  place: AzurePlace,
  start: Issue,
  via: readonly string[],
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Issue | 'stale' | { stuck: Unwritten; at: Issue }> {
  let here = start;
  for (const state of via) {
    const answer = await sendPatch(place, start.ref.id, stateField(state), here.version, attempt, signal);
    if (isStale(answer.status)) return 'stale';
    if (answer.status === 400)
      return {
        stuck: {
          field: 'status',
          code: 'no-path',
          reason: `The state "${state}", on the way, was refused (${refusalWords(answer)}). Change the process, or the state by hand.`,
        },
        at: await wayBack(place, start, here, attempt, signal),
      };
    if (answer.status !== 200) throw refusal(answer, 'move the work item', place.clock.now());
    here = await savedIssue(place, answer, 'move the work item', signal);
    attempt.done = true;
  }
  return here;
}

/** A walk that got stuck must not leave the work item halfway, as if somebody had begun to work on it. */
async function wayBack(
  place: AzurePlace,
  start: Issue,
  here: Issue,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Issue> {
  if (here.status.id === start.status.id) return here;
  const answer = await sendPatch(
    place,
    start.ref.id,
    stateField(start.status.id),
    here.version,
    attempt,
    signal,
  );
  return answer.status === 200 ? savedIssue(place, answer, 'move the work item back', signal) : here;
}

function stateField(state: string): readonly FieldChange[] {
  return [{ op: 'add', field: STATE, value: state }];
}
