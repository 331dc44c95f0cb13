import { newGuid } from '../shared/courier.ts';
import { loopback } from '../shared/net.ts';
import type { Net } from '../shared/net.ts';
import type { RecordedRequest } from '../shared/record.ts';
import type { WireRequest } from '../shared/answering.ts';
import { newAnswering } from '../shared/answering.ts';
import { newApi } from './api.ts';
import type { GitlabKnobs } from './knobs.ts';
import { newSwitchboard } from './knobs.ts';
import type { LimitsOption } from './limits.ts';
import { newMeter } from './limits.ts';
import { pageAt } from './pages.ts';
import { newPost } from './post.ts';
import { hookRoutes } from './rest/hooks.ts';
import { instanceRoutes } from './rest/instance.ts';
import { issueRoutes } from './rest/issues.ts';
import { linkRoutes } from './rest/links.ts';
import { noteRoutes } from './rest/notes.ts';
import { projectRoutes } from './rest/projects.ts';
import { newState } from './state.ts';
import type { GitlabWorld } from './world.ts';
import { newWorld } from './world.ts';

export type { RecordedRequest } from '../shared/record.ts';

export interface GitlabSimulatorOptions {
  /** Any free one if left out. */
  port?: number;
  /** Loopback HTTP if left out. */
  net?: Net;
  now?: () => Date;
  /** From 0 to 1; give a seeded one where a test must repeat itself. */
  random?: () => number;
  /** `generous` if left out: none, and no headers about them. */
  limits?: LimitsOption;
  /** `19.4.0` if left out. Before 19.0 signing tokens are ignored, before 18.3 issues have no keyset pages, before 17.4 no delivery key. */
  version?: string;
  /** `false`: the Community Edition, without weights, scoped labels and several assignees. */
  enterprise?: boolean;
  /** Such as `/gitlab`, when GitLab is not at the root of its host. */
  relativeRoot?: string;
}

export interface GitlabSimulator {
  /** `http://127.0.0.1:PORT` with the relative root; REST is below `/api/v4`. */
  url: string;
  /** What people do and see, without HTTP. */
  world: GitlabWorld;
  knobs: GitlabKnobs;
  /** Every request so far, in the order of their answers. */
  requests: readonly RecordedRequest[];
  clearRequests(): void;
  /** Resolves when all webhook deliveries under way have ended. */
  settled(): Promise<void>;
  /** Breaks all connections; deliveries under way are dropped. */
  close(): Promise<void>;
}

/** A small GitLab on loopback, written from GitLab's API documents: https://docs.gitlab.com/api/rest/ */
export async function startGitlabSimulator(options: GitlabSimulatorOptions = {}): Promise<GitlabSimulator> {
  const state = newState({
    version: options.version ?? '19.4.0',
    enterprise: options.enterprise ?? true,
    now: options.now ?? (() => new Date()),
    random: options.random ?? Math.random,
  });
  const root = options.relativeRoot ?? '';
  const knobs = newSwitchboard();
  const net = options.net ?? loopback;
  const post = newPost(state, knobs, net);
  state.notify = (notice) => post.notify(notice);
  const api = newApi(state, knobs, newMeter(state, options.limits ?? 'generous'), [
    ...instanceRoutes,
    ...projectRoutes,
    ...issueRoutes,
    ...noteRoutes,
    ...linkRoutes,
    ...hookRoutes(post),
  ]);
  const requests: RecordedRequest[] = [];
  const site = {
    now: () => state.now(),
    locate: (pathname: string) => located(pathname, root),
    respond: (wire: WireRequest) => api.respond(wire),
    accountOf: (wire: WireRequest) => api.callerOf(wire)?.account?.username,
    headers: () => ({
      server: 'nginx',
      'x-gitlab-meta': '{"version":"1"}',
      'x-request-id': newGuid(state.random),
    }),
    page: (path: string) => pageAt(state, path),
    errorBody: (status: number) => ({ message: `${status} Internal Server Error` }),
  };
  const answering = newAnswering(site, knobs, (record) => requests.push(record));
  const place = await net.serve(answering, options.port ?? 0);
  state.url = place.url + root;
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

/** What is not below the relative root keeps its whole path, and is found nowhere. */
function located(pathname: string, root: string): { prefix: string; path: string } {
  const api = `${root}/api/v4`;
  if (pathname.startsWith(`${api}/`)) return { prefix: api, path: pathname.slice(api.length) };
  if (root !== '' && pathname.startsWith(`${root}/`))
    return { prefix: root, path: pathname.slice(root.length) };
  return { prefix: '', path: pathname };
}
