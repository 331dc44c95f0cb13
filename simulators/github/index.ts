import { loopback } from '../shared/net.ts';
import type { Net } from '../shared/net.ts';
import type { RecordedRequest } from '../shared/record.ts';
import { newApi } from './api.ts';
import type { GithubKnobs } from './knobs.ts';
import { newSwitchboard } from './knobs.ts';
import type { LimitsOption } from './limits.ts';
import { newMeter } from './limits.ts';
import { newPost } from './post.ts';
import { appRoutes } from './rest/apps.ts';
import { commentRoutes } from './rest/comments.ts';
import { hookRoutes } from './rest/hooks.ts';
import { issueRoutes } from './rest/issues.ts';
import { labelRoutes } from './rest/labels.ts';
import { subIssueRoutes } from './rest/sub-issues.ts';
import { repositoryRoutes } from './rest/repositories.ts';
import { newSite } from './site.ts';
import { newState } from './state.ts';
import type { GithubWorld } from './world.ts';
import { newWorld } from './world.ts';

export type { RecordedRequest } from '../shared/record.ts';
export type { OddAnswer, SeenRequest } from '../shared/rules.ts';

export interface GithubSimulatorOptions {
  /** Any free one if left out. */
  port?: number;
  /** Loopback HTTP if left out. */
  net?: Net;
  now?: () => Date;
  /** From 0 to 1; give a seeded one where a test must repeat itself. */
  random?: () => number;
  /** `generous` if left out: a million requests an hour and no secondary limits. `github`: those of github.com. */
  limits?: LimitsOption;
  /** The largest page of a listing: 100 if left out. */
  pageSize?: number;
}

export interface GithubSimulator {
  /** `http://127.0.0.1:PORT`: REST below `/api/v3` and directly, GraphQL at `/api/graphql`. */
  url: string;
  /** What people do and see, without HTTP. */
  world: GithubWorld;
  knobs: GithubKnobs;
  /** Every request so far, in the order of their answers. */
  requests: readonly RecordedRequest[];
  clearRequests(): void;
  /** Resolves when all webhook deliveries under way have ended. */
  settled(): Promise<void>;
  /** Breaks all connections; deliveries under way are dropped. */
  close(): Promise<void>;
}

/** A small GitHub on loopback, written from GitHub's API documents: https://docs.github.com/rest */
export async function startGithubSimulator(options: GithubSimulatorOptions = {}): Promise<GithubSimulator> {
  const state = newState(options.now ?? (() => new Date()), options.random ?? Math.random);
  const knobs = newSwitchboard();
  state.knowsSubIssues = () => knobs.subIssues;
  const net = options.net ?? loopback;
  const post = newPost(state, knobs, net);
  state.notify = (notice) => post.notify(notice);
  const meter = newMeter(state, options.limits ?? 'generous');
  const routes = [
    ...appRoutes,
    ...repositoryRoutes,
    ...labelRoutes,
    ...commentRoutes,
    ...issueRoutes,
    ...subIssueRoutes,
    ...hookRoutes(post),
  ];
  const api = newApi(state, knobs, meter, routes, options.pageSize ?? 100);
  const requests: RecordedRequest[] = [];
  const site = newSite(state, knobs, api, (record) => requests.push(record));
  const place = await net.serve(site, options.port ?? 0);
  state.url = place.url;
  return {
    url: state.url,
    world: newWorld(state),
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
