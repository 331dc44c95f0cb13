import type { Answer } from '../../shared/answers.ts';
import { newGuid } from '../../shared/courier.ts';
import { needRole, projectOf } from '../access.ts';
import { notFound, refuse, refuseEarly } from '../answers.ts';
import { hookEventShape, hookShape } from '../hook-shape.ts';
import { page } from '../paging.ts';
import type { Post } from '../post.ts';
import type { ApiRequest, Fields } from '../request.ts';
import { actorOf, flag, isFields, param, requiredText, text } from '../request.ts';
import type { Hook, HookEvent, Notice, Project } from '../state.ts';
import { isSince, newId, stamp } from '../state.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

const HOOKS = '/projects/:id/hooks';
const HOOK = `${HOOKS}/:hook_id`;
const HOOK_LIMIT = 100;
const EVENTS_PER_PAGE = 20;
const LOG_DAYS_MS = 7 * 86_400_000;

/** All that a hook can listen to; only pushes if nothing is said. */
const EVENTS = [
  'push_events',
  'issues_events',
  'confidential_issues_events',
  'merge_requests_events',
  'tag_push_events',
  'note_events',
  'confidential_note_events',
  'job_events',
  'pipeline_events',
  'wiki_page_events',
  'deployment_events',
  'feature_flag_events',
  'releases_events',
  'milestone_events',
  'emoji_events',
  'resource_access_token_events',
  'vulnerability_events',
] as const;

/** Webhooks of a project, their log, tests and redelivery. */
export function hookRoutes(post: Post): Route[] {
  return [
    route(`GET ${HOOKS}`, (request) =>
      page(request, hooksOf(request).hooks, (hook) => hookShape(request.state, hook)),
    ),
    route(`POST ${HOOKS}`, create),
    route(`GET ${HOOK}`, (request) => shown(request, hookOf(request))),
    route(`PUT ${HOOK}`, update),
    route(`DELETE ${HOOK}`, remove),
    route(`GET ${HOOK}/events`, listEvents),
    route(`POST ${HOOK}/events/:hook_log_id/resend`, async (request) => {
      const hook = hookOf(request);
      const { statusCode, status } = await post.resend(hook, eventOf(request, hook));
      if (statusCode === 0) throw refuse(422, status);
      return { status: 201, json: { response_status: statusCode } };
    }),
    route(`POST ${HOOK}/test/:trigger`, async (request) => {
      const hook = hookOf(request);
      const { statusCode, status } = await post.test(hook, sampleFor(request, hook.project));
      if (statusCode < 200 || statusCode > 299) throw refuse(422, status);
      return { status: 201, json: { message: '201 Created' } };
    }),
    route(`PUT ${HOOK}/custom_headers/:key`, setHeader),
    route(`DELETE ${HOOK}/custom_headers/:key`, (request) => {
      const hook = hookOf(request);
      hook.customHeaders = hook.customHeaders.filter(({ key }) => key !== param(request, 'key'));
      return { status: 204 };
    }),
  ];
}

function hooksOf(request: ApiRequest): Project {
  const project = projectOf(request);
  needRole(request, project, 'maintainer');
  return project;
}

function create(request: ApiRequest): Answer {
  const { state, body } = request;
  const project = hooksOf(request);
  requiredText(body, 'url');
  if (project.hooks.length >= HOOK_LIMIT)
    throw refuseEarly(422, `Maximum number of project hooks (${HOOK_LIMIT}) exceeded`);
  const hook: Hook = {
    id: newId(state),
    uuid: newGuid(state.random),
    project,
    url: '',
    name: null,
    description: null,
    events: Object.fromEntries(EVENTS.map((name) => [name, name === 'push_events'])),
    enableSslVerification: true,
    token: null,
    signingToken: null,
    customHeaders: [],
    createdAt: stamp(state),
    log: [],
    failures: 0,
    disabledUntil: null,
    disabledForEver: false,
  };
  configure(request, hook);
  project.hooks.push(hook);
  return shown(request, hook, 201);
}

function update(request: ApiRequest): Answer {
  const hook = hookOf(request);
  configure(request, hook);
  return shown(request, hook);
}

