import type { PublishedEvent } from '../domain/event.ts';
import type { Clock } from '../ports/clock.ts';
import type { Caller, EventCases } from '../sync/use-cases.ts';

const BATCH = 200;
/** Live events kept for a slow reader; beyond it they are read from the store when their turn comes. */
const WAITING = 1000;

export interface StreamParts {
  events: EventCases;
  clock: Clock;
  cloudEvent(event: PublishedEvent): object;
  heartbeatMs: number;
}

/**
 * The tenant's events after a sequence, as server-sent events, in order and without gaps, until the signal aborts. Live
 * ones may be lost on their way, so a gap and every heartbeat look into the store.
 */
export async function* eventStream(
  parts: StreamParts,
  caller: Caller,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { events } = parts;
  const live: PublishedEvent[] = [];
  let ring: (() => void) | undefined;
  const stop = events.subscribe(caller, (event) => {
    if (live.length < WAITING) live.push(event);
    ring?.();
  });
  let last = after;

  async function* stored(): AsyncGenerator<string> {
    for (;;) {
      const batch = await events.after(caller, last, BATCH);
      for (const event of batch.filter((each) => each.sequence > last)) {
        last = event.sequence;
        yield frame(event, parts);
      }
      if (batch.length < BATCH || signal.aborted) return;
    }
  }

  try {
    yield 'retry: 2000\n\n';
    yield* stored();
    while (!signal.aborted) {
      const event = live.shift();
      if (event === undefined) {
        const rung = new Promise<boolean>((resolve) => (ring = () => resolve(true)));
        if (await firstOf(rung, parts, signal)) continue;
        if (signal.aborted) return;
        yield ': still here\n\n';
        yield* stored();
      } else if (event.sequence > last) {
        if (event.sequence > last + 1) yield* stored();
        if (event.sequence <= last) continue;
        last = event.sequence;
        yield frame(event, parts);
      }
    }
  } finally {
    stop();
  }
}

/** True when the bell rang first, false after a heartbeat or an abort. */
async function firstOf(rung: Promise<boolean>, parts: StreamParts, signal: AbortSignal): Promise<boolean> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  const beat = parts.clock.sleep(parts.heartbeatMs, either).then(
    () => false,
    () => false,
  );
  const first = await Promise.race([rung, beat]);
  done.abort();
  return first;
}

function frame(event: PublishedEvent, parts: StreamParts): string {
  return `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(parts.cloudEvent(event))}\n\n`;
}
