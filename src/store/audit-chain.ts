import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { chained, chainStart, erasableIn } from '../domain/audit.ts';
import type { ChainedEntry, ChainHead, Salts } from '../domain/audit.ts';
import type { JournalEntry } from '../domain/event.ts';
import type { Dispatch } from '../ports/store.ts';
import type { Trx } from './schema.ts';
import type { Transactions } from './transactions.ts';

const CHAIN_LOCK = 7_460_133;
const SALT_BYTES = 16;

/** Entries of the journal on their way into their tenants' chains. */
export function auditChainOn(transactions: Transactions): Pick<Dispatch, 'chain' | 'auditedTenants'> {
  return {
    chain: (limit) =>
      transactions.as('scheduler', async (trx) => {
        const lock = await sql<{ mine: boolean }>`
          select pg_try_advisory_xact_lock(${CHAIN_LOCK}) as mine`.execute(trx);
        if (lock.rows[0]?.mine !== true) return 0;
        const waiting = await sql<{ tenant_id: string }>`
          select distinct tenant_id from journal where sequence is null limit ${limit}`.execute(trx);
        let count = 0;
        for (const { tenant_id: tenantId } of waiting.rows) {
          if (count >= limit) break;
          await transactions.becomeTenant(trx, tenantId);
          count += await chainTenant(trx, tenantId, limit - count);
        }
        return count;
      }),

    auditedTenants: () =>
      transactions.as('scheduler', async (trx) => {
        const found = await sql<{ tenant_id: string }>`
          select distinct tenant_id from journal order by tenant_id`.execute(trx);
        return found.rows.map((row) => row.tenant_id);
      }),
  };
}

/** One that was committed late comes after those that were already in their places. */
async function chainTenant(trx: Trx, tenantId: string, limit: number): Promise<number> {
  const fresh = await trx
    .selectFrom('journal')
    .select(['position', 'doc'])
    .where('tenant_id', '=', tenantId)
    .where('sequence', 'is', null)
    .orderBy('position')
    .limit(limit)
    .execute();
  let head = await headOf(trx, tenantId);
  const items: ChainedEntry[] = [];
  for (const { doc } of fresh) {
    const item = chained(head, doc, saltsOf(doc));
    items.push(item);
    head = item;
  }
  await sql`
    update journal set sequence = given.sequence, salts = given.salts::json, hash = given.hash
    from unnest(
      ${fresh.map(({ position }) => position)}::bigint[], ${items.map(({ sequence }) => sequence)}::bigint[],
      ${items.map(({ salts }) => JSON.stringify(salts))}::text[], ${items.map(({ hash }) => hash)}::text[]
    ) as given (position, sequence, salts, hash)
    where journal.tenant_id = ${tenantId} and journal.position = given.position`.execute(trx);
  return items.length;
}

async function headOf(trx: Trx, tenantId: string): Promise<ChainHead> {
  const { rows } = await sql<ChainHead>`
    select sequence, hash from journal where tenant_id = ${tenantId} and sequence is not null
    order by sequence desc limit 1`.execute(trx);
  return rows[0] ?? chainStart(tenantId);
}

function saltsOf(entry: JournalEntry): Salts {
  return Object.fromEntries(erasableIn(entry).map((name) => [name, randomBytes(SALT_BYTES).toString('hex')]));
}
