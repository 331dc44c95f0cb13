import type { Answer } from '../shared/answers.ts';
import { Refusal } from '../shared/answers.ts';
import type { WireRequest } from '../shared/answering.ts';
import { projectNamed } from './access.ts';
import type { Caller } from './accounts.ts';
import { callerOf, hasScope } from './accounts.ts';
import { fault, invalidProperty, list, ok, refuse } from './answers.ts';
import { answerToken } from './entra.ts';
import type { Switchboard } from './knobs.ts';
import type { Meter } from './limits.ts';
import { delayHeaders, limitHeaders } from './limits.ts';
import { locationsOf, resourceAreas } from './locations.ts';
import { organizationAt } from './places.ts';
import type { ApiRequest, Fields } from './request.ts';
import { profileOf } from './rest/projects.ts';
import type { Route } from './rest/route.ts';
import { paramsOf } from './rest/route.ts';
import { signIn, signInPage } from './sign-in.ts';
import type { Organization, State } from './state.ts';
import { stamp } from './state.ts';
import { versionOf } from './versions.ts';

const JSON_TYPE = 'application/json; charset=utf-8; api-version=7.1';

export interface Api {
  /** Does what the request asks and says what Azure DevOps says. */
  respond(wire: WireRequest): Answer;
  callerOf(wire: WireRequest): Caller | undefined;
}

export function newApi(
  state: State,
  knobs: Switchboard,
  meter: Meter,
  routes: readonly Route[],
  limits: ApiRequest['limits'],
): Api {
  function respond(wire: WireRequest): Answer {
    const tenant = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(wire.path)?.[1];
    if (tenant !== undefined && wire.method === 'POST') return typed(answerToken(state, tenant, wire.body));
    if (wire.path === '/_signin') return signInPage();
    const caller = callerOf(state, wire.headers['authorization']);
    if (caller === undefined) return signIn(knobs, wire, wire.apiRoot);
    const isWrite = wire.method !== 'GET' && !/(?:wiql|batch|revisions|query)$/i.test(wire.path);
    const blocked = meter.use(caller.account, isWrite);
    if (blocked !== undefined) return typed(blocked);
    return typed(withPace(answered(wire, caller), caller));
  }

  function answered(wire: WireRequest, caller: Caller): Answer {
    try {
      const profile = /^\/_apis\/profile\/profiles\/([^/]+)$/i.exec(wire.path)?.[1];
      if (profile !== undefined) return profileAnswer(wire, caller, profile);
      const organization = organizationAt(state, wire.apiRoot);
      if (organization === undefined) throw noSuchPlace(wire);
      return handled(wire, caller, organization);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  }

  function handled(wire: WireRequest, caller: Caller, organization: Organization): Answer {
    const [, scope = '', path = ''] = /^(.*?)\/_apis(?:\/(.*))?$/i.exec(wire.path.replace(/\/$/, '')) ?? [];
    if (wire.method === 'OPTIONS') return list(locationsOf(organization, path));
    if (/^resourceareas(\/|$)/i.test(path)) return areas(wire.apiRoot, path.split('/')[1]);
    const found = match(wire.method, path);
    if (found === undefined) throw noSuchPlace(wire);
    const { route, params } = found;
    const version = versionOf(wire, organization, route.preview);
    if (route.scope !== undefined && !hasScope(caller, route.scope)) throw notAuthorized(caller);
    checkType(wire, route);
    const request: ApiRequest = {
      state,
      knobs,
      caller,
      organization,
      project: undefined,
      params,
      query: wire.query,
      headers: wire.headers,
      body: bodyOf(wire),
      version,
      root: wire.apiRoot,
      limits,
      again: (method, uri, headers, body) =>
        again(wire, caller, organization, { method, uri, headers, body }),
    };
    const name = scope.split('/')[1];
    if (name === undefined || name === '') return route.handle(request);
    return route.handle({ ...request, project: projectNamed(request, decodeURIComponent(name)) });
  }

  /** One request of a batch: its own version, headers and result. */
  function again(
    outer: WireRequest,
    caller: Caller,
    organization: Organization,
    part: { method: string; uri: string; headers: Fields; body: unknown },
  ): { status: number; json: unknown } {
    const url = new URL(part.uri, outer.apiRoot);
    const prefix = new URL(outer.apiRoot).pathname;
    const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname;
    const headers = Object.entries(part.headers).map(([key, value]) => [key.toLowerCase(), String(value)]);
    const inner: WireRequest = {
      ...outer,
      method: part.method,
      path,
      query: url.searchParams,
      headers: Object.fromEntries(headers),
      body: JSON.stringify(part.body),
    };
    try {
      const { status, json } = handled(inner, caller, organization);
      return { status, json };
    } catch (error) {
      if (error instanceof Refusal) return { status: error.answer.status, json: error.answer.json };
      throw error;
    }
  }

  function match(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
    for (const route of routes) {
      const params =
        route.method === (method === 'HEAD' ? 'GET' : method) ? paramsOf(route, path) : undefined;
      if (params !== undefined) return { route, params };
    }
    return undefined;
  }

  function profileAnswer(wire: WireRequest, caller: Caller, id: string): Answer {
    if (!hasScope(caller, 'vso.profile')) throw notAuthorized(caller);
    if (id.toLowerCase() !== 'me' && id !== caller.account.id) throw noSuchPlace(wire);
    return ok(profileOf(wire.apiRoot, caller.account, stamp(state)));
  }

  function withPace(answer: Answer, { account }: Caller): Answer {
    const seconds = knobs.takeDelay();
    const reset = Math.ceil(state.now().getTime() / 1000) + (seconds ?? 0);
    const pace =
      seconds === undefined
        ? meter.headers(account)
        : { ...limitHeaders(200, 0, reset), ...delayHeaders(seconds) };
    return { ...answer, headers: { ...pace, ...answer.headers } };
  }

  return { respond, callerOf: (wire) => callerOf(state, wire.headers['authorization']) };
}

function areas(root: string, id: string | undefined): Answer {
  const all = resourceAreas(root);
  if (id === undefined) return list(all);
  return ok(all.find((area) => area.id === id.toLowerCase()) ?? null);
}

function typed(answer: Answer): Answer {
  if (answer.json === undefined) return answer;
  return { ...answer, headers: { 'content-type': JSON_TYPE, ...answer.headers } };
}

function bodyOf({ body }: WireRequest): unknown {
  if (body.trim() === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw invalidProperty('The request body is no valid JSON.');
  }
}

function checkType({ method, headers, body }: WireRequest, { accepts = 'application/json' }: Route): void {
  if (body === '') return;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === accepts) return;
  throw refuse(
    415,
    'VssRequestContentTypeNotSupportedException',
    `The request indicated a Content-Type of "${type}" for method type "${method}" which is not supported. Valid content types for this method are: ${accepts}.`,
  );
}

function noSuchPlace({ path, method }: WireRequest): Refusal {
  return new Refusal(
    fault(
      404,
      'VssResourceNotFoundException',
      `The controller for path '${path}' was not found or does not support ${method}.`,
    ),
  );
}

function notAuthorized({ account }: Caller): Refusal {
  return refuse(
    401,
    'UnauthorizedRequestException',
    `TF400813: The user '${account.id}' is not authorized to access this resource.`,
  );
}
