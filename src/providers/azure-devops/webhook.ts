import { AppError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Webhook, WebhookHint, WebhookRequest } from '../../ports/tracker.ts';
import { refOf } from './convert.ts';
import { BASIC, isProven } from './proof.ts';
import { AzureDelivery } from './wire.ts';

/** How a hook is proven was settled when it was registered: a request without the header gains nothing. */
function verify(request: WebhookRequest, secrets: readonly Secret[], _now: Date, scheme?: string): boolean {
  if (scheme === undefined) return isProven(request, secrets, false);
  return scheme === BASIC && isProven(request, secrets, true);
}

function deliveryOf(body: Uint8Array): AzureDelivery {
  try {
    return AzureDelivery.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (cause) {
    throw new AppError(
      'invalid-request',
      'The delivery is not what Azure DevOps sends about work items; send at least "Minimal" resource details.',
      { cause },
    );
  }
}

/** An update is numbered by itself; which work item it is of stands beside, or in its address. */
function itemOf({ eventType, resource }: AzureDelivery): number | undefined {
  if (resource?.workItemId != null) return resource.workItemId;
  const inAddress = /\/workitems\/(\d{1,10})(?:\/|$)/i.exec(resource?.url ?? '')?.[1];
  if (inAddress !== undefined) return Number(inAddress);
  return eventType === 'workitem.updated' ? undefined : (resource?.id ?? undefined);
}

function parse(request: WebhookRequest): WebhookHint {
  const delivery = deliveryOf(request.body);
  const { id, subscriptionId, eventType, resourceContainers } = delivery;
  const projectId = resourceContainers?.project?.id;
  const hint: WebhookHint = {
    deliveryId: `${subscriptionId ?? ''}/${id}`,
    event: eventType,
    ...(projectId == null ? {} : { projectId }),
    refs: [],
  };
  if (!eventType.startsWith('workitem.')) return { ...hint, ignored: `We do not follow "${eventType}".` };
  const item = itemOf(delivery);
  if (item === undefined || item <= 0) return { ...hint, ignored: 'It names no work item.' };
  return { ...hint, refs: [refOf(item)] };
}

export const azureDevopsWebhook: Webhook = {
  schemes: {
    [BASIC]:
      'the password of Basic authentication is the secret, and `X-Tmi-Proof` a second one made from it (a hook added by hand: the password alone); nothing signs the body, which is only a hint',
  },
  verify,
  parse,
};
