import type { z } from 'zod';
import type { BoundProject } from '../../domain/integration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Send, TextFormat, TrackerRequest, TrackerResponse } from '../../ports/tracker.ts';
import { answersOfPages } from '../shared/pages.ts';
import { dataOf } from './answers.ts';
import { GitlabProject, GitlabUser } from './wire.ts';

/** One project as we reach it, with what we have learned about it on the way. */
export interface GitlabPlace {
  readonly send: Send;
  readonly clock: Clock;
  readonly format: TextFormat;
  readonly apiRoot: URL;
  /** As the settings name the project. */
  readonly named: string;
  /** `/projects/ID`; the number as soon as it is known, since a path may be renamed. */
  path: string;
  /** The address people open, once it is known. */
  webUrl?: string;
  /** Such as `group/project`, once it is known: GraphQL takes no number. */
  fullPath?: string;
  account?: { id: number; username: string };
  /** Switched off, too old or not for this token; found out once. */
  graphqlAbsent: boolean;
}

/** One issue, by its number in the project. */
export function issuePath(place: GitlabPlace, key: string): string {
  return `${place.path}/issues/${encodeURIComponent(key)}`;
}

/** Send a GET and take its data. Throws a `TrackerError` that names `what` it was for. */
export async function fetchData<T>(
  place: GitlabPlace,
  request: Omit<TrackerRequest, 'method'>,
  schema: z.ZodType<T>,
  what: string,
  signal: AbortSignal,
): Promise<T> {
  const answer = await place.send({ method: 'GET', ...request }, signal);
  return dataOf(answer, schema, what, place.clock.now());
}

/** Every page of a listing, following `Link: rel="next"` as it is. */
export async function* fetchPages<T>(
  place: GitlabPlace,
  request: Omit<TrackerRequest, 'method'>,
  schema: z.ZodType<T>,
  what: string,
  signal: AbortSignal,
): AsyncGenerator<T> {
  for await (const answer of answersOfPages(place.send, request, signal))
    yield dataOf(answer, schema, what, place.clock.now());
}

/** Who the token belongs to; asked once. Project and group tokens are accounts of their own. */
export async function accountOf(
  place: GitlabPlace,
  signal: AbortSignal,
): Promise<{ id: number; username: string }> {
  place.account ??= await fetchData(place, { path: '/user' }, GitlabUser, 'read the account', signal);
  return place.account;
}

/** The project's answer, following a rename once. https://docs.gitlab.com/api/rest/#redirects */
export async function askProject(place: GitlabPlace, signal: AbortSignal): Promise<TrackerResponse> {
  const answer = await place.send({ method: 'GET', path: place.path }, signal);
  const location = answer.headers.get('location');
  if (![301, 302, 307, 308].includes(answer.status) || location === null) return answer;
  return place.send({ method: 'GET', path: place.path, url: location }, signal);
}

/** What a project's answer says: its number is used from now on. */
export function learnProject(place: GitlabPlace, project: GitlabProject): void {
  place.path = `/projects/${String(project.id)}`;
  place.webUrl = project.web_url;
  place.fullPath = project.path_with_namespace;
}

/** What a project is called and who may see its issues, in our words. */
export function boundOf(
  project: GitlabProject,
): Pick<BoundProject, 'projectId' | 'name' | 'url' | 'visibility'> {
  return {
    projectId: String(project.id),
    name: project.path_with_namespace,
    url: project.web_url,
    visibility: visibilityOf(project),
  };
}

/** Issues of a public project may be for its members only; who is told nothing may see nothing more than a member. */
function visibilityOf(project: GitlabProject): BoundProject['visibility'] {
  if (project.issues_access_level === 'private') return 'private';
  return project.visibility ?? 'private';
}

/** Who the project is and who may see it: one request, two after a rename. */
export async function readProject(
  place: GitlabPlace,
  signal: AbortSignal,
): Promise<ReturnType<typeof boundOf>> {
  const answer = await askProject(place, signal);
  const project = dataOf(answer, GitlabProject, 'read the project', place.clock.now());
  learnProject(place, project);
  return boundOf(project);
}
