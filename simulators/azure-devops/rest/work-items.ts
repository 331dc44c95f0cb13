import { itemOf, needProject, needRole, needWrite } from '../access.ts';
import { isAdministrator } from '../accounts.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalidProperty, list, noSuchItem, ok, refuse } from '../answers.ts';
import { asText } from '../as-text.ts';
import type { Draft } from '../draft.ts';
import { draftOf, newDraft, typeOf } from '../draft.ts';
import { destroy, recycle, save, settle } from '../item-acts.ts';
import { applyPatch } from '../patch.ts';
import { mirror } from '../relations.ts';
import type { ApiRequest } from '../request.ts';
import { bodyOf, flagOf, listOf, numberParam, param, queryOf, textsOf } from '../request.ts';
import { checkLimits, checkRules } from '../rules.ts';
import { deletedShape, itemShape, itemUrl, updateShape } from '../shapes.ts';
import type { Revision, WorkItem } from '../state.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';
import { choiceOf, viewOf } from './views.ts';

const PATCH = { accepts: 'application/json-patch+json' };
const READ = 'vso.work';
const WRITE = 'vso.work_write';
const BATCH_LIMIT = 200;
/** They are numbered from 1. */
const POLICIES = ['', 'fail', 'omit'];

export const workItemRoutes: readonly Route[] = [
  route('POST wit/workitems/$:type', WRITE, create, PATCH),
  // Only `$batch` creates by PATCH.
  route('PATCH wit/workitems/$:type', WRITE, create, PATCH),
  route('GET wit/workitems/$:type', READ, template),
  route('GET wit/workitems/:id', READ, (request) => {
    const item = itemOf(request, numberParam(request, 'id'));
    const view = viewOf(request);
    return ok(itemShape(request.root, item, { ...view, links: queryOf(request, 'fields') === undefined }));
  }),
  route('PATCH wit/workitems/:id', WRITE, update, PATCH),
  route('DELETE wit/workitems/:id', WRITE, remove),
  route('GET wit/workitems', READ, (request) => {
    const ids = listOf(request, 'ids');
    if (ids === undefined) throw invalidProperty('Value cannot be null. Parameter name: ids');
    const policy = queryOf(request, 'errorPolicy');
    return many(request, ids.map(Number), policy, listOf(request, 'fields'), queryOf(request, '$expand'));
  }),
  route('POST wit/workitemsbatch', READ, (request) => {
    const body = bodyOf(request);
    const ids = Array.isArray(body['ids']) ? body['ids'].map(Number) : [];
    const expand = body['$expand'] === undefined ? undefined : asText(body['$expand']);
    const policy = body['errorPolicy'] === undefined ? undefined : asText(body['errorPolicy']);
    return many(request, ids, policy, textsOf(body['fields']), expand);
  }),
  route('POST wit/workitemsdelete', WRITE, removeMany),
  route('GET wit/workitems/:id/updates', READ, (request) => {
    const item = itemOf(request, numberParam(request, 'id'));
    return list(paged(request, item.updates).map((each) => updateShape(request.root, item, each)));
  }),
  route('GET wit/workitems/:id/updates/:number', READ, (request) => {
    const item = itemOf(request, numberParam(request, 'id'));
    const found = item.updates.find(({ id }) => id === numberParam(request, 'number'));
    if (found === undefined) throw noSuchItem(item.id);
    return ok(updateShape(request.root, item, found));
  }),
  route('GET wit/workitems/:id/revisions', READ, (request) => {
    const item = itemOf(request, numberParam(request, 'id'));
    return list(paged(request, item.revisions).map((each) => revisionShape(request, each)));
  }),
  route('GET wit/workitems/:id/revisions/:number', READ, (request) => {
    const item = itemOf(request, numberParam(request, 'id'));
    const found = item.revisions.find(({ rev }) => rev === numberParam(request, 'number'));
    if (found === undefined) throw noSuchItem(item.id);
    return ok(revisionShape(request, found));
  }),
];

function create(request: ApiRequest): Answer {
  const project = needProject(request);
  const draft = newDraft(project, typeOf(project, param(request, 'type')));
  return saved(request, draft);
}

function update(request: ApiRequest): Answer {
  return saved(request, draftOf(itemOf(request, numberParam(request, 'id'))));
}

