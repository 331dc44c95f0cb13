import { sql } from 'kysely';
import type { Journal } from '../ports/repositories.ts';
import type { Trx } from './schema.ts';
import { plainText } from './values.ts';

/** How the actions end that say a field was written to one of the sides: `status-pushed`, `status-pulled`. */
const WRITTEN = ['-pushed', '-pulled'];

/** What was done and why; only ever added to. */
export function journalOf(trx: Trx, tenantId: string): Journal {
  return {
    async add(entries) {
      if (entries.length === 0) return;
      await trx
        .insertInto('journal')
        .values(
          entries.map((entry) => ({
            tenant_id: tenantId,
            at: entry.at,
            action: entry.action,
            integration_id: entry.integrationId ?? null,
            link_id: entry.linkId ?? null,
            threat_id: entry.threatId ?? null,
            field: entry.field === undefined ? null : plainText(entry.field),
            doc: JSON.stringify(entry),
          })),
        )
        .execute();
    },
    async ofThreat(threatId, limit) {
      const rows = await trx
        .selectFrom('journal')
        .select('doc')
        .where('tenant_id', '=', tenantId)
        .where('threat_id', '=', threatId)
        .orderBy('position', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => row.doc);
    },
    async count(integrationId, actions, since) {
      const row = await trx
        .selectFrom('journal')
        .select(sql<number>`count(distinct link_id)`.as('count'))
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .where(sql<boolean>`action = any(${[...actions]}::text[])`)
        .where('at', '>=', since)
        .executeTakeFirst();
      return row?.count ?? 0;
    },
    async flips(linkId, field, since) {
      const row = await trx
        .selectFrom('journal')
        .select(sql<number>`count(*)`.as('count'))
        .where('tenant_id', '=', tenantId)
        .where('link_id', '=', linkId)
        .where('field', '=', plainText(field))
        .where(sql<boolean>`right(action, 7) = any(${WRITTEN}::text[])`)
        .where('at', '>=', since)
        .executeTakeFirst();
      return row?.count ?? 0;
    },
  };
}
