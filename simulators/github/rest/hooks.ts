import { accountOf, needHooks, repositoryOf } from '../access.ts';
import type { Answer } from '../../shared/answers.ts';
import { invalid, notFound, refuse } from '../answers.ts';
import { configShape, deliveryShape, hookShape, wholeDeliveryShape } from '../hook-shape.ts';
import { page } from '../paging.ts';
import type { Post } from '../post.ts';
import type { ApiRequest, Fields } from '../request.ts';
import { flag, isFields, names, param, text } from '../request.ts';
import type { Hook, HookDelivery, Repository } from '../state.ts';
import { newIds, stamp } from '../state.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

const HOOKS = '/repos/:owner/:repo/hooks';
const HOOK = `${HOOKS}/:hook_id`;
const HOOK_LIMIT = 20;

/** Webhooks of a repository and their deliveries. */
export function hookRoutes(post: Post): Route[] {
  return [
    route(`GET ${HOOKS}`, list),
    route(`POST ${HOOKS}`, (request) => create(request, post)),
    route(`GET ${HOOK}`, (request) => shown(request, hookOf(request, 'read'))),
    route(`PATCH ${HOOK}`, update),
    route(`DELETE ${HOOK}`, remove),
    route(`GET ${HOOK}/config`, (request) => ({ status: 200, json: configShape(hookOf(request, 'read')) })),
    route(`PATCH ${HOOK}/config`, updateConfig),
    route(`POST ${HOOK}/pings`, (request) => {
      post.ping(hookOf(request, 'write'), accountOf(request));
      return { status: 204 };
    }),
    route(`GET ${HOOK}/deliveries`, listDeliveries),
    route(`GET ${HOOK}/deliveries/:delivery_id`, (request) => {
      const hook = hookOf(request, 'read');
      return { status: 200, json: wholeDeliveryShape(hook, deliveryOf(request, hook)) };
    }),
    route(`POST ${HOOK}/deliveries/:delivery_id/attempts`, (request) => {
      const hook = hookOf(request, 'write');
      post.redeliver(hook, deliveryOf(request, hook));
      return { status: 202, json: {} };
    }),
  ];
}

function list(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  needHooks(request, repository, 'read');
  return page(request, repository.hooks, (hook) => hookShape(request.state, hook), repository.id);
}

function create(request: ApiRequest, post: Post): Answer {
  const { state, body } = request;
  const repository = repositoryOf(request);
  needHooks(request, repository, 'write');
  const config = configOf(isFields(body['config']) ? body['config'] : {});
  if (config.url === undefined) throw badHook('url cannot be blank');
  const events = names(body['events'], 'events', 'name') ?? ['push'];
  if (repository.hooks.length >= HOOK_LIMIT)
    throw badHook(`The "${events[0]}" event cannot have more than ${HOOK_LIMIT} hooks`);
  refuseTwin(repository, config.url, events);
  const at = stamp(state);
  const hook: Hook = {
    id: newIds(state, 'H').id,
    repository,
    active: flag(body, 'active') ?? true,
    events,
    config: { content_type: 'form', insecure_ssl: '0', ...config, url: config.url },
    createdAt: at,
    updatedAt: at,
    deliveries: [],
  };
  repository.hooks.push(hook);
  if (hook.active) post.ping(hook, accountOf(request));
  const json = hookShape(state, hook);
  return { status: 201, json, headers: { location: String(json['url']) } };
}

function update(request: ApiRequest): Answer {
  const { body } = request;
  const hook = hookOf(request, 'write');
  const events = names(body['events'], 'events', 'name') ?? hook.events;
  const added = names(body['add_events'], 'add_events', 'name') ?? [];
  const removed = names(body['remove_events'], 'remove_events', 'name') ?? [];
  hook.events = [...new Set([...events, ...added])].filter((event) => !removed.includes(event));
  hook.active = flag(body, 'active') ?? hook.active;
  if (isFields(body['config'])) reconfigure(hook, body['config'], true);
  hook.updatedAt = stamp(request.state);
  return shown(request, hook);
}

