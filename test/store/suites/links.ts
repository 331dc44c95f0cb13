import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Link } from '../../../src/domain/link.ts';
import type { Given } from '../stage.ts';
import { HOST, aBoundLink, aConflict, aLink, anOp, at, codeIs, settle, tenantName } from '../fixtures.ts';

export function linkSuite(given: Given): void {
  const begin = async () => {
    const tenantId = tenantName();
    const { id } = await settle(given().store, tenantId);
    return { tenant: given().store.tenant(tenantId), id };
  };

  describe('links', () => {
    it('come back as they were stored', async () => {
      const { tenant, id } = await begin();
      const full = aBoundLink(id, {
        role: 'mitigation',
        mitigationKey: 'm1',
        base: {
          threat: { title: null },
          issue: { title: '\u0000\ud800', 'label:tm-x': 'on' },
          mappingVersion: 3,
        },
        fields: { status: { kind: 'needs-answer', since: at(1), value: 'closed' } },
        lastError: { code: 'c', message: 'm', at: at(2) },
        failures: 2,
      });
      await tenant.transact(async (tx) => {
        await tx.links.insert(full, HOST);
        assert.deepEqual(await tx.links.get(full.id), full);
        assert.deepEqual(await tx.links.many([full.id, randomUUID()]), [full]);
        assert.deepEqual(await tx.links.ofThreats([full.threatId]), [full]);
        assert.deepEqual(await tx.links.byIssues(id, [full.issue?.id ?? '']), [full]);
        assert.deepEqual(await tx.links.byIssues(randomUUID(), [full.issue?.id ?? '']), []);
        assert.equal(await tx.links.get(randomUUID()), undefined);
      });
    });

    it('tell parents from what they count', async () => {
      const { tenant, id } = await begin();
      const parent = aBoundLink(id, {
        role: 'parent',
        placing: { kind: 'child', detail: 'd', since: at(1) },
        createdAt: at(2),
      });
      const gone = aBoundLink(id, { role: 'parent', state: 'linked', failures: 1, createdAt: at(1) });
      const place = { parentId: parent.id, kind: 'child', key: '1', url: 'u', since: at(3) } as const;
      const child = aBoundLink(id, { placed: place });
      await tenant.transact(async (tx) => {
        for (const link of [parent, gone, child]) await tx.links.insert(link, HOST);
        await tx.links.update({ ...gone, state: 'detached' });
        const parents = await tx.links.parents(id);
        assert.deepEqual(parents, [{ ...gone, state: 'detached', version: 2 }, parent]);
        assert.deepEqual(await tx.links.parents(randomUUID()), []);
        assert.deepEqual(await tx.links.get(child.id), child);
        const { states, failing } = await tx.links.counts(id);
        assert.deepEqual({ states, failing }, { states: { linked: 1 }, failing: 0 });
      });
    });

    it('change only for who saw the last version', async () => {
      const { tenant, id } = await begin();
      const link = aBoundLink(id);
      await tenant.transact(async (tx) => {
        await tx.links.insert(link, HOST);
        assert.equal(await tx.links.update({ ...link, failures: 1 }), true);
        assert.equal(await tx.links.update({ ...link, failures: 9 }), false);
        assert.deepEqual(await tx.links.get(link.id), { ...link, failures: 1, version: 2 });
        assert.equal(await tx.links.update({ ...link, id: randomUUID() }), false);
      });
    });

    it('take only the steps of the state machine', async () => {
      const { tenant, id } = await begin();
      const link = aLink(id);
      await tenant.transact(async (tx) => {
        await tx.links.insert(link, HOST);
        const gone: Link = { ...link, state: 'issue-gone', issue: { id: 'i', key: '1', url: 'u' } };
        await assert.rejects(tx.links.update(gone), codeIs('internal'));
        await assert.rejects(tx.links.insert(aBoundLink(id, { state: 'moved' }), HOST), codeIs('internal'));
        assert.deepEqual(await tx.links.get(link.id), link);
        const linked: Link = { ...link, state: 'linked', issue: { id: randomUUID(), key: '1', url: 'u' } };
        assert.equal(await tx.links.update(linked), true);
        assert.equal(await tx.links.update({ ...linked, version: 2, state: 'issue-gone' }), true);
      });
    });

    it('are one for each threat and role of an integration, unless detached', async () => {
      const { tenant, id } = await begin();
      const link = aBoundLink(id);
      await tenant.transact((tx) => tx.links.insert(link, HOST));
      await tenant.transact(async (tx) => {
        const twin = aLink(id, { threatId: link.threatId });
        // The transaction goes on after a refused insert.
        await assert.rejects(tx.links.insert(twin, HOST), codeIs('issue-already-linked'));
        const mitigation: Link = { ...twin, id: randomUUID(), role: 'mitigation', mitigationKey: 'm' };
        await tx.links.insert(mitigation, HOST);
        await tx.links.update({ ...link, state: 'detached' });
        await tx.links.insert(twin, HOST);
      });
    });

    it('are one for each issue of a host, also when a link is bound to it later', async () => {
      const { tenant, id } = await begin();
      const issue = { id: randomUUID(), key: '7', url: 'u' };
      const first = aBoundLink(id, { issue });
      await tenant.transact(async (tx) => {
        await tx.links.insert(first, HOST);
        await tx.links.insert(aBoundLink(id, { issue }), 'other.example');
        await assert.rejects(
          tx.links.insert(aBoundLink(id, { issue }), HOST),
          codeIs('issue-already-linked'),
        );
        const late = aLink(id);
        await tx.links.insert(late, HOST);
        await assert.rejects(
          tx.links.update({ ...late, state: 'linked', issue }),
          codeIs('issue-already-linked'),
        );
        assert.equal(await tx.links.update({ ...first, state: 'detached' }), true);
        assert.equal(await tx.links.update({ ...late, state: 'linked', issue }), true);
      });
    });

    it('of two transactions at once, let one have the issue', async () => {
      const { tenant, id } = await begin();
      const issue = { id: randomUUID(), key: '7', url: 'u' };
      const both = [aLink(id), aLink(id)];
      await tenant.transact(async (tx) => {
        for (const link of both) await tx.links.insert(link, HOST);
      });
      const ends = await Promise.allSettled(
        both.map((link) => tenant.transact((tx) => tx.links.update({ ...link, state: 'linked', issue }))),
      );
      assert.deepEqual(ends.map((end) => end.status).toSorted(), ['fulfilled', 'rejected']);
      for (const end of ends)
        if (end.status === 'rejected') assert.ok(codeIs('issue-already-linked')(end.reason));
    });

    it('are listed by age in pages, by state, and as ids', async () => {
      const { tenant, id } = await begin();
      const links = [1, 2, 3].map((second) => aBoundLink(id, { createdAt: at(second) }));
      const creating = aLink(id, { createdAt: at(4) });
      await tenant.transact(async (tx) => {
        for (const link of [...links, creating]) await tx.links.insert(link, HOST);
        const first = await tx.links.list({ integrationId: id, limit: 3 });
        const second = await tx.links.list({ integrationId: id, limit: 3, cursor: first.nextCursor ?? '' });
        assert.deepEqual([...first.items, ...second.items], [...links, creating]);
        const found = await tx.links.list({ integrationId: id, limit: 9, state: 'creating' });
        assert.deepEqual(found, { items: [creating] });
        assert.deepEqual(
          await tx.links.idsOf(id, ['linked']),
          links.map((link) => link.id),
        );
        assert.deepEqual(await tx.links.idsOf(id, []), []);
      });
    });

    it('are counted for the status page', async () => {
      const { tenant, id } = await begin();
      const asked = aBoundLink(id, {
        fields: { status: { kind: 'needs-answer', since: at(0), value: 'x' } },
      });
      const held = aBoundLink(id, {
        fields: { title: { kind: 'hold', since: at(0), threat: 'a', issue: null } },
      });
      const failing = aBoundLink(id, { failures: 3 });
      const gone = aBoundLink(id, { failures: 9 });
      await tenant.transact(async (tx) => {
        for (const link of [asked, held, failing, gone]) await tx.links.insert(link, HOST);
        await tx.links.update({ ...gone, state: 'detached' });
        await tx.conflicts.save(aConflict(asked));
        await tx.conflicts.save(aConflict(asked, { field: 'title', state: 'resolved' }));
        await tx.dirty.mark(id, [{ linkId: failing.id, reason: 'retry' }]);
        assert.deepEqual(await tx.links.counts(id), {
          states: { linked: 3, detached: 1 },
          conflicts: 1,
          needsAnswer: 1,
          held: 1,
          failing: 1,
          pending: 1,
        });
      });
    });

    it('tell their problems by code, the most frequent first', async () => {
      const { tenant, id } = await begin();
      const failing = (code: string, message: string, change: Partial<Link> = {}) =>
        aBoundLink(id, { failures: 1, lastError: { code, message, at: at(0) }, ...change });
      const gone = failing('c', 'm');
      await tenant.transact(async (tx) => {
        assert.deepEqual(await tx.links.problems(id), []);
        for (const link of [
          failing('b', 'm'),
          failing('a', 'nothing \u0000 breaks it'),
          failing('z', 'the older one says more', { createdAt: at(1) }),
          failing('z', 'm', { createdAt: at(2) }),
          failing('z', 'mended', { failures: 0, createdAt: at(3) }),
          gone,
        ])
          await tx.links.insert(link, HOST);
        await tx.links.update({ ...gone, state: 'detached' });
        assert.deepEqual(await tx.links.problems(id), [
          { code: 'z', message: 'm', count: 2 },
          { code: 'a', message: 'nothing \u0000 breaks it', count: 1 },
          { code: 'b', message: 'm', count: 1 },
        ]);
        assert.deepEqual(await tx.links.problems(randomUUID()), []);
      });
    });

    it('keep the writes that were told before they were done until these are settled', async () => {
      const { tenant, id } = await begin();
      const link = aLink(id);
      const [first, second] = [anOp(link), anOp(link, { kind: 'comment', createdAt: at(1) })];
      await tenant.transact(async (tx) => {
        await tx.links.insert(link, HOST);
        await tx.ops.insert(second);
        await tx.ops.insert(first);
        assert.deepEqual(await tx.ops.open([link.id]), [first, second]);
        assert.deepEqual(await tx.ops.open([]), []);
        await tx.ops.update({ ...first, state: 'done', settledAt: at(2) });
        await tx.ops.update({ ...second, absences: 1 });
        assert.deepEqual(await tx.ops.open([link.id, randomUUID()]), [{ ...second, absences: 1 }]);
      });
    });
  });
}
