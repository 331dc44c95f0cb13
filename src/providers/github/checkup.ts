import type { CheckItem, CheckName, Checkup, TrackerResponse } from '../../ports/tracker.ts';
import { answerOf, checkTls, completed, notReached } from '../shared/checkup-lines.ts';
import { appIdentity } from './checkup-app.ts';
import { checkRate, checkWebhook, tokenIdentity } from './checkup-token.ts';
import { checkHierarchy } from './place.ts';
import { checkProject } from './checkup-project.ts';
import { askRepository, boundOf, learnRepository } from './project.ts';
import type { GithubProject } from './project.ts';
import { GithubRepository } from './wire.ts';

const ORDER: readonly CheckName[] = [
  'reachable',
  'tls',
  'token',
  'scopes',
  'expiry',
  'project',
  'visibility',
  'create-issues',
  'labels',
  'hierarchy',
  'rate-limit',
  'webhook',
];

/** The whole connection test, five requests at most; it fails only by its lines. */
export async function checkupOf(project: GithubProject, signal: AbortSignal): Promise<Checkup> {
  const { app, apiRoot } = project;
  const { first, token, account, role, lines } =
    app === undefined ? await tokenIdentity(project, signal) : await appIdentity(project, app, signal);
  const items: CheckItem[] = [checkTls(apiRoot), checkReachable(apiRoot, first)];
  if (token !== undefined) items.push(token);
  if (first instanceof Error || account === undefined) return { items: completed(ORDER, items) };
  project.account = account;
  const answer = await answerOf(() => askRepository(project, signal));
  const repository = answer instanceof Error ? undefined : GithubRepository.safeParse(answer.json);
  const found = answer instanceof Error || answer.status !== 200 ? undefined : repository?.data;
  const known = found === undefined || role === undefined ? found : { ...found, permissions: role };
  if (known !== undefined) learnRepository(project, known);
  items.push(...(lines?.(known) ?? []), ...checkProject(project, answer, known));
  items.push(checkRate(answer instanceof Error ? first : answer));
  if (known === undefined) return { items: completed(ORDER, items) };
  const hooks = await answerOf(() =>
    project.send({ method: 'GET', path: `${project.path}/hooks`, query: { per_page: 1 } }, signal),
  );
  items.push(checkWebhook(hooks));
  const query = { state: 'all', per_page: 1 };
  const listed = await answerOf(() =>
    project.send({ method: 'GET', path: `${project.path}/issues`, query }, signal),
  );
  items.push(checkHierarchy(listed));
  const { login, id } = account;
  return {
    items: completed(ORDER, items),
    bound: { ...boundOf(known), account: login, accountId: String(id) },
  };
}

function checkReachable(apiRoot: URL, answer: TrackerResponse | Error): CheckItem {
  if (answer instanceof Error) return notReached(answer);
  const name = 'reachable';
  if (answer.json === undefined)
    return {
      name,
      outcome: 'failed',
      detail: `${apiRoot.host} answers, but not as GitHub's API does (HTTP ${String(answer.status)}).`,
      remedy:
        'Use https://api.github.com, or https://HOST/api/v3 of an Enterprise Server; look for a proxy or sign-in page.',
    };
  return { name, outcome: 'ok', detail: `${apiRoot.host} answers.` };
}
