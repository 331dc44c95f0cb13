import { messageOf, TrackerError } from '../domain/errors.ts';
import type { Integration, WebhookState } from '../domain/integration.ts';
import type { Secret } from '../domain/secret.ts';
import type { Parts } from './parts.ts';
import { redeliverMissed } from './redelivery.ts';
import { openSession, type Session, webhookContext } from './session.ts';

const RETRY_MS = 10 * 60 * 1000;
const NEVER = new AbortController().signal;

/** The address a tracker is given: our own origin plus the fixed path, nothing else, or it could make the tracker call others. */
function webhookAddress(base: string, provider: string, integrationId: string): string {
  const path = `/webhooks/${provider}/${integrationId}`;
  const trimmed = base.replace(/\/+$/, '');
  return trimmed.endsWith(path) ? trimmed : `${trimmed}${path}`;
}

/**
 * Registers the webhook at the tracker, or says what to do by hand. A failure is kept, shown and tried again; it loses nothing,
 * and a hook that was registered before goes on being believed by its scheme. `byHand`: a person has asked for the secret, to
 * add the hook where we may not.
 */
export async function registerHook(
  parts: Parts,
  tenantId: string,
  integrationId: string,
  byHand = false,
): Promise<void> {
  const tenant = parts.store.tenant(tenantId);
  const integration = await tenant.transact((tx) => tx.integrations.get(integrationId));
  if (integration === undefined) return;
  const webhook = await register(parts, tenantId, integration, byHand);
  await tenant.transact((tx) => tx.integrations.note(integrationId, { webhook }));
}

/**
 * Registers again where that failed and its time has come; `look` also asks the tracker whether it has disabled the hook.
 * Then asks for what did not arrive.
 */
export async function mendHook(
  parts: Parts,
  session: Session,
  look: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { integration, tracker, tenantId } = session;
  const { webhook } = integration;
  const now = parts.clock.now().toISOString();
  const isDue = webhook.kind === 'failing' && webhook.retryAt <= now;
  const isLost =
    look &&
    webhook.kind === 'registered' &&
    tracker.hooks !== undefined &&
    !(await tracker.hooks.healthy(webhook.hookId, signal));
  if (isDue || isLost || (await redeliverMissed(parts, session, signal)) === 'hook-gone')
    await registerHook(parts, tenantId, integration.id);
}

async function register(
  parts: Parts,
  tenantId: string,
  integration: Integration,
  byHand: boolean,
): Promise<WebhookState> {
  const { scheme } = integration.webhook;
  const earlier = scheme === undefined ? {} : { scheme };
  try {
    const session = await openSession(parts, tenantId, integration);
    const base = session.connection.webhookUrl ?? parts.publicUrl;
    if (base === undefined)
      return {
        kind: 'manual',
        todo: 'Set config.webhookUrl or PUBLIC_URL so that the tracker can reach this service; until then changes are found by the schedule.',
        ...earlier,
      };
    const url = webhookAddress(base, integration.provider, integration.id);
    if (session.tracker.hooks === undefined)
      return {
        kind: 'manual',
        url,
        todo: `Add a webhook for issues and comments to ${url} in the tracker, with the secret that POST /api/integrations/${integration.id}/webhook-secret makes.`,
        ...(byHand ? {} : earlier),
      };
    const secret = await hookSecret(parts, session);
    if (secret === undefined) return { ...failing(parts, 'The webhook secret is missing.'), ...earlier };
    const registered = await session.tracker.hooks.ensure(url, secret, NEVER, scheme);
    return { kind: 'registered', ...registered, url, since: parts.clock.now().toISOString() };
  } catch (error) {
    parts.log.warn(
      { integrationId: integration.id, error: messageOf(error) },
      'the webhook could not be registered',
    );
    const mayNot = error instanceof TrackerError && error.code === 'tracker-forbidden';
    return { ...failing(parts, messageOf(error)), ...(byHand && mayNot ? {} : earlier) };
  }
}

/** Ours, unless the tracker itself gave what its deliveries are proven with: then that is kept in its place. */
async function hookSecret(parts: Parts, session: Session): Promise<Secret | undefined> {
  const { tenantId, integration, connection } = session;
  const tenant = parts.store.tenant(tenantId);
  const context = webhookContext(tenantId, integration.id);
  const current = (await tenant.transact((tx) => tx.integrations.sealed(integration.id)))?.webhookSecrets[0];
  const ours = current === undefined ? undefined : await parts.vault.open(current, context);
  const given = connection.webhookSecret;
  if (given === undefined || given.reveal() === ours?.reveal()) return ours;
  const sealed = await parts.vault.seal(given, context);
  await tenant.transact((tx) => tx.integrations.seal(integration.id, { webhookSecrets: [sealed] }));
  return given;
}

function failing(parts: Parts, reason: string): Extract<WebhookState, { kind: 'failing' }> {
  const retryAt = new Date(parts.clock.now().getTime() + RETRY_MS).toISOString();
  return { kind: 'failing', reason, retryAt };
}

/**
 * Takes the hook away from the tracker. A tracker that does not answer keeps a hook whose deliveries we refuse: then the answer
 * says why.
 */
export async function removeHook(
  parts: Pick<Parts, 'log'>,
  session: Session,
  webhook: WebhookState,
): Promise<string | undefined> {
  if (webhook.kind !== 'registered' || session.tracker.hooks === undefined) return undefined;
  try {
    await session.tracker.hooks.remove(webhook.hookId, NEVER);
    return undefined;
  } catch (error) {
    parts.log.warn(
      { integrationId: session.integration.id, error: messageOf(error) },
      'the webhook could not be removed from the tracker',
    );
    return messageOf(error);
  }
}
