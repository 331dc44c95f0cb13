import { messageOf } from '../domain/errors.ts';
import type { PublishedEvent } from '../domain/event.ts';
import type { Parts } from './parts.ts';
import { noticeRewind } from './rewind.ts';

type Publishing = Pick<Parts, 'store' | 'bus' | 'clock' | 'log'>;

const BATCH = 200;
const PAUSE_MS = 250;
const RETRY_MS = 2_000;

/** Carries committed events out of the outbox, in their sequence, until it is stopped. Each is published at least once. */
export function startPublisher(parts: Publishing): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = loop(parts, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function loop(parts: Publishing, signal: AbortSignal): Promise<void> {
  let hasLooked = false;
  while (!signal.aborted) {
    const pause = await next().catch((error: unknown) => {
      parts.log.warn({ error: messageOf(error) }, 'events wait in the outbox');
      return RETRY_MS;
    });
    if (pause > 0) await parts.clock.sleep(pause, signal).catch(() => undefined);
  }
  // What was committed until now goes out before the process ends, if anybody listens.
  if (hasLooked) await publishOnce(parts).catch(() => undefined);

  /** Nothing is numbered before it was asked what was published: what is numbered anew would hide that numbers are missing. */
  async function next(): Promise<number> {
    if (!hasLooked) {
      if (parts.bus.health() === 'down') return PAUSE_MS;
      await lookForRewinds(parts);
      hasLooked = true;
    }
    return publishOnce(parts);
  }
}

/** Answers how long to wait before the next look. */
async function publishOnce(parts: Publishing): Promise<number> {
  const events = await parts.store.dispatch.sequence(BATCH);
  for (const event of events) await parts.bus.publish(event);
  await parts.bus.remember(highestOf(events));
  await parts.store.dispatch.markPublished(events.map((event) => event.id));
  return events.length < BATCH ? PAUSE_MS : 0;
}

async function lookForRewinds(parts: Publishing): Promise<void> {
  for (const tenantId of await parts.store.dispatch.tenants()) await noticeRewind(parts, tenantId);
}

function highestOf(events: readonly PublishedEvent[]): ReadonlyMap<string, number> {
  const highest = new Map<string, number>();
  for (const { tenantId, sequence } of events)
    highest.set(tenantId, Math.max(sequence, highest.get(tenantId) ?? 0));
  return highest;
}
