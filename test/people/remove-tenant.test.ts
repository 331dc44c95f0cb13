import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { openMetrics } from '../../src/observe/metrics.ts';
import { systemChance, systemClock } from '../../src/clock.ts';
import { providers } from '../../src/providers/registry.ts';
import { givenKeys } from '../../src/secrets/keys.ts';
import { makeVault } from '../../src/secrets/vault.ts';
import { removeTenant } from '../../src/sync/remove-tenant.ts';
import { openPolicy } from '../../src/transport/guard.ts';
import { openTransport } from '../../src/transport/transport.ts';
import { PGLITE, POSTGRESQL, QUIET } from '../store/database.ts';
import { codeIs, furnish, SEALED, tenantName } from '../store/fixtures.ts';
import type { SqlStage } from '../store/stage.ts';
import { becomes, CONFIG, house } from '../sync/house.ts';
import { syncedTeam } from '../sync/team.ts';
import { columnsOf, dumpOf } from './dump.ts';

for (const engine of [PGLITE, POSTGRESQL])
  describe(`removing one tenant on ${engine.name}`, { skip: engine.skip }, () => {
    let stage: SqlStage | undefined;
    const opened = (): SqlStage => stage ?? assert.fail('the store is not open');
    const given = house(async () => {
      const own = await engine.open();
      stage = own;
      return { store: { ...own.store, close: () => own.close() }, drop: async () => {} };
    });

    /** The parts of the command, on the store of the service that runs. */
    function partsOf(forgotten: string[] = []) {
      const { store } = opened();
      const outbound = openTransport({
        clock: systemClock,
        chance: systemChance,
        log: QUIET,
        metrics: openMetrics('0.0.0-test', async () => []),
        policy: openPolicy(CONFIG.trackers),
        userAgent: 'test',
      });
      const vault = makeVault(givenKeys({ current: CONFIG.encryptionKey }));
      const forget = async (tenantId: string) => void forgotten.push(tenantId);
      return { store, vault, providers, outbound, clock: systemClock, log: QUIET, forget };
    }

    /** In how many tables a tenant has rows. Every table that knows tenants is asked. */
    async function tablesWith(tenantId: string): Promise<readonly string[]> {
      const dump = await dumpOf(opened(), tenantId);
      return [...dump.keys()]
        .filter((place) => place.endsWith('.tenant_id'))
        .map((place) => place.replace('.tenant_id', ''))
        .toSorted();
    }

    it('takes the webhook away, exports, leaves no row, and lets nobody in again', async () => {
      const team = await syncedTeam(given(), { hooks: true });
      const other = await syncedTeam(given(), { hooks: true });
      const hooks = ({ place }: typeof team) => given().github.world.hooks(place.owner, place.repo).length;
      assert.deepEqual([hooks(team), hooks(other)], [1, 1]);
      const { tenantId } = team.caller;
      const forgotten: string[] = [];
      const parts = partsOf(forgotten);
      const lines: string[] = [];
      const exportTo = { take: async (line: string) => void lines.push(line), end: async () => {} };
      const { rows, hooksLeft } = await removeTenant(parts, tenantId, exportTo);

      assert.deepEqual(await tablesWith(tenantId), []);
      assert.deepEqual([hooksLeft, hooks(team), hooks(other)], [[], 0, 1]);
      assert.deepEqual(forgotten, [tenantId]);
      assert.ok(rows >= lines.length, `${rows} rows, ${lines.length} lines`);
      assert.equal(team.issues().length, 1, 'issues stay');

      await assert.rejects(team.threat(1), codeIs('tenant-removed'));
      const late = given()
        .useCases()
        .models.put(team.caller, crypto.randomUUID(), { name: 'P', threats: [] }, {});
      await assert.rejects(late, codeIs('tenant-removed'));
      assert.equal(await parts.store.dispatch.door(team.integrationId), undefined);
      assert.equal((await other.sync()).state, 'completed');
      assert.deepEqual(given().errors(), []);

      const again = await removeTenant(parts, tenantId);
      assert.deepEqual(again, { rows: 0, hooksLeft: [] });
      await parts.outbound.close();
    });

    it('names a webhook that it could not take away', async () => {
      const team = await syncedTeam(given(), { hooks: true });
      given().github.world.revokeToken(team.bot.token);
      const parts = partsOf();
      const { hooksLeft } = await removeTenant(parts, team.caller.tenantId);
      assert.deepEqual(
        hooksLeft.map(({ integration, url }) => [
          integration,
          url.endsWith(`/webhooks/github/${team.integrationId}`),
        ]),
        [[`${team.place.owner} → GitHub`, true]],
      );
      assert.deepEqual(await tablesWith(team.caller.tenantId), []);
      await parts.outbound.close();
    });

    it('has every table, spares the other tenant, keeps secrets back, and goes on where it was ended', async () => {
      await given().stop();
      const [mine, theirs] = [tenantName(), tenantName()];
      const { store } = opened();
      for (const tenantId of [mine, theirs]) {
        await furnish(store, tenantId);
        const at = '2026-01-01T00:00:00.000Z';
        await store.tenant(tenantId).transact((tx) => tx.idempotency.begin('key', 'hash', at));
      }
      await store.dispatch.sequence(10_000);
      while ((await store.dispatch.chain(500)) > 0);
      const all = [...new Set((await columnsOf(opened())).map(({ table }) => table))].toSorted();
      assert.deepEqual(await tablesWith(mine), all, 'one of everything');
      assert.deepEqual([...store.upkeep.tables].toSorted(), all);
      const before = await dumpOf(opened(), theirs);

      let left = 7;
      const { upkeep } = store;
      const mortal = {
        ...upkeep,
        deleteSome: async (tenantId: string, table: string) => {
          left -= 1;
          if (left < 0) throw new AppError('unavailable', 'the process ends');
          return upkeep.deleteSome(tenantId, table);
        },
      };
      const lines: string[] = [];
      const exportTo = { take: async (line: string) => void lines.push(line), end: async () => {} };
      const parts = partsOf();
      const killed = removeTenant({ ...parts, store: { ...store, upkeep: mortal } }, mine, exportTo);
      await assert.rejects(killed, codeIs('unavailable'));
      const half = await tablesWith(mine);
      assert.ok(half.length > 0 && half.length < all.length, 'ended in the middle');
      // Nobody else is held up by it: not a start, nor housekeeping, nor the chain and the events.
      await store.installation.keysInUse();
      const long = '2020-01-01T00:00:00.000Z';
      const ages = { deliveries: long, dedupe: long, events: long, idempotency: long, changes: long };
      await store.dispatch.prune({ ...ages, heldImports: long, runs: long });
      await store.dispatch.chain(5);
      await store.dispatch.sequence(5);
      assert.ok(!(await store.dispatch.tenants()).includes(mine));
      await assert.rejects(removeTenant(parts, mine, exportTo), codeIs('conflict'), 'no half export');
      await removeTenant(parts, mine);
      assert.deepEqual(await tablesWith(mine), []);
      assert.deepEqual(await dumpOf(opened(), theirs), before);

      const exported = lines.map((line): { table: string; row: unknown } => JSON.parse(line));
      assert.deepEqual(
        [...new Set(exported.map(({ table }) => table))].toSorted(),
        // What was dirty went as the integration ended.
        all.filter((table) => !['idempotency', 'dirty'].includes(table)),
      );
      const text = lines.join('');
      for (const secret of [SEALED.credentials, ...SEALED.webhookSecrets, theirs])
        assert.ok(!text.includes(secret), secret);
      assert.ok(text.includes(mine) && text.includes('"base64":"AQ=="'));
      await parts.outbound.close();
    });

    if (!engine.overlaps) return;
    it('waits for a transaction that had begun', async () => {
      const tenantId = tenantName();
      const { store } = opened();
      const entered = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const slow = store.tenant(tenantId).transact(async (tx) => {
        entered.resolve();
        await goOn.promise;
        await tx.models.insert({
          id: crypto.randomUUID(),
          name: 'late',
          format: 'platform',
          source: {},
          importedAt: '2026-01-01T00:00:00.000Z',
          version: 1,
          warnings: [],
        });
      });
      await entered.promise;
      let isRemoved = false;
      const parts = partsOf();
      const removal = removeTenant(parts, tenantId).then(() => (isRemoved = true));
      const waiting = async () => {
        const [row] = await opened().sql.engine.session((session) =>
          session.query(
            `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted
             and database = (select oid from pg_database where datname = current_database())`,
          ),
        );
        return Number(row?.['n']) > 0;
      };
      await becomes(waiting, true, 'the removal waits').finally(() => goOn.resolve());
      assert.equal(isRemoved, false);
      await slow;
      await removal;
      assert.deepEqual(await tablesWith(tenantId), []);
      await parts.outbound.close();
    });
  });
