import { once } from 'node:events';
import { createClient } from 'redis';
import { messageOf } from '../domain/errors.ts';
import { EVENT_TYPES } from '../domain/event.ts';
import type { PublishedEvent } from '../domain/event.ts';
import type { Secret } from '../domain/secret.ts';
import type { Log } from '../ports/clock.ts';
import type { EventBus, InboundEvent } from '../ports/events.ts';
import { INBOUND_TYPES, cloudEvent, readInbound, readPublished } from './cloud-event.ts';
import { listeners } from './listeners.ts';
import { sequenceMemory } from './memory.ts';
import { CONNECT_TIMEOUT_MS, redisClient } from './redis-client.ts';

const WAKE = 'tmi:wake';
/** A sorted set for each installation: its tenants by the highest sequence they have published. */
const PUBLISHED = 'tmi:published';
/** How long a start waits for the first connection. */
const OPENING_MS = 2_000;
/** A whole model may come in an event, and is at most 20 MiB. */
const LONGEST_MESSAGE = 21 * 1024 * 1024;

export interface RedisOptions {
  url: Secret;
  /** Tells installations apart that share a server. */
  installation: string;
  /** Before every channel, so that tests share a server; none in production. */
  prefix?: string;
  log: Log;
}

/**
 * Events over Redis pub/sub, one channel for each event type, CloudEvents as messages. Redis may be away at the
 * start or at any time: publishing then fails (and the outbox repeats it), health says `down`, and the
 * connection comes back by itself. The channels have no locks: what comes in is a claim, not a fact.
 */
export function redisEvents({ url, installation, prefix = '', log }: RedisOptions): EventBus {
  // What is published while Redis is away fails at once: the outbox is the queue.
  const speaker = redisClient(url, log, true);
  const hearer = redisClient(url, log, false);
  const published = listeners<PublishedEvent>(log);
  const woken = listeners<void>(log);
  const inbound = new Set<(event: InboundEvent) => Promise<void>>();
  const memory = sequenceMemory();
  const publishedKey = keyOf(prefix, installation);

  async function hearInbound(type: (typeof INBOUND_TYPES)[number], text: string): Promise<void> {
    const event = read(text, (each) => readInbound(type, each), prefix + type);
    if (event === undefined) return;
    for (const listener of inbound) {
      try {
        await listener(event);
      } catch (thrown) {
        log.error(
          { id: event.id, type, reason: messageOf(thrown) },
          'an event of the platform was not taken in',
        );
      }
    }
  }

  function hearPublished(type: string, text: string): void {
    const event = read(text, readPublished, prefix + type);
    if (event !== undefined) published.tell(event);
  }

  function read<T>(text: string, parse: (text: string) => T, channel: string): T | undefined {
    try {
      if (text.length > LONGEST_MESSAGE) throw new RangeError(`the message has ${text.length} characters`);
      return parse(text);
    } catch (thrown) {
      log.warn({ channel, reason: messageOf(thrown).slice(0, 500) }, 'a message on Redis was dropped');
      return undefined;
    }
  }

  // Asked for before the connection stands, kept over every reconnection.
  const subscriptions = [
    hearer.subscribe(prefix + WAKE, () => woken.tell()),
    ...EVENT_TYPES.map((type) => hearer.subscribe(prefix + type, (text) => hearPublished(type, text))),
    ...INBOUND_TYPES.map((type) => hearer.subscribe(prefix + type, (text) => void hearInbound(type, text))),
  ];
  let isClosing = false;
  for (const subscription of subscriptions)
    subscription.catch((thrown: unknown) => {
      if (!isClosing) log.warn({ reason: messageOf(thrown) }, 'a subscription on Redis failed');
    });

  return {
    async opened() {
      if (speaker.isReady) return;
      await once(speaker, 'ready', { signal: AbortSignal.timeout(OPENING_MS) }).catch(() => undefined);
    },
    async publish(event) {
      await speaker.publish(prefix + event.type, JSON.stringify(cloudEvent(event)));
    },
    subscribe: (listener) => published.add(listener),
    onInbound: (listener) => {
      inbound.add(listener);
    },
    wake() {
      // At home at once, whatever becomes of Redis; a replica that misses it looks by itself soon.
      woken.tell();
      speaker.publish(prefix + WAKE, '').catch(() => undefined);
    },
    onWake: (listener) => woken.add(listener),
    async remember(sequences) {
      if (sequences.size === 0) return;
      for (const [tenantId, sequence] of sequences) memory.keep(tenantId, sequence);
      const members = [...sequences].map(([value, score]) => ({ value, score }));
      await speaker.zAdd(publishedKey, members, { comparison: 'GT' });
    },
    async remembered(tenantId) {
      // Without Redis, what this process has published itself is what it knows.
      const shared = await speaker.zScore(publishedKey, tenantId).catch(() => null);
      return Math.max(memory.of(tenantId), shared ?? 0);
    },
    health: () => (speaker.isReady && hearer.isReady ? 'up' : 'down'),
    async close() {
      isClosing = true;
      speaker.destroy();
      hearer.destroy();
      await Promise.allSettled(subscriptions);
    },
  };
}

/** A tenant that was removed is remembered no more. Throws when Redis does not answer. */
export async function forgetTenant(
  { url, installation, prefix = '' }: Omit<RedisOptions, 'log'>,
  tenantId: string,
): Promise<void> {
  const asked = createClient({
    url: url.reveal(),
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
  });
  // What fails is told by the call that waits for it.
  asked.on('error', () => undefined);
  await asked.connect();
  try {
    await asked.zRem(keyOf(prefix, installation), tenantId);
  } finally {
    asked.destroy();
  }
}

function keyOf(prefix: string, installation: string): string {
  return `${prefix}${PUBLISHED}:${installation}`;
}
