import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Delivery } from '../domain/event.ts';
import type { Deliveries } from '../ports/repositories.ts';
import { ByTime, pageOf, readCursor } from './cursor.ts';
import type { Tables, Trx } from './schema.ts';

/** The webhook requests of one tenant. */
export function deliveriesOf(trx: Trx, tenantId: string): Deliveries {
  const shown = () =>
    trx
      .selectFrom('deliveries')
      .select(['id', 'verdict', 'received_at', 'doc'])
      .where('tenant_id', '=', tenantId);

  return {
    async get(id) {
      const row = await shown().select('body').where('id', '=', id).executeTakeFirst();
      return row && { ...deliveryOf(row), body: row.body };
    },
    async list(query) {
      const after = readCursor(ByTime, query.cursor);
      let wanted = shown().where('integration_id', '=', query.integrationId);
      if (after !== undefined)
        wanted = wanted.where((row) =>
          row(row.refTuple('received_at', 'id'), '<', row.tuple(after[0], after[1])),
        );
      const rows = await wanted
        .orderBy('received_at', 'desc')
        .orderBy('id', 'desc')
        .limit(query.limit + 1)
        .execute();
      return pageOf(rows, query, deliveryOf, (row) => [row.received_at, row.id]);
    },
    async unprocessed(integrationId, limit) {
      const rows = await shown()
        .where('integration_id', '=', integrationId)
        .where('verdict', '=', 'accepted')
        .orderBy('received_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(deliveryOf);
    },
    async conclude(id, verdict, at, reason) {
      const row = await shown().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
      if (row === undefined) return;
      const doc = { ...row.doc, processedAt: at, ...(reason !== undefined && { reason }) };
      await trx
        .updateTable('deliveries')
        .set({ verdict, doc: JSON.stringify(doc) })
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .execute();
    },
    async lastReceivedAt(integrationId) {
      const row = await trx
        .selectFrom('deliveries')
        .select(sql<string | null>`max(received_at)`.as('at'))
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .executeTakeFirst();
      return row?.at ?? null;
    },
    async lastAbout(integrationId, issueKey) {
      const row = await shown()
        .where('integration_id', '=', integrationId)
        .where(sql<boolean>`(doc::jsonb -> 'issueKeys') @> ${JSON.stringify([issueKey])}::jsonb`)
        .orderBy('received_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && deliveryOf(row);
    },
  };
}

function deliveryOf(row: Pick<Selectable<Tables['deliveries']>, 'verdict' | 'doc'>): Omit<Delivery, 'body'> {
  return { ...row.doc, verdict: row.verdict };
}
