import type { Dispatch } from '../../../src/ports/store.ts';
import { sorted } from './order.ts';
import type { Database } from './scope.ts';
import type { Transaction } from './transaction.ts';
import type { Transactions } from './transactions.ts';

/** What is done over all tenants and belongs to none. */
export function housekeepingOn(
  { tables }: Database,
  transactions: Transactions,
): Pick<Dispatch, 'prune' | 'integrationCounts' | 'tenants'> {
  const {
    integrations,
    models,
    deliveries,
    dedupe,
    outbox,
    idempotency,
    run_changes: changes,
    held_imports: imports,
    ops,
    conflicts,
    plans,
    runs,
    run_items: items,
  } = tables;

  /** A delivery that waits for its run and an event that was not published stay, however old. */
  async function pruneTenant(
    tx: Transaction,
    tenantId: string,
    before: Parameters<Dispatch['prune']>[0],
  ): Promise<number> {
    let gone = 0;
    const count = (removed: boolean): void => {
      if (removed) gone += 1;
    };
    const limits = {
      deliveries: tx.time(before.deliveries),
      dedupe: tx.time(before.dedupe),
      events: tx.time(before.events),
      idempotency: tx.time(before.idempotency),
      changes: tx.time(before.changes),
      heldImports: tx.time(before.heldImports),
    };
    await tx.step();
    for (const row of deliveries.where(tx, 'tenant', tenantId))
      if (row.received_at < limits.deliveries && row.verdict !== 'accepted')
        count(await deliveries.remove(tx, row, (now) => now.verdict !== 'accepted'));
    await tx.step();
    for (const row of dedupe.where(tx, 'tenant', tenantId))
      if (row.received_at < limits.dedupe) count(await dedupe.remove(tx, row));
    await tx.step();
    for (const row of outbox.where(tx, 'tenant', tenantId))
      if (row.created_at < limits.events && row.published_at !== null) count(await outbox.remove(tx, row));
    await tx.step();
    for (const row of idempotency.where(tx, 'tenant', tenantId))
      if (row.at < limits.idempotency)
        count(await idempotency.remove(tx, row, (now) => now.at < limits.idempotency));
    await tx.step();
    for (const row of imports.where(tx, 'tenant', tenantId))
      if (row.at < limits.heldImports) count(await imports.remove(tx, row));
    await tx.step();
    for (const row of changes.where(tx, 'tenant', tenantId))
      if (row.at < limits.changes) count(await changes.remove(tx, row));
    gone += await pruneWork(tx, tenantId, tx.time(before.runs));
    return gone;
  }

  /** What is settled, and runs and plans that have a newer one. */
  async function pruneWork(tx: Transaction, tenantId: string, before: string): Promise<number> {
    let gone = 0;
    const isMine = (row: { readonly tenant_id: string }): boolean => row.tenant_id === tenantId;
    for (const row of ops.all(tx).filter(isMine))
      if (row.state !== 'open' && row.created_at < before) gone += Number(await ops.remove(tx, row));
    for (const row of conflicts.all(tx).filter(isMine))
      if (row.settled_at !== null && row.settled_at < before) gone += Number(await conflicts.remove(tx, row));
    const allPlans = plans.all(tx).filter(isMine);
    for (const row of allPlans)
      if (
        row.created_at < before &&
        allPlans.some(
          (each) => each.integration_id === row.integration_id && each.created_at > row.created_at,
        )
      )
        gone += Number(await plans.remove(tx, row));
    const finished = runs
      .all(tx)
      .filter(isMine)
      .flatMap((row) => (row.finished_at === null ? [] : [{ row, end: row.finished_at }]));
    for (const { row, end } of finished) {
      const isNewest = !finished.some(
        (each) => each.row.integration_id === row.integration_id && each.end > end,
      );
      const isKept = changes.all(tx).some((each) => isMine(each) && each.run_id === row.id);
      if (end >= before || isNewest || isKept) continue;
      for (const item of items.all(tx).filter((each) => isMine(each) && each.run_id === row.id))
        await items.remove(tx, item);
      gone += Number(await runs.remove(tx, row));
    }
    return gone;
  }

  return {
    // One transaction for each tenant: no long one holds the rest up.
    async prune(before) {
      let gone = 0;
      for (const tenantId of await transactions.run((tx) => everyTenant(tx, tables)))
        gone += await transactions.run((tx) => pruneTenant(tx, tenantId, before));
      return gone;
    },

    integrationCounts: () =>
      transactions.run(async (tx) => {
        await tx.step();
        const rows = integrations.all(tx).filter((row) => row.state !== 'deleted');
        const groups = Map.groupBy(rows, (row) => `${row.provider} ${row.state}`);
        const counted = [...groups.values()].flatMap(([row, ...rest]) =>
          row === undefined ? [] : [{ provider: row.provider, state: row.state, count: rest.length + 1 }],
        );
        return sorted(counted, (each) => [each.provider, each.state]);
      }),

    tenants: () =>
      transactions.run(async (tx) => {
        await tx.step();
        const living = integrations.all(tx).filter((row) => row.state !== 'deleted');
        return namesOf([...living, ...models.all(tx)]);
      }),
  };
}

/** Also those that have only history left. */
export async function everyTenant(tx: Transaction, tables: Database['tables']): Promise<readonly string[]> {
  await tx.step();
  return namesOf([...tables.integrations.all(tx), ...tables.tenants.all(tx)]);
}

function namesOf(rows: readonly { readonly tenant_id: string }[]): readonly string[] {
  return sorted([...new Set(rows.map((row) => row.tenant_id))], (name) => [name]);
}
