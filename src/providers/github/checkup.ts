import { TrackerError } from '../../domain/errors.ts';
import type { CheckItem, CheckName, Checkup, TrackerResponse } from '../../ports/tracker.ts';
import { answerOf } from './answers.ts';
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

/** Every line in order; a check that could not run says so. */
function completed(items: readonly CheckItem[]): readonly CheckItem[] {
  return ORDER.map(
    (name) =>
      items.find((item) => item.name === name) ?? {
        name,
        outcome: 'not-checked',
        detail: 'An earlier check failed.',
        remedy: 'Mend what failed and test again.',
      },
  );
}

/** The whole connection test, five requests at most; it fails only by its lines. */
export async function checkupOf(project: GithubProject, signal: AbortSignal): Promise<Checkup> {
  const { app, apiRoot } = project;
  const { first, token, account, role, lines } =
    app === undefined ? await tokenIdentity(project, signal) : await appIdentity(project, app, signal);
  const items: CheckItem[] = [checkTls(apiRoot), checkReachable(apiRoot, first)];
  if (token !== undefined) items.push(token);
  if (first instanceof Error || account === undefined) return { items: completed(items) };
  project.account = account;
  const answer = await answerOf(() => askRepository(project, signal));
  const repository = answer instanceof Error ? undefined : GithubRepository.safeParse(answer.json);
  const found = answer instanceof Error || answer.status !== 200 ? undefined : repository?.data;
  const known = found === undefined || role === undefined ? found : { ...found, permissions: role };
  if (known !== undefined) learnRepository(project, known);
  items.push(...(lines?.(known) ?? []), ...checkProject(project, answer, known));
  items.push(checkRate(answer instanceof Error ? first : answer));
  if (known === undefined) return { items: completed(items) };
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
  return { items: completed(items), bound: { ...boundOf(known), account: login, accountId: String(id) } };
}

function checkTls(apiRoot: URL): CheckItem {
  const secure = apiRoot.protocol === 'https:';
  return {
    name: 'tls',
    outcome: secure ? 'ok' : 'warning',
    detail: secure
      ? 'The connection is encrypted.'
      : 'The address is plain http: the token crosses the network readable.',
    ...(secure ? {} : { remedy: 'Use the https address.' }),
  };
}

function checkReachable(apiRoot: URL, answer: TrackerResponse | Error): CheckItem {
  const name = 'reachable';
  if (answer instanceof TrackerError && answer.code === 'tracker-rate-limited')
    return { name, outcome: 'warning', detail: answer.message, remedy: 'Wait and test again.' };
  if (answer instanceof Error)
    return {
      name,
      outcome: 'failed',
      detail: answer.message,
      remedy: 'Check baseUrl, and that this host may be reached.',
    };
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
