import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Dirty, DirtySet } from '../ports/repositories.ts';
import type { Tables, Trx } from './schema.ts';

/** What must be looked at again. */
export function dirtyOf(trx: Trx, tenantId: string): DirtySet {
  return {
    async mark(integrationId, marks) {
      // A link named twice is marked twice, because one statement may not write a row twice. The lease's row is
      // locked first, as a worker does before it clears: otherwise the two could wait for each other.
      const wanted = new Map<string, (typeof marks)[number][]>();
      for (const mark of marks) wanted.set(mark.linkId, [...(wanted.get(mark.linkId) ?? []), mark]);
      for (const layer of layersOf(wanted)) {
        await sql`
          insert into dirty (tenant_id, integration_id, link_id, reason, due_at)
          select ${tenantId}, ${integrationId}::uuid, mark.link_id, mark.reason, mark.due_at
          from json_to_recordset(${JSON.stringify(layer)}::json)
            as mark (link_id uuid, reason text, due_at timestamptz),
            (select 1 from leases
              where tenant_id = ${tenantId} and integration_id = ${integrationId} for update) as lease
          on conflict (tenant_id, integration_id, link_id) do update set
            generation = dirty.generation + 1,
            reason = case when excluded.reason = 'threat' then dirty.reason else excluded.reason end,
            due_at = case when dirty.due_at is null or excluded.due_at is null then null
              else least(dirty.due_at, excluded.due_at) end`.execute(trx);
      }
    },
    async due(integrationId, limit, now) {
      const rows = await trx
        .selectFrom('dirty')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .where((row) => row.or([row('due_at', 'is', null), row('due_at', '<=', now)]))
        .orderBy('due_at', (by) => by.asc().nullsFirst())
        .orderBy('marked_at')
        .orderBy('link_id')
        .limit(limit)
        .execute();
      return rows.map(dirtyRow);
    },
    async of(integrationId, linkIds) {
      const rows = await trx
        .selectFrom('dirty')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .where(sql<boolean>`link_id = any(${[...linkIds]}::uuid[])`)
        .orderBy('link_id')
        .execute();
      return rows.map(dirtyRow);
    },
    async clear(integrationId, taken) {
      await sql`
        delete from dirty using json_to_recordset(${JSON.stringify(
          taken.map((each) => ({ link_id: each.linkId, generation: each.generation })),
        )}::json) as taken (link_id uuid, generation bigint)
        where dirty.tenant_id = ${tenantId} and dirty.integration_id = ${integrationId}
          and dirty.link_id = taken.link_id and dirty.generation = taken.generation`.execute(trx);
    },
    async defer(integrationId, linkId, dueAt) {
      await trx
        .updateTable('dirty')
        .set({ due_at: dueAt, attempts: sql<number>`attempts + 1` })
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .where('link_id', '=', linkId)
        .execute();
    },
    async nextDueAt(integrationId) {
      const row = await trx
        .selectFrom('dirty')
        .select(sql<string | null>`min(coalesce(due_at, marked_at))`.as('due_at'))
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .executeTakeFirst();
      return row?.due_at ?? null;
    },
    async count(integrationId) {
      const row = await trx
        .selectFrom('dirty')
        .select(sql<number>`count(*)`.as('count'))
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .executeTakeFirst();
      return row?.count ?? 0;
    },
  };
}

function dirtyRow(row: Selectable<Tables['dirty']>): Dirty {
  return {
    linkId: row.link_id,
    generation: row.generation,
    attempts: row.attempts,
    dueAt: row.due_at ?? row.marked_at,
    reason: row.reason,
  };
}

interface MarkRow {
  link_id: string;
  reason: string;
  due_at: string | null;
}

/** Every link at most once in a layer. */
function layersOf(
  marks: ReadonlyMap<string, readonly { linkId: string; reason: string; dueAt?: string }[]>,
): MarkRow[][] {
  const layers: MarkRow[][] = [];
  for (const ofLink of marks.values())
    for (const [layer, mark] of ofLink.entries())
      (layers[layer] ??= []).push({ link_id: mark.linkId, reason: mark.reason, due_at: mark.dueAt ?? null });
  return layers;
}
