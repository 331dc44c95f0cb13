import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Given } from '../stage.ts';
import { HOST, aBoundLink, at, settle, tenantName } from '../fixtures.ts';

export function dirtySuite(given: Given): void {
  const begin = async (count: number) => {
    const tenantId = tenantName();
    const { id } = await settle(given().store, tenantId);
    const tenant = given().store.tenant(tenantId);
    const links = Array.from({ length: count }, () => aBoundLink(id));
    await tenant.transact(async (tx) => {
      for (const link of links) await tx.links.insert(link, HOST);
    });
    return { tenant, id, linkIds: links.map((link) => link.id) };
  };

  describe('the dirty set', () => {
    it('loses no mark that comes between reading and clearing', async () => {
      const { tenant, id, linkIds } = await begin(2);
      const [seen = '', marked = ''] = linkIds;
      const marks = [seen, marked].map((linkId) => ({ linkId, reason: 'issue' as const }));
      await tenant.transact((tx) => tx.dirty.mark(id, marks));
      const taken = await tenant.transact((tx) => tx.dirty.due(id, 10, at(0)));
      assert.equal(taken.length, 2);
      await tenant.transact((tx) => tx.dirty.mark(id, [{ linkId: marked, reason: 'issue' }]));
      await tenant.transact((tx) => tx.dirty.clear(id, taken));
      const left = await tenant.transact((tx) => tx.dirty.due(id, 10, at(0)));
      assert.deepEqual(
        left.map((dirty) => [dirty.linkId, dirty.generation]),
        [[marked, 2]],
      );
    });

    it('gives what is due, at once before later, and says when the next is', async () => {
      const { tenant, id, linkIds } = await begin(4);
      const [now = '', soon = '', later = '', never = ''] = linkIds;
      await tenant.transact(async (tx) => {
        assert.equal(await tx.dirty.nextDueAt(id), null);
        await tx.dirty.mark(id, [
          { linkId: later, reason: 'retry', dueAt: at(20) },
          { linkId: soon, reason: 'question', dueAt: at(10) },
          { linkId: never, reason: 'settle', dueAt: at(30) },
        ]);
        assert.equal(await tx.dirty.nextDueAt(id), at(10));
        await tx.dirty.mark(id, [{ linkId: now, reason: 'issue' }]);
        const due = await tx.dirty.due(id, 10, at(20));
        assert.deepEqual(
          due.map((dirty) => dirty.linkId),
          [now, soon, later],
        );
        assert.deepEqual(
          { ...due[1] },
          { linkId: soon, generation: 1, attempts: 0, dueAt: at(10), reason: 'question' },
        );
        assert.equal((await tx.dirty.due(id, 2, at(99))).length, 2);
        assert.equal(await tx.dirty.count(id), 4);
        assert.deepEqual(await tx.dirty.due(randomUUID(), 9, at(99)), []);
      });
    });

    it('lets the earlier time win, and a mark that reads the issue', async () => {
      const { tenant, id, linkIds } = await begin(1);
      const [linkId = ''] = linkIds;
      await tenant.transact(async (tx) => {
        const read = async () => (await tx.dirty.of(id, [linkId]))[0];
        await tx.dirty.mark(id, [{ linkId, reason: 'settle', dueAt: at(20) }]);
        await tx.dirty.mark(id, [{ linkId, reason: 'threat', dueAt: at(30) }]);
        assert.deepEqual([(await read())?.dueAt, (await read())?.reason], [at(20), 'settle']);
        await tx.dirty.mark(id, [{ linkId, reason: 'issue', dueAt: at(10) }]);
        assert.deepEqual([(await read())?.dueAt, (await read())?.reason], [at(10), 'issue']);
        await tx.dirty.mark(id, [
          { linkId, reason: 'threat' },
          { linkId, reason: 'sweep', dueAt: at(40) },
        ]);
        assert.equal((await tx.dirty.due(id, 1, at(0))).length, 1);
        assert.equal((await read())?.generation, 5);
        assert.deepEqual(await tx.dirty.of(id, [randomUUID()]), []);
      });
    });

    it('defers with one attempt more, until a fresh mark', async () => {
      const { tenant, id, linkIds } = await begin(1);
      const [linkId = ''] = linkIds;
      await tenant.transact(async (tx) => {
        await tx.dirty.mark(id, [{ linkId, reason: 'issue' }]);
        await tx.dirty.defer(id, linkId, at(50));
        await tx.dirty.defer(id, linkId, at(60));
        assert.deepEqual(await tx.dirty.due(id, 9, at(59)), []);
        const [dirty] = await tx.dirty.due(id, 9, at(60));
        assert.deepEqual([dirty?.attempts, dirty?.dueAt], [2, at(60)]);
        await tx.dirty.mark(id, [{ linkId, reason: 'issue' }]);
        assert.equal((await tx.dirty.due(id, 9, at(0))).length, 1);
        await tx.dirty.mark(id, []);
        await tx.dirty.clear(id, []);
        assert.equal(await tx.dirty.count(id), 1);
      });
    });
  });
}
