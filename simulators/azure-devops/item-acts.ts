/** What can happen to a work item, whoever does it: each act is one save, which makes a revision and tells the service hooks. */
import type { Draft } from './draft.ts';
import { textOf } from './draft.ts';
import { execute } from './mentions.ts';
import { findNode } from './project-acts.ts';
import type { Account, Comment, FieldValue, Notice, Relation, State, Update, WorkItem } from './state.ts';
import { isAccount, stamp } from './state.ts';

const STATE_CHANGED = 'Microsoft.VSTS.Common.StateChangeDate';
const CLOSED_AT = 'Microsoft.VSTS.Common.ClosedDate';
const CLOSED_BY = 'Microsoft.VSTS.Common.ClosedBy';
/** They change with every save, so they make none. */
const BOOKKEEPING = new Set(['System.ChangedDate', 'System.ChangedBy', 'System.Rev', 'System.Watermark']);

/** Fills in what follows from the rest: reason, dates, ids of areas, the parent. */
export function settle(state: State, draft: Draft, actor: Account): void {
  const { fields, item, type, project } = draft;
  const before = item === undefined ? undefined : textOf(item.fields, 'System.State');
  const now = textOf(fields, 'System.State');
  if (before !== now) {
    const at = stamp(state);
    if (!draft.touched.has('System.Reason'))
      fields.set('System.Reason', type.reasons[now]?.[0] ?? `Moved to state ${now}`);
    fields.set(STATE_CHANGED, at);
    const isDone = type.states.some(({ name, category }) => name === now && category === 'Completed');
    fields.delete(CLOSED_AT);
    fields.delete(CLOSED_BY);
    if (isDone) fields.set(CLOSED_AT, at).set(CLOSED_BY, actor);
  }
  fields.set('System.TeamProject', project.name).set('System.WorkItemType', type.name);
  const area = findNode(project.areas, textOf(fields, 'System.AreaPath'));
  const iteration = findNode(project.iterations, textOf(fields, 'System.IterationPath'));
  fields.set('System.AreaId', area?.id ?? 0).set('System.IterationId', iteration?.id ?? 0);
  fields.set('System.NodeName', area?.path.split('\\').at(-1) ?? project.name);
  const parent = draft.relations.find(({ rel }) => rel === 'System.LinkTypes.Hierarchy-Reverse');
  if (parent?.target === undefined) fields.delete('System.Parent');
  else fields.set('System.Parent', parent.target);
}

/** Saves a settled draft. What changes nothing is no save: the work item stays as it is. */
export function save(state: State, draft: Draft, actor: Account, silent = false): WorkItem {
  if (draft.item === undefined) return create(state, draft, actor, silent);
  const { item } = draft;
  const changed = differences(item.fields, draft.fields);
  const added = draft.relations.filter((each) => !item.relations.includes(each));
  const removed = item.relations.filter((each) => !draft.relations.includes(each));
  const formatChanged = [...draft.formats].some(([name, format]) => item.formats.get(name) !== format);
  const nothing = Object.keys(changed).length + added.length + removed.length === 0;
  if (nothing && !formatChanged && draft.comment === undefined) return item;
  const former = new Map(item.fields);
  item.project = draft.project;
  item.fields = draft.fields;
  item.formats = draft.formats;
  item.relations = draft.relations;
  const comment = draft.comment === undefined ? undefined : newComment(state, item, actor, draft.comment);
  finish(state, item, actor, {
    former,
    added,
    removed,
    event: 'updated',
    silent,
    ...(comment && { comment }),
  });
  executeTexts(state, draft, item, actor, former);
  return item;
}

function create(state: State, draft: Draft, actor: Account, silent: boolean): WorkItem {
  const { organization } = draft.project;
  const item: WorkItem = {
    id: organization.nextItem,
    project: draft.project,
    rev: 0,
    fields: draft.fields,
    formats: draft.formats,
    relations: draft.relations,
    revisions: [],
    updates: [],
    comments: [],
  };
  organization.nextItem += 1;
  organization.items.set(item.id, item);
  const at = stamp(state);
  item.fields.set('System.Id', item.id).set('System.CreatedDate', at).set('System.CreatedBy', actor);
  const comment = draft.comment === undefined ? undefined : newComment(state, item, actor, draft.comment);
  const { relations: added } = draft;
  const former = new Map<string, FieldValue>();
  finish(state, item, actor, {
    former,
    added,
    removed: [],
    event: 'created',
    silent,
    ...(comment && { comment }),
  });
  executeTexts(state, draft, item, actor, former);
  return item;
}

interface Saved {
  former: ReadonlyMap<string, FieldValue>;
  added: readonly Relation[];
  removed: readonly Relation[];
  event: Notice['event'];
  silent: boolean;
  comment?: Comment;
}

