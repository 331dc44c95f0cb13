import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Tx } from '../../../src/ports/repositories.ts';
import type { Given } from '../stage.ts';
import {
  HOST,
  SEALED,
  aBoundLink,
  aConflict,
  aLink,
  aModel,
  aRun,
  aThreat,
  anIntegration,
  anOp,
  at,
  codeIs,
  settle,
  tenantName,
} from '../fixtures.ts';
import { overlapSuite } from './overlaps.ts';

export function transactionSuite(given: Given, overlaps: boolean): void {
  describe('a transaction', () => {
    it('leaves nothing when its work throws', async () => {
      const tenant = given().store.tenant(tenantName());
      const model = aModel();
      const failing = tenant.transact(async (tx) => {
        await tx.models.insert(model);
        await tx.threats.insert([aThreat(model.id)]);
        throw new Error('on purpose');
      });
      await assert.rejects(failing, /on purpose/);
      await tenant.transact(async (tx) => {
        assert.equal(await tx.models.get(model.id), undefined);
        await tx.models.insert(model);
        const [threat] = await tx.threats.insert([aThreat(model.id)]);
        assert.equal(threat?.number, 1);
      });
    });

    it('cannot be begun inside another one', async () => {
      const tenant = given().store.tenant(tenantName());
      await assert.rejects(
        tenant.transact(() => tenant.transact(async () => undefined)),
        codeIs('internal'),
      );
      await assert.rejects(
        tenant.transact(() => given().store.dispatch.nextDueAt()),
        codeIs('internal'),
      );
    });

    it('may be begun by what a finished one left behind', async () => {
      const tenant = given().store.tenant(tenantName());
      const finished = Promise.withResolvers<void>();
      let later: Promise<unknown> = Promise.resolve();
      await tenant.transact(async () => {
        later = finished.promise.then(() => tenant.transact(async (tx) => tx.events.lastSequence()));
      });
      finished.resolve();
      assert.equal(await later, 0);
    });

    it('needs a tenant', async () => {
      await assert.rejects(
        given()
          .store.tenant('')
          .transact(async () => undefined),
        codeIs('internal'),
      );
    });

    it('in which a statement was refused keeps nothing, even when its work goes on', async () => {
      const tenant = given().store.tenant(tenantName());
      const [model, later] = [aModel(), aModel()];
      const swallowing = tenant.transact(async (tx) => {
        await tx.models.insert(model);
        await assert.rejects(tx.models.insert(model));
        await assert.rejects(tx.models.get(model.id));
        await assert.rejects(tx.models.insert(later));
      });
      await assert.rejects(swallowing);
      await tenant.transact(async (tx) => {
        assert.equal(await tx.models.get(model.id), undefined);
        assert.equal(await tx.models.get(later.id), undefined);
      });
    });

    it('refuses a second row of the same id, and a row that points at nothing', async () => {
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const integration = await settle(given().store, tenantId);
      const [model, run, link] = [aModel(), aRun(integration.id), aBoundLink(integration.id)];
      const op = anOp(link);
      const threat = aThreat(model.id);
      await tenant.transact(async (tx) => {
        await tx.models.insert(model);
        await tx.threats.insert([threat]);
        await tx.runs.insert(run);
        await tx.links.insert(link, HOST);
        await tx.ops.insert(op);
      });
      const refused: ((tx: Tx) => Promise<unknown>)[] = [
        (tx) => tx.integrations.insert(anIntegration({ id: integration.id }), SEALED),
        (tx) => tx.models.insert(aModel({ id: model.id })),
        (tx) => tx.threats.insert([aThreat(model.id, { id: threat.id })]),
        (tx) => tx.runs.insert(run),
        (tx) => tx.ops.insert(op),
        (tx) => tx.links.insert(aLink(randomUUID()), HOST),
        (tx) => tx.threats.insert([aThreat(randomUUID())]),
        (tx) => tx.runs.insert(aRun(randomUUID())),
        (tx) => tx.ops.insert(anOp(aLink(integration.id))),
        (tx) => tx.conflicts.save(aConflict(aLink(integration.id))),
        (tx) => tx.dirty.mark(integration.id, [{ linkId: randomUUID(), reason: 'issue' }]),
        (tx) => tx.threats.update({ ...threat, number: 1, version: 1, modelId: randomUUID() }),
        (tx) => tx.models.get('no UUID'),
        (tx) => tx.integrations.schedule(integration.id, 'no time'),
      ];
      for (const statement of refused) {
        await assert.rejects(
          tenant.transact((tx) => statement(tx)),
          (thrown) => !codeIs('internal')(thrown),
          String(statement),
        );
      }
      await assert.rejects(
        tenant.transact((tx) => tx.links.insert(aLink(integration.id, { id: link.id }), HOST)),
        codeIs('issue-already-linked'),
      );
    });

    it('cannot be used when it is over', async () => {
      const tenant = given().store.tenant(tenantName());
      const kept = await tenant.transact(async (tx) => ({ tx }));
      await assert.rejects(kept.tx.models.insert(aModel()));
    });

    if (overlaps) overlapSuite(given);

    if (overlaps)
      it('is repeated when it collides with another one', async () => {
        const tenantId = tenantName();
        const tenant = given().store.tenant(tenantId);
        const ids = [await settle(given().store, tenantId), await settle(given().store, tenantId)].map(
          ({ id }) => id,
        );
        const [a = '', b = ''] = ids;
        const bothHold = Promise.withResolvers<void>();
        let holding = 0;
        let attempts = 0;
        const crosswise = (first: string, second: string) =>
          tenant.transact(async (tx) => {
            attempts += 1;
            await tx.integrations.wake(first);
            holding += 1;
            if (holding === 2) bothHold.resolve();
            await bothHold.promise;
            await tx.integrations.wake(second);
          });
        await Promise.all([crosswise(a, b), crosswise(b, a)]);
        assert.equal(attempts, 3);
      });

    if (overlaps)
      it('that is cut leaves nothing, and the next one goes on', async () => {
        const { store } = given();
        const tenant = store.tenant(tenantName());
        const model = aModel();
        const cut = tenant.transact(async (tx) => {
          await tx.models.insert(model);
          await given().cut?.();
          await tx.models.get(model.id);
        });
        await assert.rejects(cut, codeIs('unavailable'));
        assert.equal(await tenant.transact((tx) => tx.models.get(model.id)), undefined);
        await store.ping();
      });
  });

  describe('every store', () => {
    it('gives times as ISO text with milliseconds and counters as numbers', async () => {
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const { id } = await settle(given().store, tenantId);
      const dueAt = await tenant.transact(async (tx) => {
        await tx.integrations.schedule(id, '2998-12-31T23:00:00.120+01:00');
        return tx.integrations.nextDueAt(id);
      });
      assert.equal(dueAt, '2998-12-31T22:00:00.120Z');
      await tenant.transact((tx) => tx.integrations.schedule(id, null));
      assert.equal(await tenant.transact((tx) => tx.dirty.count(id)), 0);
      assert.equal(await tenant.transact((tx) => tx.journal.count(id, [], at(0))), 0);
    });
  });
}
