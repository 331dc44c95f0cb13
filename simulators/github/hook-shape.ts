import { repositoryUrl } from './shapes.ts';
import type { Hook, HookDelivery, State } from './state.ts';

type Shape = Record<string, unknown>;

/** A webhook; its secret is shown as stars. */
export function hookShape(state: State, hook: Hook): Shape {
  const url = `${repositoryUrl(state, hook.repository)}/hooks/${hook.id}`;
  return {
    type: 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: hook.events,
    config: configShape(hook),
    updated_at: hook.updatedAt,
    created_at: hook.createdAt,
    url,
    test_url: `${url}/test`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response: lastResponse(hook),
  };
}

export function configShape(hook: Hook): Shape {
  const { secret, ...rest } = hook.config;
  return secret === undefined || secret === '' ? rest : { ...rest, secret: '********' };
}

function lastResponse(hook: Hook): Shape {
  const last = hook.deliveries.at(-1);
  if (last === undefined) return { code: null, status: 'unused', message: null };
  const isGood = last.statusCode >= 200 && last.statusCode < 300;
  return {
    code: last.statusCode === 0 ? null : last.statusCode,
    status: isGood ? 'active' : 'invalid_response',
    message: isGood ? 'OK' : last.status,
  };
}

/** A delivery as the list shows it. */
export function deliveryShape(hook: Hook, delivery: HookDelivery): Shape {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.durationSeconds,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: null,
    repository_id: hook.repository.id,
    throttled_at: null,
  };
}

/** A delivery by itself, with what was sent and what came back. */
export function wholeDeliveryShape(hook: Hook, delivery: HookDelivery): Shape {
  const payload: unknown = JSON.parse(
    hook.config.content_type === 'form' && delivery.body.startsWith('payload=')
      ? (new URLSearchParams(delivery.body).get('payload') ?? 'null')
      : delivery.body,
  );
  return {
    ...deliveryShape(hook, delivery),
    url: delivery.url,
    request: { headers: delivery.requestHeaders, payload },
    response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
  };
}
