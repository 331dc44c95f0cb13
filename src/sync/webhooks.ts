import { AppError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { Door } from '../ports/store.ts';
import type { WebhookRequest } from '../ports/tracker.ts';
import type { Parts } from './parts.ts';
import { webhookContext } from './session.ts';
import type { WebhookCases } from './use-cases.ts';

/** Kept of a delivery's headers, for people; signatures and cookies are not. */
const KEPT_HEADERS =
  /^(content-type|user-agent|x-github-(event|delivery|hook-id)|x-gitlab-(event|webhook-uuid)|webhook-id|webhook-timestamp|idempotency-key|x-atlassian-webhook-.*)$/;

/**
 * The webhook door: verify over the raw bytes, keep the delivery and mark what it hints at in one transaction, answer.
 * Whatever is not proven is refused in the same words, and costs the same work, so that nobody learns which ids exist.
 */
export function webhookCases(parts: Parts): WebhookCases {
  return {
    async receive(provider, integrationId, request) {
      const started = parts.clock.now().getTime();
      const verdict = await receive(parts, provider, integrationId, request).catch((error: unknown) => {
        metered(parts, provider, 'refused', started);
        throw error;
      });
      metered(parts, provider, verdict, started);
      return verdict;
    },
  };
}

function metered(parts: Parts, provider: string, verdict: string, started: number): void {
  const known = [...parts.providers.keys()].some((id) => id === provider);
  parts.meters.webhook(known ? provider : 'unknown', verdict, (parts.clock.now().getTime() - started) / 1000);
}

async function receive(
  parts: Parts,
  provider: string,
  integrationId: string,
  request: WebhookRequest,
): Promise<'accepted' | 'duplicate' | 'ignored'> {
  const door = await parts.store.dispatch.door(integrationId);
  const known = [...parts.providers.values()].find(
    (each) => each.id === provider && each.webhook !== undefined,
  );
  const webhook = known?.webhook;
  const secrets = door === undefined ? [new Secret(parts.chance.hex(32))] : await secretsOf(parts, door);
  const proven = webhook !== undefined && webhook.verify(request, secrets, parts.clock.now(), door?.scheme);
  if (!proven || door === undefined || door.provider !== provider) throw refused();
  const hint = webhook.parse(request);
  if (door.projectId !== undefined && hint.projectId !== undefined && door.projectId !== hint.projectId)
    throw refused();
  const kept = await parts.store.dispatch.accept(
    {
      id: parts.chance.uuid(),
      integrationId,
      provider: door.provider,
      deliveryId: hint.deliveryId,
      event: hint.event,
      issueKeys: hint.refs.map((ref) => ref.key),
      receivedAt: parts.clock.now().toISOString(),
      headers: headersOf(request),
      body: request.body,
      ...(hint.ignored === undefined ? {} : { ignored: hint.ignored }),
    },
    hint.refs.map((ref) => ref.id),
    [
      {
        type: 'webhook:received',
        subject: integrationId,
        data: { integrationId, deliveryId: hint.deliveryId, event: hint.event },
      },
    ],
  );
  if (!kept) return 'duplicate';
  if (hint.ignored !== undefined) return 'ignored';
  parts.bus.wake();
  return 'accepted';
}

async function secretsOf(parts: Parts, door: Door): Promise<Secret[]> {
  const context = webhookContext(door.tenantId, door.integrationId);
  return Promise.all(door.webhookSecrets.map((sealed) => parts.vault.open(sealed, context)));
}

function refused(): AppError {
  return new AppError('webhook-refused', 'This delivery is not proven to come from the tracker.');
}

function headersOf(request: WebhookRequest): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && KEPT_HEADERS.test(name)) kept[name] = value;
  return kept;
}