/** Does the patch of the request on a draft and, unless it is only a rehearsal, saves it. */
function saved(request: ApiRequest, draft: Draft): Answer {
  const { state, knobs, organization, caller, root } = request;
  applyPatch({ state, knobs, markdown: organization.kind === 'services' }, draft, request.body);
  if (draft.item !== undefined) needWrite(request, draft.item.project, draft.item.fields);
  needWrite(request, draft.project, draft.fields);
  const bypass = flagOf(request, 'bypassRules');
  if (bypass) needRole(request, draft.project, 'administrator', 'Bypass rules on work item updates');
  settle(state, draft, caller.account);
  if (!bypass) checkRules(draft);
  checkLimits(draft);
  const view = viewOf(request);
  if (flagOf(request, 'validateOnly')) {
    const { item, fields, formats, relations, project } = draft;
    const shown = { id: item?.id ?? -1, rev: item?.rev ?? 0, fields, formats, relations, project };
    return ok(itemShape(root, shown, view));
  }
  const silent = flagOf(request, 'suppressNotifications') && isAdministrator(organization, caller.account);
  const before = draft.item?.relations.slice() ?? [];
  const item = save(state, draft, caller.account, silent);
  mirror(state, item, caller.account, before, (id) => itemUrl(root, item.project, id));
  return ok(
    itemShape(root, item, { ...view, relations: view.relations || view.fields === undefined, links: true }),
  );
}

function template(request: ApiRequest): Answer {
  const project = needProject(request);
  const draft = newDraft(project, typeOf(project, param(request, 'type')));
  settle(request.state, draft, request.caller.account);
  const { fields, formats, relations } = draft;
  return ok(
    itemShape(request.root, { id: -1, rev: 0, fields, formats, relations, project }, viewOf(request)),
  );
}

function remove(request: ApiRequest): Answer {
  const item = itemOf(request, numberParam(request, 'id'));
  return ok(removed(request, item, flagOf(request, 'destroy')));
}

function removeMany(request: ApiRequest): Answer {
  const body = bodyOf(request);
  const ids = Array.isArray(body['ids']) ? body['ids'].map(Number) : [];
  const results = ids.map((id) => removed(request, itemOf(request, id), body['destroy'] === true));
  return ok({ results });
}

function removed(request: ApiRequest, item: WorkItem, forever: boolean): Record<string, unknown> {
  needWrite(request, item.project, item.fields);
  if (forever) needRole(request, item.project, 'administrator', 'Permanently delete work items');
  recycle(request.state, item, request.caller.account);
  const shape = deletedShape(request.root, item, !forever);
  if (forever) destroy(item);
  return shape;
}

/** At most 200 work items. One that is not there fails them all, or is `null` where the caller would have it so. */
function many(
  request: ApiRequest,
  ids: readonly number[],
  policy: string | undefined,
  fields: readonly string[] | undefined,
  expand: string | undefined,
): Answer {
  if (ids.length > BATCH_LIMIT)
    throw refuse(
      400,
      'WorkItemsBatchLimitExceededException',
      `VS402642: The number of work items asked for, ${ids.length}, exceeds the limit of ${BATCH_LIMIT}.`,
    );
  if (ids.length === 0 || ids.some((id) => !Number.isInteger(id)))
    throw invalidProperty('The ids of the work items are missing or no numbers.');
  const view = viewOf(request, fields, expand);
  const omits = choiceOf('errorPolicy', POLICIES, policy ?? 'fail') === 'omit';
  const shapes = ids.map((id) => {
    if (omits && !isThere(request, id)) return null;
    return itemShape(request.root, itemOf(request, id), view);
  });
  return list(shapes);
}

function isThere(request: ApiRequest, id: number): boolean {
  try {
    return itemOf(request, id).id === id;
  } catch {
    return false;
  }
}

function revisionShape(request: ApiRequest, revision: Revision): Record<string, unknown> {
  const { rev, project, fields, formats, item } = revision;
  const view = { relations: false, links: false, formats: false };
  const shape = itemShape(request.root, { id: item.id, rev, project, fields, formats, relations: [] }, view);
  return { ...shape, url: `${itemUrl(request.root, project, item.id)}/revisions/${rev}` };
}

function paged<T>(request: ApiRequest, all: readonly T[]): T[] {
  const skip = Number(queryOf(request, '$skip') ?? 0);
  const top = Number(queryOf(request, '$top') ?? BATCH_LIMIT);
  return all.slice(skip, skip + top);
}
