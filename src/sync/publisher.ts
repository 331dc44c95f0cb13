import { messageOf } from '../domain/errors.ts';
import type { Parts } from './parts.ts';

const BATCH = 200;
const PAUSE_MS = 250;
const RETRY_MS = 2_000;

/** Carries committed events out of the outbox, in their sequence, until it is stopped. Each is published at least once. */
export function startPublisher(parts: Parts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = loop(parts, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function loop(parts: Parts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const pause = await publishOnce(parts).catch((error: unknown) => {
      parts.log.warn({ error: messageOf(error) }, 'events wait in the outbox');
      return RETRY_MS;
    });
    if (pause > 0) await parts.clock.sleep(pause, signal).catch(() => undefined);
  }
  // What was committed until now goes out before the process ends, if anybody listens.
  await publishOnce(parts).catch(() => undefined);
}

/** Answers how long to wait before the next look. */
async function publishOnce(parts: Parts): Promise<number> {
  const events = await parts.store.dispatch.sequence(BATCH);
  for (const event of events) await parts.bus.publish(event);
  await parts.store.dispatch.markPublished(events.map((event) => event.id));
  return events.length < BATCH ? PAUSE_MS : 0;
}
