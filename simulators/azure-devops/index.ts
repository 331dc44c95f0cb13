import { loopback } from '../shared/net.ts';
import type { Net } from '../shared/net.ts';
import type { RecordedRequest } from '../shared/record.ts';
import { newAnswering } from '../shared/answering.ts';
import { newApi } from './api.ts';
import { fault } from './answers.ts';
import type { AzureDevopsKnobs } from './knobs.ts';
import { newSwitchboard } from './knobs.ts';
import type { LimitsOption } from './limits.ts';
import { newMeter } from './limits.ts';
import { pageAt } from './pages.ts';
import { locate, rootOf } from './places.ts';
import { newPost } from './post.ts';
import { batchRoutes } from './rest/batch.ts';
import { commentRoutes } from './rest/comments.ts';
import { hookRoutes } from './rest/hooks.ts';
import { projectRoutes } from './rest/projects.ts';
import { queryRoutes } from './rest/queries.ts';
import { recycleBinRoutes } from './rest/recycle-bin.ts';
import { reportingRoutes } from './rest/reporting.ts';
import { typeRoutes } from './rest/types.ts';
import { workItemRoutes } from './rest/work-items.ts';
import { newGuid, newState } from './state.ts';
import { newWorld } from './new-world.ts';
import type { AzureDevopsWorld } from './world.ts';

export type { RecordedRequest } from '../shared/record.ts';

export interface AzureDevopsSimulatorOptions {
  /** Any free one if left out. */
  port?: number;
  /** Loopback HTTP if left out. */
  net?: Net;
  now?: () => Date;
  /** From 0 to 1; give a seeded one where a test must repeat itself. */
  random?: () => number;
  /** `generous` if left out: a million units. `azure`: what Azure DevOps Services publishes. */
  limits?: LimitsOption;
  /** The most results of a query: 20,000 if left out. */
  queryLimit?: number;
  /** The largest page of the reporting revisions: 1,000 if left out. */
  pageSize?: number;
  /** Also finds this organization without its name in the path, as at `https://{name}.visualstudio.com`. */
  visualStudio?: string;
}

export interface AzureDevopsSimulator {
  /** `http://127.0.0.1:PORT`: Services at `/{organization}`, a Server at `/tfs/{collection}`, Entra ID at `/{tenant}/oauth2/v2.0/token`. */
  url: string;
  /** What people do and see, without HTTP. */
  world: AzureDevopsWorld;
  knobs: AzureDevopsKnobs;
  /** Every request so far, in the order of their answers; paths are without organization or collection. */
  requests: readonly RecordedRequest[];
  clearRequests(): void;
  /** Resolves when all webhook deliveries under way have ended. */
  settled(): Promise<void>;
  /** Breaks all connections; deliveries under way are dropped. */
  close(): Promise<void>;
}

/** A small Azure DevOps on loopback, written from its API documents: https://learn.microsoft.com/rest/api/azure/devops */
export async function startAzureDevopsSimulator(
  options: AzureDevopsSimulatorOptions = {},
): Promise<AzureDevopsSimulator> {
  const state = newState(options.now ?? (() => new Date()), options.random ?? Math.random);
  if (options.visualStudio !== undefined) state.hostOrganization = options.visualStudio;
  const knobs = newSwitchboard();
  const net = options.net ?? loopback;
  const post = newPost(state, knobs, net, (organization) => rootOf(state, organization));
  state.notify = (notice) => post.notify(notice);
  const routes = [
    ...workItemRoutes,
    ...batchRoutes,
    ...recycleBinRoutes,
    ...commentRoutes,
    ...reportingRoutes,
    ...queryRoutes,
    ...typeRoutes,
    ...projectRoutes,
    ...hookRoutes(post),
  ];
  const limits = { query: options.queryLimit ?? 20_000, page: options.pageSize ?? 1000 };
  const api = newApi(state, knobs, newMeter(state, options.limits ?? 'generous'), routes, limits);
  const requests: RecordedRequest[] = [];
  const site = {
    now: () => state.now(),
    locate: (pathname: string) => locate(state, pathname),
    accountOf: (request: Parameters<typeof api.callerOf>[0]) => api.callerOf(request)?.account.uniqueName,
    respond: (request: Parameters<typeof api.respond>[0]) => api.respond(request),
    headers: () => ({
      'x-tfs-processid': newGuid(state),
      activityid: newGuid(state),
      'x-frame-options': 'SAMEORIGIN',
    }),
    page: (path: string) => pageAt(state, path),
    errorBody: (status: number) =>
      fault(status, 'VssServiceResponseException', `TF400898: An Internal Error Occurred. Status ${status}.`)
        .json,
  };
  const answering = newAnswering(site, knobs, (record) => requests.push(record));
  const place = await net.serve(answering, options.port ?? 0);
  state.url = place.url;
  return {
    url: state.url,
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
