import { sql } from 'kysely';
import type { ChainedEntry } from '../domain/audit.ts';
import { AppError } from '../domain/errors.ts';
import type { Row } from '../domain/erasure.ts';
import type { RowKey, Upkeep } from '../ports/upkeep.ts';
import { isReferred } from './failures.ts';
import type { Trx } from './schema.ts';
import { isTenantTable, TENANT_TABLES, TENANT_TABLE_NAMES } from './tenant-tables.ts';
import type { Transactions } from './transactions.ts';

/** The first half of the key of `may_enter`. */
const TENANT_LOCK = 7_460_134;
const DELETED_AT_ONCE = 1000;
/** Rows of one transaction. */
const BATCH = 200;
/** Rows that may hold a file of many megabytes. */
const HEAVY: ReadonlySet<string> = new Set(['models', 'held_imports', 'deliveries']);
const FEW = 5;
/** Rows that people change under a version: who has read one before must not write it back. */
const VERSIONED: ReadonlySet<string> = new Set(['integrations', 'models', 'threats', 'links']);

/** What an operator does to the rows of one tenant. */
export function upkeepOn(transactions: Transactions): Upkeep {
  return {
    tables: TENANT_TABLE_NAMES,

    rewrite: (tenantId, table, after, change) =>
      transactions.as('owner', async (trx) => {
        const key = keyOf(table);
        const limit = HEAVY.has(table) ? FEW : BATCH;
        const rows = await next(trx, { tenantId, table, after, limit });
        const changes = change(rows);
        for (const [place, row] of rows.entries())
          await write(trx, tenantId, table, row, changes[place] ?? {});
        const last = rows.at(-1);
        return last === undefined || rows.length < limit ? undefined : key.map((column) => last[column]);
      }),

    closeTenant: (tenantId) =>
      transactions.as('owner', async (trx) => {
        await sql`select pg_advisory_xact_lock(${TENANT_LOCK}, hashtext(${tenantId}))`.execute(trx);
        await sql`insert into removed_tenants (name) values (${tenantId}) on conflict do nothing`.execute(
          trx,
        );
        const { rows } = await sql<{ deleting: boolean }>`
          select deleting from removed_tenants where name = ${tenantId}`.execute(trx);
        return { isDeleting: rows[0]?.deleting === true };
      }),

    async deleteSome(tenantId, table) {
      keyOf(table);
      try {
        return await transactions.as('owner', async (trx) => {
          const { rows } = await sql`
            update removed_tenants set deleting = true where name = ${tenantId} returning name`.execute(trx);
          if (rows.length === 0) throw new AppError('conflict', `Tenant "${tenantId}" is not closed.`);
          const gone = await sql`
            delete from ${sql.table(table)} where ctid in (
              select ctid from ${sql.table(table)} where tenant_id = ${tenantId} limit ${DELETED_AT_ONCE}
            )`.execute(trx);
          return Number(gone.numAffectedRows ?? 0n);
        });
      } catch (thrown) {
        // A delivery that was under way has come in behind us.
        if (isReferred(thrown)) return 'in-use';
        throw thrown;
      }
    },

    rewriteChain: (tenantId, after, change) =>
      transactions.as('owner', async (trx) => {
        const rows = await trx
          .selectFrom('journal')
          .select(['sequence', 'doc', 'salts', 'hash'])
          .where('tenant_id', '=', tenantId)
          .where('sequence', '>', after)
          .orderBy('sequence')
          .limit(BATCH)
          .forUpdate()
          .execute();
        const items = rows.flatMap(({ sequence, doc, salts, hash }) =>
          sequence === null || salts === null || hash === null ? [] : [{ sequence, entry: doc, salts, hash }],
        );
        const known: ReadonlySet<ChainedEntry> = new Set(items);
        for (const { sequence, entry, salts } of change(items).filter((item) => !known.has(item)))
          await sql`
            update journal set doc = ${JSON.stringify(entry)}::json, salts = ${JSON.stringify(salts)}::json
            where tenant_id = ${tenantId} and sequence = ${sequence}`.execute(trx);
        return items.length < BATCH ? undefined : items.at(-1)?.sequence;
      }),
  };
}

function keyOf(table: string): readonly string[] {
  if (!isTenantTable(table)) throw new AppError('internal', `there is no table "${table}" of tenants`);
  return TENANT_TABLES[table];
}

async function next(
  trx: Trx,
  {
    tenantId,
    table,
    after,
    limit,
  }: { tenantId: string; table: string; after: RowKey | undefined; limit: number },
): Promise<readonly Row[]> {
  const columns = keyOf(table).map((column) => sql.ref(column));
  const isAfter =
    after === undefined || columns.length === 0
      ? sql`true`
      : sql`(${sql.join(columns)}) > (${sql.join(after.map((value) => sql.val(value)))})`;
  const order = columns.length === 0 ? sql`` : sql`order by ${sql.join(columns)}`;
  const { rows } = await sql<Record<string, unknown>>`
    select * from ${sql.table(table)} where tenant_id = ${tenantId} and ${isAfter}
    ${order} limit ${limit} for update`.execute(trx);
  return rows;
}

async function write(trx: Trx, tenantId: string, table: string, row: Row, changes: Row): Promise<void> {
  const sets = Object.entries(changes).map(
    ([column, value]) => sql`${sql.ref(column)} = ${sql.val(stored(value))}`,
  );
  if (sets.length === 0) return;
  if (VERSIONED.has(table)) sets.push(sql`version = version + 1`);
  const same = keyOf(table).map((column) => sql`${sql.ref(column)} = ${sql.val(row[column])}`);
  await sql`
    update ${sql.table(table)} set ${sql.join(sets)}
    where ${sql.join([sql`tenant_id = ${tenantId}`, ...same], sql` and `)}`.execute(trx);
}

/** Documents are kept as text of ours, never as the database would write them. */
function stored(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
    ? JSON.stringify(value)
    : value;
}
