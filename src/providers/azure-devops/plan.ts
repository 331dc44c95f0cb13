import type { Issue, IssueChange, IssueWrite, Unwritten, WriteOutcome } from '../../domain/issue.ts';
import { ownTag } from './convert.ts';
import { composeSection, replaceSection } from './html-section.ts';
import { BODY_LIMIT, TAG_LENGTH, TAG_LIMIT, TITLE_LIMIT } from './limits.ts';
import type { Held, Where } from './project.ts';
import { ratingFields } from './rating.ts';
import { pathTo, stateNamed, statesFor } from './work-item-type.ts';
import type { WorkItemType } from './work-item-type.ts';

export const STATE = 'System.State';
export const TAGS = 'System.Tags';
const AREA = 'System.AreaPath';
const ITERATION = 'System.IterationPath';

/** Stands for the relation to the parent among the fields of a save; its value is the parent's address in the API. */
export const PARENT = 'System.LinkTypes.Hierarchy-Reverse';

/** One value of a save. */
export interface FieldChange {
  op: 'add' | 'replace';
  field: string;
  value: string | number;
}

/** What has to be saved, and what cannot be. */
export interface Plan {
  fields: readonly FieldChange[];
  /** States to pass through before the last one, which is among `fields`. */
  via: readonly string[];
  unwritten: readonly Unwritten[];
}

type Create = Extract<IssueWrite, { kind: 'create' }>;

/** The fields of every new work item, as the settings say. */
export function placeFields({ areaPath, iterationPath }: Where): readonly FieldChange[] {
  return [
    ...(areaPath === undefined ? [] : [{ op: 'add', field: AREA, value: areaPath } as const]),
    ...(iterationPath === undefined ? [] : [{ op: 'add', field: ITERATION, value: iterationPath } as const]),
  ];
}

/** The fields of a new work item, or why it cannot be one. `parent` is the address of the one to put it under. */
export function planCreate(
  where: Where,
  type: WorkItemType,
  write: Create,
  parent?: string,
): Plan | WriteOutcome {
  const body = composeSection(write.block);
  const refused = tooLong(write.title, body);
  if (refused !== undefined) return refused;
  const own = ownTag(write.block.mark);
  const tags = fittingTags([], own === undefined ? write.labels : [...write.labels, own]);
  const fields: FieldChange[] = [
    { op: 'add', field: 'System.Title', value: write.title },
    { op: 'add', field: type.textField, value: body },
    ...placeFields(where),
  ];
  if (tags.fitting.length > 0) fields.push({ op: 'add', field: TAGS, value: tags.fitting.join('; ') });
  if (write.priority !== undefined) fields.push(...ratingFields(write.priority, where.severityField));
  if (parent !== undefined) fields.push({ op: 'add', field: PARENT, value: parent });
  return { fields, via: [], unwritten: tags.unwritten };
}

/** The smallest save that makes the change, or why none can. */
export function planUpdate(
  where: Where,
  type: WorkItemType,
  held: Held,
  now: Issue,
  change: IssueChange,
): Plan | WriteOutcome {
  const fields: FieldChange[] = [];
  if (change.title !== undefined && change.title !== now.title)
    fields.push({ op: 'add', field: 'System.Title', value: change.title });
  const body = change.block === undefined ? now.body : replaceSection(now.body, change.block);
  if (body === undefined)
    return {
      kind: 'refused',
      code: 'block-damaged',
      reason: 'Our section is damaged or cannot be read; repair the work item by hand.',
    };
  if (body !== now.body) fields.push({ op: 'add', field: held.textField, value: body });
  const refused = tooLong(change.title, body === now.body ? undefined : body);
  if (refused !== undefined) return refused;
  const tags = tagChange(now, held, change);
  if (change.priority !== undefined && change.priority !== now.priority)
    fields.push(...ratingFields(change.priority, where.severityField));
  const status = statusChange(type, now, change);
  return {
    fields: [...fields, ...tags.fields, ...status.fields],
    via: status.via,
    unwritten: [...tags.unwritten, ...status.unwritten],
  };
}

function tooLong(title: string | undefined, body: string | undefined): WriteOutcome | undefined {
  if (title !== undefined && title.length > TITLE_LIMIT) return long('The title', title.length, TITLE_LIMIT);
  if (body !== undefined && body.length > BODY_LIMIT)
    return long('The text, with what people wrote,', body.length, BODY_LIMIT);
  return undefined;
}