function updateConfig(request: ApiRequest): Answer {
  const hook = hookOf(request, 'write');
  reconfigure(hook, request.body, false);
  hook.updatedAt = stamp(request.state);
  return { status: 200, json: configShape(hook) };
}

/** A whole new `config` without a secret takes the secret away; a change of single values keeps it. */
function reconfigure(hook: Hook, fields: Fields, isWhole: boolean): void {
  const { secret, ...kept } = hook.config;
  const base = isWhole || secret === undefined ? kept : { ...kept, secret };
  const { url, ...rest } = configOf(fields);
  hook.config = { ...base, ...rest, url: url ?? hook.config.url };
}

function remove(request: ApiRequest): Answer {
  const hook = hookOf(request, 'write');
  hook.repository.hooks = hook.repository.hooks.filter((each) => each !== hook);
  hook.active = false;
  return { status: 204 };
}

/** Newest first; `cursor` is the id behind which the page starts. */
function listDeliveries(request: ApiRequest): Answer {
  const hook = hookOf(request, 'read');
  const wanted = request.query.get('status');
  const cursor = Number(request.query.get('cursor') ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(cursor)) throw refuse(400, 'Invalid cursor');
  const perPage = Math.min(Number(request.query.get('per_page') ?? 30), request.pageSize);
  const found = hook.deliveries
    .toReversed()
    .filter(
      ({ id, statusCode }) =>
        id < cursor && (wanted === null || isGood(statusCode) === (wanted === 'success')),
    );
  const shownPage = found.slice(0, perPage);
  const last = shownPage.at(-1);
  const json = shownPage.map((delivery) => deliveryShape(hook, delivery));
  if (last === undefined || found.length <= perPage) return { status: 200, json };
  const query = new URLSearchParams(request.query);
  query.set('cursor', String(last.id));
  const link = `<${request.apiRoot}${request.path}?${query.toString()}>; rel="next"`;
  return { status: 200, json, headers: { link } };
}

function isGood(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function hookOf(request: ApiRequest, wanted: 'read' | 'write'): Hook {
  const repository = repositoryOf(request);
  needHooks(request, repository, wanted);
  const hook = repository.hooks.find(({ id }) => id === Number(param(request, 'hook_id')));
  if (hook === undefined) throw notFound();
  return hook;
}

function deliveryOf(request: ApiRequest, hook: Hook): HookDelivery {
  const delivery = hook.deliveries.find(({ id }) => id === Number(param(request, 'delivery_id')));
  if (delivery === undefined) throw notFound();
  return delivery;
}

function shown(request: ApiRequest, hook: Hook): Answer {
  return { status: 200, json: hookShape(request.state, hook) };
}

function configOf(fields: Fields): Partial<Hook['config']> {
  const url = text(fields, 'url');
  if (url !== undefined && !/^https?:\/\/[^/]+/.test(url)) throw badHook('url is not a valid URL');
  const contentType = text(fields, 'content_type');
  const secret = text(fields, 'secret');
  const insecure = fields['insecure_ssl'];
  return {
    ...(url === undefined ? {} : { url }),
    ...(contentType === undefined ? {} : { content_type: contentType === 'json' ? 'json' : 'form' }),
    ...(typeof insecure === 'string' || typeof insecure === 'number'
      ? { insecure_ssl: String(insecure) }
      : {}),
    ...(secret === undefined ? {} : { secret }),
  };
}

/** GitHub refuses a second hook with the same address for the same events. */
function refuseTwin(repository: Repository, url: string, events: readonly string[]): void {
  const twin = repository.hooks.find(
    (hook) => hook.config.url === url && hook.events.toSorted().join() === events.toSorted().join(),
  );
  if (twin !== undefined) throw badHook('Hook already exists on this repository');
}

function badHook(message: string): ReturnType<typeof invalid> {
  return invalid({ resource: 'Hook', field: 'url', code: 'custom', message });
}
