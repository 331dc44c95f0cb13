import type { Dirty, DirtySet } from '../../../src/ports/repositories.ts';
import { leasesOf } from './leases.ts';
import { earlier, shown } from './moments.ts';
import { sorted } from './order.ts';
import { keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';

type DirtyRow = Row<'dirty'>;

/** What must be looked at again. */
export function dirtyOf(scope: Scope): DirtySet {
  const { db, tx, tenantId } = scope;
  const { dirty } = db.tables;
  const leases = leasesOf(scope);
  const ofIntegration = (id: string) => dirty.where(tx, 'integration', keyOf(tenantId, tx.uuid(id)));
  const find = (integrationId: string, linkId: string) =>
    dirty.get(tx, keyOf(tenantId, tx.uuid(integrationId), tx.uuid(linkId)));

  return {
    async mark(integrationId, marks) {
      if (marks.length === 0) return;
      // The lease's row is locked first, as a worker does before it clears: otherwise the two could wait for each other.
      if (!(await leases.lock(integrationId))) return;
      await tx.step();
      for (const { linkId, reason, dueAt } of marks) {
        const row: DirtyRow = {
          tenant_id: tenantId,
          integration_id: tx.uuid(integrationId),
          link_id: tx.uuid(linkId),
          generation: 1,
          attempts: 0,
          due_at: dueAt === undefined ? null : tx.time(dueAt),
          marked_at: tx.at,
          reason,
        };
        await dirty.upsert(tx, row, (now) => ({
          ...now,
          generation: now.generation + 1,
          reason: reason === 'threat' ? now.reason : reason,
          // Null is at once, and nothing is earlier.
          due_at: now.due_at === null || row.due_at === null ? null : earlier(now.due_at, row.due_at),
        }));
      }
    },
    async due(integrationId, limit, now) {
      await tx.step();
      const until = tx.time(now);
      const rows = ofIntegration(integrationId).filter((row) => row.due_at === null || row.due_at <= until);
      return sorted(rows, (row) => [row.due_at ?? '', row.marked_at, row.link_id])
        .slice(0, limit)
        .map(dirtyRow);
    },
    async of(integrationId, linkIds) {
      await tx.step();
      const rows = [...new Set(linkIds.map((id) => tx.uuid(id)))].map((id) => find(integrationId, id));
      return sorted(
        rows.filter((row) => row !== undefined),
        (row) => [row.link_id],
      ).map(dirtyRow);
    },
    async clear(integrationId, taken) {
      await tx.step();
      for (const { linkId, generation } of taken) {
        const row = find(integrationId, linkId);
        const isSame = (now: DirtyRow) => now.generation === generation;
        if (row !== undefined && isSame(row)) await dirty.remove(tx, row, isSame);
      }
    },
    async defer(integrationId, linkId, dueAt) {
      await tx.step();
      const row = find(integrationId, linkId);
      const due_at = tx.time(dueAt);
      if (row !== undefined)
        await dirty.update(tx, row, (now) => ({ ...now, due_at, attempts: now.attempts + 1 }));
    },
    async nextDueAt(integrationId) {
      await tx.step();
      const times = ofIntegration(integrationId).map((row) => row.due_at ?? row.marked_at);
      return shown(times.reduce<string | null>(earlier, null));
    },
    async count(integrationId) {
      await tx.step();
      return ofIntegration(integrationId).length;
    },
  };
}

function dirtyRow(row: DirtyRow): Dirty {
  return {
    linkId: row.link_id,
    generation: row.generation,
    attempts: row.attempts,
    dueAt: shown(row.due_at ?? row.marked_at),
    reason: row.reason,
  };
}