/** What is not named stays. A signing token is not even looked at before 19.0: https://docs.gitlab.com/user/project/integrations/webhooks/ */
function configure(request: ApiRequest, hook: Hook): void {
  const { body, state } = request;
  const url = text(body, 'url') ?? hook.url;
  checkUrl(url, request.knobs.blockLocalHooks);
  const signingToken = isSince(state, 19, 0) ? text(body, 'signing_token') : undefined;
  checkSigningToken(signingToken);
  hook.url = url;
  hook.name = text(body, 'name') ?? hook.name;
  hook.description = text(body, 'description') ?? hook.description;
  for (const name of EVENTS) hook.events[name] = flag(body, name) ?? hook.events[name] ?? false;
  hook.enableSslVerification = flag(body, 'enable_ssl_verification') ?? hook.enableSslVerification;
  hook.customHeaders = headersIn(body) ?? hook.customHeaders;
  const token = text(body, 'token');
  if (token !== undefined) hook.token = token === '' ? null : token;
  if (signingToken !== undefined) hook.signingToken = signingToken === '' ? null : signingToken;
}

function checkUrl(url: string, blocksLocal: boolean): void {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) throw refuseEarly(422, 'Invalid url given');
  if (blocksLocal && /^(localhost|127\..*|\[::1\])$/.test(target.hostname))
    throw refuseEarly(422, 'Url is blocked: Requests to localhost are not allowed');
}

function checkSigningToken(token: string | null | undefined): void {
  if (token === undefined || token === null || token === '') return;
  const encoded = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(token)?.[1] ?? '';
  if (Buffer.from(encoded, 'base64').length !== 32)
    throw refuseEarly(422, 'Signing token must be whsec_ followed by 32 bytes in base64');
}

function headersIn(body: Fields): { key: string; value: string }[] | undefined {
  const given = body['custom_headers'];
  if (!Array.isArray(given)) return undefined;
  return given
    .filter(isFields)
    .map((each) => ({ key: requiredText(each, 'key'), value: requiredText(each, 'value') }));
}

function setHeader(request: ApiRequest): Answer {
  const hook = hookOf(request);
  const key = param(request, 'key');
  const value = requiredText(request.body, 'value');
  hook.customHeaders = [...hook.customHeaders.filter((each) => each.key !== key), { key, value }];
  return { status: 200 };
}

function remove(request: ApiRequest): Answer {
  const hook = hookOf(request);
  hook.project.hooks = hook.project.hooks.filter((each) => each !== hook);
  for (const name of EVENTS) hook.events[name] = false;
  return { status: 204 };
}

/** Newest first, of the last seven days, at most twenty on a page. */
function listEvents(request: ApiRequest): Answer {
  const { state } = request;
  const hook = hookOf(request);
  const wanted = request.query.get('status');
  const since = new Date(state.now().getTime() - LOG_DAYS_MS).toISOString();
  const found = hook.log
    .filter(({ statusCode, sentAt }) => sentAt >= since && (wanted === null || isOfKind(statusCode, wanted)))
    .toReversed();
  const perPage = Number(request.query.get('per_page') ?? EVENTS_PER_PAGE);
  if (perPage > EVENTS_PER_PAGE) throw refuseEarly(400, 'per_page does not have a valid value');
  const query = new URLSearchParams(request.query);
  query.set('per_page', String(perPage));
  return page({ ...request, query }, found, hookEventShape);
}

function isOfKind(statusCode: number, kind: string): boolean {
  if (kind === 'successful') return statusCode >= 200 && statusCode < 300;
  if (kind === 'client_failure') return statusCode >= 400 && statusCode < 500;
  if (kind === 'server_failure') return statusCode >= 500 || statusCode === 0;
  return String(statusCode) === kind;
}

function eventOf(request: ApiRequest, hook: Hook): HookEvent {
  const event = hook.log.find(({ id }) => id === Number(param(request, 'hook_log_id')));
  if (event === undefined) throw notFound();
  return event;
}

/** A test needs something to tell of. */
function sampleFor(request: ApiRequest, project: Project): Notice {
  const trigger = param(request, 'trigger');
  if (trigger !== 'issues_events' && trigger !== 'note_events')
    throw refuse(422, 'Ensure the project has at least one commit.');
  const issue = [...project.issues.values()].findLast(
    ({ notes }) => trigger === 'issues_events' || notes.some(({ system }) => !system),
  );
  if (issue === undefined) throw refuse(422, 'Ensure the project has issues.');
  const actor = actorOf(request);
  const note = issue.notes.findLast(({ system }) => !system);
  if (trigger === 'issues_events' || note === undefined)
    return { kind: 'issue', project, actor, action: 'open', issue };
  return { kind: 'note', project, actor, action: 'create', issue, note };
}

function hookOf(request: ApiRequest): Hook {
  const hook = hooksOf(request).hooks.find(({ id }) => id === Number(param(request, 'hook_id')));
  if (hook === undefined) throw notFound();
  return hook;
}

function shown(request: ApiRequest, hook: Hook, status = 200): Answer {
  return { status, json: hookShape(request.state, hook) };
}
