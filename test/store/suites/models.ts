import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Given } from '../stage.ts';
import { aModel, aThreat, codeIs, tenantName } from '../fixtures.ts';

export function modelSuite(given: Given): void {
  const tenant = () => given().store.tenant(tenantName());

  describe('threat models', () => {
    it('come back as they were stored, with their file byte for byte', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const model = aModel({
        name: 'odd \u0000 \ud800 name',
        fileHash: 'ab',
        warnings: [{ code: 'c', where: '/', message: 'm' }],
      });
      await tenant().transact(async (tx) => {
        await tx.models.insert(model, bytes);
        assert.deepEqual(await tx.models.get(model.id), model);
        assert.deepEqual(await tx.models.file(model.id), bytes);
        assert.deepEqual(await tx.models.byName(model.name, model.format), [model]);
        assert.equal(await tx.models.get(randomUUID()), undefined);
        assert.equal(await tx.models.file(randomUUID()), undefined);
      });
    });

    it('change only for who saw the last version, and keep their file unless they get another', async () => {
      const model = aModel();
      await tenant().transact(async (tx) => {
        await tx.models.insert(model, new Uint8Array([1]));
        const second = await tx.models.update({ ...model, name: 'b' });
        assert.deepEqual(second, { ...model, name: 'b', version: 2 });
        assert.deepEqual(await tx.models.file(model.id), new Uint8Array([1]));
        await tx.models.update(second, new Uint8Array([2, 3]));
        assert.deepEqual(await tx.models.file(model.id), new Uint8Array([2, 3]));
        await assert.rejects(tx.models.update(second), codeIs('stale-version'));
      });
    });

    it('are listed by name with the number of their threats, all and open', async () => {
      const [a, b, c] = [aModel({ name: 'a' }), aModel({ name: 'b' }), aModel({ name: 'b' })];
      await tenant().transact(async (tx) => {
        for (const model of [c, a, b]) await tx.models.insert(model);
        await tx.threats.insert([
          aThreat(a.id),
          aThreat(a.id, { status: 'mitigated' }),
          aThreat(a.id, { presence: 'missing' }),
        ]);
        const first = await tx.models.list({ limit: 2 });
        assert.deepEqual(first.items[0], { ...a, threats: 3, open: 1 });
        assert.ok(first.nextCursor !== undefined);
        const second = await tx.models.list({ limit: 2, cursor: first.nextCursor });
        assert.equal(second.nextCursor, undefined);
        const ids = [...first.items, ...second.items].map((each) => each.id);
        assert.deepEqual(ids.toSorted(), [a.id, b.id, c.id].toSorted());
        assert.deepEqual(second.items[0]?.open, 0);
      });
    });

    it('are found by name and format, and by where they came from', async () => {
      const [here, there] = [
        aModel({ source: { path: 'm.json' } }),
        aModel({ source: { repo: 'o/r', path: 'm.json' }, format: 'threat-composer' }),
      ];
      await tenant().transact(async (tx) => {
        await tx.models.insert(here);
        await tx.models.insert(there);
        assert.deepEqual(await tx.models.byName('Payments', 'threat-composer'), [there]);
        assert.deepEqual(await tx.models.bySource(undefined, 'm.json'), [here]);
        assert.deepEqual(await tx.models.bySource('o/r', 'm.json'), [there]);
        assert.deepEqual(await tx.models.bySource('o/other', 'm.json'), []);
      });
    });

    it('say how many keys and fingerprints each of them shares, the most first', async () => {
      const [a, b] = [aModel(), aModel()];
      await tenant().transact(async (tx) => {
        await tx.models.insert(a);
        await tx.models.insert(b);
        await tx.threats.insert([
          aThreat(a.id, { key: 'k1', fingerprint: 'f1' }),
          aThreat(b.id, { key: 'k1', fingerprint: 'f9' }),
          aThreat(b.id, { key: 'k8', fingerprint: 'f2' }),
        ]);
        assert.deepEqual(await tx.models.overlaps(['k1'], ['f1', 'f2']), [
          { modelId: b.id, matches: 2 },
          { modelId: a.id, matches: 1 },
        ]);
        assert.deepEqual(await tx.models.overlaps([], []), []);
      });
    });

    it('take their threats with them', async () => {
      const model = aModel();
      await tenant().transact(async (tx) => {
        await tx.models.insert(model);
        const [threat] = await tx.threats.insert([aThreat(model.id)]);
        assert.equal(await tx.models.remove(model.id), true);
        assert.equal(await tx.threats.get(threat?.id ?? ''), undefined);
        assert.equal(await tx.models.remove(model.id), false);
      });
    });
  });
}
