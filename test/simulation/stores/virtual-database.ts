import { readFileSync } from 'node:fs';
import { CompiledQuery } from 'kysely';
import { Client } from 'pg';
import { z } from 'zod';
import { Secret } from '../../../src/domain/secret.ts';
import type { Store } from '../../../src/ports/store.ts';
import { storeOn } from '../../../src/store/open.ts';
import { openPglite } from '../../../src/store/pglite.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { QUIET } from '../../store/database.ts';
import { rowsOf } from '../play-store.ts';
import type { OpenPlayStore } from '../play-store.ts';
import { inTurn } from './in-turn.ts';

const SCHEMA = readFileSync(new URL('virtual-time.sql', import.meta.url), 'utf8');
/** What is not ours is found in `simulation` before it is found in `pg_catalog`; tables are made in the first. */
const SEARCH_PATH = 'search_path to public, simulation, pg_catalog';

const Contents = z.array(z.object({ of: z.string(), content: z.string() }));
const TableRows = z.array(z.record(z.string(), z.unknown()));

/** A store on a database that goes by virtual time, and its administrator. */
interface VirtualDatabase {
  store: Store;
  query: (text: string, parameters?: readonly unknown[]) => Promise<readonly unknown[]>;
}

/** Where PostgreSQL is reached: as the store's login and as a superuser, both in a database that is the plays' own. */
export interface Addresses {
  url: string;
  adminUrl: string;
}

/** Plays one after another on one embedded database. */
export async function openOnPglite(): Promise<OpenPlayStore> {
  const engine = await openPglite('memory');
  await engine.session((session) => session.run(`${SCHEMA}; set ${SEARCH_PATH}`));
  return playsOn({
    store: await storeOn(engine),
    query: async (text, parameters = []) =>
      (await engine.db.executeQuery(CompiledQuery.raw(text, [...parameters]))).rows,
  });
}

/** Plays one after another on one PostgreSQL database. */
export async function openOnPostgres({ url, adminUrl }: Addresses): Promise<OpenPlayStore> {
  const admin = new Client({ connectionString: adminUrl, options: `-c timezone=UTC` });
  await admin.connect();
  // A worker that was hired for one that did not come to an end finds it there.
  const { rows } = await admin.query("select 1 where to_regnamespace('simulation') is not null");
  if (rows.length === 0) await admin.query(SCHEMA);
  for (const setting of [SEARCH_PATH, 'synchronous_commit to off'])
    await admin.query(
      `do $$ begin execute format('alter database %I set ${setting}', current_database()); end $$`,
    );
  const engine = await openPostgres(new Secret(url), QUIET);
  return playsOn({
    store: await storeOn(engine),
    query: async (text, parameters = []) => (await admin.query(text, [...parameters])).rows,
  });
}

function playsOn({ store, query }: VirtualDatabase): OpenPlayStore {
  return async ({ time }) => {
    let backups = 0;
    let told = Number.NaN;
    await query('call simulation.empty()');
    return inTurn({
      store,
      async ready() {
        if (told === time.now()) return;
        told = time.now();
        await query('select simulation.go_on($1)', [new Date(told).toISOString()]);
      },
      async backUp() {
        backups += 1;
        const name = `backup_${backups}`;
        await query('call simulation.back_up($1)', [name]);
        return async () => {
          await query('call simulation.restore($1)', [name]);
        };
      },
      async rows() {
        const tables = Contents.parse(await query('select * from simulation.rows()'));
        return rowsOf(
          Object.fromEntries(tables.map(({ of, content }) => [of, TableRows.parse(JSON.parse(content))])),
        );
      },
    });
  };
}
