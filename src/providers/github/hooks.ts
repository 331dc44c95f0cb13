import type { Secret } from '../../domain/secret.ts';
import type { Hooks } from '../../ports/hooks.ts';
import { dataOf, refusal } from './answers.ts';
import { fetchPages } from './project.ts';
import type { GithubProject } from './project.ts';
import { redeliver } from './redelivery.ts';
import { GithubHook, GithubHooks } from './wire.ts';

/** `repository` tells of renames, transfers and a project that turned public. */
const EVENTS = ['issues', 'issue_comment', 'repository'];

function settingsOf(url: string, secret: Secret) {
  return { url, content_type: 'json', secret: secret.reveal(), insecure_ssl: '0' };
}

async function hookAt(project: GithubProject, url: string, signal: AbortSignal): Promise<number | undefined> {
  const request = { path: `${project.path}/hooks`, query: { per_page: 100 } };
  for await (const page of fetchPages(project, request, GithubHooks, 'list webhooks', signal)) {
    const hook = page.find((each) => each.config.url === url);
    if (hook !== undefined) return hook.id;
  }
  return undefined;
}

/** The repository's webhooks. https://docs.github.com/en/rest/repos/webhooks */
export function hooksOf(project: GithubProject): Hooks {
  return {
    async ensure(url, secret, signal) {
      const known = await hookAt(project, url, signal);
      const path = `${project.path}/hooks`;
      const json = { active: true, events: EVENTS, config: settingsOf(url, secret) };
      const answer =
        known === undefined
          ? await project.send({ method: 'POST', path, json: { name: 'web', ...json } }, signal)
          : await project.send({ method: 'PATCH', path: `${path}/${String(known)}`, json }, signal);
      const { id } = dataOf(answer, GithubHook, 'register the webhook', project.clock.now());
      return { hookId: String(id), scheme: 'hmac-sha256' };
    },
    async healthy(hookId, signal) {
      const path = `${project.path}/hooks/${encodeURIComponent(hookId)}`;
      const answer = await project.send({ method: 'GET', path }, signal);
      if (answer.status === 404) return false;
      return dataOf(answer, GithubHook, 'read the webhook', project.clock.now()).active;
    },
    async remove(hookId, signal) {
      const path = `${project.path}/hooks/${encodeURIComponent(hookId)}`;
      const answer = await project.send({ method: 'DELETE', path }, signal);
      const gone = answer.status === 204 || answer.status === 404;
      if (!gone) throw refusal(answer, 'remove the webhook', project.clock.now());
    },
    redeliver: (hookId, since, signal) => redeliver(project, hookId, since, signal),
  };
}
