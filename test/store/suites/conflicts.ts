import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Given } from '../stage.ts';
import { HOST, aBoundLink, aComment, aConflict, at, codeIs, settle, tenantName } from '../fixtures.ts';

function sorted(conflicts: readonly { id: string }[]): string[] {
  return conflicts.map((each) => each.id).toSorted();
}

export function conflictSuite(given: Given): void {
  const begin = async () => {
    const tenantId = tenantName();
    const { id } = await settle(given().store, tenantId);
    const tenant = given().store.tenant(tenantId);
    const link = aBoundLink(id);
    await tenant.transact((tx) => tx.links.insert(link, HOST));
    return { tenant, id, link };
  };

  describe('conflicts', () => {
    it('are one open record for each link and field', async () => {
      const { tenant, link } = await begin();
      const conflict = aConflict(link);
      await tenant.transact(async (tx) => {
        await tx.conflicts.save(conflict);
        await tx.conflicts.save({ ...conflict, issue: 'dropped', updatedAt: at(1) });
        await tx.conflicts.save(aConflict(link, { field: 'label:odd \u0000 \ud800' }));
        const open = await tx.conflicts.open(link.id, 'status');
        assert.deepEqual(open, { ...conflict, issue: 'dropped', updatedAt: at(1) });
        assert.deepEqual(await tx.conflicts.get(conflict.id), open);
        assert.equal((await tx.conflicts.open(link.id, 'label:odd \u0000 \ud800'))?.state, 'open');
        assert.equal(await tx.conflicts.get(randomUUID()), undefined);
      });
      await assert.rejects(
        tenant.transact((tx) => tx.conflicts.save(aConflict(link))),
        codeIs('conflict'),
      );
      await tenant.transact(async (tx) => {
        await tx.conflicts.save({
          ...conflict,
          state: 'resolved',
          resolution: { keep: 'issue', by: 'ann', at: at(2) },
        });
        assert.equal(await tx.conflicts.open(link.id, 'status'), undefined);
        await tx.conflicts.save(aConflict(link));
      });
    });

    it('are listed in pages, by integration and by state', async () => {
      const { tenant, id, link } = await begin();
      const all = (['status', 'title', 'block'] as const).map((field, second) =>
        aConflict(link, { field, firstSeenAt: at(second), state: second === 1 ? 'withdrawn' : 'open' }),
      );
      await tenant.transact(async (tx) => {
        for (const conflict of all) await tx.conflicts.save(conflict);
        const first = await tx.conflicts.list({ limit: 2 });
        const second = await tx.conflicts.list({ limit: 2, cursor: first.nextCursor ?? '' });
        assert.deepEqual([...first.items, ...second.items], all);
        // A conflict that is saved again keeps its place.
        const [oldest] = all;
        assert.ok(oldest);
        await tx.conflicts.save({ ...oldest, firstSeenAt: at(99) });
        assert.equal((await tx.conflicts.list({ limit: 1 })).items[0]?.id, oldest.id);
        assert.equal(
          (await tx.conflicts.list({ limit: 9, integrationId: id, state: 'open' })).items.length,
          2,
        );
        assert.equal((await tx.conflicts.list({ limit: 9, integrationId: randomUUID() })).items.length, 0);
      });
    });
  });

  describe('conflicts by cause', () => {
    it('are found by field, cause and link, and counted while they are open', async () => {
      const { tenant, id, link } = await begin();
      const others = [aBoundLink(id), aBoundLink(id)];
      await tenant.transact(async (tx) => {
        for (const each of others) await tx.links.insert(each, HOST);
        const open = [link, ...others].map((each, second) =>
          aConflict(each, { cause: 'a-against-b', firstSeenAt: at(3 - second), issue: `${second}` }),
        );
        const title = aConflict(link, { field: 'title', cause: 'odd \u0000 \ud800' });
        const closed = aConflict(link, { field: 'block', cause: 'a-against-b', state: 'resolved' });
        for (const conflict of [...open, title, closed]) await tx.conflicts.save(conflict);
        const ids = async (query: Omit<Parameters<typeof tx.conflicts.list>[0], 'limit'>) =>
          (await tx.conflicts.list({ ...query, limit: 99 })).items.map((each) => each.id).toSorted();
        assert.deepEqual(await ids({ field: 'title' }), [title.id]);
        assert.deepEqual(await ids({ cause: 'odd \u0000 \ud800' }), [title.id]);
        assert.deepEqual(await ids({ cause: 'a-against-b', state: 'open' }), sorted(open));
        assert.deepEqual(await ids({ linkIds: [link.id] }), sorted([...open.slice(0, 1), title, closed]));
        assert.deepEqual(await ids({ linkIds: [] }), []);
        const groups = await tx.conflicts.groups({ integrationId: id });
        assert.deepEqual(
          groups.toSorted((one, other) => other.count - one.count),
          [
            { integrationId: id, field: 'status', cause: 'a-against-b', count: 3, oldest: open[2] },
            { integrationId: id, field: 'title', cause: 'odd  \ufffd', count: 1, oldest: title },
          ],
        );
        assert.equal((await tx.conflicts.groups({ field: 'title' })).length, 1);
        assert.deepEqual(await tx.conflicts.groups({ cause: 'another' }), []);
        assert.deepEqual(await tx.conflicts.groups({ integrationId: randomUUID() }), []);
        assert.deepEqual(
          sorted(await tx.conflicts.many([title.id, closed.id, randomUUID()])),
          sorted([title, closed]),
        );
      });
    });

    it('follow a record whose values, and with them its cause, have changed', async () => {
      const { tenant, link } = await begin();
      const conflict = aConflict(link, { cause: 'a-against-b' });
      await tenant.transact(async (tx) => {
        await tx.conflicts.save(conflict);
        await tx.conflicts.save({ ...conflict, cause: 'a-against-c' });
        assert.deepEqual(await tx.conflicts.groups({ cause: 'a-against-b' }), []);
        assert.equal((await tx.conflicts.groups({ cause: 'a-against-c' }))[0]?.count, 1);
      });
    });
  });

  describe('comments', () => {
    it('of a link are replaced as a whole', async () => {
      const { tenant, link } = await begin();
      const [first, second] = [aComment(link.id), aComment(link.id, { createdAt: at(1) })];
      await tenant.transact(async (tx) => {
        await tx.comments.replace(link.id, [second, first]);
        assert.deepEqual(await tx.comments.ofLinks([link.id]), [first, second]);
        await tx.comments.replace(link.id, [{ ...second, text: 'edited' }]);
        assert.deepEqual(await tx.comments.ofLinks([link.id]), [{ ...second, text: 'edited' }]);
        await tx.comments.replace(link.id, []);
        assert.deepEqual(await tx.comments.ofLinks([link.id]), []);
      });
    });
  });
}
