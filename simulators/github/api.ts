import { createHash } from 'node:crypto';
import { callerOf } from './accounts.ts';
import type { Caller } from './accounts.ts';
import type { Answer } from '../shared/answers.ts';
import { notFound, refuse } from './answers.ts';
import { Refusal } from '../shared/answers.ts';
import { respondToGraphql } from './graphql.ts';
import type { Switchboard } from './knobs.ts';
import type { Meter, Resource } from './limits.ts';
import { fullName } from './repository-acts.ts';
import type { ApiRequest } from './request.ts';
import { isFields } from './request.ts';
import { VERSIONS } from './rest/repositories.ts';
import type { WireRequest } from '../shared/answering.ts';
import type { Route } from './rest/route.ts';
import { paramsOf, route } from './rest/route.ts';
import type { State } from './state.ts';

export interface Api {
  /** Does what the request asks and says what GitHub says. */
  respond(request: WireRequest): Promise<Answer>;
  callerOf(request: WireRequest): Caller | undefined;
}

const OLDEST_VERSION = VERSIONS[0];

export function newApi(
  state: State,
  knobs: Switchboard,
  meter: Meter,
  routes: readonly Route[],
  pageSize: number,
): Api {
  const known = [
    ...routes,
    route('GET /rate_limit', ({ caller, version }) => {
      const answer = meter.overview(caller);
      if (version < '2026-03-10' || !isFields(answer.json)) return answer;
      return { status: 200, json: { resources: answer.json['resources'] } };
    }),
  ];

  async function respond(wire: WireRequest): Promise<Answer> {
    const caller = callerOf(state, wire.headers['authorization']);
    try {
      const version = greet(wire, caller);
      const visitor = caller ?? {};
      const answer = wire.path === '/graphql' ? await graphql(wire, visitor) : rest(wire, visitor, version);
      return withHeaders(answer, wire, visitor, version);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return withHeaders(error.answer, wire, caller ?? {}, OLDEST_VERSION);
    }
  }

  function rest(wire: WireRequest, caller: Caller, version: string): Answer {
    const path = namedPath(state, wire.path);
    const method = wire.method === 'HEAD' ? 'GET' : wire.method;
    const found = match(known, method, path);
    if (found === undefined) throw notFound();
    const write = method !== 'GET';
    const isFree = path === '/rate_limit';
    if (!isFree) meter.check(caller, 'core', write, found.route.creates);
    const request: ApiRequest = {
      state,
      caller,
      method,
      path,
      query: wire.query,
      params: found.params,
      ...bodyOf(wire),
      apiRoot: wire.apiRoot,
      version,
      knobs,
      pageSize,
    };
    const answer = conditional(handled(found.route, request), wire, method);
    if (!isFree && answer.status !== 304)
      meter.count(caller, 'core', write, found.route.creates && answer.status === 201);
    return answer;
  }

  async function graphql(wire: WireRequest, caller: Caller): Promise<Answer> {
    if (!knobs.graphql || wire.method !== 'POST') throw notFound();
    if (caller.account === undefined) throw refuse(401, 'This endpoint requires you to be authenticated.');
    const { body } = bodyOf(wire);
    if (meter.budget(caller, 'graphql').remaining === 0) {
      const message = `API rate limit exceeded for user ID ${caller.account.id}.`;
      return { status: 200, json: { errors: [{ type: 'RATE_LIMITED', message }] } };
    }
    meter.check(caller, 'graphql', false, false);
    meter.count(caller, 'graphql', false, false);
    return respondToGraphql({ state, caller, budget: () => meter.budget(caller, 'graphql') }, body);
  }

  function withHeaders(answer: Answer, wire: WireRequest, caller: Caller, version: string): Answer {
    const resource: Resource = wire.path === '/graphql' ? 'graphql' : 'core';
    const { token } = caller;
    const json =
      answer.status === 204 || answer.status === 304
        ? {}
        : { 'content-type': 'application/json; charset=utf-8' };
    const headers = {
      ...json,
      'x-github-media-type': 'github.v3; format=json',
      'x-github-enterprise-version': 'enterprise-server@3.19.0',
      'x-github-api-version-selected': version,
      ...(answer.status === 401 ? {} : meter.headers(caller, resource)),
      ...(token?.kind === 'classic'
        ? { 'x-oauth-scopes': token.scopes.join(', '), 'x-accepted-oauth-scopes': '' }
        : {}),
      ...(token?.expiresAt === undefined || token.kind === 'installation'
        ? {}
        : { 'github-authentication-token-expiration': expiryText(token.expiresAt) }),
      ...answer.headers,
    };
    return { ...answer, headers };
  }

  return { respond, callerOf: (wire) => callerOf(state, wire.headers['authorization']) };
}

/** Checks what every request must bring; the answer is the API version. */
function greet(wire: WireRequest, caller: Caller | undefined): string {
  if (wire.headers['user-agent'] === undefined)
    throw refuse(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
    );
  if (caller === undefined) throw refuse(401, 'Bad credentials');
  if (caller.disproof !== undefined) throw refuse(caller.disproof.status, caller.disproof.words);
  if (caller.token?.installation?.suspendedAt != null)
    throw refuse(403, 'This installation has been suspended');
  const version = wire.headers['x-github-api-version'] ?? OLDEST_VERSION;
  if (VERSIONS.some((each) => each === version)) return version;
  throw refuse(400, `API version "${version}" is not supported. Supported versions: ${VERSIONS.join(', ')}.`);
}

function handled(found: Route, request: ApiRequest): Answer {
  try {
    return found.handle(request);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function match(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  for (const each of routes) {
    if (each.method !== method) continue;
    const params = paramsOf(each, path);
    if (params !== undefined) return { route: each, params };
  }
  return undefined;
}

/** GitHub also knows repositories by number: `/repositories/7/issues` is `/repos/o/r/issues`. */
function namedPath(state: State, path: string): string {
  const [, first, id, ...rest] = path.split('/');
  if (first !== 'repositories') return path;
  const repository = state.repositories.find((each) => String(each.id) === id);
  return repository === undefined ? path : ['/repos', fullName(repository), ...rest].join('/');
}

function bodyOf(wire: WireRequest): Pick<ApiRequest, 'body' | 'list'> {
  if (wire.body.trim() === '') return { body: {}, list: undefined };
  const value = parsed(wire.body);
  if (Array.isArray(value)) return { body: {}, list: value };
  if (isFields(value)) return { body: value, list: undefined };
  throw refuse(400, 'Body should be a JSON object');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(400, 'Problems parsing JSON');
  }
}

/** Gives a good GET its ETag, and 304 to a client that has this very answer already. */
function conditional(answer: Answer, wire: WireRequest, method: string): Answer {
  if (method !== 'GET' || answer.status !== 200) return answer;
  const hash = createHash('sha256').update(JSON.stringify([answer.json, answer.headers?.['link']]));
  const etag = `W/"${hash.digest('hex')}"`;
  const headers = { ...answer.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
  const held = (wire.headers['if-none-match'] ?? '').split(',').map((each) => bare(each.trim()));
  return held.includes(bare(etag)) ? { status: 304, headers } : { ...answer, headers };
}

function bare(etag: string): string {
  return etag.replace(/^W\//, '');
}

function expiryText(expiresAt: string): string {
  return new Date(expiresAt)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
