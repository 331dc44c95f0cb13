import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { RunItem } from '../../../src/domain/run.ts';
import type { Given } from '../stage.ts';
import { aPlan, aRun, at, settle, tenantName } from '../fixtures.ts';

export function runSuite(given: Given): void {
  const begin = async () => {
    const tenantId = tenantName();
    const { id } = await settle(given().store, tenantId);
    return { tenant: given().store.tenant(tenantId), id };
  };

  describe('runs', () => {
    it('come back as they are now, and tell which is active and which was last', async () => {
      const { tenant, id } = await begin();
      const [first, second] = [aRun(id), aRun(id, { createdAt: at(1) })];
      await tenant.transact(async (tx) => {
        assert.equal(await tx.runs.active(id), undefined);
        await tx.runs.insert(second);
        await tx.runs.insert(first);
        assert.deepEqual(await tx.runs.active(id), first);
        assert.equal(await tx.runs.last(id), undefined);
        const done = { ...first, state: 'completed', calls: 3, finishedAt: at(5) } as const;
        await tx.runs.update(done);
        assert.deepEqual(await tx.runs.get(first.id), done);
        assert.deepEqual(await tx.runs.last(id), done);
        assert.deepEqual(await tx.runs.active(id), second);
        await tx.runs.update({ ...second, state: 'failed', finishedAt: at(4) });
        assert.deepEqual(await tx.runs.last(id), done);
        assert.equal(await tx.runs.get(randomUUID()), undefined);
      });
    });

    it('are listed newest first in pages, and by state', async () => {
      const { tenant, id } = await begin();
      const all = [3, 2, 1].map((second) => aRun(id, { createdAt: at(second) }));
      await tenant.transact(async (tx) => {
        for (const run of all) await tx.runs.insert(run);
        const first = await tx.runs.list({ integrationId: id, limit: 2 });
        const second = await tx.runs.list({ integrationId: id, limit: 2, cursor: first.nextCursor ?? '' });
        assert.deepEqual([...first.items, ...second.items], all);
        assert.deepEqual((await tx.runs.list({ integrationId: id, limit: 9, state: 'failed' })).items, []);
      });
    });

    it('have their items in the order they were done', async () => {
      const { tenant, id } = await begin();
      const run = aRun(id);
      const items: RunItem[] = ['1', '2', '3'].map((issueKey) => ({
        runId: run.id,
        issueKey,
        outcome: 'pushed',
        fields: ['status', 'label:tm-x'],
        at: at(0),
      }));
      await tenant.transact(async (tx) => {
        await tx.runs.insert(run);
        await tx.runs.addItems(items.slice(0, 1));
        await tx.runs.addItems(items.slice(1));
        await tx.runs.addItems([]);
        const first = await tx.runs.items(run.id, { limit: 2 });
        const second = await tx.runs.items(run.id, { limit: 2, cursor: first.nextCursor ?? '' });
        assert.deepEqual([...first.items, ...second.items], items);
      });
    });

    it('tell what they last did about one link', async () => {
      const { tenant, id } = await begin();
      const [run, other] = [aRun(id), aRun(id)];
      const [linkId, another] = [randomUUID(), randomUUID()];
      const item: RunItem = { runId: run.id, linkId, outcome: 'pushed', fields: [], at: at(0) };
      const last: RunItem = { ...item, outcome: 'failed', at: at(1) };
      await tenant.transact(async (tx) => {
        await tx.runs.insert(run);
        await tx.runs.insert(other);
        await tx.runs.addItems([item, last, { ...item, linkId: another }]);
        assert.deepEqual(await tx.runs.itemOf(run.id, linkId), last);
        assert.equal(await tx.runs.itemOf(other.id, linkId), undefined);
      });
    });
  });

  describe('plans', () => {
    it('are kept as they were shown', async () => {
      const { tenant, id } = await begin();
      const [first, second] = [aPlan(id), aPlan(id, { createdAt: at(1) })];
      await tenant.transact(async (tx) => {
        assert.equal(await tx.plans.last(id), undefined);
        await tx.plans.save(second);
        await tx.plans.save(first);
        await tx.plans.save({ ...first, estimatedCalls: 5 });
        assert.deepEqual(await tx.plans.get(first.id), { ...first, estimatedCalls: 5 });
        assert.deepEqual(await tx.plans.last(id), second);
        assert.equal(await tx.plans.get(randomUUID()), undefined);
      });
    });
  });
}
