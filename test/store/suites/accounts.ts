import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Given } from '../stage.ts';
import { HOST, aBoundLink, aDelivery, aModel, at, settle, tenantName } from '../fixtures.ts';

function sealedWith(kid: string): string {
  return JSON.stringify({
    protected: Buffer.from(JSON.stringify({ alg: 'dir', kid })).toString('base64url'),
  });
}

export function accountSuite(given: Given): void {
  describe('over all tenants', () => {
    it('names the tenants that have integrations or models', async () => {
      const { store } = given();
      const [integrating, modelling, empty, left] = [tenantName(), tenantName(), tenantName(), tenantName()];
      await settle(store, integrating);
      const gone = await settle(store, left);
      await store.tenant(left).transact((tx) => tx.integrations.update({ ...gone, state: 'deleted' }));
      await store.tenant(modelling).transact((tx) => tx.models.insert(aModel()));
      await store.tenant(empty).transact((tx) => tx.events.add([], at(0)));
      const tenants = new Set(await store.dispatch.tenants());
      assert.deepEqual(
        [integrating, modelling, empty, left].map((tenantId) => tenants.has(tenantId)),
        [true, true, false, false],
      );
    });

    it('counts integrations by provider and state', async () => {
      const { store } = given();
      const count = async () =>
        (await store.dispatch.integrationCounts()).find(
          (each) => each.provider === 'azure_devops' && each.state === 'braked',
        )?.count ?? 0;
      const before = await count();
      await settle(store, tenantName(), { provider: 'azure_devops', state: 'braked' });
      await settle(store, tenantName(), { provider: 'azure_devops', state: 'braked' });
      await settle(store, tenantName(), { provider: 'azure_devops', state: 'deleted' });
      assert.ok((await store.dispatch.integrationCounts()).every((each) => each.state !== 'deleted'));
      assert.equal(await count(), before + 2);
    });

    it('prunes what is older than its retention, and keeps what is not done', async () => {
      const { store } = given();
      const tenantId = tenantName();
      const tenant = store.tenant(tenantId);
      const { id } = await settle(store, tenantId);
      const waiting = aDelivery(id);
      const link = aBoundLink(id);
      await tenant.transact((tx) => tx.links.insert(link, HOST));
      await store.dispatch.accept(waiting, [link.issue?.id ?? '']);
      const [old, young] = [aDelivery(id), aDelivery(id, { receivedAt: at(100) })];
      for (const each of [old, young]) await store.dispatch.accept({ ...each, ignored: 'x' }, []);
      await tenant.transact(async (tx) => {
        await tx.events.add([{ type: 'sync:started', subject: 's', data: {} }], at(0));
        await tx.idempotency.begin('key', 'h', at(0));
      });
      const before = {
        deliveries: at(50),
        dedupe: at(-1),
        events: at(50),
        idempotency: at(50),
        changes: at(50),
        heldImports: at(50),
        runs: at(-1),
      };
      assert.ok((await store.dispatch.prune(before)) >= 2);
      await tenant.transact(async (tx) => {
        assert.equal(await tx.deliveries.get(old.id), undefined);
        assert.notEqual(await tx.deliveries.get(young.id), undefined);
        assert.equal((await tx.deliveries.get(waiting.id))?.verdict, 'accepted');
        assert.deepEqual(await tx.idempotency.begin('key', 'other', at(60)), { kind: 'new' });
      });
      // Forgotten as a delivery, remembered as a copy; the unpublished event is still there.
      assert.equal(await store.dispatch.accept({ ...old, id: randomUUID() }, []), false);
      const events = await store.dispatch.sequence(10_000);
      assert.ok(events.some((event) => event.tenantId === tenantId));
      await store.dispatch.markPublished(events.map((event) => event.id));
      await store.dispatch.prune(before);
      assert.deepEqual(await tenant.transact((tx) => tx.events.after(0, 9)), []);
      assert.equal(await tenant.transact((tx) => tx.events.lastSequence()), 1);
      await store.dispatch.prune({ ...before, dedupe: at(50) });
      assert.equal(await store.dispatch.accept({ ...old, id: randomUUID() }, []), true);
    });
  });

  describe('secrets of the installation', () => {
    it('keep the first that was put', async () => {
      const { installation } = given().store;
      assert.equal(await installation.get('mark-key'), undefined);
      const answers = await Promise.all(['a', 'b'].map((sealed) => installation.putOnce('mark-key', sealed)));
      assert.equal(answers[0], answers[1]);
      assert.equal(await installation.get('mark-key'), answers[0]);
    });

    it('take the place of what was read, and of nothing else', async () => {
      const { installation } = given().store;
      const stored = await installation.putOnce('replaced', 'a');
      assert.equal(await installation.replace('replaced', 'other', 'c'), false);
      assert.equal(await installation.replace('replaced', stored, 'b'), true);
      assert.equal(await installation.get('replaced'), 'b');
      assert.equal(await installation.replace('none', 'a', 'b'), false);
      assert.ok((await installation.names()).includes('replaced'));
    });

    it('tell every key that a row is sealed with', async () => {
      const { store } = given();
      const tenantId = tenantName();
      const { id } = await settle(store, tenantId);
      const sealed = { credentials: sealedWith('11111111'), webhookSecrets: [sealedWith('22222222')] };
      await store.tenant(tenantId).transact((tx) => tx.integrations.seal(id, sealed));
      await store.installation.putOnce('other', sealedWith('33333333'));
      const goner = await settle(store, tenantId);
      await store.tenant(tenantId).transact(async (tx) => {
        await tx.integrations.seal(goner.id, { credentials: sealedWith('44444444') });
        await tx.integrations.update({ ...goner, state: 'deleted' });
      });
      const keys = await store.installation.keysInUse();
      assert.ok(!keys.includes('44444444'), 'of a deleted integration nothing is opened any more');
      for (const key of ['11111111', '22222222', '33333333']) assert.ok(keys.includes(key), key);
      // The other tests' rows are no seals at all.
      assert.ok(keys.includes('unreadable'));
    });
  });
}
