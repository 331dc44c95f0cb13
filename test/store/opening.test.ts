import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from 'pg';
import { AppError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openStore } from '../../src/store/open.ts';
import { openPglite } from '../../src/store/pglite.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { POSTGRESQL, QUIET, makeDatabase, testServer } from './database.ts';
import type { TestDatabase } from './database.ts';
import { aModel, codeIs } from './fixtures.ts';

const TENANT = 'acme';

/** One sentence that says what is wrong and what to do. */
function says(...words: readonly string[]) {
  return (thrown: unknown) => {
    assert.ok(thrown instanceof AppError && codeIs('unavailable')(thrown), String(thrown));
    for (const word of words) assert.ok(thrown.message.includes(word), thrown.message);
    assert.ok(!thrown.message.includes('\n'));
    return true;
  };
}

const saved = aModel({ name: 'saved' });
const open = aModel({ name: 'in an open transaction' });

/** Saves one model, then stays in a transaction that has written another. */
const CHILD = `
  import { openStore } from ${JSON.stringify(new URL('../../src/store/open.ts', import.meta.url).href)};
  const quiet = () => undefined;
  const store = await openStore({ dataDir: process.argv[1], log: { info: quiet, warn: quiet, error: quiet } });
  const tenant = store.tenant(${JSON.stringify(TENANT)});
  await tenant.transact((tx) => tx.models.insert(${JSON.stringify(saved)}));
  await tenant.transact(async (tx) => {
    await tx.models.insert(${JSON.stringify(open)});
    process.stdout.write('inside');
    setInterval(quiet, 1000);
    await new Promise(quiet);
  });
`;

function openUrl(url: string) {
  return openStore({ databaseUrl: new Secret(url), dataDir: 'unused', log: QUIET });
}

describe('a data directory', () => {
  let directory: string;
  let child: ChildProcess | undefined;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'tmi-store-'));
  });
  after(() => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it('has one owner at a time, whose death frees it, and keeps what was committed and nothing else', async () => {
    child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [inside, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    child.stdout?.once('data', () => inside.resolve());
    child.once('exit', () => {
      inside.reject(new Error('the child ended too early'));
      gone.resolve();
    });
    await inside.promise;
    await assert.rejects(
      openStore({ dataDir: directory, log: QUIET }),
      says(directory, 'in use by another process', 'DATA_DIR'),
    );
    child.kill('SIGKILL');
    await gone.promise;

    const store = await openStore({ dataDir: directory, log: QUIET });
    await store.tenant(TENANT).transact(async (tx) => {
      assert.deepEqual(await tx.models.get(saved.id), saved);
      assert.equal(await tx.models.get(open.id), undefined);
    });
    assert.equal(store.durability, 'process crash');
    await store.ping();
    await store.close();
  });

  it('with a newer schema is refused, and free again afterwards', async () => {
    const engine = await openPglite(directory);
    await engine.session((session) =>
      session.run("insert into schema_migrations (version, name) values (999, '999-of-tomorrow.sql')"),
    );
    await engine.close();
    for (let attempt = 1; attempt <= 2; attempt += 1)
      await assert.rejects(
        openStore({ dataDir: directory, log: QUIET }),
        says('schema 999', 'newer version'),
      );
  });

  it('of another PostgreSQL version is refused before anything touches it', async () => {
    const old = mkdtempSync(join(tmpdir(), 'tmi-store-'));
    mkdirSync(join(old, 'database'));
    writeFileSync(join(old, 'database', 'PG_VERSION'), '17\n');
    for (let attempt = 1; attempt <= 2; attempt += 1)
      await assert.rejects(openStore({ dataDir: old, log: QUIET }), says('PostgreSQL 17', 'pg_dump'));
    rmSync(old, { recursive: true });
  });
});

describe('a server', () => {
  it('that does not answer is said in one sentence without its password', async () => {
    const closed = createServer();
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
    const address = closed.address();
    assert.ok(address !== null && typeof address !== 'string');
    await new Promise((done) => closed.close(done));
    await assert.rejects(openUrl(`postgres://me:hunter2@127.0.0.1:${address.port}/x`), (thrown) => {
      return says('does not answer', 'ECONNREFUSED')(thrown) && !JSON.stringify(thrown).includes('hunter2');
    });
  });
});

describe('a PostgreSQL server', { skip: POSTGRESQL.skip }, () => {
  let database: TestDatabase;
  before(async () => {
    database = await makeDatabase(testServer());
  });
  after(() => database.drop());

  it('that does not let the login make roles is said with the SQL an administrator runs', async () => {
    const login = new URL(database.url).username;
    await database.admin(`alter role ${login} nocreaterole`);
    await assert.rejects(openUrl(database.url), says('administrator', 'create role', '_app', 'grant'));
    await database.admin(`alter role ${login} createrole`);
  });

  it('is migrated once when replicas start at the same time', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => openUrl(database.url)));
    const versions = await database.admin('select version from schema_migrations');
    assert.ok(versions.length > 0);
    assert.equal(new Set(versions.map((row) => row['version'])).size, versions.length);
    assert.equal(stores[0]?.durability, 'fsync');
    for (const store of stores) await store.close();
  });

  it('needs no more than the three working roles once it is migrated', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const login = `${name}_strong`;
    const password = randomBytes(12).toString('hex');
    await database.admin(`create role ${login} login noinherit password '${password}'`);
    try {
      await database.admin(`grant ${name}_app, ${name}_intake, ${name}_scheduler to ${login}`);
      const url = new URL(database.url);
      url.username = login;
      url.password = password;
      const store = await openUrl(url.href);
      const model = aModel();
      await store.tenant(TENANT).transact((tx) => tx.models.insert(model));
      assert.deepEqual(await store.dispatch.tenants(), [TENANT]);
      await store.close();
      const engine = await openPostgres(new Secret(url.href), QUIET);
      await assert.rejects(
        engine.session((session) => session.query('select * from models')),
        /permission denied/,
      );
      await engine.close();
    } finally {
      await database.admin(`drop role ${login}`);
    }
  });

  it('whose tables are in use is not migrated: who works goes on, and the start says why', async () => {
    const versions = await database.admin('select * from schema_migrations order by version');
    await database.admin('delete from schema_migrations where version >= 10');
    const other = new Client({ connectionString: database.url });
    await other.connect();
    try {
      await other.query('begin; lock table journal in access share mode');
      await assert.rejects(openUrl(database.url), says('010-journal-time.sql', 'nothing was changed'));
    } finally {
      await other.end();
      for (const { version, name } of versions.filter((row) => Number(row['version']) >= 10))
        await database.admin(
          `insert into schema_migrations (version, name) values (${String(version)}, '${String(name)}')`,
        );
    }
    await (await openUrl(database.url)).close();
  });

  it('with a newer schema is refused', async () => {
    await database.admin("insert into schema_migrations (version, name) values (999, '999-of-tomorrow.sql')");
    await assert.rejects(openUrl(database.url), says('schema 999'));
    await database.admin('delete from schema_migrations where version = 999');
  });
});
