import type { CheckItem, CheckName, Checkup, TrackerResponse } from '../../ports/tracker.ts';
import { answerOf, checkTls, completed, notReached } from '../shared/checkup-lines.ts';
import { refusalWords } from './answers.ts';
import { checkProject, levelOf } from './checkup-project.ts';
import { checkExpiry, checkRate, checkScopes, checkWebhook, tokenOf } from './checkup-token.ts';
import { HIERARCHY } from './place.ts';
import { askProject, boundOf, learnProject } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { GitlabProject, GitlabUser } from './wire.ts';

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
export async function checkupOf(place: GitlabPlace, signal: AbortSignal): Promise<Checkup> {
  const get = (path: string, query = {}): Promise<TrackerResponse | Error> =>
    answerOf(() => place.send({ method: 'GET', path, query }, signal));
  const items: CheckItem[] = [checkTls(place.apiRoot)];
  const user = await get('/user');
  items.push(checkReachable(place.apiRoot, user));
  if (user instanceof Error) return { items: completed(ORDER, items) };
  const token = tokenOf(await get('/personal_access_tokens/self'));
  const account = GitlabUser.safeParse(user.json);
  items.push(checkToken(user, account.data?.username, token?.name));
  // A token without the scope to read its own account still says which scopes it has.
  items.push(checkScopes(user, token), checkExpiry(token, place.clock.now()));
  if (user.status !== 200 || !account.success)
    return {
      items: completed(
        ORDER,
        items.filter((item) => user.status !== 401 || isAboutAccess(item)),
      ),
    };
  place.account = account.data;
  const answer = await answerOf(() => askProject(place, signal));
  const parsed = answer instanceof Error ? undefined : GitlabProject.safeParse(answer.json);
  const known = answer instanceof Error || answer.status !== 200 ? undefined : parsed?.data;
  items.push(checkRate(answer instanceof Error ? user : answer));
  if (known === undefined)
    return { items: completed(ORDER, [...items, ...checkProject(place, answer, undefined, undefined)]) };
  learnProject(place, known);
  const member = await get(`${place.path}/members/all/${String(account.data.id)}`);
  items.push(...checkProject(place, answer, known, levelOf(member)), HIERARCHY);
  items.push(checkWebhook(await get(`${place.path}/hooks`, { per_page: 1 })));
  const { username, id } = account.data;
  return {
    items: completed(ORDER, items),
    bound: { ...boundOf(known), account: username, accountId: String(id) },
  };
}

function isAboutAccess({ name }: CheckItem): boolean {
  return name === 'reachable' || name === 'tls' || name === 'token';
}

function checkReachable(apiRoot: URL, answer: TrackerResponse | Error): CheckItem {
  if (answer instanceof Error) return notReached(answer);
  const name = 'reachable';
  if (answer.json === undefined)
    return {
      name,
      outcome: 'failed',
      detail: `${apiRoot.host} answers, but not as GitLab's API does (HTTP ${String(answer.status)}).`,
      remedy:
        'Use https://gitlab.com/api/v4, or https://HOST/api/v4 of your own GitLab; look for a proxy or sign-in page.',
    };
  return { name, outcome: 'ok', detail: `${apiRoot.host} answers.` };
}

function checkToken(
  answer: TrackerResponse,
  username: string | undefined,
  tokenName: string | null | undefined,
): CheckItem {
  const name = 'token';
  const called = tokenName ? ` "${tokenName}"` : '';
  if (answer.status === 200 && username !== undefined)
    return { name, outcome: 'ok', detail: `The token${called} belongs to ${username}.` };
  return {
    name,
    outcome: 'failed',
    detail: answer.status === 200 ? 'GitLab does not say whose token it is.' : refusalWords(answer),
    remedy: 'Create a new token with the scope "api" for the project and store it.',
  };
}
