import type { PublishedEvent } from '../../../src/domain/event.ts';
import type { Dispatch } from '../../../src/ports/store.ts';
import { sorted } from './order.ts';
import { bySequence, publishedEvent } from './outbox.ts';
import type { Row } from './rows.ts';
import type { Database } from './scope.ts';
import type { Transaction } from './transaction.ts';
import type { Transactions } from './transactions.ts';

const PUBLISHER_LOCK = 'publisher';

/** Events on their way out, over all tenants. */
export function publisherOn(
  { tables }: Database,
  transactions: Transactions,
): Pick<Dispatch, 'sequence' | 'markPublished'> {
  const { outbox, tenants } = tables;

  /** Who has unpublished events, the oldest event first. */
  function waiting(tx: Transaction): string[] {
    const rows = sorted(outbox.where(tx, 'unpublished', ''), byPosition);
    return [...new Set(rows.map((row) => row.tenant_id))];
  }

  /**
   * The oldest unpublished events of one tenant, each with its place. An event that was given one before a crash
   * keeps it; one that committed late comes after those that were already numbered.
   */
  async function sequenceOf(tx: Transaction, tenantId: string, limit: number): Promise<PublishedEvent[]> {
    await tx.step();
    const unnumbered = outbox.where(tx, 'waiting', tenantId).filter((row) => row.sequence === null);
    const fresh = sorted(unnumbered, byPosition).slice(0, limit);
    if (fresh.length > 0) {
      await tx.step();
      const counter = await tenants.upsert(
        tx,
        { tenant_id: tenantId, threats: 0, events: fresh.length },
        (now) => ({ ...now, events: now.events + fresh.length }),
      );
      const last = counter.events - fresh.length;
      await tx.step();
      for (const [place, row] of fresh.entries())
        await outbox.update(tx, row, (now) => ({ ...now, sequence: last + place + 1 }));
    }
    await tx.step();
    const numbered = outbox.where(tx, 'waiting', tenantId).filter((row) => row.sequence !== null);
    return sorted(numbered, bySequence).slice(0, limit).map(publishedEvent);
  }

  return {
    sequence: (limit) =>
      transactions.run(async (tx) => {
        await tx.step();
        await tx.lock(PUBLISHER_LOCK);
        await tx.step();
        const events: PublishedEvent[] = [];
        for (const tenantId of waiting(tx).slice(0, limit)) {
          if (events.length >= limit) break;
          events.push(...(await sequenceOf(tx, tenantId, limit - events.length)));
        }
        return events;
      }),

    markPublished: (ids) =>
      transactions.run(async (tx) => {
        await tx.step();
        const wanted = new Set(ids.map((id) => tx.uuid(id)));
        for (const tenantId of waiting(tx)) {
          await tx.step();
          const rows = outbox.where(tx, 'waiting', tenantId).filter((row) => wanted.has(row.id));
          for (const row of rows)
            await outbox.update(tx, row, (now) => ({ ...now, published_at: tx.at }), isWaiting);
        }
      }),
  };
}

function byPosition(row: Row<'outbox'>): [number] {
  return [row.position];
}

function isWaiting(row: Row<'outbox'>): boolean {
  return row.published_at === null;
}
