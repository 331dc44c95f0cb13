import { needAdmin, userOf } from '../access.ts';
import { badInput, refuse } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { parseJql } from '../jql.ts';
import type { Hook } from '../notices.ts';
import type { ApiRequest, Fields } from '../request.ts';
import { isFields, param, textOr, texts } from '../request.ts';
import type { Shape } from '../shapes.ts';
import type { User } from '../state.ts';
import { newId } from '../state.ts';
import { route } from './route.ts';

const ADMIN = '/rest/webhooks/1.0/webhook';
const SERVER = '/rest/jira-webhook/1.0/webhooks';

/** Webhooks of administrators: Cloud's resource, and the one that Data Center has since 10.0. */
export const hookRoutes = [
  route(`GET ${ADMIN}`, (request) => list(request, 'admin'), 'cloud'),
  route(`POST ${ADMIN}`, (request) => create(request, 'admin'), 'cloud'),
  route(`GET ${ADMIN}/:hook`, (request) => shown(request, 'admin'), 'cloud'),
  route(`PUT ${ADMIN}/:hook`, (request) => update(request, 'admin'), 'cloud'),
  route(`DELETE ${ADMIN}/:hook`, (request) => remove(request, 'admin'), 'cloud'),
  route(`GET ${SERVER}`, (request) => list(request, 'server'), 'data-center'),
  route(`POST ${SERVER}`, (request) => create(request, 'server'), 'data-center'),
  route(`GET ${SERVER}/:hook`, (request) => shown(request, 'server'), 'data-center'),
  route(`PUT ${SERVER}/:hook`, (request) => update(request, 'server'), 'data-center'),
  route(`DELETE ${SERVER}/:hook`, (request) => remove(request, 'server'), 'data-center'),
  route(`GET ${SERVER}/:hook/statistics`, statistics, 'data-center'),
];

type Kind = 'admin' | 'server';

function list(request: ApiRequest, kind: Kind): Answer {
  needAdmin(request);
  const hooks = request.state.hooks.filter((each) => each.kind === kind);
  return { status: 200, json: hooks.map((each) => shape(request, each)) };
}

function create(request: ApiRequest, kind: Kind): Answer {
  const { state, body } = request;
  const user = needAdmin(request);
  const hook: Hook = {
    id: newId(state),
    kind,
    name: '',
    url: '',
    events: [],
    jql: '',
    excludeBody: false,
    enabled: true,
    fieldIds: [],
    propertyKeys: [],
    lastUpdated: state.now(),
    lastUpdatedBy: user,
    deliveries: [],
  };
  if (typeof body['name'] !== 'string' || typeof body['url'] !== 'string')
    throw badInput('A webhook needs a name and a url.');
  set(hook, body, kind);
  state.hooks.push(hook);
  return { status: 201, json: shape(request, hook) };
}

function update(request: ApiRequest, kind: Kind): Answer {
  const user: User = needAdmin(request);
  const hook = hookOf(request, kind);
  set(hook, request.body, kind);
  hook.lastUpdated = request.state.now();
  hook.lastUpdatedBy = user;
  return { status: 200, json: shape(request, hook) };
}

/** Cloud takes a top-level `secret`; Data Center ignores it and takes `configuration.SECRET`. */
function set(hook: Hook, body: Fields, kind: Kind): void {
  const url = textOr(body['url'], hook.url);
  if (!/^https?:\/\/[^/]+/.test(url)) throw badInput('The url of the webhook is not valid.');
  const filters = isFields(body['filters']) ? body['filters'] : {};
  const jql = textOr(filters['issue-related-events-section'], hook.jql);
  parseJql(jql);
  hook.name = textOr(body['name'], hook.name);
  hook.url = url;
  hook.jql = jql;
  hook.events = texts(body['events']) ?? hook.events;
  const configuration = isFields(body['configuration']) ? body['configuration'] : {};
  const isServer = kind === 'server';
  const secret = isServer ? configuration['SECRET'] : body['secret'];
  if (typeof secret === 'string') hook.secret = secret;
  const enabled = body[isServer ? 'active' : 'enabled'];
  if (typeof enabled === 'boolean') hook.enabled = enabled;
  const excludeBody = isServer ? configuration['EXCLUDE_BODY'] : body['excludeBody'];
  if (excludeBody !== undefined) hook.excludeBody = excludeBody === true || excludeBody === 'true';
}

function shown(request: ApiRequest, kind: Kind): Answer {
  needAdmin(request);
  return { status: 200, json: shape(request, hookOf(request, kind)) };
}

function remove(request: ApiRequest, kind: Kind): Answer {
  needAdmin(request);
  const hook = hookOf(request, kind);
  request.state.hooks = request.state.hooks.filter((each) => each !== hook);
  return { status: 204 };
}

function statistics(request: ApiRequest): Answer {
  userOf(request);
  const { deliveries } = hookOf(request, 'server');
  const good = deliveries.filter(({ statusCode }) => statusCode >= 200 && statusCode < 300).length;
  return { status: 200, json: { counts: { success: good, failure: deliveries.length - good } } };
}

function hookOf(request: ApiRequest, kind: Kind): Hook {
  const id = param(request, 'hook');
  const found = request.state.hooks.find((each) => each.kind === kind && String(each.id) === id);
  if (found === undefined) throw refuse(404, ['The webhook does not exist.']);
  return found;
}

/** Nobody gets a secret back: Cloud says that there is one, Data Center shows stars. */
function shape({ apiRoot, state }: ApiRequest, hook: Hook): Shape {
  const common = {
    name: hook.name,
    url: hook.url,
    events: hook.events,
    filters: { 'issue-related-events-section': hook.jql },
  };
  const user = hook.lastUpdatedBy;
  if (hook.kind === 'server')
    return {
      id: hook.id,
      ...common,
      active: hook.enabled,
      scopeType: 'global',
      configuration: {
        EXCLUDE_BODY: String(hook.excludeBody),
        ...(hook.secret === undefined ? {} : { SECRET: '********' }),
      },
      sslVerificationRequired: true,
    };
  return {
    ...common,
    description: '',
    excludeBody: hook.excludeBody,
    enabled: hook.enabled,
    isSigned: hook.secret !== undefined,
    self: `${apiRoot}${ADMIN}/${hook.id}`,
    lastUpdatedUser: state.flavour === 'cloud' ? user.accountId : user.key,
    lastUpdated: hook.lastUpdated.getTime(),
  };
}
