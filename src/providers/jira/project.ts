import type { z } from 'zod';
import type { BoundProject } from '../../domain/integration.ts';
import { TrackerError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Send, TrackerRequest, TrackerResponse } from '../../ports/tracker.ts';
import { dataOf, refusal } from './answers.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { Markup } from './markup.ts';
import type { Filler } from './transition-fields.ts';
import { JiraMyself, JiraProjectShape, JiraServerInfo, JiraTypeStatuses } from './wire.ts';
import type { JiraStatus, JiraTransition, JiraUser } from './wire.ts';

/** One project as we reach it, with what we have learned about it on the way. */
export interface JiraProject {
  readonly send: Send;
  readonly clock: Clock;
  readonly markup: Markup;
  /** For the screens of transitions. */
  readonly filler: Filler;
  readonly cloud: boolean;
  /** `/rest/api/3` on Cloud, `/rest/api/2` on Data Center. */
  readonly api: string;
  /** Where requests go; the gateway of apps and scoped tokens is no place for people. */
  readonly base: URL;
  /** Below which people see issues. Undefined = the gateway, until Jira says it. */
  site?: string;
  readonly key: string;
  readonly issueTypeId: string;
  projectId?: string;
  account?: { id: string; name: string };
  /** Ids of issues we wrote, newest last: a search index may not know them yet. */
  readonly written: Set<string>;
  /** Transitions seen from each status: only a hint of where a path may lead. */
  readonly transitions: Map<string, readonly JiraTransition[]>;
  /** What may stand under what; asked for once. */
  hierarchy?: Hierarchy;
  epicName?: { field: string | undefined };
  linkType?: { name: string | undefined };
  /** Statuses that issues of our type can have; asked for once. */
  statuses?: readonly JiraStatus[];
}

type Get = Omit<TrackerRequest, 'method'>;

/** Send a GET and take its data. Throws a `TrackerError` that names `what` it was for. */
export async function fetchData<T>(
  project: JiraProject,
  request: Get,
  schema: z.ZodType<T>,
  what: string,
  signal: AbortSignal,
): Promise<T> {
  return dataOf(await project.send({ method: 'GET', ...request }, signal), schema, what);
}

/** The id of an account that never changes. */
export function userId(user: JiraUser): string {
  return user.accountId ?? user.key ?? user.name ?? '';
}

export function userName(user: JiraUser): string {
  return user.displayName ?? user.name ?? userId(user);
}

/** Who the credentials belong to; asked once. Throws `tracker-unauthorized` when they are refused. */
export async function accountOf(
  project: JiraProject,
  signal: AbortSignal,
): Promise<{ id: string; name: string }> {
  if (project.account === undefined) await ensureSignedIn(project, signal);
  return project.account ?? { id: '', name: '' };
}

/** An empty or missing answer proves something only while the credentials are good: Jira answers everybody. */
export async function ensureSignedIn(project: JiraProject, signal: AbortSignal): Promise<void> {
  const user = await fetchData(
    project,
    { path: `${project.api}/myself` },
    JiraMyself,
    'read the account',
    signal,
  );
  project.account = { id: userId(user), name: userName(user) };
}

/** The address at which people see an issue. */
export async function siteOf(project: JiraProject, signal: AbortSignal): Promise<string> {
  if (project.site === undefined) {
    const request = { path: `${project.api}/serverInfo` };
    const info = await fetchData(project, request, JiraServerInfo, 'read the server', signal);
    project.site = info.baseUrl?.replace(/\/+$/, '') ?? project.base.href;
  }
  return project.site;
}

export function askProject(project: JiraProject, signal: AbortSignal): Promise<TrackerResponse> {
  return project.send({ method: 'GET', path: projectPath(project) }, signal);
}

export function projectPath(project: JiraProject): string {
  return `${project.api}/project/${encodeURIComponent(project.key)}`;
}

/** Whether people who are not signed in may read the project. The gateway serves nobody unsigned: there it is unknown. */
async function isPublic(project: JiraProject, signal: AbortSignal): Promise<boolean | undefined> {
  if (project.base.pathname.startsWith('/ex/jira/')) return undefined;
  const request: TrackerRequest = { method: 'GET', path: projectPath(project), anonymous: true };
  const answer = await project.send(request, signal);
  return answer.status === 200 && JiraProjectShape.safeParse(answer.json).success;
}

/** What a project is called and who may see it, in our words. */
export async function boundOf(
  project: JiraProject,
  shape: JiraProjectShape,
  signal: AbortSignal,
): Promise<Pick<BoundProject, 'projectId' | 'name' | 'url' | 'visibility'>> {
  project.projectId = shape.id;
  const site = await siteOf(project, signal);
  const shown = await isPublic(project, signal);
  return {
    projectId: shape.id,
    name: `${shape.name} (${shape.key})`,
    url: `${site}/browse/${shape.key}`,
    visibility: shown === true ? 'public' : 'private',
  };
}

/** Statuses that issues of our type can have, whether or not a way leads there. */
export async function statusesOf(project: JiraProject, signal: AbortSignal): Promise<readonly JiraStatus[]> {
  if (project.statuses === undefined) {
    const request = { path: `${projectPath(project)}/statuses` };
    const types = await fetchData(project, request, JiraTypeStatuses, 'read the statuses', signal);
    project.statuses = types.find(({ id }) => id === project.issueTypeId)?.statuses ?? [];
  }
  return project.statuses;
}

/** Who the project is and who may see it: two requests, because only a look without signature tells what everybody sees. */
export async function readProject(
  project: JiraProject,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof boundOf>>> {
  const answer = await askProject(project, signal);
  // "Not found" may mean that our credentials ended.
  if (answer.status === 404) await ensureSignedIn(project, signal);
  if (answer.status !== 200) throw refusal(answer, 'read the project');
  return boundOf(project, dataOf(answer, JiraProjectShape, 'read the project'), signal);
}

/** Whether an answer is about our project; a key may have been given away, an id not. */
export async function isHere(
  project: JiraProject,
  found: { id: string; key: string },
  signal: AbortSignal,
): Promise<boolean> {
  if (found.key === project.key) return true;
  if (project.projectId === undefined) await readProject(project, signal);
  return found.id === project.projectId;
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof TrackerError && error.code === 'tracker-unauthorized';
}
