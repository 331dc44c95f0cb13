import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Given } from '../stage.ts';
import { HOST, SEALED, aBoundLink, aDelivery, aLink, at, claimOf, settle, tenantName } from '../fixtures.ts';

export function intakeSuite(given: Given): void {
  const begin = async () => {
    const tenantId = tenantName();
    const integration = await settle(given().store, tenantId);
    const tenant = given().store.tenant(tenantId);
    const link = aBoundLink(integration.id);
    await tenant.transact((tx) => tx.links.insert(link, HOST));
    return { tenantId, tenant, id: integration.id, link, issueId: link.issue?.id ?? '' };
  };

  describe('the webhook door', () => {
    it('knows whose an integration is before anybody says so', async () => {
      const tenantId = tenantName();
      const bound = {
        projectId: 'R_1',
        name: 'o/r',
        url: 'https://github.com/o/r',
        visibility: 'private' as const,
        accountIds: [],
        account: 'bot',
      };
      const { id } = await settle(given().store, tenantId, { bound });
      assert.deepEqual(await given().store.dispatch.door(id), {
        tenantId,
        integrationId: id,
        provider: 'github',
        projectId: 'R_1',
        webhookSecrets: SEALED.webhookSecrets,
      });
      assert.equal(await given().store.dispatch.door(randomUUID()), undefined);
    });

    it('keeps a delivery once, however often it is sent', async () => {
      const { tenant, id, issueId } = await begin();
      const delivery = aDelivery(id);
      const events = [{ type: 'webhook:received', subject: id, data: {} }] as const;
      const { dispatch } = given().store;
      const again = () => dispatch.accept({ ...delivery, id: randomUUID() }, [issueId], events);
      assert.equal(await dispatch.accept(delivery, [issueId], events), true);
      assert.deepEqual(await Promise.all([again(), again(), again()]), [false, false, false]);
      await tenant.transact(async (tx) => {
        assert.equal((await tx.deliveries.list({ integrationId: id, limit: 9 })).items.length, 1);
        assert.deepEqual(await tx.deliveries.get(delivery.id), { ...delivery, verdict: 'accepted' });
        assert.equal(await tx.dirty.count(id), 1);
      });
      let told = 0;
      for (;;) {
        const published = await dispatch.sequence(100);
        told += published.filter(({ subject }) => subject === id).length;
        await dispatch.markPublished(published.map((event) => event.id));
        if (published.length === 0) break;
      }
      assert.equal(told, 1);
    });

    it('tells which delivery named an issue last', async () => {
      const { tenant, id, issueId } = await begin();
      const keys = [['42'], ['7', '42'], ['420']];
      const all = keys.map((issueKeys, index) => aDelivery(id, { issueKeys, receivedAt: at(index) }));
      for (const delivery of all) await given().store.dispatch.accept(delivery, [issueId]);
      await tenant.transact(async (tx) => {
        assert.equal((await tx.deliveries.lastAbout(id, '42'))?.id, all[1]?.id);
        assert.equal(await tx.deliveries.lastAbout(id, '4'), undefined);
      });
    });

    it('lets one of many copies in that arrive at once', async () => {
      const { tenant, id, issueId } = await begin();
      const delivery = aDelivery(id);
      const entered = await Promise.all(
        Array.from({ length: 5 }, () =>
          given().store.dispatch.accept({ ...delivery, id: randomUUID() }, [issueId]),
        ),
      );
      assert.equal(entered.filter(Boolean).length, 1);
      const [dirty] = await tenant.transact((tx) => tx.dirty.due(id, 9, at(0)));
      assert.equal(dirty?.generation, 1);
    });

    it('makes the issue’s link dirty and wakes the integration', async () => {
      const { tenantId, tenant, id, link, issueId } = await begin();
      await given().store.dispatch.accept(aDelivery(id), [issueId, 'unknown']);
      const due = await tenant.transact((tx) => tx.dirty.due(id, 9, at(0)));
      assert.deepEqual(
        due.map((dirty) => [dirty.linkId, dirty.reason]),
        [[link.id, 'issue']],
      );
      const lease = await claimOf(given, tenantId);
      assert.equal(lease.integrationId, id);
      await given().store.dispatch.release(lease, null);
    });

    it('wakes nobody for a delivery to be ignored, nor for issues that nobody linked', async () => {
      const { tenant, id, issueId } = await begin();
      const ping = aDelivery(id);
      await given().store.dispatch.accept({ ...ping, ignored: 'a ping' }, [issueId]);
      const strange = aDelivery(id, { receivedAt: at(1) });
      await given().store.dispatch.accept(strange, ['unknown']);
      await tenant.transact(async (tx) => {
        assert.equal(await tx.integrations.nextDueAt(id), null);
        assert.equal(await tx.dirty.count(id), 0);
        const kept = await tx.deliveries.get(ping.id);
        assert.deepEqual([kept?.verdict, kept?.reason], ['ignored', 'a ping']);
        assert.equal((await tx.deliveries.get(strange.id))?.verdict, 'ignored');
        assert.deepEqual(await tx.deliveries.unprocessed(id, 9), []);
      });
    });

    it('wakes for an unknown issue while one is being created', async () => {
      const { tenant, id } = await begin();
      await tenant.transact((tx) => tx.links.insert(aLink(id), HOST));
      const delivery = aDelivery(id);
      await given().store.dispatch.accept(delivery, ['just-created']);
      await tenant.transact(async (tx) => {
        assert.notEqual(await tx.integrations.nextDueAt(id), null);
        assert.equal((await tx.deliveries.get(delivery.id))?.verdict, 'accepted');
      });
    });

    it('takes nothing for an integration that is unknown, and the tenant only from the integration', async () => {
      assert.equal(await given().store.dispatch.accept(aDelivery(randomUUID()), []), false);
      const deleted = await begin();
      await deleted.tenant.transact(async (tx) => {
        const integration = await tx.integrations.get(deleted.id);
        assert.ok(integration);
        await tx.integrations.update({ ...integration, state: 'deleted' });
      });
      const late = aDelivery(deleted.id);
      assert.equal(await given().store.dispatch.accept(late, [deleted.issueId]), false);
      assert.equal(await deleted.tenant.transact((tx) => tx.deliveries.get(late.id)), undefined);
      const { id } = await begin();
      const delivery = aDelivery(id);
      await given().store.dispatch.accept(delivery, []);
      const other = given().store.tenant(tenantName());
      assert.equal(await other.transact((tx) => tx.deliveries.get(delivery.id)), undefined);
    });
  });

  describe('deliveries', () => {
    it('wait until a run has concluded them', async () => {
      const { tenant, id, issueId } = await begin();
      const [first, second] = [aDelivery(id), aDelivery(id, { receivedAt: at(1) })];
      for (const each of [second, first]) await given().store.dispatch.accept(each, [issueId]);
      await tenant.transact(async (tx) => {
        const waiting = await tx.deliveries.unprocessed(id, 9);
        assert.deepEqual(
          waiting.map((each) => each.id),
          [first.id, second.id],
        );
        await tx.deliveries.conclude(first.id, 'processed', at(9));
        await tx.deliveries.conclude(second.id, 'failed', at(9), 'no access');
        await tx.deliveries.conclude(randomUUID(), 'failed', at(9));
        assert.deepEqual(await tx.deliveries.unprocessed(id, 9), []);
        assert.deepEqual(await tx.deliveries.get(first.id), {
          ...first,
          verdict: 'processed',
          processedAt: at(9),
        });
        assert.equal((await tx.deliveries.get(second.id))?.reason, 'no access');
        assert.equal(await tx.deliveries.lastReceivedAt(id), at(1));
        assert.equal(await tx.deliveries.lastReceivedAt(randomUUID()), null);
      });
    });

    it('are listed newest first, without their bodies', async () => {
      const { tenant, id } = await begin();
      const all = [3, 2, 1].map((second) => aDelivery(id, { receivedAt: at(second) }));
      for (const each of all) await given().store.dispatch.accept({ ...each, ignored: 'why' }, []);
      await tenant.transact(async (tx) => {
        const first = await tx.deliveries.list({ integrationId: id, limit: 2 });
        const second = await tx.deliveries.list({
          integrationId: id,
          limit: 2,
          cursor: first.nextCursor ?? '',
        });
        const expected = all.map(({ body, ...rest }) => {
          assert.equal(body.length, 4);
          return { ...rest, verdict: 'ignored', reason: 'why' };
        });
        assert.deepEqual([...first.items, ...second.items], expected);
      });
    });
  });
}
