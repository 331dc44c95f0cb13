import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
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
        });
    });

    it('counts for the brakes and for the flips of a field', async () => {
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
          assert.equal(await tx.journal.flips(linkId, 'status', at(0)), 2);
          assert.equal(await tx.journal.flips(linkId, 'status', at(2)), 1);
          assert.equal(await tx.journal.flips(linkId, 'title', at(0)), 1);
        });
    });
  });
}
