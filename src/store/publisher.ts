import { sql } from 'kysely';
import type { PublishedEvent } from '../domain/event.ts';
import type { Dispatch } from '../ports/store.ts';
import { EVENT, publishedEvent } from './outbox.ts';
import type { Trx } from './schema.ts';
import type { Transactions } from './transactions.ts';

type Publisher = Pick<Dispatch, 'sequence' | 'markPublished'>;

const PUBLISHER_LOCK = 7_460_132;

/** Events on their way out, over all tenants. */
export function publisherOn(transactions: Transactions): Publisher {
  return {
    sequence: (limit) =>
      transactions.as('scheduler', async (trx) => {
        await sql`select pg_advisory_xact_lock(${PUBLISHER_LOCK})`.execute(trx);
        const waiting = await sql<{ tenant_id: string }>`
          select tenant_id from outbox where published_at is null
          group by tenant_id order by min(position) limit ${limit}`.execute(trx);
        const events: PublishedEvent[] = [];
        for (const { tenant_id: tenantId } of waiting.rows) {
          if (events.length >= limit) break;
          await transactions.becomeTenant(trx, tenantId);
          events.push(...(await sequenceOf(trx, tenantId, limit - events.length)));
        }
        return events;
      }),

    markPublished: (ids) =>
      transactions.as('scheduler', async (trx) => {
        const waiting = await sql<{ tenant_id: string }>`
          select distinct tenant_id from outbox where published_at is null`.execute(trx);
        for (const { tenant_id: tenantId } of waiting.rows) {
          await transactions.becomeTenant(trx, tenantId);
          await sql`
            update outbox set published_at = now()
            where tenant_id = ${tenantId} and id = any(${[...ids]}::uuid[]) and published_at is null`.execute(
            trx,
          );
        }
      }),
  };
}

/**
 * The oldest unpublished events of one tenant, each with its place. An event that was given one before a crash
 * keeps it; one that committed late comes after those that were already numbered.
 */
async function sequenceOf(trx: Trx, tenantId: string, limit: number): Promise<readonly PublishedEvent[]> {
  const fresh = await sql<{ position: number }>`
    select position from outbox
    where tenant_id = ${tenantId} and published_at is null and sequence is null
    order by position limit ${limit}`.execute(trx);
  const count = fresh.rows.length;
  if (count > 0) {
    const counter = await trx
      .insertInto('tenants')
      .values({ tenant_id: tenantId, events: count })
      .onConflict((row) =>
        row.column('tenant_id').doUpdateSet({ events: sql<number>`tenants.events + ${count}::bigint` }),
      )
      .returning('events')
      .executeTakeFirstOrThrow();
    await sql`
      update outbox set sequence = ${counter.events - count}::bigint + numbered.place
      from unnest(${fresh.rows.map((row) => row.position)}::bigint[]) with ordinality as numbered (position, place)
      where outbox.tenant_id = ${tenantId} and outbox.position = numbered.position`.execute(trx);
  }
  const rows = await trx
    .selectFrom('outbox')
    .select(EVENT)
    .where('tenant_id', '=', tenantId)
    .where('published_at', 'is', null)
    .where('sequence', 'is not', null)
    .orderBy('sequence')
    .limit(limit)
    .execute();
  return rows.map((row) => publishedEvent(tenantId, row));
}
