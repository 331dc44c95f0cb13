import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { Given, TestEngine } from '../database.ts';
import { aModel, aThreat, at, codeIs, settle, tenantName } from '../fixtures.ts';

export function transactionSuite(given: Given, engine: TestEngine['name']): void {
  describe('a transaction', () => {
    it('leaves nothing when its work throws', async () => {
      const tenant = given().store.tenant(tenantName());
      const model = aModel();
      const failing = tenant.transact(async (tx) => {
        await tx.models.insert(model);
        await tx.threats.insert([aThreat(model.id)]);
        throw new Error('on purpose');
      });
      await assert.rejects(failing, /on purpose/);
      await tenant.transact(async (tx) => {
        assert.equal(await tx.models.get(model.id), undefined);
        await tx.models.insert(model);
        const [threat] = await tx.threats.insert([aThreat(model.id)]);
        assert.equal(threat?.number, 1);
      });
    });

    it('cannot be begun inside another one', async () => {
      const tenant = given().store.tenant(tenantName());
      await assert.rejects(
        tenant.transact(() => tenant.transact(async () => undefined)),
        codeIs('internal'),
      );
      await assert.rejects(
        tenant.transact(() => given().store.dispatch.nextDueAt()),
        codeIs('internal'),
      );
    });

    it('may be begun by what a finished one left behind', async () => {
      const tenant = given().store.tenant(tenantName());
      const finished = Promise.withResolvers<void>();
      let later: Promise<unknown> = Promise.resolve();
      await tenant.transact(async () => {
        later = finished.promise.then(() => tenant.transact(async (tx) => tx.events.lastSequence()));
      });
      finished.resolve();
      assert.equal(await later, 0);
    });

    it('needs a tenant', async () => {
      await assert.rejects(
        given()
          .store.tenant('')
          .transact(async () => undefined),
        codeIs('internal'),
      );
    });

    // The embedded database has one connection: transactions never overlap, and there is none to cut.
    if (engine === 'PostgreSQL')
      it('is repeated when it collides with another one', async () => {
        const tenantId = tenantName();
        const tenant = given().store.tenant(tenantId);
        const ids = [await settle(given().store, tenantId), await settle(given().store, tenantId)].map(
          ({ id }) => id,
        );
        const [a = '', b = ''] = ids;
        const bothHold = Promise.withResolvers<void>();
        let holding = 0;
        let attempts = 0;
        const crosswise = (first: string, second: string) =>
          tenant.transact(async (tx) => {
            attempts += 1;
            await tx.integrations.wake(first);
            holding += 1;
            if (holding === 2) bothHold.resolve();
            await bothHold.promise;
            await tx.integrations.wake(second);
          });
        await Promise.all([crosswise(a, b), crosswise(b, a)]);
        assert.equal(attempts, 3);
      });

    // The embedded database has one connection: transactions never overlap, and there is none to cut.
    if (engine === 'PostgreSQL')
      it('whose connection is cut leaves nothing, and the next one finds another', async () => {
        const { database, store } = given();
        assert.ok(database !== undefined);
        const tenant = store.tenant(tenantName());
        const model = aModel();
        const cut = tenant.transact(async (tx) => {
          await tx.models.insert(model);
          await database.admin(
            `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()`,
          );
          // The cut is heard between two statements, when no query is there to fail.
          await wait(50);
          await tx.models.get(model.id);
        });
        await assert.rejects(cut, codeIs('unavailable'));
        assert.equal(await tenant.transact((tx) => tx.models.get(model.id)), undefined);
        await store.ping();
      });
  });

  describe('both databases', () => {
    it('give times as ISO text with milliseconds and counters as numbers', async () => {
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const { id } = await settle(given().store, tenantId);
      const dueAt = await tenant.transact(async (tx) => {
        await tx.integrations.schedule(id, '2998-12-31T23:00:00.120+01:00');
        return tx.integrations.nextDueAt(id);
      });
      assert.equal(dueAt, '2998-12-31T22:00:00.120Z');
      await tenant.transact((tx) => tx.integrations.schedule(id, null));
      assert.equal(await tenant.transact((tx) => tx.dirty.count(id)), 0);
      assert.equal(await tenant.transact((tx) => tx.journal.count(id, [], at(0))), 0);
    });
  });
}
