import type { TrackerResponse } from '../../ports/tracker.ts';
import { dataOf } from './answers.ts';
import type { GithubApp } from './app.ts';
import type { GithubProject } from './project.ts';
import { GithubInstallation, GithubUser } from './wire.ts';

type Project = Pick<GithubProject, 'send' | 'clock'>;

/** What the App is called and may do where it is installed; signed by the App, not by its token. */
export async function askInstallation(
  { send, clock }: Project,
  app: GithubApp,
  signal: AbortSignal,
): Promise<TrackerResponse> {
  const headers = await app.sign(clock.now());
  return send({ method: 'GET', path: app.path, headers, anonymous: true }, signal);
}

/** The account that an App writes with; no token of an App may ask `/user`. */
export function askBot({ send }: Project, slug: string, signal: AbortSignal): Promise<TrackerResponse> {
  return send({ method: 'GET', path: `/users/${encodeURIComponent(`${slug}[bot]`)}` }, signal);
}

/** The App's account, as issues and comments name it: two requests. */
export async function botOf(
  project: Project,
  app: GithubApp,
  signal: AbortSignal,
): Promise<{ id: number; login: string }> {
  const now = project.clock.now();
  const installation = await askInstallation(project, app, signal);
  const { app_slug: slug } = dataOf(installation, GithubInstallation, 'read the installation', now);
  return dataOf(await askBot(project, slug, signal), GithubUser, "read the App's account", now);
}
