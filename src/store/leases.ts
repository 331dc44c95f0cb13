import { sql } from 'kysely';
import { AppError } from '../domain/errors.ts';
import type { Lease } from '../ports/store.ts';
import type { Trx } from './schema.ts';

/** When each integration of one tenant is due, and the fence around a worker's writes. */
export function leasesOf(trx: Trx, tenantId: string) {
  const row = (integrationId: string) =>
    sql`tenant_id = ${tenantId} and integration_id = ${integrationId} and exists (
      select 1 from integrations i
      where i.tenant_id = leases.tenant_id and i.id = leases.integration_id and i.state <> 'deleted')`;

  return {
    async begin(integrationId: string): Promise<void> {
      await trx
        .insertInto('leases')
        .values({ tenant_id: tenantId, integration_id: integrationId, due_at: null })
        .execute();
      await trx
        .insertInto('turns')
        .values({ tenant_id: tenantId })
        .onConflict((turn) => turn.doNothing())
        .execute();
    },
    /** Nobody may work on it any more; whoever does finds the lease lost. */
    async end(integrationId: string): Promise<void> {
      await trx
        .updateTable('leases')
        .set({ due_at: null, owner: null, expires_at: null, epoch: sql<number>`epoch + 1` })
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .execute();
    },
    /** Whoever changes an integration or its dirty set takes this row first: one order, no circle of waiting. */
    /** Whoever works on it with the old settings finds the lease lost; it is due again at once. */
    async interrupt(integrationId: string): Promise<void> {
      await trx
        .updateTable('leases')
        .set({ due_at: sql<string>`now()`, owner: null, expires_at: null, epoch: sql<number>`epoch + 1` })
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .where('owner', 'is not', null)
        .execute();
    },
    async lock(integrationId: string): Promise<void> {
      await trx
        .selectFrom('leases')
        .select('epoch')
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .forUpdate()
        .execute();
    },
    async wake(integrationId: string): Promise<void> {
      await sql`update leases set due_at = least(due_at, now()) where ${row(integrationId)}`.execute(trx);
    },
    async schedule(integrationId: string, dueAt: string | null): Promise<void> {
      await sql`
        update leases set due_at = case
          when ${dueAt}::timestamptz is null and due_at > now() then null
          else least(due_at, ${dueAt}::timestamptz) end
        where ${row(integrationId)}`.execute(trx);
    },
    async nextDueAt(integrationId: string): Promise<string | null> {
      const lease = await trx
        .selectFrom('leases')
        .select('due_at')
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', integrationId)
        .executeTakeFirst();
      return lease?.due_at ?? null;
    },
    /** An expired lease that nobody took over still holds: only a take-over makes its writes late ones. */
    async hold(lease: Lease): Promise<void> {
      const held = await trx
        .selectFrom('leases')
        .select('epoch')
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '=', lease.integrationId)
        .where('owner', '=', lease.worker)
        .where('epoch', '=', lease.epoch)
        .forUpdate()
        .executeTakeFirst();
      if (held === undefined)
        throw new AppError(
          'lease-lost',
          `Another worker has taken over integration ${lease.integrationId}: nothing of this change was kept.`,
        );
    },
  };
}
