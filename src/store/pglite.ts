import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { lockDirectory, requireVersion } from './data-dir.ts';
import type { Engine } from './engine.ts';
import type { Tables } from './schema.ts';
import { PARSERS } from './values.ts';

/**
 * The embedded database: one connection, transactions queue. `memory` keeps nothing. Throws `unavailable` when
 * another process has the directory or another PostgreSQL version wrote it.
 *
 * PGlite never calls fsync: it survives the death of the process, not of the machine.
 */
export async function openPglite(dataDir: string): Promise<Engine> {
  const unlock = dataDir === 'memory' ? undefined : await prepare(dataDir);
  try {
    const pglite = await PGlite.create({
      dataDir: dataDir === 'memory' ? 'memory://' : join(dataDir, 'database'),
      parsers: PARSERS,
    });
    return engineOn(pglite, unlock);
  } catch (thrown) {
    await unlock?.();
    throw thrown;
  }
}

async function prepare(dataDir: string): Promise<() => Promise<void>> {
  const directory = join(dataDir, 'database');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = await lockDirectory(directory);
  try {
    requireVersion(directory);
  } catch (thrown) {
    await unlock();
    throw thrown;
  }
  return unlock;
}

function engineOn(pglite: PGlite, unlock: (() => Promise<void>) | undefined): Engine {
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  return {
    db,
    dispatch: db,
    durability: 'process crash',
    session: (work) =>
      pglite.transaction((transaction) =>
        work({
          run: async (script) => {
            await transaction.exec(script);
          },
          query: async (text, parameters = []) =>
            (await transaction.query<Record<string, unknown>>(text, [...parameters])).rows,
        }),
      ),
    close: async () => {
      await db.destroy();
      if (!pglite.closed) await pglite.close();
      await unlock?.();
    },
  };
}
