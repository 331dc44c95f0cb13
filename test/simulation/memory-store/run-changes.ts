import type { RunChanges } from '../../../src/ports/run-changes.ts';
import { sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Scope } from './scope.ts';

/** What runs wrote, kept so that it can be undone. */
export function runChangesOf({ db, tx, tenantId }: Scope): RunChanges {
  const { run_changes: changes } = db.tables;
  return {
    async add(added) {
      if (added.length === 0) return;
      await tx.step();
      for (const change of added) {
        db.identities.run_changes += 1;
        const row = {
          tenant_id: tenantId,
          id: tx.uuid(change.id),
          run_id: tx.uuid(change.runId),
          link_id: tx.uuid(change.linkId),
          position: db.identities.run_changes,
          undone_by: null,
          at: tx.time(change.at),
          doc: new Kept(change),
        };
        await changes.insertUnlessDoubled(tx, row);
      }
    },
    async ofRun(runId) {
      await tx.step();
      const rows = changes.where(tx, 'run', keyOf(tenantId, tx.uuid(runId)));
      return sorted(rows, (row) => [row.position]).map(({ doc, undone_by: undoneBy }) =>
        undoneBy === null ? doc.read() : { ...doc.read(), undoneBy },
      );
    },
    async markUndone(ids, by) {
      await tx.step();
      const undone_by = tx.uuid(by);
      for (const id of ids) {
        const row = changes.get(tx, keyOf(tenantId, tx.uuid(id)));
        if (row?.undone_by === null)
          await changes.update(tx, row, (now) => ({ ...now, undone_by: now.undone_by ?? undone_by }));
      }
    },
  };
}
