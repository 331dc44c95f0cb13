import type { Selectable } from 'kysely';
import type { PublishedEvent } from '../domain/event.ts';
import type { Outbox } from '../ports/repositories.ts';
import type { Tables, Trx } from './schema.ts';

/** The events of one tenant, kept until they were published and for replay afterwards. */
export function outboxOf(trx: Trx, tenantId: string): Outbox {
  return {
    async add(events, at) {
      if (events.length === 0) return;
      await trx
        .insertInto('outbox')
        .values(
          events.map((event) => ({
            tenant_id: tenantId,
            type: event.type,
            subject: event.subject,
            data: JSON.stringify(event.data),
            created_at: at,
          })),
        )
        .execute();
    },
    async after(sequence, limit) {
      const rows = await trx
        .selectFrom('outbox')
        .select(EVENT)
        .where('tenant_id', '=', tenantId)
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute();
      return rows.map((row) => publishedEvent(tenantId, row));
    },
    async lastSequence() {
      const row = await trx
        .selectFrom('tenants')
        .select('events')
        .where('tenant_id', '=', tenantId)
        .executeTakeFirst();
      return row?.events ?? 0;
    },
    async skipTo(sequence) {
      const row = await trx
        .insertInto('tenants')
        .values({ tenant_id: tenantId, events: sequence })
        .onConflict((conflict) =>
          conflict
            .column('tenant_id')
            .doUpdateSet({ events: sequence })
            .where('tenants.events', '<', sequence),
        )
        .returning('events')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

export const EVENT = ['id', 'sequence', 'type', 'subject', 'data', 'created_at'] as const;

export function publishedEvent(
  tenantId: string,
  row: Pick<Selectable<Tables['outbox']>, (typeof EVENT)[number]>,
): PublishedEvent {
  return {
    id: row.id,
    tenantId,
    sequence: row.sequence ?? 0,
    type: row.type,
    subject: row.subject,
    data: row.data,
    time: row.created_at,
  };
}
