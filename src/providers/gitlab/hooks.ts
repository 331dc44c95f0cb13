import { TrackerError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Hooks } from '../../ports/hooks.ts';
import { dataOf, refusal } from './answers.ts';
import { fetchPages } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { PLAIN, SIGNED, signingToken } from './signing.ts';
import { GitlabHook, GitlabHooks } from './wire.ts';

const EVENTS = {
  push_events: false,
  issues_events: true,
  confidential_issues_events: true,
  note_events: true,
  confidential_note_events: true,
  enable_ssl_verification: true,
};

/** What a person does where the token may not. */
export const HOOK_BY_HAND =
  'Give the account the role Maintainer, or add the webhook by hand: Settings > Webhooks > Add new webhook; URL: your public address + /webhooks/gitlab/ + the id of the integration; Secret token: the webhook secret of the integration; triggers: Issues, Confidential issues, Comments, Confidential comments; SSL verification on; no custom template.';

const NEVER_DOWNGRADED =
  'The webhook was signed, and this GitLab no longer takes a signing token; a plain secret would prove less. Run GitLab 19.0 or newer, or delete the integration and create it again (its links go on): a new one may begin with a plain secret. Until then changes are found by the schedule.';

/** Four failures in a row switch a hook off for a while, forty for good. */
function isOff(hook: GitlabHook): boolean {
  return (hook.alert_status ?? 'executable') !== 'executable' || hook.disabled_until != null;
}

/** The project's webhooks. https://docs.gitlab.com/api/project_webhooks/ */
export function hooksOf(place: GitlabPlace): Hooks {
  const pathOf = (id: number | string): string => `${place.path}/hooks/${encodeURIComponent(String(id))}`;

  async function hookAt(url: string, signal: AbortSignal): Promise<GitlabHook | undefined> {
    const request = { path: `${place.path}/hooks`, query: { per_page: 100 } };
    for await (const page of fetchPages(place, request, GitlabHooks, 'list webhooks', signal)) {
      const hook = page.find((each) => each.url === url);
      if (hook !== undefined) return hook;
    }
    return undefined;
  }

  /** One that was switched off is made anew: only a successful delivery would switch it on again. */
  async function reusable(url: string, signal: AbortSignal): Promise<GitlabHook | undefined> {
    const hook = await hookAt(url, signal);
    if (hook === undefined || !isOff(hook)) return hook;
    await remove(String(hook.id), signal);
    return undefined;
  }

  async function registered(
    url: string,
    secret: Secret,
    signal: AbortSignal,
    earlier: string | undefined,
  ): Promise<{ hookId: string; scheme: string }> {
    const known = await reusable(url, signal);
    const signed = { ...EVENTS, url, signing_token: signingToken(secret).reveal() };
    const first = await store(known?.id, known === undefined ? signed : { ...signed, token: '' }, signal);
    if (first.signing_token_present === true) return { hookId: String(first.id), scheme: SIGNED };
    if (known?.signing_token_present === true || earlier === SIGNED) {
      // One without any secret proves nothing.
      if (known === undefined) await remove(String(first.id), signal);
      throw new TrackerError('tracker-refused', NEVER_DOWNGRADED, { arrived: 'maybe' });
    }
    const plain = await store(first.id, { ...EVENTS, url, token: secret.reveal() }, signal);
    return { hookId: String(plain.id), scheme: PLAIN };
  }

  async function store(id: number | undefined, json: object, signal: AbortSignal): Promise<GitlabHook> {
    const answer =
      id === undefined
        ? await place.send({ method: 'POST', path: `${place.path}/hooks`, json }, signal)
        : await place.send({ method: 'PUT', path: pathOf(id), json }, signal);
    return dataOf(answer, GitlabHook, 'register the webhook', place.clock.now());
  }

  async function remove(hookId: string, signal: AbortSignal): Promise<void> {
    const answer = await place.send({ method: 'DELETE', path: pathOf(hookId) }, signal);
    const gone = answer.status === 204 || answer.status === 200 || answer.status === 404;
    if (!gone) throw refusal(answer, 'remove the webhook', place.clock.now());
  }

  return {
    /**
     * Signed where the server can. Servers before 19.0 ignore a signing token without a word; the plain secret is sent to
     * them only after their answer has shown it, and never beside a signature, whose key it is.
     */
    async ensure(url, secret, signal, earlier) {
      try {
        return await registered(url, secret, signal, earlier);
      } catch (error) {
        throw explained(error);
      }
    },
    async healthy(hookId, signal) {
      const answer = await place.send({ method: 'GET', path: pathOf(hookId) }, signal);
      if (answer.status === 404) return false;
      return !isOff(dataOf(answer, GitlabHook, 'read the webhook', place.clock.now()));
    },
    remove,
  };
}

/** Webhooks need more than the rest: only maintainers may look at them. */
function explained(error: unknown): unknown {
  if (!(error instanceof TrackerError) || error.code !== 'tracker-forbidden') return error;
  const message = `The token may not manage the webhooks of the project. ${HOOK_BY_HAND}`;
  return new TrackerError('tracker-forbidden', message, { arrived: 'no', status: 403, cause: error });
}
