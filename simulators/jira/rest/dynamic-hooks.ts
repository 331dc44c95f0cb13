import { badInput, forbidden } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { clausesOf, parseJql } from '../jql.ts';
import { Refusal } from '../../shared/answers.ts';
import type { Hook } from '../notices.ts';
import type { ApiRequest, Fields } from '../request.ts';
import { isFields, textOr, texts } from '../request.ts';
import { newId } from '../state.ts';
import { pageOf } from './pages.ts';
import { route } from './route.ts';

const LIFE_MS = 30 * 86_400_000;
const LIMIT = 5;
const FIELDS = ['project', 'issuekey', 'issuetype', 'status', 'priority', 'assignee', 'reporter'];

/** Webhooks that an OAuth app registers for itself: they end after 30 days and are signed with its client secret. */
export const dynamicHookRoutes = [
  route('GET /webhook', list, 'cloud'),
  route('POST /webhook', register, 'cloud'),
  route('DELETE /webhook', remove, 'cloud'),
  route('PUT /webhook/refresh', refresh, 'cloud'),
];

/** The app that calls; API tokens and passwords belong to none. */
function appOf({ caller }: ApiRequest): string {
  const clientId = caller.credential?.clientId;
  if (clientId === undefined) throw forbidden('Only Connect and OAuth 2.0 apps can use this operation.');
  return clientId;
}

function own(request: ApiRequest): Hook[] {
  const clientId = appOf(request);
  const { state, caller } = request;
  return state.hooks.filter((each) => each.clientId === clientId && each.lastUpdatedBy === caller.user);
}

function alive(request: ApiRequest): Hook[] {
  const now = request.state.now();
  return own(request).filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
}

function list(request: ApiRequest): Answer {
  return pageOf(request, alive(request), (hook) => ({
    id: hook.id,
    url: hook.url,
    jqlFilter: hook.jql,
    events: hook.events,
    expirationDate: hook.expiresAt?.getTime() ?? 0,
    ...(hook.fieldIds.length === 0 ? {} : { fieldIdsFilter: hook.fieldIds }),
    ...(hook.propertyKeys.length === 0 ? {} : { issuePropertyKeysFilter: hook.propertyKeys }),
  }));
}

/** One result for each that was asked for, good or bad. */
function register(request: ApiRequest): Answer {
  const { state, body, caller } = request;
  const clientId = appOf(request);
  const { url, webhooks } = { url: body['url'], webhooks: body['webhooks'] };
  if (typeof url !== 'string' || !URL.canParse(url)) throw badInput('The url is not valid.');
  if (!Array.isArray(webhooks) || webhooks.length === 0)
    throw badInput('There are no webhooks in the request.');
  const { user } = caller;
  if (user === undefined) throw forbidden('There is no user.');
  const results = webhooks.map((each): Fields => {
    const wish = isFields(each) ? each : {};
    const fault = faultOf(request, wish);
    if (fault !== undefined) return { errors: [fault] };
    const hook: Hook = {
      id: newId(state),
      kind: 'dynamic',
      name: '',
      url,
      events: texts(wish['events']) ?? [],
      jql: textOr(wish['jqlFilter'], ''),
      excludeBody: false,
      enabled: true,
      clientId,
      expiresAt: new Date(state.now().getTime() + LIFE_MS),
      fieldIds: texts(wish['fieldIdsFilter']) ?? [],
      propertyKeys: texts(wish['issuePropertyKeysFilter']) ?? [],
      lastUpdated: state.now(),
      lastUpdatedBy: user,
      deliveries: [],
    };
    state.hooks.push(hook);
    return { createdWebhookId: hook.id };
  });
  return { status: 200, json: { webhookRegistrationResult: results } };
}

/** Only some fields and operators can filter deliveries. */
function faultOf(request: ApiRequest, wish: Fields): string | undefined {
  if (alive(request).length >= LIMIT)
    return `The number of registered webhooks exceeds the limit of ${LIMIT}.`;
  if ((texts(wish['events']) ?? []).length === 0) return 'There are no events.';
  const clauses = clauseListOf(textOr(wish['jqlFilter'], ''));
  if (typeof clauses === 'string') return clauses;
  const bad = clauses.find(
    ({ field }) => !FIELDS.includes(field.toLowerCase()) && !/^(issue\.property|cf)\[/.test(field),
  );
  if (bad !== undefined) return `The clause ${bad.field} is unsupported`;
  const odd = clauses.find(({ operator }) => !['=', '!=', 'in', 'not in'].includes(operator));
  return odd === undefined ? undefined : `The operator ${odd.operator} is unsupported`;
}

function clauseListOf(jql: string): ReturnType<typeof clausesOf> | string {
  try {
    return clausesOf(parseJql(jql).where);
  } catch (error) {
    if (error instanceof Refusal) return 'The jqlFilter is not valid.';
    throw error;
  }
}

function idsOf({ body }: ApiRequest): string[] {
  const ids = texts(body['webhookIds']);
  if (ids === undefined || ids.length === 0) throw badInput('webhookIds must not be empty');
  return ids;
}

function remove(request: ApiRequest): Answer {
  const ids = idsOf(request);
  const gone = own(request).filter(({ id }) => ids.includes(String(id)));
  request.state.hooks = request.state.hooks.filter((each) => !gone.includes(each));
  return { status: 202 };
}

/** Gives them another 30 days; one that has ended cannot come back. */
function refresh(request: ApiRequest): Answer {
  const ids = idsOf(request);
  const found = alive(request).filter(({ id }) => ids.includes(String(id)));
  if (found.length === 0) throw badInput('No webhook with these ids exists.');
  const expiresAt = new Date(request.state.now().getTime() + LIFE_MS);
  for (const hook of found) hook.expiresAt = expiresAt;
  return { status: 200, json: { expirationDate: expiresAt.getTime() } };
}
