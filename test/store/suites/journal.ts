import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { chainStart, followChain } from '../../../src/domain/audit.ts';
import type { FieldKey } from '../../../src/domain/link.ts';
import type { Given } from '../stage.ts';
import { at, tenantName } from '../fixtures.ts';

export function journalSuite(given: Given): void {
  describe('the journal', () => {
    it('tells a threat’s story, the newest first', async () => {
      const threatId = randomUUID();
      const entry = {
        at: at(0),
        actor: 'ann',
        action: 'status-pulled',
        threatId,
        before: null,
        after: 'x\u0000',
      };
      await given()
        .store.tenant(tenantName())
        .transact(async (tx) => {
          await tx.journal.add([entry, { ...entry, after: 'y' }]);
          await tx.journal.add([]);
          assert.deepEqual(await tx.journal.ofThreat(threatId, 9), [{ ...entry, after: 'y' }, entry]);
          assert.equal((await tx.journal.ofThreat(threatId, 1)).length, 1);
          const [taken, ...more] = await tx.journal.takenOfThreat(threatId, 1);
          assert.deepEqual([taken?.after, more], ['y', []]);
          // The entry says another time than the store's clock.
          assert.ok(taken !== undefined && taken.at !== at(0) && !Number.isNaN(Date.parse(taken.at)));
        });
    });

    it('is chained in the order of its entries, each once, whoever does it', async () => {
      const { store } = given();
      const tenants = [tenantName(), tenantName()];
      const write = (tenantId: string, from: number, count: number) =>
        store.tenant(tenantId).transact((tx) =>
          tx.journal.add(
            Array.from({ length: count }, (_, place) => ({
              at: at(from + place),
              actor: 'ann',
              action: 'model-deleted',
              note: `${from + place} \u0000 "ü"`,
            })),
          ),
        );
      const chainAll = async () => {
        while ((await Promise.all([store.dispatch.chain(4), store.dispatch.chain(4)])).some((n) => n > 0));
      };
      const read = (tenantId: string, after: number) =>
        store.tenant(tenantId).transact((tx) => tx.journal.chained(after, 100));

      for (const tenantId of tenants) await write(tenantId, 0, 5);
      assert.deepEqual(await read(tenants[0] ?? '', 0), []);
      await chainAll();
      for (const tenantId of tenants) await write(tenantId, 5, 3);
      await chainAll();
      const audited = await store.dispatch.auditedTenants();
      for (const tenantId of tenants) {
        const items = await read(tenantId, 0);
        assert.deepEqual(
          items.map(({ entry }) => entry.at),
          Array.from({ length: 8 }, (_, place) => at(place)),
        );
        assert.deepEqual(followChain(chainStart(tenantId), items), {
          sequence: 8,
          hash: items.at(-1)?.hash,
        });
        assert.equal(new Set(items.map(({ salts }) => salts.note)).size, 8);
        assert.deepEqual(await read(tenantId, 6), items.slice(6));
        assert.ok(audited.includes(tenantId));
      }
    });

    it('counts for the brakes, and tells which way a field was written', async () => {
      const [integrationId, linkId] = [randomUUID(), randomUUID()];
      const head = { actor: 'sync', integrationId, linkId, field: 'status' } as const;
      await given()
        .store.tenant(tenantName())
        .transact(async (tx) => {
          await tx.journal.add([
            { ...head, at: at(0), action: 'issue-created' },
            { ...head, at: at(1), action: 'status-pushed' },
            { ...head, at: at(2), action: 'status-pulled' },
            { ...head, at: at(3), action: 'status-agreed' },
            { ...head, at: at(4), action: 'title-pushed', field: 'title' },
          ]);
          await tx.journal.add([{ ...head, linkId: randomUUID(), at: at(5), action: 'status-pushed' }]);
          // One about no link is none.
          await tx.journal.add([{ at: at(5), actor: 'ann', action: 'status-pushed', integrationId }]);
          // Links, not entries: one link closed and reopened is one.
          assert.equal(await tx.journal.count(integrationId, ['issue-created', 'status-pushed'], at(0)), 2);
          assert.equal(await tx.journal.count(integrationId, ['issue-created'], at(1)), 0);
          assert.equal(await tx.journal.count(randomUUID(), ['issue-created'], at(0)), 0);
          const other = randomUUID();
          await tx.journal.add([{ ...head, linkId: other, at: at(6), action: 'status-pulled' }]);
          const written = async (linkIds: string[], field: FieldKey, since: string) => [
            ...(await tx.journal.written(linkIds, field, since)),
          ];
          assert.deepEqual(
            new Map(await written([linkId, other, randomUUID()], 'status', at(0))),
            new Map([
              [linkId, ['pushed', 'pulled']],
              [other, ['pulled']],
            ]),
          );
          assert.deepEqual(await written([linkId], 'status', at(2)), [[linkId, ['pulled']]]);
          assert.deepEqual(await written([linkId], 'title', at(0)), [[linkId, ['pushed']]]);
          assert.deepEqual(await written([], 'title', at(0)), []);
        });
    });
  });
}
