import { chained, chainStart, erasableIn } from '../../../src/domain/audit.ts';
import type { ChainHead } from '../../../src/domain/audit.ts';
import type { Dispatch } from '../../../src/ports/store.ts';
import { sorted } from './order.ts';
import type { Database } from './scope.ts';
import type { Transaction } from './transaction.ts';
import type { Transactions } from './transactions.ts';

const CHAIN_LOCK = 'audit-chain';

/** Entries of the journal on their way into their tenants' chains. */
export function auditChainOn(
  db: Database,
  transactions: Transactions,
): Pick<Dispatch, 'chain' | 'auditedTenants'> {
  const { journal } = db.tables;

  async function chainTenant(tx: Transaction, tenantId: string, limit: number): Promise<number> {
    await tx.step();
    const all = sorted(journal.where(tx, 'tenant', tenantId), (row) => [row.position]);
    const fresh = all.filter((row) => row.sequence === null).slice(0, limit);
    let head = chainStart(tenantId);
    for (const { sequence, hash } of all)
      if (sequence !== null && hash !== null && sequence > head.sequence) head = { sequence, hash };
    for (const row of fresh) {
      const entry = row.doc.read();
      const salts = Object.fromEntries(erasableIn(entry).map((name) => [name, db.uuid()]));
      const { sequence, hash } = chained(head, entry, salts);
      await journal.update(tx, row, (now) => ({ ...now, sequence, salts, hash }));
      head = { sequence, hash } satisfies ChainHead;
    }
    return fresh.length;
  }

  return {
    chain: (limit) =>
      transactions.run(async (tx) => {
        await tx.step();
        await tx.lock(CHAIN_LOCK);
        await tx.step();
        const waiting = new Set(journal.where(tx, 'unchained', '').map((row) => row.tenant_id));
        let count = 0;
        for (const tenantId of sorted([...waiting], (name) => [name]))
          if (count < limit) count += await chainTenant(tx, tenantId, limit - count);
        return count;
      }),

    auditedTenants: () =>
      transactions.run(async (tx) => {
        await tx.step();
        const names = new Set(journal.all(tx).map((row) => row.tenant_id));
        return sorted([...names], (name) => [name]);
      }),
  };
}
