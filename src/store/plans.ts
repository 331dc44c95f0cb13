import type { Plans } from '../ports/repositories.ts';
import type { Trx } from './schema.ts';

/** The plans that people were shown. */
export function plansOf(trx: Trx, tenantId: string): Plans {
  const shown = () => trx.selectFrom('plans').select('doc').where('tenant_id', '=', tenantId);

  return {
    async save(plan) {
      await trx
        .insertInto('plans')
        .values({
          tenant_id: tenantId,
          id: plan.id,
          integration_id: plan.integrationId,
          created_at: plan.createdAt,
          doc: JSON.stringify(plan),
        })
        .onConflict((row) => row.columns(['tenant_id', 'id']).doUpdateSet({ doc: JSON.stringify(plan) }))
        .execute();
    },
    async get(id) {
      const row = await shown().where('id', '=', id).executeTakeFirst();
      return row?.doc;
    },
    async last(integrationId) {
      const row = await shown()
        .where('integration_id', '=', integrationId)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.doc;
    },
  };
}
