import { sql } from 'kysely';
import type { IntegrationState, ProviderId } from '../domain/integration.ts';
import type { Dispatch } from '../ports/store.ts';
import type { Trx } from './schema.ts';
import type { Transactions } from './transactions.ts';

const RUNS_AT_ONCE = 100;

type Housekeeping = Pick<Dispatch, 'prune' | 'integrationCounts' | 'tenants'>;

/** What is done over all tenants and belongs to none. */
export function housekeepingOn(transactions: Transactions): Housekeeping {
  return {
    // One transaction for each tenant: no long one holds the rest up.
    async prune(before) {
      let gone = 0;
      for (const tenantId of await transactions.as('scheduler', everyTenant))
        gone +=
          (await transactions.asTenant(tenantId, (trx) => pruneTenant(trx, tenantId, before))) +
          (await pruneRuns(transactions, tenantId, before.runs));
      return gone;
    },

    integrationCounts: () =>
      transactions.as('scheduler', async (trx) => {
        const counted = await sql<{ provider: ProviderId; state: IntegrationState; count: number }>`
          select provider, state, count(*) as count from integrations where state <> 'deleted'
          group by provider, state order by provider, state`.execute(trx);
        return counted.rows;
      }),

    tenants: () =>
      transactions.as('scheduler', async (trx) => {
        const found = await sql<{ tenant_id: string }>`
          (select tenant_id from integrations where state <> 'deleted' union select tenant_id from models)
          except select name from removed_tenants order by tenant_id`.execute(trx);
        return found.rows.map((row) => row.tenant_id);
      }),
  };
}

/** Also those that have only history left; not those that are being removed. */
export async function everyTenant(trx: Trx): Promise<readonly string[]> {
  const found = await sql<{ tenant_id: string }>`
    (select tenant_id from integrations union select tenant_id from tenants)
    except select name from removed_tenants order by tenant_id`.execute(trx);
  return found.rows.map((row) => row.tenant_id);
}

/** A delivery that waits for its run and an event that was not published stay, however old. */
async function pruneTenant(
  trx: Trx,
  tenantId: string,
  before: Parameters<Dispatch['prune']>[0],
): Promise<number> {
  const removals = [
    sql`delete from deliveries
      where tenant_id = ${tenantId} and received_at < ${before.deliveries}::timestamptz and verdict <> 'accepted'`,
    sql`delete from dedupe where tenant_id = ${tenantId} and received_at < ${before.dedupe}::timestamptz`,
    sql`delete from outbox
      where tenant_id = ${tenantId} and created_at < ${before.events}::timestamptz and published_at is not null`,
    sql`delete from idempotency where tenant_id = ${tenantId} and at < ${before.idempotency}::timestamptz`,
    sql`delete from held_imports where tenant_id = ${tenantId} and at < ${before.heldImports}::timestamptz`,
    sql`delete from ops where tenant_id = ${tenantId} and state <> 'open' and created_at < ${before.runs}::timestamptz`,
    sql`delete from conflicts
      where tenant_id = ${tenantId} and state <> 'open' and settled_at < ${before.runs}::timestamptz`,
    sql`delete from plans
      where tenant_id = ${tenantId} and created_at < ${before.runs}::timestamptz and exists (
        select from plans newer where newer.tenant_id = plans.tenant_id
          and newer.integration_id = plans.integration_id and newer.created_at > plans.created_at)`,
    sql`delete from run_changes where tenant_id = ${tenantId} and at < ${before.changes}::timestamptz`,
  ];
  let gone = 0;
  for (const removal of removals) gone += Number((await removal.execute(trx)).numAffectedRows ?? 0n);
  return gone;
}

/** Some at a time, each with its items. What a run wrote goes before it does, by a time of its own. */
async function pruneRuns(transactions: Transactions, tenantId: string, before: string): Promise<number> {
  for (let gone = 0; ;) {
    const some = await transactions.asTenant(tenantId, async (trx) => {
      const old = await sql<{ id: string }>`
        select id from runs
        where tenant_id = ${tenantId} and finished_at < ${before}::timestamptz
          and exists (select from runs newer where newer.tenant_id = runs.tenant_id
            and newer.integration_id = runs.integration_id and newer.finished_at > runs.finished_at)
          and not exists (select from run_changes written where written.tenant_id = runs.tenant_id
            and written.run_id = runs.id)
        limit ${RUNS_AT_ONCE}`.execute(trx);
      const ids = old.rows.map(({ id }) => id);
      await sql`delete from run_items where tenant_id = ${tenantId} and run_id = any(${ids}::uuid[])`.execute(
        trx,
      );
      await sql`delete from runs where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(trx);
      return ids.length;
    });
    gone += some;
    if (some < RUNS_AT_ONCE) return gone;
  }
}
