import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Format, MitigationStatus, Threat } from '../../../src/domain/threat.ts';
import type { Tx } from '../../../src/ports/repositories.ts';
import type { Given } from '../stage.ts';
import {
  HOST,
  SEALED,
  aBoundLink,
  aFilter,
  aLink,
  aModel,
  aThreat,
  anIntegration,
  at,
  tenantName,
} from '../fixtures.ts';
import type { NewThreat } from '../fixtures.ts';

async function stored(tx: Tx, changes: readonly Partial<NewThreat>[]): Promise<readonly Threat[]> {
  const model = aModel();
  await tx.models.insert(model);
  return tx.threats.insert(changes.map((change) => aThreat(model.id, change)));
}

function toDo(key: string, status: MitigationStatus = 'proposed', shared = false) {
  return { mitigations: [{ key, title: key, status, shared }] };
}

const until = (expiresAt: string, change: Partial<NewThreat> = {}): Partial<NewThreat> => ({
  status: 'accepted',
  acceptance: { since: at(0), expiresAt },
  ...change,
});

export function threatSuite(given: Given): void {
  const tenant = () => given().store.tenant(tenantName());

  describe('threats that are accepted', () => {
    it('are found when their acceptance ends, the first to end first, and no other', async () => {
      const own = tenant();
      const threats = await own.transact((tx) =>
        stored(tx, [
          until('2027-03-01'),
          until('2027-02-01', { status: 'transferred' }),
          until('2027-03-02'),
          until('2027-02-01', { status: 'mitigated' }),
          { status: 'accepted', acceptance: { since: at(0), owner: 'Ada' } },
          {},
        ]),
      );
      const [later, first, last] = threats;
      await own.transact(async (tx) => {
        const found = await tx.threats.accepted('2027-03-01T00:00:00.000Z', 9);
        assert.deepEqual(found, [first, later]);
        assert.deepEqual(await tx.threats.accepted('2027-03-01T00:00:00.000Z', 1), [first]);
        assert.deepEqual(await tx.threats.accepted('2027-01-31T23:59:59.999Z', 9), []);
        assert.ok(later && last);
        const { acceptance: _, ...open } = later;
        await tx.threats.update({ ...open, status: 'identified' });
        await tx.threats.update({ ...last, acceptance: { since: at(0), expiresAt: '2027-01-01' } });
        const ids = (await tx.threats.accepted('2030-01-01T00:00:00.000Z', 9)).map(({ id }) => id);
        assert.deepEqual(ids, [last.id, first?.id]);
      });
    });
  });

  describe('threats', () => {
    it('get the tenant’s next numbers, in order, and come back as they are', async () => {
      const own = tenant();
      const element = { id: 'e', name: 'DB', kind: 'store', outOfScope: true };
      const first = await own.transact((tx) => stored(tx, [{ element, score: 7.5 }, {}]));
      const second = await own.transact((tx) => stored(tx, [{ title: 'NUL \u0000, half \udc00 pair' }]));
      assert.deepEqual(
        [...first, ...second].map((threat) => [threat.number, threat.version]),
        [
          [1, 1],
          [2, 1],
          [3, 1],
        ],
      );
      await own.transact(async (tx) => {
        for (const threat of [...first, ...second]) assert.deepEqual(await tx.threats.get(threat.id), threat);
        assert.deepEqual(await tx.threats.insert([]), []);
        assert.equal(await tx.threats.get(randomUUID()), undefined);
      });
    });

    it('come in thousands at once', async () => {
      await tenant().transact(async (tx) => {
        const threats = await stored(
          tx,
          Array.from({ length: 2345 }, () => ({})),
        );
        assert.equal((await tx.threats.ofModel(threats[0]?.modelId ?? '')).length, 2345);
      });
    });

    it('are read by ids and by model, in the order of their numbers', async () => {
      await tenant().transact(async (tx) => {
        const [a, b, c] = await stored(tx, [{}, {}, {}]);
        assert.ok(a && b && c);
        assert.deepEqual(await tx.threats.many([c.id, a.id, randomUUID()]), [a, c]);
        assert.deepEqual(await tx.threats.many([]), []);
        assert.deepEqual(await tx.threats.ofModel(a.modelId), [a, b, c]);
      });
    });

    it('change only for who saw the last version', async () => {
      await tenant().transact(async (tx) => {
        const [threat] = await stored(tx, [{}]);
        assert.ok(threat);
        assert.equal(await tx.threats.update({ ...threat, status: 'accepted', updatedAt: at(9) }), true);
        const now = { ...threat, status: 'accepted', updatedAt: at(9), version: 2 };
        assert.deepEqual(await tx.threats.get(threat.id), now);
        assert.equal(await tx.threats.update({ ...threat, status: 'avoided' }), false);
        assert.deepEqual(await tx.threats.get(threat.id), now);
      });
    });

    it('are listed in pages and by every filter', async () => {
      await tenant().transact(async (tx) => {
        const all = await stored(tx, [
          { status: 'accepted', severity: 'low' },
          { presence: 'missing', updatedAt: at(60) },
          { title: 'SQL 100%_Injection\\ ÄÖ' },
          {},
        ]);
        const numbers = async (query: object) =>
          (await tx.threats.list({ limit: 9, ...query })).items.map((threat) => threat.number);
        assert.deepEqual(await numbers({}), [1, 2, 3, 4]);
        assert.deepEqual(await numbers({ status: 'accepted' }), [1]);
        assert.deepEqual(await numbers({ severity: 'low' }), [1]);
        assert.deepEqual(await numbers({ presence: 'missing' }), [2]);
        assert.deepEqual(await numbers({ updatedSince: at(60) }), [2]);
        assert.deepEqual(await numbers({ modelId: all[0]?.modelId }), [1, 2, 3, 4]);
        assert.deepEqual(await numbers({ modelId: randomUUID() }), []);
        for (const search of ['sql', '100%_i', '\\', 'äö', 'ÄÖ'])
          assert.deepEqual(await numbers({ search }), [3]);
        assert.deepEqual(await numbers({ search: '1%i' }), []);

        const first = await tx.threats.list({ limit: 3 });
        assert.ok(first.nextCursor !== undefined);
        const second = await tx.threats.list({ limit: 3, cursor: first.nextCursor });
        assert.deepEqual([...first.items, ...second.items], all);
        assert.equal(second.nextCursor, undefined);
      });
    });

    it('are candidates of an integration when present, passing its filter and named by none of its links', async () => {
      await tenant().transact(async (tx) => {
        const [one, two] = [anIntegration(), anIntegration()];
        for (const each of [one, two]) await tx.integrations.insert(each, SEALED);
        const threats = await stored(tx, [
          {},
          { presence: 'missing' },
          { severity: 'low' },
          { status: 'mitigated' },
          { element: { id: 'e', name: 'n', kind: 'k', outOfScope: true } },
          {},
          {},
        ]);
        const [, , , , , detached, elsewhere] = threats;
        const state = 'detached';
        const bound = aBoundLink(one.id, { threatId: detached?.id ?? '' });
        await tx.links.insert(bound, HOST);
        assert.equal(await tx.links.update({ ...bound, state }), true);
        await tx.links.insert(aLink(two.id, { threatId: elsewhere?.id ?? '' }), HOST);

        const numbers = async (filter: object, after = 0, limit = 9) =>
          (await tx.threats.candidates(one.id, aFilter(filter), after, limit)).map((threat) => threat.number);
        assert.deepEqual(await numbers({}), [1, 3, 4, 7]);
        assert.deepEqual(await numbers({ outOfScope: true }), [1, 3, 4, 5, 7]);
        assert.deepEqual(await numbers({ severities: ['low'] }), [3]);
        assert.deepEqual(await numbers({ statuses: ['identified'] }), [1, 3, 7]);
        assert.deepEqual(await numbers({ models: [randomUUID()] }), []);
        assert.deepEqual(await numbers({ models: [detached?.modelId] }, 1, 2), [3, 4]);

        const ids = threats.map((threat) => threat.id);
        assert.deepEqual(await tx.threats.linkedElsewhere(one.id, ids), new Set([elsewhere?.id]));
        assert.deepEqual(await tx.threats.linkedElsewhere(two.id, ids), new Set());
      });
    });

    it('are found by mitigations that are to be done and have no issue, by the models that give them keys', async () => {
      await tenant().transact(async (tx) => {
        const [one, two] = [anIntegration(), anIntegration()];
        for (const each of [one, two]) await tx.integrations.insert(each, SEALED);
        const threats = await stored(tx, [
          toDo('a'),
          toDo('a', 'done'),
          toDo('b\u0000', 'unknown'),
          { ...toDo('c', 'in-progress'), presence: 'missing' },
          toDo('s', 'proposed', true),
          toDo('s', 'proposed', true),
          toDo('d', 'rejected'),
          {},
        ]);
        const [first, , third, , , shared] = threats;
        const format = (await tx.models.get(first?.modelId ?? ''))?.format ?? 'platform';
        const numbers = async (
          isBound = false,
          after = 0,
          limit = 9,
          formats: readonly Format[] = [format],
        ) => {
          const only = { formats, isBound };
          const found = await tx.threats.withMitigationsToDo(one.id, aFilter(), only, after, limit);
          return found.map((threat) => threat.number);
        };
        assert.deepEqual(await numbers(), [1, 3, 5, 6]);
        assert.deepEqual(await numbers(false, 1, 2), [3, 5]);
        assert.deepEqual(await numbers(false, 0, 9, []), []);
        assert.deepEqual(await numbers(true), [], 'no threat has an issue');

        const threatId = first?.id ?? '';
        const role = 'mitigation';
        await tx.links.insert(aLink(two.id, { threatId, role, mitigationKey: 'a' }), HOST);
        await tx.links.insert(aLink(one.id, { threatId: third?.id ?? '', role, mitigationKey: 'a' }), HOST);
        await tx.links.insert(aLink(one.id, { threatId }), HOST);
        assert.deepEqual(await numbers(), [1, 3, 5, 6], 'another’s, another one, and the threat’s own');
        assert.deepEqual(await numbers(true), [], 'its issue is being made');
        await tx.links.insert(aBoundLink(one.id, { threatId: third?.id ?? '' }), HOST);
        assert.deepEqual(await numbers(true), [3]);

        await tx.links.insert(aLink(one.id, { threatId, role, mitigationKey: 'a' }), HOST);
        await tx.links.insert(
          aLink(one.id, { threatId: third?.id ?? '', role, mitigationKey: 'b\u0000' }),
          HOST,
        );
        await tx.links.insert(aLink(one.id, { threatId: shared?.id ?? '', role, mitigationKey: 's' }), HOST);
        assert.deepEqual(await numbers(), []);
        assert.ok(first !== undefined && (await tx.threats.update({ ...first, ...toDo('new') })));
        assert.deepEqual(await numbers(), [1]);
      });
    });
  });
}
