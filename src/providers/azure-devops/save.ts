import type { Issue, Unwritten, WriteOutcome } from '../../domain/issue.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusedBy } from './answers.ts';
import type { Refused } from './answers.ts';
import { issueOf } from './convert.ts';
import { PARENT, STATE, TAGS } from './plan.ts';
import type { FieldChange } from './plan.ts';
import { ask } from './project.ts';
import type { AzurePlace } from './project.ts';
import { PRIORITY, SEVERITY } from './rating.ts';
import { itemPath } from './read.ts';
import { AzureWorkItem } from './wire.ts';

export const PATCH_TYPE = 'application/json-patch+json';

/** A step of a JSON Patch document. https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/update */
interface Operation {
  op: 'test' | 'add' | 'replace';
  path: string;
  value: string | number | { rel: string; url: string };
}

/** Every change of what is there tests the revision it was decided on. */
export function operationsOf(fields: readonly FieldChange[], rev?: string): readonly Operation[] {
  const test: readonly Operation[] =
    rev === undefined ? [] : [{ op: 'test', path: '/rev', value: Number(rev) }];
  return [...test, ...fields.map(operationOf)];
}

function operationOf({ op, field, value }: FieldChange): Operation {
  return field === PARENT
    ? { op: 'add', path: '/relations/-', value: { rel: PARENT, url: String(value) } }
    : { op, path: `/fields/${field}`, value };
}

/** Another revision than the one that was tested. */
export function isStale(status: number): boolean {
  return status === 412 || status === 409;
}

const NAMES: Readonly<Record<string, Unwritten['field']>> = {
  [PRIORITY]: 'priority',
  [SEVERITY]: 'priority',
  [STATE]: 'status',
  [TAGS]: 'labels',
};

/**
 * What of a save the rules of the type refuse and the rest can do without. A rule about another field may come from the
 * new state, which then asks for something that we cannot fill in. Undefined: the whole is refused.
 */
function refusedPart(
  status: number,
  refused: Refused,
  fields: readonly FieldChange[],
): FieldChange | undefined {
  const named = (name: string): FieldChange | undefined => fields.find(({ field }) => field === name);
  if (refused.typeKey === 'WorkItemTagLimitExceededException' || /\bTF401289\b/.test(refused.words))
    return named(TAGS);
  // Not found, or not to be linked: the parent, since everything else is the new work item's own.
  if (refused.typeKey !== 'RuleValidationException') return named(PARENT);
  if (status !== 400) return undefined;
  for (const field of [PRIORITY, SEVERITY]) if (refused.fields.includes(field)) return named(field);
  if (refused.fields.includes(TAGS)) return named(TAGS);
  return named(STATE);
}

function unwrittenOf({ field, value }: FieldChange, { words }: Refused): Unwritten {
  const what = NAMES[field] ?? 'status';
  return {
    field: what,
    code: what === 'status' ? 'no-path' : 'needs-mapping',
    reason: `Azure DevOps does not take "${String(value)}" as ${what} (${words}). Correct the mapping, or change the process or the permissions.`,
  };
}

/** A refusal with one of these may be about a part of the save. */
const PART_OF = new Set([400, 403, 404]);

/** What became of a save that may leave out what the rules refuse. */
export type Saved =
  | {
      kind: 'saved';
      answer: TrackerResponse;
      unwritten: readonly Unwritten[];
      /** The save has put it under its parent. */
      isUnder: boolean;
    }
  | { kind: 'nothing-left'; unwritten: readonly Unwritten[] };

/** Send a save, and again without what its refusal names. The answer may still be a refusal of the rest. */
export async function saveTolerantly(
  send: (fields: readonly FieldChange[]) => Promise<TrackerResponse>,
  wanted: readonly FieldChange[],
): Promise<Saved> {
  let fields = wanted;
  const unwritten: Unwritten[] = [];
  for (;;) {
    const answer = await send(fields);
    const refused = refusedBy(answer.status, answer.json);
    const part = PART_OF.has(answer.status) ? refusedPart(answer.status, refused, fields) : undefined;
    const isUnder = fields.some(({ field }) => field === PARENT);
    if (part === undefined) return { kind: 'saved', answer, unwritten, isUnder };
    if (part.field !== PARENT) unwritten.push(unwrittenOf(part, refused));
    fields = fields.filter((each) => each !== part);
    if (fields.length === 0) return { kind: 'nothing-left', unwritten };
  }
}

/** One save of a work item that is there. */
export async function sendPatch(
  place: AzurePlace,
  id: string,
  fields: readonly FieldChange[],
  rev: string,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<TrackerResponse> {
  attempt.sent = true;
  const headers = { 'content-type': PATCH_TYPE };
  const path = itemPath(place, id);
  return ask(place, { method: 'PATCH', path, headers, json: operationsOf(fields, rev) }, signal);
}

/** The work item in the answer of a save. */
export function savedIssue(
  place: AzurePlace,
  answer: TrackerResponse,
  what: string,
  signal: AbortSignal,
): Promise<Issue> {
  return issueOf(place, dataOf(answer, AzureWorkItem, what, place.clock.now()), signal);
}

/** What a save came to, with what it had to leave out. */
export function writtenOf(
  issue: Issue,
  unwritten: readonly Unwritten[],
  wantedLabels: readonly string[],
  mark?: string,
): WriteOutcome {
  const has = new Set(issue.labels.map((label) => label.toLowerCase()));
  const isKnown = unwritten.some(({ field }) => field === 'labels');
  const dropped = isKnown ? [] : wantedLabels.filter((label) => !has.has(label.toLowerCase()));
  const reason = `Azure DevOps set no such tag: ${dropped.join(', ')}. The account needs the permission "Create tag definition".`;
  const all: readonly Unwritten[] =
    dropped.length === 0 ? unwritten : [...unwritten, { field: 'labels', code: 'label-dropped', reason }];
  const warnings = all.map((each) => each.reason);
  if (mark !== undefined && (issue.block.kind !== 'present' || issue.block.mark !== mark))
    warnings.push('The mark is missing in the new work item: it could not be found again by it.');
  return {
    kind: 'written',
    issue,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(all.length > 0 ? { unwritten: all } : {}),
  };
}
