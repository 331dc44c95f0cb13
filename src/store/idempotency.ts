import type { IdempotencyKeys } from '../ports/idempotency.ts';
import type { Trx } from './schema.ts';

/** The answers to requests that a caller may send twice. */
export function idempotencyOf(trx: Trx, tenantId: string): IdempotencyKeys {
  return {
    async begin(key, requestHash, at) {
      const begun = await trx
        .insertInto('idempotency')
        .values({ tenant_id: tenantId, key, request_hash: requestHash, at, answer: null })
        .onConflict((row) => row.doNothing())
        .returning('key')
        .executeTakeFirst();
      if (begun !== undefined) return { kind: 'new' };
      const kept = await trx
        .selectFrom('idempotency')
        .select(['request_hash', 'answer'])
        .where('tenant_id', '=', tenantId)
        .where('key', '=', key)
        .executeTakeFirst();
      if (kept === undefined) return { kind: 'busy' };
      if (kept.request_hash !== requestHash) return { kind: 'other' };
      return kept.answer === null ? { kind: 'busy' } : { kind: 'done', answer: kept.answer };
    },
    async finish(key, answer) {
      await trx
        .updateTable('idempotency')
        .set({ answer: JSON.stringify(answer) })
        .where('tenant_id', '=', tenantId)
        .where('key', '=', key)
        .execute();
    },
    async forget(key) {
      await trx.deleteFrom('idempotency').where('tenant_id', '=', tenantId).where('key', '=', key).execute();
    },
  };
}
