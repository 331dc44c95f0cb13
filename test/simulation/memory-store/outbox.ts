import type { PublishedEvent } from '../../../src/domain/event.ts';
import type { Outbox } from '../../../src/ports/repositories.ts';
import { sorted } from './order.ts';
import { Kept } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';

/** The events of one tenant, kept until they were published and for replay afterwards. */
export function outboxOf({ db, tx, tenantId }: Scope): Outbox {
  const { outbox, tenants } = db.tables;
  return {
    async add(events, at) {
      if (events.length === 0) return;
      await tx.step();
      const created_at = tx.time(at);
      for (const { type, subject, data } of events) {
        db.identities.outbox += 1;
        await outbox.insert(tx, {
          tenant_id: tenantId,
          position: db.identities.outbox,
          id: db.uuid(),
          sequence: null,
          type,
          subject,
          data: new Kept(data),
          created_at,
          published_at: null,
        });
      }
    },
    async after(sequence, limit) {
      await tx.step();
      const rows = outbox.where(tx, 'tenant', tenantId).filter((row) => (row.sequence ?? 0) > sequence);
      return sorted(rows, bySequence).slice(0, limit).map(publishedEvent);
    },
    async lastSequence() {
      await tx.step();
      return tenants.get(tx, tenantId)?.events ?? 0;
    },
    async skipTo(sequence) {
      await tx.step();
      let isBehind = true;
      await tenants.upsert(tx, { tenant_id: tenantId, threats: 0, events: sequence }, (now) => {
        isBehind = now.events < sequence;
        return isBehind ? { ...now, events: sequence } : now;
      });
      return isBehind;
    },
  };
}

export function bySequence(row: Row<'outbox'>): [number] {
  return [row.sequence ?? 0];
}

export function publishedEvent(row: Row<'outbox'>): PublishedEvent {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    sequence: row.sequence ?? 0,
    type: row.type,
    subject: row.subject,
    data: row.data.read(),
    time: row.created_at,
  };
}
