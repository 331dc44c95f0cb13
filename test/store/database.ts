import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { Secret } from '../../src/domain/secret.ts';
import type { Log } from '../../src/ports/clock.ts';
import type { Engine } from '../../src/store/engine.ts';
import { storeOn } from '../../src/store/open.ts';
import { openPglite } from '../../src/store/pglite.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { rolesOf } from '../../src/store/roles.ts';
import type { SqlStage, TestEngine } from './stage.ts';

export const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A database of its own on the server of TEST_DATABASE_URL, owned by a login that is no superuser. */
export interface TestDatabase {
  url: string;
  /** As the superuser of the tests, beside the store. */
  admin(text: string, parameters?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export async function makeDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `tmi_test_${randomBytes(5).toString('hex')}`;
  const login = `${name}_login`;
  const password = randomBytes(12).toString('hex');
  await once(serverUrl, [
    `create role ${login} login createrole nosuperuser nobypassrls password '${password}'`,
    `create database ${name} owner ${login}`,
  ]);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const admin = new Client({ connectionString: url.href, options: '-c timezone=UTC' });
  await admin.connect();
  const mine = new URL(url);
  mine.username = login;
  mine.password = password;
  return {
    url: mine.href,
    admin: async (text, parameters = []) =>
      (await admin.query<Record<string, unknown>>(text, parameters)).rows,
    drop: async () => {
      await admin.end();
      await once(serverUrl, [
        `drop database ${name} with (force)`,
        ...['owner', 'app', 'intake', 'scheduler'].map((role) => `drop role if exists ${name}_${role}`),
        `drop role ${login}`,
      ]);
    },
  };
}

async function once(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const serverUrl = process.env['TEST_DATABASE_URL'];
const mustHaveServices = process.env['REQUIRE_SERVICES'] === '1';
export const SKIP_POSTGRES =
  serverUrl === undefined && !mustHaveServices
    ? 'set TEST_DATABASE_URL to a PostgreSQL superuser to run this'
    : false;

/** The server that TEST_DATABASE_URL names; only for tests that SKIP_POSTGRES did not skip. */
export function testServer(): string {
  if (serverUrl === undefined) throw new Error('REQUIRE_SERVICES=1 but TEST_DATABASE_URL is not set');
  return serverUrl;
}

async function stageOn(engine: Engine, database?: TestDatabase): Promise<SqlStage> {
  const store = await storeOn(engine);
  const [row] = await engine.session((session) => session.query('select current_database() as name'));
  return {
    store,
    sql: { engine, roles: rolesOf(String(row?.['name'])) },
    passes: (ms) => wait(ms),
    ...(database !== undefined && { cut: () => cutConnections(database) }),
    close: async () => {
      await store.close();
      await database?.drop();
    },
  };
}

/** Every connection to the database but the one of the tests. */
async function cutConnections(database: TestDatabase): Promise<void> {
  await database.admin(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
  // The cut is heard between two statements, when no query is there to fail.
  await wait(50);
}

/** One connection: transactions never overlap, and there is none to cut. */
export const PGLITE: TestEngine<SqlStage> = {
  name: 'PGlite',
  skip: false,
  overlaps: false,
  open: async () => stageOn(await openPglite('memory')),
};
export const POSTGRESQL: TestEngine<SqlStage> = {
  name: 'PostgreSQL',
  skip: SKIP_POSTGRES,
  overlaps: true,
  open: async () => {
    const database = await makeDatabase(testServer());
    return stageOn(await openPostgres(new Secret(database.url), QUIET), database);
  },
};
