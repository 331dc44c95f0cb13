import type { PublishedEvent } from '../domain/event.ts';
import type { Log } from '../ports/clock.ts';
import type { EventBus } from '../ports/events.ts';
import { listeners } from './listeners.ts';
import { sequenceMemory } from './memory.ts';

/** Events for a house that stands alone: whoever listens lives in this process. */
export function inProcessEvents(log: Log): EventBus {
  const published = listeners<PublishedEvent>(log);
  const woken = listeners<void>(log);
  const memory = sequenceMemory();
  return {
    publish: async (event) => published.tell(event),
    subscribe: (listener) => published.add(listener),
    // Nobody else publishes in this process: the platform's events come in through Redis or as HTTP requests.
    onInbound: () => undefined,
    wake: () => woken.tell(),
    onWake: (listener) => woken.add(listener),
    async remember(sequences) {
      for (const [tenantId, sequence] of sequences) memory.keep(tenantId, sequence);
    },
    remembered: async (tenantId) => memory.of(tenantId),
    opened: async () => undefined,
    health: () => 'none',
    close: async () => undefined,
  };
}
