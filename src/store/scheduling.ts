import { sql } from 'kysely';
import type { Dispatch, Lease, Whose } from '../ports/store.ts';
import type { Trx } from './schema.ts';
import type { Transactions } from './transactions.ts';

type Scheduling = Pick<Dispatch, 'claim' | 'renew' | 'release' | 'nextDueAt'>;

/** Who works on what, over all tenants. All times are the database's. */
export function schedulingOn(transactions: Transactions): Scheduling {
  return {
    claim: (worker, leaseMs, whose = 'any') =>
      transactions.as('scheduler', async (trx) => {
        const lease = await take(trx, worker, leaseMs, whose);
        if (lease === undefined) return undefined;
        // To the end of the line, behind the tenants that wait.
        await sql`update turns set served_at = clock_timestamp() where tenant_id = ${lease.tenantId}`.execute(
          trx,
        );
        return lease;
      }),

    renew: (lease, leaseMs) =>
      transactions.as('scheduler', async (trx) => {
        const renewed = await sql<{ expires_at: string }>`
          update leases set expires_at = now() + ${leaseMs}::bigint * interval '1 millisecond'
          where ${mine(lease)} returning expires_at`.execute(trx);
        const [row] = renewed.rows;
        return row && { ...lease, expiresAt: row.expires_at };
      }),

    // What fell due during the work stands in due_at already: the earlier of the two counts.
    release: (lease, nextDueAt) =>
      transactions.as('scheduler', async (trx) => {
        await sql`
          update leases set owner = null, expires_at = null, due_at = least(due_at, ${nextDueAt}::timestamptz)
          where ${mine(lease)}`.execute(trx);
      }),

    nextDueAt: () =>
      transactions.as('scheduler', async (trx) => {
        const next = await sql<{ due_at: string | null }>`select min(claim_at) as due_at from leases`.execute(
          trx,
        );
        return next.rows[0]?.due_at ?? null;
      }),
  };
}

function mine(lease: Lease) {
  return sql`tenant_id = ${lease.tenantId} and integration_id = ${lease.integrationId}
    and owner = ${lease.worker} and epoch = ${lease.epoch}`;
}

interface LeaseRow {
  tenant_id: string;
  integration_id: string;
  epoch: number;
  expires_at: string;
}

/** A free one that is due, or one whose worker let it expire; `skip locked` lets workers claim side by side. */
async function take(trx: Trx, worker: string, leaseMs: number, whose: Whose): Promise<Lease | undefined> {
  const taken = await sql<LeaseRow>`
    update leases set owner = ${worker}, epoch = leases.epoch + 1, due_at = null,
      expires_at = now() + ${leaseMs}::bigint * interval '1 millisecond'
    from (
      select l.tenant_id, l.integration_id from leases l join turns t on t.tenant_id = l.tenant_id
      where l.claim_at <= now() and (${whose} = 'any' or not exists (
        select from leases busy where busy.tenant_id = l.tenant_id and busy.owner is not null and busy.expires_at > now()
      ))
      order by t.served_at, l.claim_at, l.integration_id
      limit 1
      for update of l skip locked
    ) next
    where leases.tenant_id = next.tenant_id and leases.integration_id = next.integration_id
    returning leases.tenant_id, leases.integration_id, leases.epoch, leases.expires_at`.execute(trx);
  const [row] = taken.rows;
  return (
    row && {
      tenantId: row.tenant_id,
      integrationId: row.integration_id,
      worker,
      epoch: row.epoch,
      expiresAt: row.expires_at,
    }
  );
}
