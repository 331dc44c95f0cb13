import type { RecordedRequest } from '../shared/record.ts';
import { newAnswering } from '../shared/answering.ts';
import type { Answering, WireRequest } from '../shared/answering.ts';
import type { Api } from './api.ts';
import type { Switchboard } from './knobs.ts';
import { pageAt } from './pages.ts';
import { newIds, type State } from './state.ts';

const PREFIX = '/api/v3';

export function newSite(
  state: State,
  knobs: Switchboard,
  api: Api,
  keep: (record: RecordedRequest) => void,
): Answering {
  const site = {
    now: () => state.now(),
    locate,
    accountOf: (request: WireRequest) => api.callerOf(request)?.account?.login,
    respond: (request: WireRequest) => api.respond(request),
    headers: () => ({ server: 'GitHub.com', 'x-github-request-id': requestId() }),
    page: (path: string) => pageAt(state, path),
  };
  return newAnswering(site, knobs, keep);

  function requestId(): string {
    const hex = newIds(state, 'Q').id.toString(16).toUpperCase();
    return `${hex.slice(-4)}:${hex}:${hex}:${hex}`;
  }
}

/** REST is found below `/api/v3` and directly; GraphQL at `/api/graphql`. */
function locate(pathname: string): { prefix: string; path: string } {
  if (pathname === '/api/graphql') return { prefix: '', path: '/graphql' };
  const isVersioned = pathname.startsWith(`${PREFIX}/`) || pathname === PREFIX;
  return isVersioned
    ? { prefix: PREFIX, path: pathname.slice(PREFIX.length) }
    : { prefix: '', path: pathname };
}
