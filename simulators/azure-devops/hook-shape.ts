import { isFields } from './request.ts';
import { identityShape } from './shapes.ts';
import type { Delivery, Subscription } from './state.ts';

/** What a secret looks like once it is stored. */
export const MASK = '********';
const SECRETS = new Set(['basicAuthPassword', 'httpHeaders']);

export function subscriptionShape(root: string, subscription: Subscription): Record<string, unknown> {
  const { id, eventType, resourceVersion, status, publisherInputs } = subscription;
  const url = `${root}/_apis/hooks/subscriptions/${id}`;
  const host = URL.canParse(subscription.consumerInputs['url'] ?? '')
    ? new URL(subscription.consumerInputs['url'] ?? '').host
    : '';
  return {
    id,
    url,
    status,
    publisherId: 'tfs',
    eventType,
    resourceVersion,
    eventDescription: 'Any work item',
    consumerId: 'webHooks',
    consumerActionId: 'httpRequest',
    actionDescription: `To host ${host}`,
    createdBy: identityShape(root, subscription.createdBy),
    createdDate: subscription.createdAt,
    modifiedBy: identityShape(root, subscription.modifiedBy),
    modifiedDate: subscription.modifiedAt,
    publisherInputs: { ...publisherInputs, tfsSubscriptionId: id },
    consumerInputs: masked(subscription.consumerInputs),
    _links: { self: { href: url } },
  };
}

export function deliveryShape(
  subscription: Subscription,
  delivery: Delivery,
  withDetails: boolean,
): Record<string, unknown> {
  const { id, eventId, createdAt, modifiedAt, status, result } = delivery;
  return {
    id,
    subscriptionId: subscription.id,
    subscriberId: subscription.createdBy.id,
    eventId,
    status,
    result,
    createdDate: createdAt,
    modifiedDate: modifiedAt,
    ...(withDetails ? { details: detailsOf(subscription, delivery) } : {}),
  };
}

function detailsOf(subscription: Subscription, delivery: Delivery): Record<string, unknown> {
  return {
    eventType: delivery.eventType,
    publisherId: 'tfs',
    consumerId: 'webHooks',
    consumerActionId: 'httpRequest',
    consumerInputs: masked(subscription.consumerInputs),
    publisherInputs: subscription.publisherInputs,
    event: eventOf(delivery),
    request: `Method: POST, RequestUri: '${delivery.url}'`,
    response: delivery.answers.map((status) => `StatusCode: ${status}`).join('; '),
    errorMessage: delivery.error,
    requestAttempts: delivery.attempts,
    queuedDate: delivery.createdAt,
    ...(delivery.status === 'completed' ? { completedDate: delivery.modifiedAt } : {}),
  };
}

/** What was sent, without what says to whom. */
function eventOf({ body }: Delivery): unknown {
  const sent: unknown = JSON.parse(body);
  if (!isFields(sent)) return sent;
  const { subscriptionId: _to, notificationId: _number, ...event } = sent;
  return event;
}

function masked(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, SECRETS.has(name) && value !== '' ? MASK : value]),
  );
}
