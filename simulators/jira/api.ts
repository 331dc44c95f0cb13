import { Refusal } from '../shared/answers.ts';
import type { Answer } from '../shared/answers.ts';
import type { WireRequest } from '../shared/answering.ts';
import { refuse } from './answers.ts';
import type { Switchboard } from './knobs.ts';
import type { Meter } from './limits.ts';
import type { Caller } from './people.ts';
import { callerOf, countFailure } from './people.ts';
import type { ApiRequest } from './request.ts';
import { isFields } from './request.ts';
import type { Route } from './rest/route.ts';
import { paramsOf } from './rest/route.ts';
import type { State } from './state.ts';

export interface Api {
  /** Does what the request asks and says what Jira says. */
  respond(request: WireRequest): Promise<Answer>;
  callerOf(request: WireRequest): Caller;
}

const GATEWAY = /\/ex\/jira\/([^/]+)$/;

export function newApi(
  state: State,
  knobs: Switchboard,
  meter: Meter,
  routes: readonly Route[],
  pageSize: number,
): Api {
  async function respond(wire: WireRequest): Promise<Answer> {
    const caller = callerOfWire(wire);
    try {
      const answer = await handled(wire, caller);
      return withHeaders(answer, caller);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return withHeaders(error.answer, caller);
    }
  }

  async function handled(wire: WireRequest, caller: Caller): Promise<Answer> {
    greet(wire, caller);
    const versioned = /^\/rest\/api\/(2|3|latest)(\/.*)$/.exec(wire.path);
    const latest = state.flavour === 'cloud' ? '3' : '2';
    const number = versioned?.[1] === 'latest' ? latest : (versioned?.[1] ?? latest);
    if (number === '3' && state.flavour === 'data-center') throw nothingHere();
    const path = versioned?.[2] ?? wire.path;
    const found = match(wire.method, path);
    if (found === undefined) throw nothingHere();
    const json = parsed(wire.body);
    const request: ApiRequest = {
      state,
      caller,
      method: wire.method,
      version: number === '3' ? 3 : 2,
      path,
      query: wire.query,
      params: found.params,
      body: isFields(json) ? json : {},
      json,
      apiRoot: wire.apiRoot,
      knobs,
      pageSize,
    };
    checkScopes(request);
    if (!path.startsWith('/oauth/')) meter.check(request);
    const answer = await found.route.handle(request);
    meter.count(request, answer);
    return answer;
  }

  function match(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
    for (const each of routes) {
      if (each.method !== method || (each.only ?? state.flavour) !== state.flavour) continue;
      const params = paramsOf(each, path);
      if (params !== undefined) return { route: each, params };
    }
    return undefined;
  }

  /** The gateway and Data Center turn a bad credential away; a Cloud site goes on as if there were none. */
  function greet({ apiRoot, headers }: WireRequest, { rejected, user }: Caller): void {
    const gateway = GATEWAY.exec(apiRoot);
    if (gateway !== null && (gateway[1] !== state.cloudId || user === undefined))
      throw new Refusal({
        status: gateway[1] === state.cloudId ? 401 : 404,
        json: { code: 401, message: 'Unauthorized' },
      });
    if (rejected === undefined || state.flavour === 'cloud') return;
    if (rejected === 'captcha')
      throw new Refusal({
        status: 403,
        headers: {
          'x-authentication-denied-reason': 'CAPTCHA_CHALLENGE; login-url=/login.jsp',
          'x-seraph-loginreason': 'AUTHENTICATION_DENIED',
        },
      });
    countFailure(state, headers['authorization']);
    throw refuse(
      401,
      ['You do not have the permission to see the specified issue.', 'Login Required'],
      {},
      {
        'www-authenticate': 'OAuth realm="http%3A%2F%2Fjira.example.com"',
        'x-seraph-loginreason': 'AUTHENTICATED_FAILED',
      },
    );
  }

  function callerOfWire({ headers, apiRoot, path }: WireRequest): Caller {
    const gateway = GATEWAY.test(apiRoot) || path.startsWith('/oauth/');
    return callerOf(state, headers['authorization'], gateway);
  }

  function withHeaders(answer: Answer, caller: Caller): Answer {
    const headers = {
      ...(answer.json === undefined ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
      ...(caller.rejected === undefined ? {} : { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }),
      ...(caller.user === undefined ? {} : meter.headers(caller)),
      ...answer.headers,
    };
    return { ...answer, headers };
  }

  return { respond, callerOf: callerOfWire };
}

/** Scopes of OAuth and scoped tokens: the classic ones. */
function checkScopes({ caller, method, path }: ApiRequest): void {
  const scopes = caller.credential?.scopes;
  if (scopes === undefined || path.startsWith('/oauth/')) return;
  const needed = scopeFor(method, path);
  if (scopes.includes(needed)) return;
  throw new Refusal({ status: 401, json: { code: 401, message: 'Unauthorized; scope does not match' } });
}

const READING_POSTS = /^\/(search|issue\/bulkfetch|changelog\/bulkfetch|jql|permissions)/;

function scopeFor(method: string, path: string): string {
  if (path.startsWith('/webhook')) return 'manage:jira-webhook';
  if (/^\/(myself|user)/.test(path)) return 'read:jira-user';
  if (path.startsWith('/rest/webhooks')) return 'manage:jira-configuration';
  return method === 'GET' || READING_POSTS.test(path) ? 'read:jira-work' : 'write:jira-work';
}

function parsed(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(400, ['There was an error parsing JSON. Check that your request body is valid.']);
  }
}

function nothingHere(): Refusal {
  return new Refusal({
    status: 404,
    text: '<html><head><title>Oops, you&#39;ve found a dead link.</title></head><body></body></html>',
    headers: { 'content-type': 'text/html;charset=UTF-8' },
  });
}
