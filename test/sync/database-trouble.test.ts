import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client } from 'pg';
import { AppError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openStore } from '../../src/store/open.ts';
import { makeDatabase, QUIET, SKIP_POSTGRES, testServer } from '../store/database.ts';
import type { TestDatabase } from '../store/database.ts';
import { becomes, house } from './house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const MINUTE_MS = 60_000;
const NEVER = '2999-01-01T00:00:00.000Z';

describe('a PostgreSQL server in trouble', { skip: SKIP_POSTGRES }, () => {
  let database: TestDatabase;
  const given = house(async () => {
    database = await makeDatabase(testServer());
    const store = await openStore({ databaseUrl: new Secret(database.url), dataDir: 'unused', log: QUIET });
    return { store, drop: () => database.drop() };
  });

  /** A delivery as GitHub sends it when a person does something; answers what the door said. */
  async function deliver(team: Team, act: () => void): Promise<readonly number[]> {
    const sent = () => given().github.world.hooks(team.place.owner, team.place.repo)[0]?.deliveries ?? [];
    const before = sent().length;
    act();
    await given().github.settled();
    return sent()
      .slice(before)
      .map(({ statusCode }) => statusCode);
  }

  /** Nothing is acknowledged while it lasts; afterwards everything is as if nothing had been. */
  async function tellsAndGoesOn(begin: () => Promise<void>, end: () => Promise<void>): Promise<void> {
    const team = await syncedTeam(given(), { hooks: true });
    const { world } = given().github;
    await begin();
    const answers = await deliver(team, () => world.close(team.at(1), 'completed'));
    await end();
    assert.ok(answers.length > 0);
    assert.deepEqual(new Set(answers), new Set([503]));
    await becomes(
      async () => (await deliver(team, () => world.addLabel(team.at(1), 'seen'))).every((each) => each < 300),
      true,
      'deliveries are taken again',
    );
    await team.passes(MINUTE_MS);
    await team.passes(2 * 60 * MINUTE_MS);
    assert.equal((await team.threat(1)).status, 'mitigated');
    await assertConverged(team, 1);
  }

  it('that is read-only acknowledges nothing, and goes on when it is writable', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const turn = async (to: 'on' | 'off'): Promise<void> => {
      await database.admin(`alter database ${name} set default_transaction_read_only = ${to}`);
      await database.admin(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
        [name],
      );
    };
    await tellsAndGoesOn(
      () => turn('on'),
      async () => {
        await database.admin('set default_transaction_read_only = off');
        await turn('off');
      },
    );
  });

  it('that is out of disk acknowledges nothing, and goes on when there is room', async () => {
    await database.admin(
      `create function full_disk() returns trigger language plpgsql as $$ begin raise 'no space left on device' using errcode = '53100'; end $$`,
    );
    const tables = ['deliveries', 'dirty', 'journal', 'links', 'outbox', 'runs'];
    await tellsAndGoesOn(
      async () => {
        for (const table of tables)
          await database.admin(
            `create trigger full_disk before insert or update on ${table} execute function full_disk()`,
          );
      },
      async () => {
        for (const table of tables) await database.admin(`drop trigger full_disk on ${table}`);
      },
    );
  });

  it('that keeps a tenant waiting says so in seconds, serves the others, and goes on when it answers', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    const blocker = new Client({ connectionString: adminUrl(database) });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('lock table journal in access exclusive mode');
    try {
      const tenant = given().store.tenant(team.caller.tenantId);
      // More than there are connections, all of one tenant, all waiting for the lock.
      const waiting = Array.from({ length: 12 }, () =>
        tenant
          .transact((tx) => tx.journal.count(team.integrationId, ['issue-created'], NEVER))
          .then(
            () => 'read',
            (error: unknown) => (error instanceof AppError ? error.code : String(error)),
          ),
      );
      const { integrations } = given().useCases();
      await assert.rejects(integrations.list(team.caller, { limit: 1 }), { code: 'unavailable' });
      const other = { ...team.caller, tenantId: 'another' };
      assert.deepEqual((await integrations.list(other, { limit: 1 })).items, [], 'others are served');
      const answers = await deliver(team, () => given().github.world.addLabel(team.at(1), 'seen'));
      assert.deepEqual(new Set(answers), new Set([202]), 'deliveries are taken all the same');
      await given().store.ping();
      await blocker.query('rollback');
      const ends = new Set(await Promise.all(waiting));
      assert.ok(ends.has('read'), 'those that had a connection go on');
      assert.deepEqual([...ends].toSorted(), ['read', 'unavailable']);
    } finally {
      await blocker.end();
    }
    await team.sync();
    await assertConverged(team, 1);
  });
});

function adminUrl(database: TestDatabase): string {
  const url = new URL(testServer());
  url.pathname = new URL(database.url).pathname;
  return url.href;
}
