import { bulkhead, BulkheadRejectedError, type BulkheadPolicy } from 'cockatiel';
import { AppError } from '../domain/errors.ts';

/** Transactions of one tenant at the same time: half of the connections of a process. */
const AT_ONCE = 5;
const WAITING = 100;
const PATIENCE_MS = 5_000;

/** Runs the work when it is the tenant's turn. Throws `unavailable` when that takes too long. */
export type TenantTurns = <T>(tenantId: string, work: () => Promise<T>) => Promise<T>;

/** What a tenant has too much of waits here, where nobody else stands behind it. */
export function tenantTurns(): TenantTurns {
  const tenants = new Map<string, BulkheadPolicy>();
  return async (tenantId, work) => {
    const mine = tenants.get(tenantId) ?? bulkhead(AT_ONCE, WAITING);
    tenants.set(tenantId, mine);
    const late = Promise.withResolvers<never>();
    let isWaiting = true;
    const patience = setTimeout(() => late.reject(tooMuch()), PATIENCE_MS);
    const turn = mine.execute(async () => {
      if (!isWaiting) throw tooMuch();
      clearTimeout(patience);
      return work();
    });
    try {
      return await Promise.race([turn, late.promise]);
    } catch (thrown) {
      throw thrown instanceof BulkheadRejectedError ? tooMuch() : thrown;
    } finally {
      isWaiting = false;
      clearTimeout(patience);
      if (mine.executionSlots === AT_ONCE && mine.queueSlots === WAITING) tenants.delete(tenantId);
    }
  };
}

function tooMuch(): AppError {
  return new AppError('unavailable', 'Too much is asked for at once. Try again in a moment.');
}
