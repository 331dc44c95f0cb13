import type { Delivery } from '../../../src/domain/event.ts';
import type { Deliveries } from '../../../src/ports/repositories.ts';
import { ByTime, readCursor } from '../../../src/store/cursor.ts';
import { compareText, pageAfter, sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';

type DeliveryRow = Row<'deliveries'>;

/** The webhook requests of one tenant. */
export function deliveriesOf({ db, tx, tenantId }: Scope): Deliveries {
  const { deliveries } = db.tables;
  const find = (id: string) => deliveries.get(tx, keyOf(tenantId, tx.uuid(id)));
  const ofIntegration = (id: string) => deliveries.where(tx, 'integration', keyOf(tenantId, tx.uuid(id)));

  return {
    async get(id) {
      await tx.step();
      const row = find(id);
      return row && { ...deliveryOf(row), body: new Uint8Array(row.body) };
    },
    async list(query) {
      const cursor = readCursor(ByTime, query.cursor);
      await tx.step();
      const after = cursor && ([tx.time(cursor[0]), tx.uuid(cursor[1])] as const);
      return pageAfter(ofIntegration(query.integrationId), query, after, {
        place: byAge,
        item: deliveryOf,
        direction: 'down',
      });
    },
    async unprocessed(integrationId, limit) {
      await tx.step();
      const rows = deliveries.where(tx, 'open', keyOf(tenantId, tx.uuid(integrationId)));
      return sorted(rows, byAge).slice(0, limit).map(deliveryOf);
    },
    async conclude(id, verdict, at, reason) {
      await tx.step();
      const row = find(id);
      if (row === undefined) return;
      await deliveries.update(tx, row, (now) => ({
        ...now,
        verdict,
        doc: new Kept({ ...now.doc.read(), processedAt: at, ...(reason !== undefined && { reason }) }),
      }));
    },
    async lastReceivedAt(integrationId) {
      await tx.step();
      const times = ofIntegration(integrationId).map((row) => row.received_at);
      return times.toSorted(compareText).at(-1) ?? null;
    },
    async lastAbout(integrationId, issueKey) {
      await tx.step();
      const rows = sorted(ofIntegration(integrationId), byAge, 'down');
      return rows.map(deliveryOf).find(({ issueKeys }) => issueKeys.includes(issueKey));
    },
  };
}

function byAge(row: DeliveryRow): [string, string] {
  return [row.received_at, row.id];
}

function deliveryOf(row: DeliveryRow): Omit<Delivery, 'body'> {
  return { ...row.doc.read(), verdict: row.verdict };
}
