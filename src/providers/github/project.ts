import type { BoundProject } from '../../domain/integration.ts';
import type { z } from 'zod';
import type { Clock } from '../../ports/clock.ts';
import type { Send, TextFormat, TrackerRequest, TrackerResponse } from '../../ports/tracker.ts';
import { answersOfPages } from '../shared/pages.ts';
import { dataOf } from './answers.ts';
import type { GithubApp } from './app.ts';
import { botOf } from './installation.ts';
import { type GithubIssue, GithubRepository, GithubUser } from './wire.ts';

/** One repository as we reach it, with what we have learned about it on the way. */
export interface GithubProject {
  readonly send: Send;
  readonly clock: Clock;
  readonly format: TextFormat;
  readonly apiRoot: URL;
  /** Whose tokens we use; undefined = the token of an account. */
  readonly app: GithubApp | undefined;
  /** `/repos/OWNER/NAME`; follows a rename that `readProject` has seen. */
  path: string;
  projectId?: string;
  account?: { id: number; login: string };
  /** Old servers have no GraphQL; found out once. */
  graphqlAbsent: boolean;
  /** It has one, but does not tell what happened to an issue. */
  historiesAbsent: boolean;
  /** What the last issue that it answered said of sub-issues. */
  subIssues?: boolean;
  /** Database ids of issues that were just made, by node id. */
  readonly madeIds: Map<string, number>;
}

/** Send a GET and take its data. Throws a `TrackerError` that names `what` it was for. */
export async function fetchData<T>(
  project: GithubProject,
  request: Omit<TrackerRequest, 'method'>,
  schema: z.ZodType<T>,
  what: string,
  signal: AbortSignal,
): Promise<T> {
  const answer = await project.send({ method: 'GET', ...request }, signal);
  return dataOf(answer, schema, what, project.clock.now());
}

/** Every page of a listing, following `Link: rel="next"` as it is. */
export async function* fetchPages<T>(
  project: GithubProject,
  request: Omit<TrackerRequest, 'method'>,
  schema: z.ZodType<T>,
  what: string,
  signal: AbortSignal,
): AsyncGenerator<T> {
  for await (const answer of answersOfPages(project.send, request, signal))
    yield dataOf(answer, schema, what, project.clock.now());
}

/** Who the token belongs to, or the bot that an App writes as; asked once. */
export async function accountOf(
  project: GithubProject,
  signal: AbortSignal,
): Promise<{ id: number; login: string }> {
  project.account ??=
    project.app === undefined
      ? await fetchData(project, { path: '/user' }, GithubUser, 'read the account', signal)
      : await botOf(project, project.app, signal);
  return project.account;
}

/** The repository's answer, following a rename once: its new name is used from then on. */
export async function askRepository(project: GithubProject, signal: AbortSignal): Promise<TrackerResponse> {
  const answer = await project.send({ method: 'GET', path: project.path }, signal);
  const location = answer.headers.get('location');
  if (![301, 307, 308].includes(answer.status) || location === null) return answer;
  return project.send({ method: 'GET', path: project.path, url: location }, signal);
}

/** What a repository's answer says; remembers its id and its present name. */
export function learnRepository(project: GithubProject, repository: GithubRepository): void {
  project.projectId = String(repository.id);
  const [owner = '', name = ''] = repository.full_name.split('/');
  project.path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}

/** What a new issue's answer says beside the issue itself. */
export function learnIssue(project: GithubProject, { id, node_id, sub_issues_summary }: GithubIssue): void {
  project.subIssues = sub_issues_summary !== undefined;
  if (id !== undefined) project.madeIds.set(node_id, id);
}

/** What a repository is called and who may see it, in our words. */
export function boundOf(
  repository: GithubRepository,
): Pick<BoundProject, 'projectId' | 'name' | 'url' | 'visibility'> {
  const { id, full_name: name, html_url: url } = repository;
  return { projectId: String(id), name, url, visibility: visibilityOf(repository) };
}

function visibilityOf(repository: GithubRepository): BoundProject['visibility'] {
  const { visibility } = repository;
  if (visibility === 'public' || visibility === 'internal' || visibility === 'private') return visibility;
  return repository.private ? 'private' : 'public';
}

/** Who the project is and who may see it: one request, two after a rename. */
export async function readProject(
  project: GithubProject,
  signal: AbortSignal,
): Promise<ReturnType<typeof boundOf>> {
  const answer = await askRepository(project, signal);
  const repository = dataOf(answer, GithubRepository, 'read the repository', project.clock.now());
  learnRepository(project, repository);
  return boundOf(repository);
}
