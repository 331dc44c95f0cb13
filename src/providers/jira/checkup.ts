import { messageOf } from '../../domain/errors.ts';
import type { z } from 'zod';
import type { CheckItem, CheckName, Checkup, TrackerResponse } from '../../ports/tracker.ts';
import { answerOf, checkTls, completed, notReached } from '../shared/checkup-lines.ts';
import { refusalWords } from './answers.ts';
import { checkAccess, checkExpiry, checkRate, checkScopes, checkWebhook } from './checkup-access.ts';
import { checkPermissions, checkProject, checkVisibility } from './checkup-project.ts';
import { checkPriorities, checkScreen, checkStatuses, checkType } from './checkup-type.ts';
import { checkHierarchy } from './checkup-hierarchy.ts';
import { askProject, boundOf, isUnauthorized, projectPath, userId, userName } from './project.ts';
import type { JiraProject } from './project.ts';
import type { JiraPlace } from './tracker.ts';
import {
  JiraCreateMeta,
  JiraMyself,
  JiraPermissions,
  JiraPriorities,
  JiraProjectShape,
  JiraServerInfo,
  JiraTypeStatuses,
} from './wire.ts';

const ORDER: readonly CheckName[] = [
  'reachable',
  'tls',
  'token',
  'scopes',
  'expiry',
  'project',
  'visibility',
  'create-issues',
  'edit-issues',
  'close-issues',
  'issue-type',
  'required-fields',
  'statuses',
  'labels',
  'hierarchy',
  'priorities',
  'rate-limit',
  'webhook',
];
const PERMISSIONS = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'TRANSITION_ISSUES',
  'ADD_COMMENTS',
  'ADMINISTER',
];

/** The whole connection test, ten requests at most; it fails only by its lines. */
export async function checkupOf(
  project: JiraProject,
  place: JiraPlace,
  signal: AbortSignal,
): Promise<Checkup> {
  const ask = (path: string, query: Record<string, string> = {}) =>
    answerOf(() => project.send({ method: 'GET', path: `${project.api}${path}`, query }, signal));
  const items: CheckItem[] = [checkTls(project.base)];
  const server = await ask('/serverInfo');
  items.push(checkReachable(project, server));
  if (items.some((item) => item.outcome === 'failed')) return { items: completed(ORDER, items) };
  const myself = await ask('/myself');
  const user = dataIn(myself, JiraMyself);
  items.push(checkAccess(place, myself, user === undefined ? undefined : userName(user)));
  if (user === undefined) return { items: completed(ORDER, items) };
  project.account = { id: userId(user), name: userName(user) };
  items.push(checkScopes(place), checkExpiry(place));
  const answer = await answerOf(() => askProject(project, signal));
  const found = dataIn(answer, JiraProjectShape);
  items.push(checkProject(project, answer, found), checkRate(answer));
  if (found === undefined) return { items: completed(ORDER, items) };
  const permissions = await ask('/mypermissions', {
    projectKey: project.key,
    // A Data Center tells all of them, whatever is asked for.
    ...(project.cloud ? { permissions: PERMISSIONS.join(',') } : {}),
  });
  const has = dataIn(permissions, JiraPermissions)?.permissions ?? {};
  items.push(...checkPermissions(has), checkWebhook(place, has['ADMINISTER']?.havePermission === true));
  const screen = dataIn(await ask(screenPath(project)), JiraCreateMeta);
  const statuses = dataIn(
    await ask(`${projectPath(project).replace(project.api, '')}/statuses`),
    JiraTypeStatuses,
  );
  const priorities = dataIn(await ask(project.cloud ? '/priority/search' : '/priority'), JiraPriorities);
  items.push(
    checkType(project, statuses),
    ...checkScreen(screen),
    checkStatuses(project, statuses),
    checkPriorities(screen, priorities),
    await checkHierarchy(project, signal),
  );
  try {
    const bound = await boundOf(project, found, signal);
    items.push(checkVisibility(project, bound.visibility));
    return {
      items: completed(ORDER, items),
      bound: { ...bound, account: userName(user), accountId: userId(user) },
    };
  } catch (error) {
    items.push({
      name: 'visibility',
      outcome: 'not-checked',
      detail: messageOf(error),
      remedy: 'Test again later.',
    });
    return { items: completed(ORDER, items) };
  }
}

function screenPath(project: JiraProject): string {
  return `/issue/createmeta/${encodeURIComponent(project.key)}/issuetypes/${encodeURIComponent(project.issueTypeId)}`;
}

function dataIn<T>(answer: TrackerResponse | Error, schema: z.ZodType<T>): T | undefined {
  if (answer instanceof Error || answer.status !== 200) return undefined;
  return schema.safeParse(answer.json).data;
}

/** Jira tells everybody what it is; the wrong kind speaks another language to us. */
function checkReachable(project: JiraProject, answer: TrackerResponse | Error): CheckItem {
  const name = 'reachable';
  const { host } = project.base;
  if (answer instanceof Error) {
    const line = notReached(answer);
    return isUnauthorized(answer) ? { ...line, outcome: 'warning' } : line;
  }
  const info = dataIn(answer, JiraServerInfo);
  // A Jira that serves nobody unsigned says so here already; the account is looked at next.
  if (info === undefined && [401, 403].includes(answer.status))
    return { name, outcome: 'ok', detail: `${host} answers.` };
  if (info === undefined)
    return {
      name,
      outcome: 'failed',
      detail: `${host} answers, but not as Jira does (${refusalWords(answer)}).`,
      remedy:
        'Use https://SITE.atlassian.net, or https://HOST[/CONTEXT] of a Data Center; look for a proxy or sign-in page.',
    };
  const isCloudServer = info.deploymentType === 'Cloud';
  if (info.deploymentType !== undefined && isCloudServer !== project.cloud)
    return {
      name,
      outcome: 'failed',
      detail: isCloudServer
        ? `${host} is a site of Jira Cloud under a name of its own.`
        : `${host} is a Jira Data Center, not Jira Cloud.`,
      remedy: isCloudServer
        ? 'Use its address at atlassian.net as baseUrl.'
        : 'Use the address of the Data Center itself as baseUrl.',
    };
  const version = info.version === undefined ? '' : ` ${info.version}`;
  return {
    name,
    outcome: 'ok',
    detail: `${host} answers: Jira ${project.cloud ? 'Cloud' : `Data Center${version}`}.`,
  };
}
