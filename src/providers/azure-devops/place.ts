import type { IssueRef, IssueWrite, Placed, WriteOutcome } from '../../domain/issue.ts';
import type { ParentPlacing } from '../../domain/parent.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, isSignInPage, refusal, refusalWords } from './answers.ts';
import { parentUrl } from './parent.ts';
import { PARENT } from './plan.ts';
import { ask } from './project.ts';
import type { AzurePlace } from './project.ts';
import { askItem, itemPath } from './read.ts';
import { isStale, PATCH_TYPE } from './save.ts';
import { AzureRelated, AzureWorkItem } from './wire.ts';

type Place = Extract<IssueWrite, { kind: 'place' }>;
type Related = { rev: number; relations: readonly { rel: string; target: string | undefined }[] };

const RELATED = 'System.LinkTypes.Related';
/** Somebody saved it between our look and our save: so often it is tried again. */
const TRIES = 3;

/** Every work item can have children of any type. https://learn.microsoft.com/azure/devops/boards/queries/link-type-reference */
export async function placingUnder(
  place: AzurePlace,
  parent: IssueRef,
  signal: AbortSignal,
): Promise<ParentPlacing> {
  const answer = await askItem(place, parent.id, signal);
  const { fields } = dataOf(answer, AzureWorkItem, 'read the parent', place.clock.now());
  return { kind: 'child', detail: `Threats are children of their ${fields['System.WorkItemType']}.` };
}

/** Put a work item under another one, or relate them where that is refused: two requests, one where it stands somewhere. */
export async function placeItem(
  place: AzurePlace,
  write: Place,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const item = await relationsOf(place, write.ref, signal);
    const stands = standing(item, write.parent);
    if (stands !== undefined) return { kind: 'written', placed: stands };
    const rel = write.as === 'child' ? PARENT : RELATED;
    const answer = await relate(place, write, rel, item.rev, attempt, signal);
    if (answer.status === 200) return { kind: 'written', placed: { kind: write.as } };
    if (isStale(answer.status)) continue;
    return fallBack(place, write, answer, item.rev, attempt, signal);
  }
  return { kind: 'unknown', reason: 'The work item is saved by others all the time.' };
}

async function fallBack(
  place: AzurePlace,
  write: Place,
  refused: TrackerResponse,
  rev: number,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  if (![400, 403, 404].includes(refused.status) || isSignInPage(refused))
    throw refusal(refused, 'put a work item under its parent', place.clock.now());
  attempt.sent = false;
  const parent = await askItem(place, write.parent.id, signal);
  if (parent.status === 404)
    return {
      kind: 'refused',
      code: 'parent-gone',
      reason: `The parent was not found: ${refusalWords(parent)}`,
    };
  const why = refusalWords(refused);
  if (write.as === 'child') {
    const related = await relate(place, write, RELATED, rev, attempt, signal);
    if (related.status === 200) return { kind: 'written', placed: refusedAs('link', why) };
  }
  return { kind: 'written', placed: refusedAs('mention', why) };
}

function refusedAs(kind: 'link' | 'mention', why: string): Placed {
  const done = kind === 'link' ? 'it is related instead' : 'its text names the parent instead';
  return { kind, reason: `It could not stand under its parent (${why}); ${done}.` };
}

async function relationsOf(place: AzurePlace, ref: IssueRef, signal: AbortSignal): Promise<Related> {
  const request = { method: 'GET', path: itemPath(place, ref.id), query: { $expand: 'relations' } } as const;
  const wire = dataOf(
    await ask(place, request, signal),
    AzureRelated,
    'read the relations of a work item',
    place.clock.now(),
  );
  const relations = (wire.relations ?? []).map(({ rel, url }) => ({
    rel,
    target: /\/workitems\/(\d+)$/i.exec(url)?.[1],
  }));
  return { rev: wire.rev, relations };
}

/** Where the work item stands now; undefined = under none, and not related to this one. */
function standing({ relations }: Related, parent: IssueRef): Placed | undefined {
  const above = relations.find(({ rel }) => rel === PARENT);
  if (above?.target === parent.id) return { kind: 'child' };
  if (above !== undefined)
    return { kind: 'left', reason: `It is a child of ${above.target ?? 'another work item'} already.` };
  return relations.some(({ rel, target }) => rel === RELATED && target === parent.id)
    ? { kind: 'link' }
    : undefined;
}

function relate(
  place: AzurePlace,
  { ref, parent }: Place,
  rel: string,
  rev: number,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<TrackerResponse> {
  attempt.sent = true;
  const json = [
    { op: 'test', path: '/rev', value: rev },
    { op: 'add', path: '/relations/-', value: { rel, url: parentUrl(place, parent) } },
  ];
  const headers = { 'content-type': PATCH_TYPE };
  return ask(place, { method: 'PATCH', path: itemPath(place, ref.id), headers, json }, signal);
}
