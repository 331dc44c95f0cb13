import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { BoundProject } from '../../../src/domain/integration.ts';
import {
  HOST,
  SEALED,
  aBoundLink,
  anIntegration,
  at,
  claimOf,
  codeIs,
  settle,
  tenantName,
} from '../fixtures.ts';
import type { Given } from '../stage.ts';

const BOUND: BoundProject = {
  projectId: 'R_1',
  name: 'o/r',
  url: 'https://github.com/o/r',
  visibility: 'private',
  accountIds: ['1'],
  account: 'bot',
};

export function integrationSuite(given: Given): void {
  describe('integrations', () => {
    it('let one renew the credentials at a time, until it gives the claim back or its time is over', async () => {
      const tenant = given().store.tenant(tenantName());
      const integration = anIntegration();
      await tenant.transact((tx) => tx.integrations.insert(integration, SEALED));
      const claim = (ms: number): Promise<boolean> =>
        tenant.transact((tx) => tx.integrations.claimRenewal(integration.id, ms));
      assert.equal(await claim(60_000), true);
      assert.equal(await claim(60_000), false);
      await tenant.transact((tx) => tx.integrations.releaseRenewal(integration.id));
      assert.equal(await claim(1), true);
      await given().passes(5);
      assert.equal(await claim(60_000), true);
    });

    it('tell the webhook door how the hook is proven', async () => {
      const { store } = given();
      const integration = anIntegration();
      const tenant = store.tenant(tenantName());
      await tenant.transact((tx) => tx.integrations.insert(integration, SEALED));
      assert.equal((await store.dispatch.door(integration.id))?.scheme, undefined);
      const webhook = {
        kind: 'registered',
        hookId: '1',
        url: 'https://x/y',
        since: at(1),
        scheme: 'token',
      } as const;
      await tenant.transact((tx) => tx.integrations.note(integration.id, { webhook }));
      assert.equal((await store.dispatch.door(integration.id))?.scheme, 'token');
      const failing = { kind: 'failing', reason: 'x', retryAt: at(2) } as const;
      await tenant.transact((tx) =>
        tx.integrations.note(integration.id, { webhook: { ...failing, scheme: 'signed' } }),
      );
      assert.equal((await store.dispatch.door(integration.id))?.scheme, 'signed');
      await tenant.transact((tx) => tx.integrations.note(integration.id, { webhook: failing }));
      assert.equal((await store.dispatch.door(integration.id))?.scheme, undefined);
    });

    it('come back as they were stored, with their sealed secrets apart', async () => {
      const tenant = given().store.tenant(tenantName());
      const full = anIntegration({
        bound: BOUND,
        cursor: 'c \u0000 \ud800',
        lastSweepAt: at(5),
        stateReason: 'because',
      });
      const plain = anIntegration();
      await tenant.transact(async (tx) => {
        await tx.integrations.insert(full, SEALED);
        await tx.integrations.insert(plain, SEALED);
      });
      await tenant.transact(async (tx) => {
        assert.deepEqual(await tx.integrations.get(full.id), full);
        assert.deepEqual(await tx.integrations.get(plain.id), plain);
        assert.deepEqual(await tx.integrations.sealed(full.id), SEALED);
        assert.equal(await tx.integrations.get(randomUUID()), undefined);
        assert.equal(await tx.integrations.sealed(randomUUID()), undefined);
      });
    });

    it('change only for who saw the last version', async () => {
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const first = await settle(given().store, tenantId);
      const second = await tenant.transact((tx) => tx.integrations.update({ ...first, name: 'renamed' }));
      assert.deepEqual(second, { ...first, name: 'renamed', version: 2 });
      await assert.rejects(
        tenant.transact((tx) => tx.integrations.update({ ...first, name: 'late' })),
        codeIs('stale-version'),
      );
      assert.deepEqual(await tenant.transact((tx) => tx.integrations.get(first.id)), second);
    });

    it('note what the engine learned without touching the version or the rest', async () => {
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const first = await settle(given().store, tenantId, { cursor: 'old', stateReason: 'kept' });
      const noted = { state: 'active', cursor: 'new', nextPollAt: at(9) } as const;
      await tenant.transact((tx) => tx.integrations.note(first.id, noted));
      assert.deepEqual(await tenant.transact((tx) => tx.integrations.get(first.id)), { ...first, ...noted });
      await tenant.transact((tx) => tx.integrations.note(randomUUID(), noted));
    });

    it('are listed by age in pages that neither repeat nor miss, and filtered', async () => {
      const tenantId = tenantName();
      const { store } = given();
      const ids: string[] = [];
      for (const [index, provider] of (['github', 'jira', 'github', 'gitlab'] as const).entries())
        ids.push((await settle(store, tenantId, { provider, createdAt: at(Math.floor(index / 2)) })).id);
      await store.tenant(tenantId).transact(async (tx) => {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await tx.integrations.list({ limit: 3, ...(cursor !== undefined && { cursor }) });
          seen.push(...page.items.map((each) => each.id));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        assert.deepEqual(seen.toSorted(), ids.toSorted());
        assert.deepEqual(new Set(seen.slice(0, 2)), new Set(ids.slice(0, 2)));
        const github = await tx.integrations.list({ limit: 10, provider: 'github' });
        assert.equal(github.items.length, 2);
        assert.deepEqual((await tx.integrations.list({ limit: 10, state: 'active' })).items, []);
      });
    });

    it('refuse a cursor that is not one of ours', async () => {
      const tenant = given().store.tenant(tenantName());
      const forged = Buffer.from('["now","; drop table links"]').toString('base64url');
      for (const cursor of ['', 'x', '%%%', forged, Buffer.from('{}').toString('base64url')])
        await assert.rejects(
          tenant.transact((tx) => tx.integrations.list({ limit: 1, cursor })),
          codeIs('invalid-request'),
          cursor,
        );
    });

    it('are sealed again where nobody was quicker, page by page, and forget their secrets when deleted', async () => {
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const all = [anIntegration(), anIntegration(), anIntegration()];
      await tenant.transact(async (tx) => {
        for (const each of all) await tx.integrations.insert(each, SEALED);
        const ids = all.map(({ id }) => id).toSorted();
        const first = await tx.integrations.sealedAfter(undefined, 2);
        assert.deepEqual(
          first,
          ids.slice(0, 2).map((id) => ({ id, sealed: SEALED })),
        );
        const rest = await tx.integrations.sealedAfter(ids[1], 2);
        assert.deepEqual(
          rest.map(({ id }) => id),
          ids.slice(2),
        );
        const [id = ''] = ids;
        const to = { credentials: 'again', webhookSecrets: ['w2', 'w1'] };
        assert.equal(await tx.integrations.reseal(id, { ...SEALED, credentials: 'other' }, to), false);
        assert.equal(await tx.integrations.reseal(id, { ...SEALED, webhookSecrets: ['other'] }, to), false);
        assert.equal(await tx.integrations.reseal(id, SEALED, to), true);
        assert.deepEqual(await tx.integrations.sealed(id), to);
        const gone = (await tx.integrations.get(id)) ?? assert.fail('it is there');
        await tx.integrations.update({ ...gone, state: 'deleted' });
        assert.deepEqual(await tx.integrations.sealed(id), { credentials: '', webhookSecrets: [] });
        assert.equal(await tx.integrations.reseal(id, { credentials: '', webhookSecrets: [] }, to), false);
        assert.equal((await tx.integrations.sealedAfter(undefined, 9)).length, 2);
      });
    });

    it('reseal only what is named', async () => {
      const tenantId = tenantName();
      const { id } = await settle(given().store, tenantId);
      await given()
        .store.tenant(tenantId)
        .transact(async (tx) => {
          await tx.integrations.seal(id, { webhookSecrets: ['new', 'old'] });
          assert.deepEqual(await tx.integrations.sealed(id), { ...SEALED, webhookSecrets: ['new', 'old'] });
          await tx.integrations.seal(id, { credentials: 'again' });
          await tx.integrations.seal(id, {});
          assert.equal((await tx.integrations.sealed(id))?.credentials, 'again');
        });
    });

    it('are found by the project they are bound to', async () => {
      const tenantId = tenantName();
      const { store } = given();
      const byUrl = await settle(store, tenantId, { bound: BOUND });
      const byHost = await settle(store, tenantId, { bound: { ...BOUND, host: 'api.github.com' } });
      await settle(store, tenantId);
      await store.tenant(tenantId).transact(async (tx) => {
        assert.deepEqual(await tx.integrations.ofProject('github.com', 'R_1'), [byUrl.id]);
        assert.deepEqual(await tx.integrations.ofProject('api.github.com', 'R_1'), [byHost.id]);
        assert.deepEqual(await tx.integrations.ofProject('github.com', 'R_2'), []);
      });
    });

    it('find what a deleted one left on the same project, and nothing of other projects', async () => {
      const tenant = given().store.tenant(tenantName());
      const former = anIntegration({ bound: BOUND });
      const present = anIntegration({ bound: BOUND });
      const elsewhere = anIntegration({ bound: { ...BOUND, projectId: 'R_2' } });
      const link = aBoundLink(former.id);
      await tenant.transact(async (tx) => {
        for (const each of [former, present, elsewhere]) await tx.integrations.insert(each, SEALED);
        await tx.links.insert(link, HOST);
        assert.deepEqual(await tx.links.tombstones(present.id), []);
        await tx.integrations.update({ ...former, state: 'deleted' });
        const left = await tx.links.tombstones(present.id);
        assert.deepEqual(
          left.map((each) => [each.id, each.state, each.issue]),
          [[link.id, 'dormant', link.issue]],
        );
        assert.deepEqual(await tx.links.tombstones(elsewhere.id), []);
      });
    });

    it('stay as rows when deleted: unseen, never due, their links dormant, their worker fenced off', async () => {
      const tenantId = tenantName();
      const { store } = given();
      const tenant = store.tenant(tenantId);
      const integration = await settle(store, tenantId, { bound: BOUND });
      const link = aBoundLink(integration.id);
      await tenant.transact(async (tx) => {
        await tx.links.insert(link, HOST);
        await tx.dirty.mark(integration.id, [{ linkId: link.id, reason: 'issue' }]);
        await tx.integrations.wake(integration.id);
      });
      const lease = await claimOf(given, tenantId);
      await tenant.transact(async (tx) => {
        await tx.integrations.update({ ...integration, state: 'deleted' });
        await tx.integrations.wake(integration.id);
      });
      await tenant.transact(async (tx) => {
        assert.equal(await tx.integrations.get(integration.id), undefined);
        assert.deepEqual((await tx.integrations.list({ limit: 9 })).items, []);
        assert.deepEqual(await tx.integrations.ofProject('github.com', 'R_1'), []);
        assert.equal(await tx.integrations.nextDueAt(integration.id), null);
        assert.equal((await tx.links.get(link.id))?.state, 'dormant');
        assert.equal(await tx.dirty.count(integration.id), 0);
      });
      assert.equal(await store.dispatch.door(integration.id), undefined);
      assert.equal(await store.dispatch.renew(lease, 1000), undefined);
      await assert.rejects(
        tenant.transact((tx) => tx.integrations.hold(lease)),
        codeIs('lease-lost'),
      );
      await assert.rejects(
        tenant.transact((tx) => tx.integrations.update({ ...integration, version: 2 })),
        codeIs('stale-version'),
      );
    });
  });
}
