import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Tx } from '../../../src/ports/repositories.ts';
import type { TenantStore } from '../../../src/ports/store.ts';
import type { Given } from '../stage.ts';
import { HOST, aBoundLink, aModel, aThreat, at, claimOf, codeIs, settle, tenantName } from '../fixtures.ts';

/** A transaction that has done `work` and is still open; `end` lets it commit, or throw. */
async function halfway(tenant: TenantStore, work: (tx: Tx) => Promise<unknown>) {
  const [done, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const whole = tenant.transact(async (tx) => {
    await work(tx);
    done.resolve();
    await end.promise;
  });
  await Promise.race([done.promise, whole]);
  return {
    commit: async () => {
      end.resolve();
      await whole;
    },
    fail: async () => {
      end.reject(new Error('on purpose'));
      await assert.rejects(whole, /on purpose/);
    },
  };
}

function begins(tx: Tx) {
  return tx.idempotency.begin('key', 'h', at(0));
}

/** What transactions see of each other. On a server the second one may not have begun to wait: the answers are the same. */
export function overlapSuite(given: Given): void {
  const begin = async () => {
    const tenantId = tenantName();
    const { id } = await settle(given().store, tenantId);
    const tenant = given().store.tenant(tenantId);
    const link = aBoundLink(id);
    await tenant.transact((tx) => tx.links.insert(link, HOST));
    return { tenantId, tenant, id, link };
  };

  it('sees what others commit while it runs, and nothing before', async () => {
    const { tenant, link } = await begin();
    const other = await halfway(tenant, (tx) => tx.links.update({ ...link, failures: 5 }));
    await tenant.transact(async (tx) => {
      assert.deepEqual(await tx.links.get(link.id), link);
      await other.commit();
      assert.deepEqual(await tx.links.get(link.id), { ...link, failures: 5, version: 2 });
    });
  });

  it('waits for who writes the same row, and then finds it changed', async () => {
    const { tenant, link } = await begin();
    const first = await halfway(tenant, (tx) => tx.links.update({ ...link, failures: 1 }));
    const second = tenant.transact((tx) => tx.links.update({ ...link, failures: 2 }));
    await given().passes(20);
    await first.commit();
    assert.equal(await second, false);
    const failing = await halfway(tenant, (tx) => tx.links.update({ ...link, version: 2, failures: 3 }));
    const third = tenant.transact((tx) => tx.links.update({ ...link, version: 2, failures: 4 }));
    await given().passes(20);
    await failing.fail();
    assert.equal(await third, true);
  });

  it('waits for who is about to take the same key', async () => {
    const { tenant } = await begin();
    const failing = await halfway(tenant, begins);
    const heir = tenant.transact(begins);
    await given().passes(20);
    await failing.fail();
    assert.deepEqual(await heir, { kind: 'new' });
    const forgetting = await halfway(tenant, (tx) => tx.idempotency.forget('key'));
    const next = tenant.transact(begins);
    await given().passes(20);
    await forgetting.commit();
    assert.deepEqual(await next, { kind: 'new' });
  });

  it('loses no dirty mark to another one', async () => {
    const { tenant, id, link } = await begin();
    const mark = (tx: Tx) => tx.dirty.mark(id, [{ linkId: link.id, reason: 'issue' }]);
    await tenant.transact(mark);
    const seen = await tenant.transact((tx) => tx.dirty.of(id, [link.id]));
    const marking = await halfway(tenant, mark);
    const clearing = tenant.transact((tx) => tx.dirty.clear(id, seen));
    await given().passes(20);
    await marking.commit();
    await clearing;
    const left = await tenant.transact((tx) => tx.dirty.of(id, [link.id]));
    assert.deepEqual(
      left.map((dirty) => dirty.generation),
      [2],
    );
  });

  it('that holds a lease keeps it from being taken over until it ends', async () => {
    const { tenantId, tenant, id } = await begin();
    await tenant.transact((tx) => tx.integrations.wake(id));
    const lease = await claimOf(given, tenantId, 1);
    const holding = await halfway(tenant, (tx) => tx.integrations.hold(lease));
    await given().passes(20);
    const { dispatch } = given().store;
    const taken = [];
    for (let next = await dispatch.claim('other', 60_000); next !== undefined;) {
      taken.push(next);
      next = await dispatch.claim('other', 60_000);
    }
    assert.ok(taken.every((each) => each.integrationId !== id));
    for (const each of taken) await dispatch.release(each, null);
    await holding.commit();
    const next = await claimOf(given, tenantId);
    assert.deepEqual([next.integrationId, next.epoch], [id, lease.epoch + 1]);
    await dispatch.release(next, null);
  });

  it('finds the lease lost when the integration was changed while it waited to hold it', async () => {
    const { tenantId, tenant, id } = await begin();
    await tenant.transact((tx) => tx.integrations.wake(id));
    const lease = await claimOf(given, tenantId);
    const integration = await tenant.transact((tx) => tx.integrations.get(id));
    assert.ok(integration);
    const changing = await halfway(tenant, (tx) => tx.integrations.update(integration));
    const holding = tenant.transact((tx) => tx.integrations.hold(lease));
    const lost = assert.rejects(holding, codeIs('lease-lost'));
    await given().passes(20);
    await changing.commit();
    await lost;
    await given().store.dispatch.release(await claimOf(given, tenantId), null);
  });

  it('gives threats their numbers without doubles or gaps', async () => {
    const { tenant } = await begin();
    const model = aModel();
    await tenant.transact((tx) => tx.models.insert(model));
    const failing = await halfway(tenant, (tx) => tx.threats.insert([aThreat(model.id), aThreat(model.id)]));
    const next = tenant.transact((tx) => tx.threats.insert([aThreat(model.id)]));
    await given().passes(20);
    await failing.fail();
    assert.deepEqual(
      (await next).map((threat) => threat.number),
      [1],
    );
  });

  it('that removes a model takes the threats with it that another one just adds', async () => {
    const { tenant } = await begin();
    const model = aModel();
    await tenant.transact((tx) => tx.models.insert(model));
    const adding = await halfway(tenant, (tx) => tx.threats.insert([aThreat(model.id)]));
    const removing = tenant.transact((tx) => tx.models.remove(model.id));
    await given().passes(20);
    await adding.commit();
    assert.equal(await removing, true);
    assert.deepEqual(await tenant.transact((tx) => tx.threats.ofModel(model.id)), []);
  });
}
