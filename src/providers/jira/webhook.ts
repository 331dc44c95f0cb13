import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Webhook, WebhookHint, WebhookRequest } from '../../ports/tracker.ts';
import { refOf } from './convert.ts';
import { APP_TOKEN, EVENTS, HUB_SIGNATURE } from './hooks.ts';
import { isSignedToken, sameText } from './webhook-token.ts';

const Id = z.union([z.string().regex(/^\d{1,20}$/), z.int().transform(String)]);

/** What deliveries have in common. Comments come with a short form of their issue. */
const Delivery = z.object({
  webhookEvent: z.string().min(1).max(200),
  timestamp: z.number().optional(),
  issue: z
    .object({
      id: Id,
      key: z.string().min(1).max(300),
      fields: z
        .object({ project: z.object({ id: Id }).optional() })
        .optional()
        .catch(undefined),
    })
    .optional(),
  comment: z.object({ id: z.string() }).optional().catch(undefined),
  changelog: z.object({ id: z.string() }).optional().catch(undefined),
});
type Delivery = z.infer<typeof Delivery>;

/**
 * The header names the method, and only one is good enough. Despite its name it is not SHA-1.
 * https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks
 */
function hasHubSignature(request: WebhookRequest, key: string): boolean {
  const expected = `sha256=${createHmac('sha256', key).update(request.body).digest('hex')}`;
  // An empty secret would let everybody sign.
  return sameText(request.headers['x-hub-signature'] ?? '', expected) && key !== '';
}

function verify(request: WebhookRequest, secrets: readonly Secret[], now: Date, scheme?: string): boolean {
  let valid = false;
  for (const secret of secrets) {
    const key = secret.reveal();
    const proven = scheme === APP_TOKEN ? isSignedToken(request, key, now) : hasHubSignature(request, key);
    if (proven) valid = true;
  }
  return valid;
}

function deliveryOf(body: Uint8Array): Delivery {
  try {
    return Delivery.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (cause) {
    throw new AppError(
      'invalid-request',
      'The delivery is not what Jira sends. In the webhook, leave "Exclude body" off.',
      { cause },
    );
  }
}

/** Cloud names each delivery, the same on every try; of a Data Center's, what it says is its name. */
function deliveryId(request: WebhookRequest, delivery: Delivery): string {
  const given = request.headers['x-atlassian-webhook-identifier'] ?? '';
  if (given !== '') return given;
  const { webhookEvent, timestamp, issue, comment, changelog } = delivery;
  const parts = [
    webhookEvent,
    timestamp ?? null,
    issue?.id ?? null,
    comment?.id ?? null,
    changelog?.id ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

function parse(request: WebhookRequest): WebhookHint {
  const delivery = deliveryOf(request.body);
  const { webhookEvent: event, issue } = delivery;
  const projectId = issue?.fields?.project?.id;
  const hint: WebhookHint = {
    deliveryId: deliveryId(request, delivery),
    event,
    ...(projectId === undefined ? {} : { projectId }),
    refs: issue === undefined ? [] : [refOf(issue)],
  };
  if (!EVENTS.some((each) => each === event))
    return { ...hint, refs: [], ignored: `We do not follow "${event}".` };
  if (issue !== undefined) return hint;
  throw new AppError('invalid-request', 'The delivery about an issue names no issue.');
}

export const jiraWebhook: Webhook = {
  schemes: {
    [HUB_SIGNATURE]:
      '`X-Hub-Signature` is the HMAC-SHA256 of the raw bytes under the secret (Data Center, and hooks added by hand)',
    [APP_TOKEN]:
      '`Authorization` holds a JWT, HS256 under the client secret, that has not expired (OAuth app on Cloud)',
  },
  verify,
  parse,
};
