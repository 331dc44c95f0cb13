import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Session } from '../../../src/store/engine.ts';
import type { Given, SqlStage } from '../stage.ts';
import { at, furnish, tenantName } from '../fixtures.ts';

type Role = 'app' | 'intake' | 'scheduler' | 'owner';

export function roleSuite(given: Given<SqlStage>): void {
  const as = <T>(
    role: Role,
    tenantId: string | undefined,
    work: (session: Session) => Promise<T>,
  ): Promise<T> =>
    given().sql.engine.session(async (session) => {
      await session.query("select set_config('role', $1, true)", [given().sql.roles[role]]);
      if (tenantId !== undefined)
        await session.query("select set_config('app.tenant', $1, true)", [tenantId]);
      return work(session);
    });
  const tenantTables = async (): Promise<string[]> => {
    const rows = await given().sql.engine.session((session) =>
      session.query(
        "select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id'",
      ),
    );
    return rows.map((row) => String(row['name'])).toSorted();
  };

  describe('row-level security', () => {
    it('is forced, with a policy for the app and the owner, on every table that knows tenants', async () => {
      const tables = await tenantTables();
      assert.ok(tables.length >= 19);
      for (const table of tables) {
        const { flags, policies } = await given().sql.engine.session(async (session) => ({
          flags: await session.query(
            'select relrowsecurity, relforcerowsecurity from pg_class where oid = $1::regclass',
            [table],
          ),
          policies: await session.query(
            'select policyname, roles::text[] as roles from pg_policies where tablename = $1',
            [table],
          ),
        }));
        assert.deepEqual(flags, [{ relrowsecurity: true, relforcerowsecurity: true }], table);
        const roles = JSON.stringify(policies);
        assert.ok(roles.includes(given().sql.roles.app) && roles.includes(given().sql.roles.owner), table);
      }
    });

    it('has the tenant first in every key and in every reference', async () => {
      const wrong = await given().sql.engine.session((session) =>
        session.query(
          `select c.conname from pg_constraint c join pg_class t on t.oid = c.conrelid
           join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1]
           where c.contype in ('p', 'u', 'f') and a.attname <> 'tenant_id'
             and exists (select 1 from pg_attribute x where x.attrelid = t.oid and x.attname = 'tenant_id')
           union all
           select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid
           join pg_class t on t.oid = x.indrelid
           join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
           where x.indisunique and a.attname <> 'tenant_id'
             and exists (select 1 from pg_attribute y where y.attrelid = t.oid and y.attname = 'tenant_id')`,
        ),
      );
      assert.deepEqual(wrong, []);
    });

    it('shows the app its own tenant only, and without a tenant nothing', async () => {
      const [mine, theirs] = [tenantName(), tenantName()];
      await furnish(given().store, mine);
      await furnish(given().store, theirs);
      await given().store.dispatch.sequence(10_000);
      const pause = await given().store.dispatch.claim('w', 1000);
      if (pause !== undefined) await given().store.dispatch.release(pause, null);
      for (const table of await tenantTables()) {
        const own = `tenant_id = '${mine}'`;
        assert.notEqual(
          await as('app', mine, (session) => countOf(session, table, own)),
          0,
          `${table} has no row of ours`,
        );
        assert.equal(await as('app', mine, (session) => countOf(session, table, `not (${own})`)), 0, table);
        assert.equal(await as('app', undefined, (session) => countOf(session, table)), 0, table);
        assert.equal(await as('app', '', (session) => countOf(session, table)), 0, table);
        assert.notEqual(await as('owner', undefined, (session) => countOf(session, table, own)), 0, table);
      }
    });

    it('refuses the app a row, a change or a removal in another tenant', async () => {
      const [mine, theirs] = [tenantName(), tenantName()];
      await furnish(given().store, theirs);
      await assert.rejects(
        as('app', mine, (session) => session.query('insert into turns (tenant_id) values ($1)', [theirs])),
        /row-level security/,
      );
      for (const statement of [
        'update links set failures = 99 returning id',
        'delete from dirty returning link_id',
      ])
        assert.deepEqual(await as('app', mine, (session) => session.query(statement)), []);
      await assert.rejects(
        as('app', theirs, (session) => session.query('update links set tenant_id = $1', [mine])),
        /row-level security|foreign key/,
      );
    });

    it('lets a tenant set for one transaction end with it', async () => {
      const tenantId = tenantName();
      await furnish(given().store, tenantId);
      assert.notEqual(await as('app', tenantId, (session) => countOf(session, 'links')), 0);
      for (let turn = 0; turn < 12; turn += 1)
        assert.equal(await as('app', undefined, (session) => countOf(session, 'links')), 0);
    });
  });

  describe('the roles', () => {
    it('let the webhook door put in and find, and read nothing else', async () => {
      for (const statement of [
        'select credentials from integrations',
        'select doc from integrations',
        'select * from deliveries',
        'select * from dedupe',
        'select * from links',
        'update integrations set state = state',
      ])
        await assert.rejects(
          as('intake', undefined, (session) => session.run(statement)),
          /permission denied/,
          statement,
        );
    });

    it('let the scheduler see what is due, never what it is about', async () => {
      for (const statement of [
        'select credentials from integrations',
        'select data from outbox',
        'select name from models',
        'select * from threats',
        'update outbox set sequence = 1',
        'delete from leases',
      ])
        await assert.rejects(
          as('scheduler', undefined, (session) => session.run(statement)),
          /permission denied/,
          statement,
        );
    });

    it('of the app can only add to the journal', async () => {
      for (const statement of ['delete from journal', "update journal set action = 'x'", 'truncate journal'])
        await assert.rejects(
          as('app', undefined, (session) => session.run(statement)),
          /permission denied/,
          statement,
        );
    });

    it('of the app can give an entry its place in the chain once, and cannot bring one in with it', async () => {
      const tenantId = tenantName();
      await given()
        .store.tenant(tenantId)
        .transact((tx) => tx.journal.add([{ at: at(0), actor: 'ann', action: 'model-deleted' }]));
      const place = (sequence: string) =>
        as('app', tenantId, (session) =>
          session.query(
            `update journal set sequence = ${sequence}, salts = '{}', hash = 'x' returning sequence`,
          ),
        );
      await assert.rejects(place('null'), /row-level security/);
      assert.equal((await place('1')).length, 1);
      assert.deepEqual(await place('2'), []);
      await assert.rejects(
        as('app', tenantId, (session) =>
          session.query(
            "insert into journal (tenant_id, at, action, doc, sequence, salts, hash) values ($1, now(), 'x', '{}', 2, '{}', 'y')",
            [tenantId],
          ),
        ),
        /row-level security/,
      );
    });

    it('of the app can neither change the schema nor empty a table', async () => {
      for (const statement of [
        'create table mine (x int)',
        'alter table links disable row level security',
        'truncate links',
      ])
        await assert.rejects(
          as('app', tenantName(), (session) => session.run(statement)),
          /permission denied|must be owner/,
          statement,
        );
    });
  });
}

async function countOf(session: Session, table: string, where = 'true'): Promise<unknown> {
  return (await session.query(`select count(*) as count from ${table} where ${where}`))[0]?.['count'];
}
