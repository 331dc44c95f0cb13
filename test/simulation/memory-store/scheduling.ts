import type { Dispatch, Lease, Whose } from '../../../src/ports/store.ts';
import { leaseRow } from './leases.ts';
import { earlier, later, shown } from './moments.ts';
import { sorted } from './order.ts';
import { keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Database } from './scope.ts';
import type { Transaction } from './transaction.ts';
import type { Transactions } from './transactions.ts';

type LeaseRow = Row<'leases'>;

/** Who works on what, over all tenants. All times are the store's. */
export function schedulingOn(
  { tables, moments }: Database,
  transactions: Transactions,
): Pick<Dispatch, 'claim' | 'renew' | 'release' | 'nextDueAt'> {
  const { leases, turns } = tables;
  const find = (tx: Transaction, lease: Lease) =>
    leases.get(tx, keyOf(lease.tenantId, tx.uuid(lease.integrationId)));

  /** A free one that is due, or one whose worker let it expire; what others have locked is left to them. */
  async function take(
    tx: Transaction,
    worker: string,
    leaseMs: number,
    whose: Whose,
  ): Promise<LeaseRow | undefined> {
    const all = leases.all(tx);
    const served = new Set(
      all
        .filter((row) => row.owner !== null && row.expires_at !== null && row.expires_at > tx.at)
        .map((row) => row.tenant_id),
    );
    const due = all.filter(
      (row) =>
        row.claim_at !== null && row.claim_at <= tx.at && (whose === 'any' || !served.has(row.tenant_id)),
    );
    const servedAt = (row: LeaseRow) => turns.get(tx, row.tenant_id)?.served_at ?? '';
    const inTurn = sorted(due, (row) => [servedAt(row), row.claim_at ?? '', row.integration_id]);
    const next = inTurn.find((row) => leases.isFree(tx, row));
    return (
      next &&
      leases.update(tx, next, (row) =>
        leaseRow({
          ...row,
          owner: worker,
          epoch: row.epoch + 1,
          due_at: null,
          expires_at: later(tx.at, leaseMs),
        }),
      )
    );
  }

  return {
    claim: (worker, leaseMs, whose = 'any') =>
      transactions.run(async (tx) => {
        await tx.step();
        const row = await take(tx, worker, leaseMs, whose);
        if (row === undefined) return undefined;
        // To the end of the line, behind the tenants that wait.
        await tx.step();
        const turn = turns.get(tx, row.tenant_id);
        const served_at = moments.now();
        if (turn !== undefined) await turns.update(tx, turn, (now) => ({ ...now, served_at }));
        return {
          tenantId: row.tenant_id,
          integrationId: row.integration_id,
          worker,
          epoch: row.epoch,
          expiresAt: shown(row.expires_at ?? tx.at),
        };
      }),

    renew: (lease, leaseMs) =>
      transactions.run(async (tx) => {
        await tx.step();
        const row = find(tx, lease);
        if (row === undefined || !isOf(lease)(row)) return undefined;
        const expires_at = later(tx.at, leaseMs);
        const renewed = await leases.update(tx, row, (now) => leaseRow({ ...now, expires_at }), isOf(lease));
        return renewed && { ...lease, expiresAt: shown(expires_at) };
      }),

    // What fell due during the work stands in due_at already: the earlier of the two counts.
    release: (lease, nextDueAt) =>
      transactions.run(async (tx) => {
        await tx.step();
        const row = find(tx, lease);
        const next = nextDueAt === null ? null : tx.time(nextDueAt);
        if (row === undefined || !isOf(lease)(row)) return;
        await leases.update(
          tx,
          row,
          (now) => leaseRow({ ...now, owner: null, expires_at: null, due_at: earlier(now.due_at, next) }),
          isOf(lease),
        );
      }),

    nextDueAt: () =>
      transactions.run(async (tx) => {
        await tx.step();
        const times = leases.all(tx).map((row) => row.claim_at);
        return shown(times.reduce<string | null>(earlier, null));
      }),
  };
}

function isOf(lease: Lease): (row: LeaseRow) => boolean {
  return (row) => row.owner === lease.worker && row.epoch === lease.epoch;
}
