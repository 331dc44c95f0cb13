import { newCourier } from '../shared/courier.ts';
import type { Net } from '../shared/net.ts';
import { textOf } from './draft.ts';
import type { Switchboard } from './knobs.ts';
import type { HookEvent } from './payloads.ts';
import { bodyOf, eventOf } from './payloads.ts';
import type { Delivery, Notice, Organization, State, Subscription } from './state.ts';
import { newGuid, stamp } from './state.ts';

/**
 * Brings events to service hooks, with the service's own manners: transient failures are tried again, lasting ones put the
 * subscription on probation, where new events are lost. https://learn.microsoft.com/azure/devops/service-hooks/troubleshoot
 */
export interface Post {
  notify(notice: Notice): void;
  /** Sends a test event now. */
  test(subscription: Subscription): Delivery;
  /** Tries the delivery again that put the subscription on probation. */
  retryProbation(subscription: Subscription): Promise<void>;
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Letter {
  delivery: Delivery;
  headers: Readonly<Record<string, string>>;
}

const TRANSIENT: readonly number[] = [0, 408, 502, 503, 504];
const RETRIES = 8;
const PROBATION_RETRIES = 7;
const HISTORY = 1000;

export function newPost(
  state: State,
  knobs: Switchboard,
  net: Net,
  rootOf: (organization: Organization) => string,
): Post {
  const courier = newCourier<Subscription, Letter>(
    knobs,
    { random: () => state.random(), sleep: net.sleep },
    deliver,
  );

  function letterFor(subscription: Subscription, event: HookEvent): Letter {
    const { organization, consumerInputs } = subscription;
    const id = organization.nextDelivery;
    organization.nextDelivery += 1;
    const headers = headersOf(consumerInputs, newGuid(state));
    const delivery: Delivery = {
      id,
      eventId: event.id,
      eventType: event.eventType,
      createdAt: stamp(state),
      modifiedAt: stamp(state),
      status: 'queued',
      result: 'pending',
      attempts: 0,
      answers: [],
      url: consumerInputs['url'] ?? '',
      requestHeaders: headers,
      body: bodyOf(event, subscription, id),
      error: '',
    };
    subscription.deliveries.push(delivery);
    if (subscription.deliveries.length > HISTORY) subscription.deliveries.shift();
    return { delivery, headers };
  }

  async function deliver(subscription: Subscription, letter: Letter, signal: AbortSignal): Promise<void> {
    if (subscription.status !== 'enabled') {
      finish(letter.delivery, 'filtered', `The subscription is ${subscription.status}.`);
      return;
    }
    for (let attempt = 0; ; attempt += 1) {
      const status = await once(letter, signal);
      if (signal.aborted) return;
      if (status >= 200 && status < 300) {
        finish(letter.delivery, 'succeeded', '');
        return;
      }
      if (TRANSIENT.includes(status) && attempt < RETRIES) {
        await net.sleep(knobs.hookRetryMs, signal).catch(() => {});
        continue;
      }
      fail(subscription, letter.delivery, status);
      return;
    }
  }

  async function once({ delivery, headers }: Letter, signal: AbortSignal): Promise<number> {
    delivery.status = 'requestInProgress';
    delivery.attempts += 1;
    const { timeoutMs } = knobs.webhooks;
    const { statusCode } = await net.post(delivery.url, headers, delivery.body, timeoutMs, signal);
    delivery.answers.push(statusCode);
    return statusCode;
  }

  function finish(delivery: Delivery, result: Delivery['result'], error: string): void {
    delivery.status = 'completed';
    delivery.result = result;
    delivery.error = error;
    delivery.modifiedAt = stamp(state);
  }

  function fail(subscription: Subscription, delivery: Delivery, status: number): void {
    finish(delivery, 'failed', status === 0 ? 'No answer.' : `The endpoint answered ${status}.`);
    subscription.status = status === 410 ? 'disabledBySystem' : 'onProbation';
    subscription.probationRetries = 0;
    if (status !== 410) subscription.held = delivery;
  }

  return {
    notify(notice) {
      const { organization } = notice.item.project;
      const hooks = organization.subscriptions.filter(
        (each) => each.eventType === `workitem.${notice.event}` && isMeant(each, notice),
      );
      if (hooks.length === 0) return;
      const event = eventOf(state, rootOf(organization), notice);
      for (const subscription of hooks.filter(({ status }) => status === 'enabled'))
        courier.put(subscription, letterFor(subscription, event));
    },
    test(subscription) {
      const letter = letterFor(subscription, testEvent(subscription));
      courier.put(subscription, letter);
      return letter.delivery;
    },
    async retryProbation(subscription) {
      const { held } = subscription;
      if (subscription.status !== 'onProbation' || held === undefined) return;
      const status = await once(
        { delivery: held, headers: held.requestHeaders },
        AbortSignal.timeout(60_000),
      );
      if (status >= 200 && status < 300) {
        finish(held, 'succeeded', '');
        subscription.status = 'enabled';
        subscription.probationRetries = 0;
        delete subscription.held;
        return;
      }
      finish(held, 'failed', `The endpoint answered ${status}.`);
      subscription.probationRetries += 1;
      if (status === 410 || subscription.probationRetries >= PROBATION_RETRIES)
        subscription.status = 'disabledBySystem';
    },
    settled: () => courier.settled(),
    close: () => courier.close(),
  };

  function testEvent({ eventType }: Subscription): HookEvent {
    const now = stamp(state);
    const resource = { id: 5, url: '' };
    const message = 'This is a test of a service hook.';
    const id = newGuid(state);
    return { id, eventType, createdDate: now, message, resource, containers: {} };
  }
}

/** Whether the filters of the subscription let the event through; an empty one lets everything. */
function isMeant({ publisherInputs }: Subscription, { item, update }: Notice): boolean {
  const { projectId = '', areaPath = '', workItemType = '', changedFields = '' } = publisherInputs;
  const area = textOf(item.fields, 'System.AreaPath');
  return (
    (projectId === '' || projectId === item.project.id) &&
    (areaPath === '' || area === areaPath || area.startsWith(`${areaPath}\\`)) &&
    (workItemType === '' || workItemType === item.fields.get('System.WorkItemType')) &&
    (changedFields === '' || update?.fields[changedFields] !== undefined)
  );
}

function headersOf(inputs: Readonly<Record<string, string>>, activity: string): Record<string, string> {
  const { basicAuthUsername = '', basicAuthPassword = '' } = inputs;
  const own = (inputs['httpHeaders'] ?? '')
    .split(/\r?\n/)
    .map((line): [string, string] => [
      line.split(':')[0]?.trim() ?? '',
      line.slice(line.indexOf(':') + 1).trim(),
    ])
    .filter(([name]) => name !== '');
  const pair = Buffer.from(`${basicAuthUsername}:${basicAuthPassword}`).toString('base64');
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'VSServices/19.0.0.0 (NetStandard; Microsoft Windows)',
    'x-vss-activityid': activity,
    ...(basicAuthUsername + basicAuthPassword === '' ? {} : { authorization: `Basic ${pair}` }),
    ...Object.fromEntries(own),
  };
}
