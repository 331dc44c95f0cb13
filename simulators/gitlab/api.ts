import { createHash } from 'node:crypto';
import { Refusal, type Answer } from '../shared/answers.ts';
import type { WireRequest } from '../shared/answering.ts';
import type { Caller } from './accounts.ts';
import { tokenOf } from './accounts.ts';
import { refuseEarly, unauthorized } from './answers.ts';
import { failure, respondToGraphql } from './graphql.ts';
import type { Switchboard } from './knobs.ts';
import type { Meter } from './limits.ts';
import { exchange, tokenInfo } from './oauth.ts';
import type { ApiRequest, Fields } from './request.ts';
import { isFields } from './request.ts';
import type { Route } from './rest/route.ts';
import { paramsOf } from './rest/route.ts';
import type { State } from './state.ts';
import { stamp } from './state.ts';

export interface Api {
  /** Does what the request asks and says what GitLab says. */
  respond(request: WireRequest): Promise<Answer>;
  callerOf(request: WireRequest): Caller | undefined;
}

const API = '/api/v4';

export function newApi(state: State, knobs: Switchboard, meter: Meter, routes: readonly Route[]): Api {
  async function respond(wire: WireRequest): Promise<Answer> {
    const caller = callerOf(wire) ?? {};
    try {
      if (!wire.apiRoot.endsWith(API)) return await outside(wire);
      return decorated(await rest(wire), caller);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return decorated(error.answer, caller);
    }
  }

  async function outside(wire: WireRequest): Promise<Answer> {
    if (wire.method === 'POST' && wire.path === '/oauth/token')
      return jsonTyped(exchange(state, fieldsOf(wire)));
    if (wire.method === 'GET' && wire.path === '/oauth/token/info') {
      const token = tokenOf(state, wire.headers, wire.query);
      if (typeof token === 'string') throw refuseEarly(401, 'invalid_token');
      return jsonTyped(tokenInfo(state, token));
    }
    if (wire.method === 'POST' && wire.path === '/api/graphql') return askedInGraphql(wire);
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    return { status: 404, text: '<html><h1>404: Page not found</h1></html>', headers };
  }

  /** https://docs.gitlab.com/api/graphql/ */
  async function askedInGraphql(wire: WireRequest): Promise<Answer> {
    const token = tokenOf(state, wire.headers, wire.query);
    if (typeof token === 'string' && token !== 'none') return jsonTyped(failure(401, 'Invalid token'));
    const caller = callerOf(wire) ?? {};
    meter.count(caller);
    const { account, token: own } = caller;
    // A token for less sees no more than a visitor does.
    const reads = own?.scopes.some((scope) => scope === 'api' || scope === 'read_api') ?? false;
    const seen = reads && account !== undefined ? caller : {};
    return decorated(await respondToGraphql(state, seen, fieldsOf(wire)), caller);
  }

  async function rest(wire: WireRequest): Promise<Answer> {
    const method = wire.method === 'HEAD' ? 'GET' : wire.method;
    const caller = enter(wire);
    meter.count(caller);
    const found = match(routes, method, wire.path);
    if (found === undefined) throw refuseEarly(404, '404 Not Found');
    admit(found.route, caller);
    const request: ApiRequest = {
      state,
      caller,
      method,
      path: wire.path,
      query: wire.query,
      params: found.params,
      body: fieldsOf(wire),
      apiRoot: wire.apiRoot,
      knobs,
      spend: (special) => meter.countSpecial(caller, special),
    };
    return conditional(jsonTyped(await found.route.handle(request)), wire, method);
  }

  /** Who comes in; a token that is not good is refused even where visitors are welcome. */
  function enter(wire: WireRequest): Caller {
    const token = tokenOf(state, wire.headers, wire.query);
    switch (token) {
      case 'none':
        return {};
      case 'unknown':
        throw unauthorized();
      case 'revoked':
        throw refuseEarly(401, 'invalid_token', {
          error_description: 'Token was revoked. You have to re-authorize from the user.',
        });
      case 'expired':
        throw refuseEarly(401, 'invalid_token', {
          error_description: 'Token is expired. You can either do re-authorization or token refresh.',
        });
      default:
        token.lastUsedAt = stamp(state);
        return { account: token.account, token };
    }
  }

  function callerOf(wire: WireRequest): Caller | undefined {
    const token = tokenOf(state, wire.headers, wire.query);
    return typeof token === 'string' ? undefined : { account: token.account, token };
  }

  function decorated(answer: Answer, caller: Caller): Answer {
    const { headers } = jsonTyped(answer);
    return { ...answer, headers: { vary: 'Origin', ...meter.headers(caller), ...headers } };
  }

  return { respond, callerOf };
}

/** Visitors only read, and tokens only do what their scopes say. */
function admit(route: Route, { account, token }: Caller): void {
  if (account === undefined || token === undefined) {
    if (route.forVisitors) return;
    throw unauthorized();
  }
  const accepted =
    route.method === 'GET' ? ['api', 'read_api', ...(route.forUserScope ? ['read_user'] : [])] : ['api'];
  if (route.forAnyScope || accepted.some((scope) => token.scopes.includes(scope))) return;
  throw refuseEarly(403, 'insufficient_scope', {
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: accepted.join(' '),
  });
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

/** JSON or a form; the query's parameters count for writes, too. `name[]` is a list. */
function fieldsOf(wire: WireRequest): Fields {
  const inQuery = wire.method === 'GET' ? {} : formFields(wire.query);
  if (wire.body.trim() === '') return inQuery;
  if ((wire.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded'))
    return { ...inQuery, ...formFields(new URLSearchParams(wire.body)) };
  const value = parsed(wire.body);
  if (!isFields(value)) throw refuseEarly(400, 'The request body is not a JSON object');
  if (wire.body.includes('\\u0000')) throw refuseEarly(400, 'string contains null byte');
  return { ...inQuery, ...value };
}

function formFields(form: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return name.endsWith('[]') ? [name.slice(0, -2), values] : [name, values.at(-1)];
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuseEarly(400, 'There was a problem in the JSON you submitted');
  }
}

function jsonTyped(answer: Answer): Answer {
  if (answer.json === undefined) return answer;
  return { ...answer, headers: { 'content-type': 'application/json', ...answer.headers } };
}

/** Gives a good GET its ETag, and 304 to a client that has this very answer already; both count as requests. */
function conditional(answer: Answer, wire: WireRequest, method: string): Answer {
  if (method !== 'GET' || answer.status !== 200) return answer;
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.json)).digest('hex').slice(0, 32)}"`;
  const headers = { ...answer.headers, etag, 'cache-control': 'max-age=0, private, must-revalidate' };
  return wire.headers['if-none-match'] === etag ? { status: 304, headers } : { ...answer, headers };
}
