import { newCourier, newGuid } from '../shared/courier.ts';
import type { Net } from '../shared/net.ts';
import type { Switchboard } from './knobs.ts';
import { payloadOf, pingOf, sealed } from './payloads.ts';
import type { Account, Hook, HookDelivery, Notice, State } from './state.ts';
import { newIds, stamp } from './state.ts';

/** Brings notices to hooks over HTTP. Each hook gets its letters one after the other; none is ever sent a second time by itself. */
export interface Post {
  notify(notice: Notice): void;
  ping(hook: Hook, sender: Account): void;
  /** Sends a former delivery once more under the same GUID. */
  redeliver(hook: Hook, delivery: HookDelivery): void;
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Letter {
  guid: string;
  event: string;
  action: string | null;
  payload: string;
  redelivery: boolean;
}

const HISTORY = 1000;

export function newPost(state: State, knobs: Switchboard, net: Net): Post {
  const courier = newCourier<Hook, Letter>(knobs, { random: () => state.random(), sleep: net.sleep }, send);

  async function send(hook: Hook, letter: Letter, signal: AbortSignal): Promise<void> {
    const { guid, event } = letter;
    const { body, headers } = sealed(hook, event, guid, letter.payload);
    const startedAt = performance.now();
    const answer = await net.post(hook.config.url, headers, body, knobs.webhooks.timeoutMs, signal);
    if (signal.aborted) return;
    hook.deliveries.push({
      id: newIds(state, 'D').id,
      guid,
      event,
      action: letter.action,
      deliveredAt: stamp(state),
      redelivery: letter.redelivery,
      durationSeconds: Math.round(performance.now() - startedAt) / 1000,
      url: hook.config.url,
      requestHeaders: headers,
      body,
      ...answer,
    });
    if (hook.deliveries.length > HISTORY) hook.deliveries.shift();
  }

  return {
    notify(notice) {
      const listening = notice.repository.hooks.filter(
        ({ active, events }) => active && (events.includes('*') || events.includes(notice.event)),
      );
      if (listening.length === 0) return;
      const payload = JSON.stringify(payloadOf(state, notice));
      for (const hook of listening)
        courier.put(hook, {
          guid: newGuid(state.random),
          event: notice.event,
          action: notice.action,
          payload,
          redelivery: false,
        });
    },
    ping(hook, sender) {
      courier.put(hook, {
        guid: newGuid(state.random),
        event: 'ping',
        action: null,
        payload: JSON.stringify(pingOf(state, hook, sender)),
        redelivery: false,
      });
    },
    redeliver(hook, { guid, event, action, body }) {
      const payload =
        hook.config.content_type === 'form' ? (new URLSearchParams(body).get('payload') ?? '') : body;
      courier.put(hook, { guid, event, action, payload, redelivery: true });
    },
    settled: () => courier.settled(),
    close: () => courier.close(),
  };
}
