import { messageOf } from '../domain/errors.ts';
import type { Parts } from './parts.ts';

const BATCH = 500;
const PAUSE_MS = 5_000;

/** Gives what was written to the journal its place in the chain, until it is stopped. */
export function startAuditChain(parts: Pick<Parts, 'store' | 'clock' | 'log'>): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = loop(parts, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function loop(
  { store, clock, log }: Pick<Parts, 'store' | 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const count = await store.dispatch.chain(BATCH).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'entries of the journal wait for their place in the chain');
      return 0;
    });
    if (count < BATCH) await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
  }
}
