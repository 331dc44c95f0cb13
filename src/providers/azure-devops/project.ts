import type { z } from 'zod';
import type { BoundProject } from '../../domain/integration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Send, TrackerRequest, TrackerResponse } from '../../ports/tracker.ts';
import { dataOf, refusedBy } from './answers.ts';
import { isServices } from './settings.ts';
import type { SeverityField } from './settings.ts';
import { AzureConnection, AzureProject } from './wire.ts';
import type { WorkItemType } from './work-item-type.ts';

/**
 * Newest first; a Server knows those up to its own. Every Server of 2022 knows 7.0, and 7.1 has nothing more for us.
 * https://learn.microsoft.com/rest/api/azure/devops/#api-and-tfs-version-mapping
 */
const SERVER_VERSIONS = ['7.0', '6.0', '5.1'];
const SERVICES_VERSIONS = ['7.1', ...SERVER_VERSIONS];
const TOO_NEW = new Set(['VssVersionOutOfRangeException', 'VssInvalidPreviewVersionException']);

/** What we know of a work item that an `Issue` does not say. */
export interface Held {
  type: string;
  /** The field that holds the long text. */
  textField: string;
  /** The tag by which our issues are found by hand. */
  ownTags: readonly string[];
}

/** What the settings say. */
export interface Where {
  readonly apiRoot: URL;
  /** As the settings name the project: by name, or by id. */
  readonly named: string;
  /** Of new work items, like area and iteration. */
  readonly workItemType: string;
  readonly areaPath?: string;
  readonly iterationPath?: string;
  /** Where an issue's priority is kept. */
  readonly severityField: SeverityField;
}

/** One project as we reach it, with what we have learned about it on the way. */
export interface AzurePlace extends Where {
  readonly send: Send;
  readonly clock: Clock;
  /** API versions that the server may know, newest first. */
  versions: readonly string[];
  /** `/PROJECT`; its id as soon as it is known, since a project may be renamed. */
  path: string;
  project?: { id: string; name: string };
  account?: { id: string; name: string };
  readonly types: Map<string, WorkItemType>;
  readonly held: Map<string, Held>;
}

/** A place of which nothing is known yet. */
export function newPlace(where: Where, send: Send, clock: Clock): AzurePlace {
  const path = `/${encodeURIComponent(where.named)}`;
  const versions = isServices(where.apiRoot) ? SERVICES_VERSIONS : SERVER_VERSIONS;
  return { ...where, send, clock, versions, path, types: new Map(), held: new Map() };
}

/** A request without its API version; `isPreview` where no version of it is released. */
export type Ask = TrackerRequest & { isPreview?: boolean };

/**
 * Send a request in the newest API version that the server knows. A function is given the version, for requests that
 * name it in their body, too.
 */
export async function ask(
  place: AzurePlace,
  wish: Ask | ((version: string) => Ask),
  signal: AbortSignal,
): Promise<TrackerResponse> {
  for (;;) {
    const [version = '7.0', ...older] = place.versions;
    const { isPreview, query, ...request } = typeof wish === 'function' ? wish(version) : wish;
    const named = isPreview === true ? `${version}-preview` : version;
    const answer = await place.send({ ...request, query: { ...query, 'api-version': named } }, signal);
    const isTooNew = answer.status === 400 && TOO_NEW.has(refusedBy(400, answer.json).typeKey);
    if (!isTooNew || older.length === 0) return answer;
    if (place.versions[0] === version) place.versions = older;
  }
}

/** Send a GET and take its data. Throws a `TrackerError` that names `what` it was for. */
export async function fetchData<T>(
  place: AzurePlace,
  request: Omit<Ask, 'method'>,
  schema: z.ZodType<T>,
  what: string,
  signal: AbortSignal,
): Promise<T> {
  const answer = await ask(place, { method: 'GET', ...request }, signal);
  return dataOf(answer, schema, what, place.clock.now());
}

/** Who the credentials belong to. */
export function accountIn({ authenticatedUser: user }: z.infer<typeof AzureConnection>): {
  id: string;
  name: string;
} {
  return { id: user.id, name: user.properties?.Account?.$value ?? user.providerDisplayName ?? user.id };
}

export const ACCOUNT: Omit<Ask, 'method'> = { path: '/_apis/connectionData', isPreview: true };

/** Asked once. */
export async function accountOf(
  place: AzurePlace,
  signal: AbortSignal,
): Promise<{ id: string; name: string }> {
  place.account ??= accountIn(await fetchData(place, ACCOUNT, AzureConnection, 'read the account', signal));
  return place.account;
}

export function askProject(place: AzurePlace, signal: AbortSignal): Promise<TrackerResponse> {
  return ask(place, { method: 'GET', path: `/_apis/projects${place.path}` }, signal);
}

/** What a project's answer says: its id is used from now on. */
export function learnProject(place: AzurePlace, { id, name }: AzureProject): void {
  place.path = `/${encodeURIComponent(id)}`;
  place.project = { id, name };
}

/** Where people open a project. */
export function webUrl({ apiRoot }: AzurePlace, project: string): string {
  return `${apiRoot.href.replace(/\/$/, '')}/${encodeURIComponent(project)}`;
}

/** What a project is called and who may see it, in our words. */
export function boundOf(
  place: AzurePlace,
  { id, name, visibility }: AzureProject,
): Pick<BoundProject, 'projectId' | 'name' | 'url' | 'visibility'> {
  const seen = visibility === 'public' ? 'public' : visibility === 'organization' ? 'internal' : 'private';
  return { projectId: id, name, url: webUrl(place, name), visibility: seen };
}

/** Who the project is and who may see it: one request. */
export async function readProject(
  place: AzurePlace,
  signal: AbortSignal,
): Promise<ReturnType<typeof boundOf>> {
  const answer = await askProject(place, signal);
  const project = dataOf(answer, AzureProject, 'read the project', place.clock.now());
  learnProject(place, project);
  return boundOf(place, project);
}

/** Is this the name of our project? It is asked for only where the settings do not say it. */
export async function isOurProject(place: AzurePlace, name: string, signal: AbortSignal): Promise<boolean> {
  const wanted = name.toLowerCase();
  if ((place.project?.name ?? place.named).toLowerCase() === wanted) return true;
  const project = await readProject(place, signal);
  return project.name.toLowerCase() === wanted;
}
