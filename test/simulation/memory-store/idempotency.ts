import type { IdempotencyKeys } from '../../../src/ports/idempotency.ts';
import { Kept, keyOf } from './rows.ts';
import type { Scope } from './scope.ts';

/** The answers to requests that a caller may send twice. */
export function idempotencyOf({ db, tx, tenantId }: Scope): IdempotencyKeys {
  const { idempotency } = db.tables;
  const find = (key: string) => idempotency.get(tx, keyOf(tenantId, key));
  return {
    async begin(key, requestHash, at) {
      await tx.step();
      const row = { tenant_id: tenantId, key, request_hash: requestHash, at: tx.time(at), answer: null };
      if (await idempotency.insertUnlessDoubled(tx, row)) return { kind: 'new' };
      await tx.step();
      const kept = find(key);
      if (kept === undefined) return { kind: 'busy' };
      if (kept.request_hash !== requestHash) return { kind: 'other' };
      return kept.answer === null ? { kind: 'busy' } : { kind: 'done', answer: kept.answer.read() };
    },
    async finish(key, answer) {
      await tx.step();
      const row = find(key);
      if (row !== undefined)
        await idempotency.update(tx, row, (now) => ({ ...now, answer: new Kept(answer) }));
    },
    async forget(key) {
      await tx.step();
      const row = find(key);
      if (row !== undefined) await idempotency.remove(tx, row);
    },
  };
}
