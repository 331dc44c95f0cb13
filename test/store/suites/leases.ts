import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Lease } from '../../../src/ports/store.ts';
import type { Given } from '../stage.ts';
import { claimOf, codeIs, settle, tenantName } from '../fixtures.ts';

const LONG_MS = 60_000;
const FUTURE = '2999-01-01T00:00:00.000Z';

export function leaseSuite(given: Given): void {
  const drain = async (): Promise<void> => {
    const lease = await given().store.dispatch.claim('drain', LONG_MS);
    if (lease === undefined) return;
    await given().store.dispatch.release(lease, null);
    await drain();
  };
  const wake = (tenantId: string, id: string) =>
    given()
      .store.tenant(tenantId)
      .transact((tx) => tx.integrations.wake(id));
  const dueAt = (tenantId: string, id: string) =>
    given()
      .store.tenant(tenantId)
      .transact((tx) => tx.integrations.nextDueAt(id));
  /** When the store's clock has passed the end of a short lease. */
  const takeOver = async (worker: string): Promise<Lease> => {
    for (;;) {
      const lease = await given().store.dispatch.claim(worker, LONG_MS);
      if (lease !== undefined) return lease;
      await given().passes(5);
    }
  };

  describe('leases', () => {
    it('are given only for what is due, to one worker', async () => {
      await drain();
      const { dispatch } = given().store;
      const tenantId = tenantName();
      const { id } = await settle(given().store, tenantId);
      assert.equal(await dispatch.claim('a', LONG_MS), undefined);
      await wake(tenantId, id);
      const lease = await dispatch.claim('a', LONG_MS);
      assert.equal(lease?.integrationId, id);
      assert.equal(lease.worker, 'a');
      assert.match(lease.expiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(await dispatch.claim('b', LONG_MS), undefined);
      await dispatch.release(lease, null);
      assert.equal(await dispatch.claim('b', LONG_MS), undefined);
    });

    it('of tenants that nobody serves leave one that is served to the others', async () => {
      await drain();
      const { dispatch } = given().store;
      const [busy, quiet] = [tenantName(), tenantName()];
      for (const tenantId of [busy, busy]) await wake(tenantId, (await settle(given().store, tenantId)).id);
      const first = await dispatch.claim('a', LONG_MS, 'unserved');
      assert.equal(first?.tenantId, busy);
      assert.equal(await dispatch.claim('b', LONG_MS, 'unserved'), undefined);
      await wake(quiet, (await settle(given().store, quiet)).id);
      const other = await dispatch.claim('b', LONG_MS, 'unserved');
      assert.equal(other?.tenantId, quiet);
      await dispatch.release(other, null);
      assert.equal((await dispatch.claim('c', 1, 'any'))?.tenantId, busy);
      await dispatch.release(first, null);
      await given().passes(5);
      const next = await dispatch.claim('d', LONG_MS, 'unserved');
      assert.equal(next?.tenantId, busy, 'a lease that has ended serves nobody');
      await dispatch.release(next, null);
    });

    it('come to each of many workers for another integration', async () => {
      await drain();
      const tenantId = tenantName();
      const ids: string[] = [];
      for (let count = 0; count < 6; count += 1) {
        const { id } = await settle(given().store, tenantId);
        await wake(tenantId, id);
        ids.push(id);
      }
      const claims = await Promise.all(
        Array.from({ length: 8 }, (_, index) => given().store.dispatch.claim(`w${index}`, LONG_MS)),
      );
      const got = claims.filter((claim) => claim !== undefined);
      assert.equal(new Set(got.map((each) => each.integrationId)).size, got.length);
      // Claims that met at the same moment may have come away empty; nothing is left for a second look.
      for (const lease of got) await given().store.dispatch.release(lease, null);
      await drain();
      for (const id of ids) assert.equal(await dueAt(tenantId, id), null);
    });

    it('let tenants take turns, however much one of them has due', async () => {
      await drain();
      const [busy, small] = [tenantName(), tenantName()];
      for (let count = 0; count < 3; count += 1) await wake(busy, (await settle(given().store, busy)).id);
      const first = await given().store.dispatch.claim('w', LONG_MS);
      await wake(small, (await settle(given().store, small)).id);
      const second = await given().store.dispatch.claim('w', LONG_MS);
      assert.deepEqual([first?.tenantId, second?.tenantId], [busy, small]);
      for (const lease of [first, second])
        if (lease !== undefined) await given().store.dispatch.release(lease, null);
      await drain();
    });

    it('are due again at the time they are given back with', async () => {
      await drain();
      const tenantId = tenantName();
      const { id } = await settle(given().store, tenantId);
      await wake(tenantId, id);
      await given().store.dispatch.release(await claimOf(given, tenantId), FUTURE);
      assert.equal(await dueAt(tenantId, id), FUTURE);
      assert.equal(await given().store.dispatch.nextDueAt(), FUTURE);
      await given()
        .store.tenant(tenantId)
        .transact((tx) => tx.integrations.schedule(id, null));
      assert.equal(await dueAt(tenantId, id), null);
    });

    it('never lose a wake-up or a schedule that came during the work', async () => {
      await drain();
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const { id } = await settle(given().store, tenantId);
      await wake(tenantId, id);
      const lease = await claimOf(given, tenantId);
      await wake(tenantId, id);
      assert.equal(await given().store.dispatch.claim('other', LONG_MS), undefined);
      await given().store.dispatch.release(lease, FUTURE);
      const again = await given().store.dispatch.claim('other', LONG_MS);
      assert.equal(again?.integrationId, id);
      const sooner = '2998-01-01T00:00:00.000Z';
      await tenant.transact((tx) => tx.integrations.schedule(id, sooner));
      await given().store.dispatch.release(again, FUTURE);
      assert.equal(await dueAt(tenantId, id), sooner);
      await tenant.transact((tx) => tx.integrations.schedule(id, FUTURE));
      assert.equal(await dueAt(tenantId, id), sooner);
    });

    it('do not let a changed schedule take back a wake-up', async () => {
      await drain();
      const tenantId = tenantName();
      const { id } = await settle(given().store, tenantId);
      await wake(tenantId, id);
      await given()
        .store.tenant(tenantId)
        .transact((tx) => tx.integrations.schedule(id, null));
      assert.equal((await claimOf(given, tenantId)).integrationId, id);
    });

    it('are taken over after their end, and fence off who had them', async () => {
      await drain();
      const tenantId = tenantName();
      const { store } = given();
      const tenant = store.tenant(tenantId);
      const { id } = await settle(store, tenantId);
      await wake(tenantId, id);
      const old = await claimOf(given, tenantId, 1);
      const next = await takeOver('second');
      assert.deepEqual([next.integrationId, next.epoch], [id, old.epoch + 1]);

      const written = tenant.transact(async (tx) => {
        await tx.journal.add([{ at: FUTURE, actor: 'sync', action: 'late', integrationId: id }]);
        await tx.integrations.hold(old);
      });
      await assert.rejects(written, codeIs('lease-lost'));
      assert.equal(await tenant.transact((tx) => tx.journal.count(id, ['late'], FUTURE)), 0);
      assert.equal(await store.dispatch.renew(old, LONG_MS), undefined);
      await store.dispatch.release(old, null);
      await tenant.transact((tx) => tx.integrations.hold(next));
      const renewed = await store.dispatch.renew(next, 2 * LONG_MS);
      assert.ok(renewed !== undefined && renewed.expiresAt > next.expiresAt);
      await assert.rejects(
        tenant.transact((tx) => tx.integrations.hold({ ...next, worker: 'somebody' })),
        codeIs('lease-lost'),
      );
    });

    it('fence a worker off from itself, when it lost one and was given the next', async () => {
      await drain();
      const tenantId = tenantName();
      const { id } = await settle(given().store, tenantId);
      await wake(tenantId, id);
      const old = await claimOf(given, tenantId, 1);
      const next = await takeOver(old.worker);
      const holds = (lease: Lease) =>
        given()
          .store.tenant(tenantId)
          .transact((tx) => tx.integrations.hold(lease));
      await assert.rejects(holds(old), codeIs('lease-lost'));
      await given().store.dispatch.release(old, FUTURE);
      await holds(next);
    });

    it('are lost when the integration is changed, which is due again at once', async () => {
      await drain();
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const integration = await settle(given().store, tenantId);
      const { id } = integration;
      await tenant.transact((tx) => tx.integrations.update(integration));
      assert.equal(await dueAt(tenantId, id), null, 'nobody was at work on it');
      await wake(tenantId, id);
      const old = await claimOf(given, tenantId);
      await tenant.transact((tx) => tx.integrations.note(id, { cursor: 'c' }));
      await tenant.transact((tx) => tx.integrations.hold(old));
      await tenant.transact((tx) => tx.integrations.update({ ...integration, version: 2 }));
      await assert.rejects(
        tenant.transact((tx) => tx.integrations.hold(old)),
        codeIs('lease-lost'),
      );
      const next = await claimOf(given, tenantId);
      assert.deepEqual([next.integrationId, next.epoch > old.epoch], [id, true]);
      await given().store.dispatch.release(old, FUTURE);
      await tenant.transact((tx) => tx.integrations.hold(next));
      await given().store.dispatch.release(next, null);
    });

    it('that ended still hold until somebody takes them over', async () => {
      await drain();
      const tenantId = tenantName();
      const { id } = await settle(given().store, tenantId);
      await wake(tenantId, id);
      const lease = await claimOf(given, tenantId, 1);
      await given().passes(5);
      const holds = given()
        .store.tenant(tenantId)
        .transact((tx) => tx.integrations.hold(lease));
      await holds;
      const renewed = await given().store.dispatch.renew(lease, LONG_MS);
      assert.equal(renewed?.epoch, lease.epoch);
      assert.equal(await given().store.dispatch.claim('other', LONG_MS), undefined);
      await given().store.dispatch.release(lease, null);
    });

    it('of a worker that died are due again by themselves', async () => {
      await drain();
      const tenantId = tenantName();
      const { id } = await settle(given().store, tenantId);
      await wake(tenantId, id);
      const dead = await claimOf(given, tenantId, 1);
      assert.ok((await given().store.dispatch.nextDueAt()) !== null);
      assert.equal((await takeOver('heir')).integrationId, dead.integrationId);
    });

    it('of another tenant cannot be held', async () => {
      await drain();
      const tenantId = tenantName();
      await wake(tenantId, (await settle(given().store, tenantId)).id);
      const lease = await claimOf(given, tenantId);
      await assert.rejects(
        given()
          .store.tenant(tenantName())
          .transact((tx) => tx.integrations.hold(lease)),
        codeIs('lease-lost'),
      );
      await assert.rejects(
        given()
          .store.tenant(tenantId)
          .transact((tx) => tx.integrations.hold({ ...lease, integrationId: randomUUID() })),
        codeIs('lease-lost'),
      );
    });
  });
}
