import type { Outcome } from '../shared/courier.ts';
import { newCourier, newGuid } from '../shared/courier.ts';
import type { Net } from '../shared/net.ts';
import { isDisabled, judged } from './hook-health.ts';
import type { Switchboard } from './knobs.ts';
import { headersOf, kindOf, payloadOf } from './payloads.ts';
import type { Hook, HookEvent, Notice, State } from './state.ts';
import { newId, stamp } from './state.ts';

/** Brings notices to hooks over HTTP; none is ever sent a second time by itself. */
export interface Post {
  notify(notice: Notice): void;
  /** Sends a notice now, even to a hook that is switched off, and says what came back. */
  test(hook: Hook, notice: Notice): Promise<Outcome>;
  /** Sends a former letter once more under the same `Idempotency-Key`. */
  resend(hook: Hook, former: HookEvent): Promise<Outcome>;
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Letter {
  event: string;
  trigger: string;
  idempotencyKey: string;
  eventUuid: string;
  payload: string;
}

const HISTORY = 1000;

export function newPost(state: State, knobs: Switchboard, net: Net): Post {
  const courier = newCourier<Hook, Letter>(
    knobs,
    { random: () => state.random(), sleep: net.sleep },
    async (hook, letter, signal) => {
      if (!isDisabled(state, hook)) await send(hook, letter, signal);
    },
  );
  const ending = new AbortController();

  async function send(hook: Hook, letter: Letter, signal: AbortSignal): Promise<Outcome> {
    const headers = headersOf(state, hook, letter);
    const startedAt = performance.now();
    const outcome = await net.post(hook.url, headers, letter.payload, knobs.webhooks.timeoutMs, signal);
    if (signal.aborted) return outcome;
    hook.log.push({
      id: newId(state),
      trigger: letter.trigger,
      event: letter.event,
      idempotencyKey: letter.idempotencyKey,
      sentAt: stamp(state),
      url: hook.url,
      requestHeaders: headers,
      body: letter.payload,
      durationSeconds: Math.round(performance.now() - startedAt) / 1000,
      ...outcome,
    });
    if (hook.log.length > HISTORY) hook.log.shift();
    if (knobs.autoDisable) judged(state, hook, outcome.statusCode >= 200 && outcome.statusCode < 300);
    return outcome;
  }

  function letterOf(notice: Notice, eventUuid: string): Letter {
    const { event, trigger } = kindOf(notice);
    const payload = JSON.stringify(payloadOf(state, notice));
    return { event, trigger, idempotencyKey: newGuid(state.random), eventUuid, payload };
  }

  return {
    notify(notice) {
      const { field } = kindOf(notice);
      const eventUuid = newGuid(state.random);
      for (const hook of notice.project.hooks)
        if (hook.events[field] === true) courier.put(hook, letterOf(notice, eventUuid));
    },
    test: (hook, notice) => send(hook, letterOf(notice, newGuid(state.random)), ending.signal),
    resend(hook, { event, trigger, idempotencyKey, body }) {
      const eventUuid = newGuid(state.random);
      return send(hook, { event, trigger, idempotencyKey, eventUuid, payload: body }, ending.signal);
    },
    settled: () => courier.settled(),
    async close() {
      ending.abort();
      await courier.close();
    },
  };
}
