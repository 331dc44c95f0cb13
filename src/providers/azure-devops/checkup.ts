import type { CheckItem, CheckName, Checkup, TrackerResponse } from '../../ports/tracker.ts';
import { answerOf, checkTls, completed, notReached } from '../shared/checkup-lines.ts';
import { isSignInPage } from './answers.ts';
import { checkExpiry, checkRate, checkScopes, checkToken, checkWebhook } from './checkup-access.ts';
import { checkCreate, checkProject } from './checkup-project.ts';
import { checkPriorities, checkType } from './checkup-type.ts';
import { createPath } from './create.ts';
import { SUBSCRIPTIONS } from './hooks.ts';
import { placeFields } from './plan.ts';
import { ACCOUNT, accountIn, ask, askProject, boundOf, learnProject } from './project.ts';
import type { Ask, AzurePlace } from './project.ts';
import { operationsOf, PATCH_TYPE } from './save.ts';
import type { AzureDevopsCredentials } from './settings.ts';
import { AzureConnection, AzureProject, AzureType } from './wire.ts';
import { learnType, typePath } from './work-item-type.ts';
import type { WorkItemType } from './work-item-type.ts';

const ORDER: readonly CheckName[] = [
  'reachable',
  'tls',
  'token',
  'scopes',
  'expiry',
  'project',
  'visibility',
  'issue-type',
  'create-issues',
  'edit-issues',
  'required-fields',
  'statuses',
  'priorities',
  'labels',
  'hierarchy',
  'rate-limit',
  'webhook',
];

/** The whole connection test, six requests at most; it fails only by its lines. Nothing is created: a create is rehearsed. */
export async function checkupOf(
  place: AzurePlace,
  access: AzureDevopsCredentials['type'],
  signal: AbortSignal,
): Promise<Checkup> {
  const send = (request: Ask): Promise<TrackerResponse | Error> =>
    answerOf(() => ask(place, request, signal));
  const items: CheckItem[] = [checkTls(place.apiRoot)];
  const user = await send({ method: 'GET', ...ACCOUNT });
  items.push(checkReachable(place.apiRoot, user));
  if (user instanceof Error) return { items: completed(ORDER, items) };
  const known = user.status === 200 ? AzureConnection.safeParse(user.json).data : undefined;
  const account = known === undefined ? undefined : accountIn(known);
  items.push(checkToken(user, account?.name, access));
  if (account === undefined) return { items: completed(ORDER, items) };
  place.account = account;
  items.push(checkExpiry(access), checkRate(user));
  const tried: (TrackerResponse | Error)[] = [await answerOf(() => askProject(place, signal))];
  const project = parsedProject(tried[0]);
  items.push(...checkProject(place, tried[0] ?? user, project));
  if (project === undefined) return { items: completed(ORDER, [...items, ...scopes(access, tried)]) };
  learnProject(place, project);
  tried.push(...(await checkWork(place, send, items)));
  items.push(...scopes(access, tried));
  const query = { publisherId: 'tfs', consumerId: 'webHooks', consumerActionId: 'httpRequest' };
  items.push(checkWebhook(await send({ method: 'GET', path: SUBSCRIPTIONS, query })));
  return {
    items: completed(ORDER, items),
    bound: { ...boundOf(place, project), account: account.name, accountId: account.id },
  };
}

/** The type of work items and what we may do with it. Answers what was tried. */
async function checkWork(
  place: AzurePlace,
  send: (request: Ask) => Promise<TrackerResponse | Error>,
  items: CheckItem[],
): Promise<readonly (TrackerResponse | Error)[]> {
  const path = typePath(place, place.workItemType);
  const typeAnswer = await send({ method: 'GET', path });
  const type = parsedType(place, typeAnswer);
  items.push(...checkType(typeAnswer, place.workItemType, type));
  if (type === undefined) return [typeAnswer];
  items.push(
    checkPriorities(
      await send({ method: 'GET', path: `${path}/fields`, query: { $expand: 'AllowedValues' } }),
      place.severityField,
    ),
  );
  const rehearsal = await send({
    method: 'POST',
    path: createPath(place, type.name),
    query: { validateOnly: true },
    headers: { 'content-type': PATCH_TYPE },
    json: operationsOf([
      { op: 'add', field: 'System.Title', value: 'Rehearsal of a connection test' },
      ...placeFields(place),
    ]),
    reads: true,
  });
  items.push(...checkCreate(rehearsal, type.name), {
    name: 'hierarchy',
    outcome: 'ok',
    detail: `A ${type.name} can stand under any other work item.`,
  });
  return [typeAnswer, rehearsal];
}

function scopes(
  access: AzureDevopsCredentials['type'],
  tried: readonly (TrackerResponse | Error)[],
): readonly CheckItem[] {
  const answers = tried.flatMap((each) => (each instanceof Error ? [] : [each]));
  return answers.length === 0 ? [] : [checkScopes(access, answers)];
}

function parsedProject(answer: TrackerResponse | Error | undefined): AzureProject | undefined {
  if (answer === undefined || answer instanceof Error || answer.status !== 200) return undefined;
  return AzureProject.safeParse(answer.json).data;
}

function parsedType(place: AzurePlace, answer: TrackerResponse | Error): WorkItemType | undefined {
  if (answer instanceof Error || answer.status !== 200) return undefined;
  const wire = AzureType.safeParse(answer.json).data;
  return wire === undefined ? undefined : learnType(place, wire);
}

function checkReachable(apiRoot: URL, answer: TrackerResponse | Error): CheckItem {
  if (answer instanceof Error) return notReached(answer);
  const name = 'reachable';
  if (answer.json === undefined && answer.status !== 401 && !isSignInPage(answer))
    return {
      name,
      outcome: 'failed',
      detail: `${apiRoot.host} answers, but not as Azure DevOps does (HTTP ${String(answer.status)}).`,
      remedy:
        'Use https://dev.azure.com, or https://HOST/tfs of your own Server, with the organization or collection beside it; look for a proxy.',
    };
  return { name, outcome: 'ok', detail: `${apiRoot.host} answers.` };
}
