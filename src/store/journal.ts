import { sql } from 'kysely';
import type { Direction } from '../domain/flips.ts';
import type { Journal } from '../ports/journal.ts';
import type { Trx } from './schema.ts';
import { plainText } from './values.ts';

/** How the actions end that say a field was written to one of the sides: `status-pushed`, `status-pulled`. */
const DIRECTIONS: readonly Direction[] = ['pushed', 'pulled'];

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
    async takenOfThreat(threatId, limit) {
      const rows = await trx
        .selectFrom('journal')
        .select(['doc', 'written_at'])
        .where('tenant_id', '=', tenantId)
        .where('threat_id', '=', threatId)
        .orderBy('position', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...row.doc, at: row.written_at }));
    },
    async chained(after, limit) {
      const rows = await trx
        .selectFrom('journal')
        .select(['sequence', 'doc', 'salts', 'hash'])
        .where('tenant_id', '=', tenantId)
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(limit)
        .execute();
      return rows.flatMap(({ sequence, doc, salts, hash }) =>
        sequence === null || salts === null || hash === null ? [] : [{ sequence, entry: doc, salts, hash }],
      );
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
    async written(linkIds, field, since) {
      const { rows } = await sql<{ link_id: string; action: string }>`
        select link_id, action from journal
        where tenant_id = ${tenantId} and link_id = any(${[...linkIds]}::uuid[])
          and field = ${plainText(field)} and at >= ${since}
        order by position`.execute(trx);
      const written = new Map<string, Direction[]>();
      for (const { link_id: linkId, action } of rows) {
        const direction = DIRECTIONS.find((each) => action.endsWith(`-${each}`));
        if (direction !== undefined) written.set(linkId, [...(written.get(linkId) ?? []), direction]);
      }
      return written;
    },
  };
}
