import { z } from 'zod';
import type { Secret } from '../../domain/secret.ts';
import type { Hooks } from '../../ports/hooks.ts';
import { TrackerError } from '../../domain/errors.ts';
import { dataOf, refusal } from './answers.ts';
import { fetchData } from './project.ts';
import type { JiraProject } from './project.ts';
import { quoted } from './search.ts';

/** How deliveries are proven: an HMAC over the body, or the token of an OAuth app. */
export const HUB_SIGNATURE = 'hub-signature';
export const APP_TOKEN = 'oauth-jwt';

export const EVENTS = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'comment_created',
  'comment_updated',
  'comment_deleted',
] as const;

const Hook = z.object({
  id: z.union([z.int(), z.string()]).transform(String),
  url: z.string().optional(),
  active: z.boolean().optional(),
});
const ServerHooks = z.array(Hook);

/**
 * Webhooks of a Data Center, 10.0 and newer; they need the permission "Jira Administrators". Only a secret in
 * `configuration` signs: one beside it is ignored without a word.
 * https://confluence.atlassian.com/adminjiraserver/managing-webhooks-938846912.html
 */
export function serverHooks(project: JiraProject): Hooks {
  const root = '/rest/jira-webhook/1.0/webhooks';
  const at = (hookId: string): string => `${root}/${encodeURIComponent(hookId)}`;
  return {
    async ensure(url, secret, signal) {
      const listed = await project.send({ method: 'GET', path: root }, signal);
      if (listed.status === 404) throw tooOld();
      const known = dataOf(listed, ServerHooks, 'list webhooks').find((hook) => hook.url === url);
      const json = serverHook(project, url, secret);
      const answer =
        known === undefined
          ? await project.send({ method: 'POST', path: root, json }, signal)
          : await project.send({ method: 'PUT', path: at(known.id), json }, signal);
      const { id } = dataOf(answer, Hook, 'register the webhook');
      return { hookId: id, scheme: HUB_SIGNATURE };
    },
    async healthy(hookId, signal) {
      const answer = await project.send({ method: 'GET', path: at(hookId) }, signal);
      if (answer.status === 404) return false;
      return dataOf(answer, Hook, 'read the webhook').active !== false;
    },
    async remove(hookId, signal) {
      const answer = await project.send({ method: 'DELETE', path: at(hookId) }, signal);
      if (![200, 204, 404].includes(answer.status)) throw refusal(answer, 'remove the webhook');
    },
  };
}

function serverHook(project: JiraProject, url: string, secret: Secret) {
  return {
    name: `Threat models (${project.key})`,
    url,
    active: true,
    events: EVENTS,
    scopeType: 'global',
    filters: { 'issue-related-events-section': `project = ${quoted(project.key)}` },
    configuration: { SECRET: secret.reveal(), EXCLUDE_BODY: 'false' },
    sslVerificationRequired: url.startsWith('https:'),
  };
}

function tooOld(): TrackerError {
  return new TrackerError(
    'tracker-refused',
    'This Jira has no webhooks that can be managed from outside (they came with 10.0). Add one by hand: Administration, System, WebHooks.',
    { arrived: 'no', status: 404 },
  );
}

const DAY_MS = 86_400_000;
/** They live for 30 days; looked at daily, this leaves room for a week without us. */
const RENEW_BEFORE_MS = 10 * DAY_MS;

const DynamicHook = z.object({
  id: z.int(),
  jqlFilter: z.string().optional(),
  url: z.string().optional(),
  expirationDate: z.number().optional(),
});
const DynamicHooks = z.object({ values: z.array(DynamicHook), isLast: z.boolean().optional() });
const Registered = z.object({
  webhookRegistrationResult: z.array(
    z.object({ createdWebhookId: z.int().optional(), errors: z.array(z.string()).optional() }),
  ),
});

/**
 * Webhooks of an OAuth app: they end after 30 days unless they are extended, and are signed with the app's own client
 * secret.
 * https://developer.atlassian.com/cloud/jira/platform/webhooks/#registering-a-webhook-using-the-jira-rest-api--other-integrations-
 */
export function appHooks(project: JiraProject): Hooks {
  const path = `${project.api}/webhook`;
  const jqlFilter = `project = ${quoted(project.key)}`;
  const listed = async (signal: AbortSignal) => {
    const request = { path, query: { maxResults: 100 } };
    return (await fetchData(project, request, DynamicHooks, 'list webhooks', signal)).values;
  };
  const remove = async (id: number, signal: AbortSignal): Promise<void> => {
    const answer = await project.send({ method: 'DELETE', path, json: { webhookIds: [id] } }, signal);
    if (![200, 202, 204, 404].includes(answer.status)) throw refusal(answer, 'remove the webhook');
  };
  return {
    async ensure(url, _secret, signal) {
      const same = (await listed(signal)).filter((hook) => hook.jqlFilter === jqlFilter);
      const known = same.find((hook) => hook.url === url);
      if (known !== undefined) {
        const json = { webhookIds: [known.id] };
        const answer = await project.send({ method: 'PUT', path: `${path}/refresh`, json }, signal);
        dataOf(answer, z.object({ expirationDate: z.number() }), 'extend the webhook');
        return { hookId: String(known.id), scheme: APP_TOKEN };
      }
      const json = { url, webhooks: [{ jqlFilter, events: EVENTS }] };
      const answer = await project.send({ method: 'POST', path, json }, signal);
      const [result] = dataOf(answer, Registered, 'register the webhook').webhookRegistrationResult;
      if (result?.createdWebhookId === undefined) throw refusedHook(result?.errors ?? []);
      return { hookId: String(result.createdWebhookId), scheme: APP_TOKEN };
    },
    async healthy(hookId, signal) {
      const hook = (await listed(signal)).find((each) => String(each.id) === hookId);
      if (hook === undefined) return false;
      const now = project.clock.now().getTime();
      return hook.expirationDate === undefined || hook.expirationDate - now > RENEW_BEFORE_MS;
    },
    remove: (hookId, signal) => remove(Number(hookId), signal),
  };
}

function refusedHook(errors: readonly string[]): TrackerError {
  const words = errors.join('; ') || 'it gave no reason';
  return new TrackerError(
    'tracker-refused',
    `Jira did not register the webhook: ${words}. An app may have five of them on a site.`,
    { arrived: 'no' },
  );
}