/** One more revision: counts it, remembers it and tells of it. */
function finish(state: State, item: WorkItem, actor: Account, saved: Saved): void {
  const { organization } = item.project;
  item.rev += 1;
  const at = stamp(state);
  const watermark = (organization.log.at(-1)?.watermark ?? 0) + 1;
  item.fields
    .set('System.Rev', item.rev)
    .set('System.Watermark', watermark)
    .set('System.ChangedDate', at)
    .set('System.ChangedBy', actor)
    .set('System.CommentCount', item.comments.filter(({ isDeleted }) => !isDeleted).length);
  if (saved.comment === undefined) item.fields.delete('System.History');
  else item.fields.set('System.History', saved.comment.text);
  const revision = {
    item,
    rev: item.rev,
    watermark,
    at: state.now().toISOString(),
    project: item.project,
    fields: new Map(item.fields),
    formats: new Map(item.formats),
    isDeleted: item.deleted !== undefined,
  };
  item.revisions.push(revision);
  organization.log.push(revision);
  const update: Update = {
    id: item.updates.length + 1,
    rev: item.rev,
    by: actor,
    at,
    fields: differences(saved.former, item.fields, new Set()),
    added: saved.added,
    removed: saved.removed,
  };
  item.updates.push(update);
  if (saved.silent) return;
  state.notify({ event: saved.event, item, actor, update });
  if (saved.comment !== undefined) state.notify({ event: 'commented', item, actor, comment: saved.comment });
}

/** A save that changes nothing but the comments, the links or whether it is deleted. */
export function touch(
  state: State,
  item: WorkItem,
  actor: Account,
  event: Notice['event'],
  comment?: Comment,
): void {
  const former = new Map(item.fields);
  finish(state, item, actor, {
    former,
    added: [],
    removed: [],
    event,
    silent: false,
    ...(comment === undefined ? {} : { comment }),
  });
}

/** Into the recycle bin. */
export function recycle(state: State, item: WorkItem, actor: Account): void {
  item.deleted = { by: actor, at: stamp(state) };
  item.fields.set('System.IsDeleted', true);
  touch(state, item, actor, 'deleted');
}

export function restore(state: State, item: WorkItem, actor: Account): void {
  delete item.deleted;
  item.fields.delete('System.IsDeleted');
  touch(state, item, actor, 'restored');
}

/** For ever: nothing of it is left, not even in the reporting revisions. */
export function destroy(item: WorkItem): void {
  const { organization } = item.project;
  organization.items.delete(item.id);
  organization.log = organization.log.filter((revision) => revision.item !== item);
  for (const other of organization.items.values())
    other.relations = other.relations.filter(({ target }) => target !== item.id);
}

export function newComment(
  state: State,
  item: WorkItem,
  by: Account,
  text: string,
  format: Comment['format'] = 'html',
): Comment {
  const { organization } = item.project;
  const at = stamp(state);
  const comment: Comment = {
    id: organization.nextComment,
    version: 1,
    text,
    format,
    by,
    at,
    modifiedBy: by,
    modifiedAt: at,
    isDeleted: false,
  };
  organization.nextComment += 1;
  item.comments.push(comment);
  return comment;
}

function executeTexts(
  state: State,
  draft: Draft,
  item: WorkItem,
  actor: Account,
  former: ReadonlyMap<string, FieldValue>,
): void {
  for (const name of draft.touched) {
    if (fieldTypeOf(draft, name) !== 'html') continue;
    execute(state, item, actor, name, {
      now: textOf(item.fields, name),
      before: textOf(former, name),
      format: item.formats.get(name) ?? 'html',
      dangers: draft.dangers.get(name) ?? [],
    });
  }
  if (draft.comment === undefined) return;
  const dangers = draft.dangers.get('comment') ?? [];
  execute(state, item, actor, 'comment', { now: draft.comment, before: '', format: 'html', dangers });
}

function fieldTypeOf(draft: Draft, referenceName: string): string | undefined {
  return draft.project.organization.fields.get(referenceName.toLowerCase())?.type;
}

function differences(
  before: ReadonlyMap<string, FieldValue>,
  now: ReadonlyMap<string, FieldValue>,
  ignored: ReadonlySet<string> = BOOKKEEPING,
): Update['fields'] {
  const changes: Record<string, { oldValue?: FieldValue; newValue?: FieldValue }> = {};
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const oldValue = before.get(name);
    const newValue = now.get(name);
    const same =
      isAccount(oldValue) && isAccount(newValue) ? oldValue.id === newValue.id : oldValue === newValue;
    if (same || ignored.has(name) || name === 'System.History') continue;
    changes[name] = {
      ...(oldValue === undefined ? {} : { oldValue }),
      ...(newValue === undefined ? {} : { newValue }),
    };
  }
  return changes;
}
