import { sql } from 'kysely';
import type { RunChange } from '../domain/run-change.ts';
import type { RunChanges } from '../ports/run-changes.ts';
import type { Trx } from './schema.ts';

/** What runs wrote, kept so that it can be undone. */
export function runChangesOf(trx: Trx, tenantId: string): RunChanges {
  return {
    async add(changes) {
      if (changes.length === 0) return;
      await trx
        .insertInto('run_changes')
        .values(
          changes.map((change) => ({
            tenant_id: tenantId,
            id: change.id,
            run_id: change.runId,
            link_id: change.linkId,
            at: change.at,
            doc: JSON.stringify(change),
          })),
        )
        .onConflict((row) => row.columns(['tenant_id', 'id']).doNothing())
        .execute();
    },
    async ofRun(runId) {
      const rows = await trx
        .selectFrom('run_changes')
        .select(['doc', 'undone_by'])
        .where('tenant_id', '=', tenantId)
        .where('run_id', '=', runId)
        .orderBy('position')
        .execute();
      return rows.map(({ doc, undone_by: undoneBy }): RunChange =>
        undoneBy === null ? doc : { ...doc, undoneBy },
      );
    },
    async markUndone(ids, by) {
      await trx
        .updateTable('run_changes')
        .set({ undone_by: by })
        .where('tenant_id', '=', tenantId)
        .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
        .where('undone_by', 'is', null)
        .execute();
    },
  };
}
