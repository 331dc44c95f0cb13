import { sql } from 'kysely';
import { AppError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Log } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { Upkeep } from '../ports/upkeep.ts';
import type { Engine } from './engine.ts';
import { housekeepingOn } from './housekeeping.ts';
import { installationSecrets } from './installation.ts';
import { intakeOn } from './intake.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import { auditChainOn } from './audit-chain.ts';
import { publisherOn } from './publisher.ts';
import { schedulingOn } from './scheduling.ts';
import { tenantStore } from './tenant.ts';
import { transactionsOn } from './transactions.ts';
import { upkeepOn } from './upkeep.ts';

export interface StoreOptions {
  /** A PostgreSQL server, 15 or newer; without it the embedded database in `dataDir`. */
  databaseUrl?: Secret;
  /** A directory, or `memory` for a database that ends with the process. */
  dataDir: string;
  log: Log;
}

/** A store, with what operators do to it. */
export type OpenStore = Store & { upkeep: Upkeep };

/**
 * Open the database and bring its schema up to date. Throws `unavailable`, with one sentence that says what to
 * do, when it does not answer, is too old, has a newer schema, or belongs to another process.
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const engine =
    options.databaseUrl === undefined
      ? await openPglite(options.dataDir)
      : await openPostgres(options.databaseUrl, options.log);
  try {
    return await storeOn(engine);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}

/** The store on an open engine, its schema brought up to date. */
export async function storeOn(engine: Engine): Promise<OpenStore> {
  const transactions = transactionsOn(engine, await migrate(engine));
  return {
    tenant: (tenantId) => tenantStore(transactions, tenantId),
    dispatch: {
      ...schedulingOn(transactions),
      ...intakeOn(transactions),
      ...publisherOn(transactions),
      ...auditChainOn(transactions),
      ...housekeepingOn(transactions),
    },
    upkeep: upkeepOn(transactions),
    installation: installationSecrets(transactions),
    durability: engine.durability,
    async ping() {
      try {
        await sql`select 1`.execute(engine.dispatch);
      } catch (cause) {
        throw new AppError('unavailable', 'The database does not answer.', { cause });
      }
    },
    close: () => engine.close(),
  };
}
