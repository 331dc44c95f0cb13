import { AppError } from '../../../src/domain/errors.ts';
import type { Lease } from '../../../src/ports/store.ts';
import { earlier, shown } from './moments.ts';
import { keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';

type LeaseRow = Row<'leases'>;

/** The row with its `claim_at`, which the database derives. */
export function leaseRow(row: Omit<LeaseRow, 'claim_at'>): LeaseRow {
  return { ...row, claim_at: row.owner === null ? row.due_at : row.expires_at };
}

/** When each integration of one tenant is due, and the fence around a worker's writes. */
export function leasesOf({ db, tx, tenantId }: Scope) {
  const { leases, integrations, turns } = db.tables;
  const find = (integrationId: string) => leases.get(tx, keyOf(tenantId, tx.uuid(integrationId)));

  async function change(
    integrationId: string,
    to: (row: LeaseRow) => Partial<LeaseRow>,
    fits?: (row: LeaseRow) => boolean,
  ): Promise<void> {
    await tx.step();
    const row = find(integrationId);
    if (row !== undefined) await leases.update(tx, row, (now) => leaseRow({ ...now, ...to(now) }), fits);
  }

  /** Deleted integrations are never due. */
  async function changeDue(integrationId: string, dueAt: (row: LeaseRow) => string | null): Promise<void> {
    const integration = () => integrations.get(tx, keyOf(tenantId, tx.uuid(integrationId)));
    const lives = () => (integration()?.state ?? 'deleted') !== 'deleted';
    await tx.step();
    const row = find(integrationId);
    if (row === undefined || !lives()) return;
    await leases.update(tx, row, (now) => leaseRow({ ...now, due_at: dueAt(now) }));
  }

  return {
    async begin(integrationId: string): Promise<void> {
      await tx.step();
      const free = { due_at: null, owner: null, epoch: 0, expires_at: null };
      const integration_id = tx.uuid(integrationId);
      await leases.insert(tx, leaseRow({ tenant_id: tenantId, integration_id, ...free }));
      await tx.step();
      await turns.insertUnlessDoubled(tx, { tenant_id: tenantId, served_at: '-infinity' });
    },
    /** Nobody may work on it any more; whoever does finds the lease lost. */
    end: (integrationId: string) =>
      change(integrationId, (row) => ({
        due_at: null,
        owner: null,
        expires_at: null,
        epoch: row.epoch + 1,
      })),
    /** Whoever works on it with the old settings finds the lease lost; it is due again at once. */
    interrupt: (integrationId: string) =>
      change(
        integrationId,
        (row) => ({ due_at: tx.at, owner: null, expires_at: null, epoch: row.epoch + 1 }),
        (row) => row.owner !== null,
      ),
    /** False: there is no such row. */
    async lock(integrationId: string): Promise<boolean> {
      await tx.step();
      const row = find(integrationId);
      return row !== undefined && (await leases.lock(tx, row)) !== undefined;
    },
    wake: (integrationId: string) => changeDue(integrationId, (row) => earlier(row.due_at, tx.at)),
    schedule: (integrationId: string, dueAt: string | null) => {
      const wanted = dueAt === null ? null : tx.time(dueAt);
      return changeDue(integrationId, (row) =>
        wanted === null && row.due_at !== null && row.due_at > tx.at ? null : earlier(row.due_at, wanted),
      );
    },
    async nextDueAt(integrationId: string): Promise<string | null> {
      await tx.step();
      return shown(find(integrationId)?.due_at ?? null);
    },
    /** An expired lease that nobody took over still holds: only a take-over makes its writes late ones. */
    async hold(lease: Lease): Promise<void> {
      await tx.step();
      const row = find(lease.integrationId);
      const mine = (now: LeaseRow) => now.owner === lease.worker && now.epoch === lease.epoch;
      if (row !== undefined && mine(row) && (await leases.lock(tx, row, mine)) !== undefined) return;
      throw new AppError(
        'lease-lost',
        `Another worker has taken over integration ${lease.integrationId}: nothing of this change was kept.`,
      );
    },
  };
}
