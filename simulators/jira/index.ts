import { loopback } from '../shared/net.ts';
import type { Net } from '../shared/net.ts';
import type { RecordedRequest } from '../shared/record.ts';
import { newAnswering } from '../shared/answering.ts';
import type { WireRequest } from '../shared/answering.ts';
import { newApi } from './api.ts';
import type { JiraKnobs } from './knobs.ts';
import { newSwitchboard } from './knobs.ts';
import type { LimitsOption } from './limits.ts';
import { newMeter } from './limits.ts';
import { newPost } from './post.ts';
import { commentRoutes } from './rest/comments.ts';
import { dynamicHookRoutes } from './rest/dynamic-hooks.ts';
import { hookRoutes } from './rest/hooks.ts';
import { issueRoutes } from './rest/issues.ts';
import { linkRoutes } from './rest/links.ts';
import { oauthRoutes } from './rest/oauth.ts';
import { propertyRoutes } from './rest/properties.ts';
import { screenRoutes } from './rest/screens.ts';
import { searchRoutes } from './rest/search.ts';
import { siteRoutes } from './rest/site.ts';
import { transitionRoutes } from './rest/transitions.ts';
import type { Flavour, State } from './state.ts';
import { newState } from './state.ts';
import type { JiraWorld } from './world.ts';
import { newWorld } from './world.ts';

export type { RecordedRequest } from '../shared/record.ts';
export type { AdfNode } from './adf.ts';
export type { Flavour } from './state.ts';

export interface JiraSimulatorOptions {
  /** `cloud` if left out. */
  flavour?: Flavour;
  /** Any free one if left out. */
  port?: number;
  /** Loopback HTTP if left out. */
  net?: Net;
  now?: () => Date;
  /** From 0 to 1; give a seeded one where a test must repeat itself. */
  random?: () => number;
  /** `generous` if left out: none. `jira`: those of Jira Cloud. */
  limits?: LimitsOption;
  /** The largest page with fields in it: 100 if left out, 1000 on Data Center. */
  pageSize?: number;
  /** Data Center: where Jira lives on its host, such as `/jira`. */
  contextPath?: string;
}

export interface JiraSimulator {
  /** The base URL of the site, with its context path. OAuth and scoped tokens use `gatewayUrl`. */
  url: string;
  /** Cloud: `<url>/ex/jira/{cloudId}`, in place of `api.atlassian.com`. */
  gatewayUrl: string;
  /** What people do and see, without HTTP. */
  world: JiraWorld;
  knobs: JiraKnobs;
  /** Every request so far, in the order of their answers. Paths are without context path and gateway: `/rest/api/3/myself`. */
  requests: readonly RecordedRequest[];
  clearRequests(): void;
  /** Resolves when all webhook deliveries under way have ended. */
  settled(): Promise<void>;
  /** Breaks all connections; deliveries under way are dropped. */
  close(): Promise<void>;
}

const ROUTES = [
  ...siteRoutes,
  ...screenRoutes,
  ...searchRoutes,
  ...issueRoutes,
  ...transitionRoutes,
  ...commentRoutes,
  ...propertyRoutes,
  ...linkRoutes,
  ...hookRoutes,
  ...dynamicHookRoutes,
  ...oauthRoutes,
];

/** A small Jira on loopback, written from Atlassian's API documents: https://developer.atlassian.com/cloud/jira/platform/rest/v3/ */
export async function startJiraSimulator(options: JiraSimulatorOptions = {}): Promise<JiraSimulator> {
  const flavour = options.flavour ?? 'cloud';
  const contextPath = flavour === 'cloud' ? '' : (options.contextPath ?? '');
  const state = newState(flavour, options.now ?? (() => new Date()), options.random ?? Math.random);
  const knobs = newSwitchboard();
  const net = options.net ?? loopback;
  const post = newPost(state, knobs, net);
  state.notify = (notice) => post.notify(notice);
  state.indexLagMs = () => {
    const { min, max } = knobs.indexLagMs;
    return min + Math.floor(state.random() * (max - min));
  };
  const meter = newMeter(state, options.limits ?? 'generous');
  const usualPage = flavour === 'cloud' ? 100 : 1000;
  const api = newApi(state, knobs, meter, ROUTES, options.pageSize ?? usualPage);
  const requests: RecordedRequest[] = [];
  const site = {
    now: () => state.now(),
    locate: (pathname: string) => locate(state, contextPath, pathname),
    accountOf: (request: WireRequest) => api.callerOf(request).user?.name,
    respond: (request: WireRequest) => api.respond(request),
    headers: (): Record<string, string> => ({ server: 'AtlassianEdge', 'x-arequestid': 'f0e1d2c3' }),
    errorBody: () => ({ errorMessages: ['Internal server error'], errors: {} }),
  };
  const answering = newAnswering(site, knobs, (record) => requests.push(record));
  const place = await net.serve(answering, options.port ?? 0);
  state.url = place.url + contextPath;
  return {
    url: state.url,
    gatewayUrl: `${state.url}/ex/jira/${state.cloudId}`,
    world: newWorld(state, post),
    knobs,
    requests,
    clearRequests() {
      requests.length = 0;
    },
    settled: () => post.settled(),
    async close() {
      await post.close();
      await place.close();
    },
  };
}

function locate({ flavour }: State, contextPath: string, pathname: string): { prefix: string; path: string } {
  const gateway = flavour === 'cloud' ? /^\/ex\/jira\/[^/]+/.exec(pathname)?.[0] : undefined;
  if (gateway !== undefined) return { prefix: gateway, path: pathname.slice(gateway.length) };
  if (contextPath !== '' && pathname.startsWith(`${contextPath}/`))
    return { prefix: contextPath, path: pathname.slice(contextPath.length) };
  return { prefix: '', path: contextPath === '' ? pathname : `/no-jira-here${pathname}` };
}