function long(what: string, length: number, limit: number): WriteOutcome {
  return {
    kind: 'refused',
    code: 'too-long',
    reason: `${what} would have ${String(length)} characters; Azure DevOps allows ${String(limit)}. Shorten what people wrote.`,
  };
}

function folded(text: string): string {
  return text.toLowerCase();
}

/** Tags one by one: people's own, and the one by which the work item is found, stay. */
function tagChange(
  now: Issue,
  held: Held,
  change: IssueChange,
): { fields: readonly FieldChange[]; unwritten: readonly Unwritten[] } {
  const has = new Set(now.labels.map(folded));
  const surplus = new Set((change.removeLabels ?? []).map(folded));
  const kept = now.labels.filter((label) => !surplus.has(folded(label)));
  const missing = (change.addLabels ?? []).filter((label) => !has.has(folded(label)));
  const before = [...kept, ...held.ownTags];
  const { fitting, unwritten } = fittingTags(before, missing);
  if (fitting.length === 0 && kept.length === now.labels.length) return { fields: [], unwritten };
  const hadNone = now.labels.length + held.ownTags.length === 0;
  const value = [...before, ...fitting].join('; ');
  return { fields: [{ op: hadNone ? 'add' : 'replace', field: TAGS, value }], unwritten };
}

/** `;` and `,` part tags from each other. https://learn.microsoft.com/azure/devops/boards/queries/add-tags-to-work-items */
function fittingTags(
  before: readonly string[],
  wanted: readonly string[],
): { fitting: readonly string[]; unwritten: readonly Unwritten[] } {
  const possible = wanted.filter((tag) => !/[;,]/.test(tag) && tag.length <= TAG_LENGTH);
  const fitting = possible.slice(0, Math.max(0, TAG_LIMIT - before.length));
  const left = wanted.filter((tag) => !fitting.includes(tag));
  if (left.length === 0) return { fitting, unwritten: [] };
  const reason = `These tags cannot be set: ${left.join(', ')}. A tag has no comma or semicolon and at most ${String(TAG_LENGTH)} characters, and a work item at most ${String(TAG_LIMIT)} tags.`;
  return { fitting, unwritten: [{ field: 'labels', code: 'label-refused', reason }] };
}

/** By the mapping's state if it names one, else any state that means it, by the shortest way there is. */
function statusChange(
  type: WorkItemType,
  now: Issue,
  { status }: IssueChange,
): { fields: readonly FieldChange[]; via: readonly string[]; unwritten: readonly Unwritten[] } {
  const nothing = { fields: [], via: [], unwritten: [] };
  if (status === undefined) return nothing;
  const { id, category } = status;
  const named = id === undefined ? undefined : stateNamed(type, id);
  const targets = id === undefined ? statesFor(type, category) : named === undefined ? [] : [named];
  if (targets.length === 0) return { ...nothing, unwritten: [noState(type, id, category)] };
  if (targets.some((target) => folded(target.id) === folded(now.status.id))) return nothing;
  const [path] = targets
    .map((target) => pathTo(type, now.status.id, target.id))
    .filter((way) => way !== undefined)
    .toSorted((one, other) => one.length - other.length);
  const last = path?.at(-1);
  if (path === undefined || last === undefined)
    return { ...nothing, unwritten: [noWay(type, now.status.name, targets[0]?.name ?? '')] };
  return { fields: [{ op: 'add', field: STATE, value: last }], via: path.slice(0, -1), unwritten: [] };
}

function noState(type: WorkItemType, id: string | undefined, category: string): Unwritten {
  const names = type.states.map(({ name }) => name).join(', ');
  const wanted = id === undefined ? `that means ${category}` : `"${id}"`;
  return {
    field: 'status',
    code: 'needs-mapping',
    reason: `The type ${type.name} has no state ${wanted}; it has: ${names}. Correct the status mapping of the integration, or choose another type.`,
  };
}

function noWay(type: WorkItemType, from: string, to: string): Unwritten {
  return {
    field: 'status',
    code: 'no-path',
    reason: `No way of four steps leads from ${from} to ${to} in the type ${type.name}. Add a transition to the process, or change the state by hand.`,
  };
}
