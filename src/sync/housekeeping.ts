import { messageOf } from '../domain/errors.ts';
import type { Parts } from './parts.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const DEDUPE_DAYS = 30;
const IDEMPOTENCY_DAYS = 1;
/** An import that nobody said yes to. */
const HELD_IMPORT_DAYS = 30;
/** A run can be undone for so long. */
const CHANGE_DAYS = 90;

/** How many days things are kept that an operator decides about. */
export interface Retention {
  readonly deliveryDays: number;
  readonly eventDays: number;
  /** Runs with their items, plans, and what is settled of writes and conflicts. */
  readonly runDays: number;
}

type HousekeepingParts = Pick<Parts, 'store' | 'clock' | 'log'>;

/** Deletes, hourly, what is older than its retention. */
export function startHousekeeping(parts: HousekeepingParts, retention: Retention): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = loop(parts, retention, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function loop(parts: HousekeepingParts, retention: Retention, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await parts.clock.sleep(HOUR_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    const before = (days: number): string =>
      new Date(parts.clock.now().getTime() - days * DAY_MS).toISOString();
    try {
      const rows = await parts.store.dispatch.prune({
        deliveries: before(retention.deliveryDays),
        dedupe: before(DEDUPE_DAYS),
        events: before(retention.eventDays),
        idempotency: before(IDEMPOTENCY_DAYS),
        changes: before(CHANGE_DAYS),
        heldImports: before(HELD_IMPORT_DAYS),
        runs: before(retention.runDays),
      });
      parts.log.info({ rows }, 'old rows deleted');
    } catch (error) {
      parts.log.warn({ error: messageOf(error) }, 'old rows could not be deleted');
    }
  }
}
