import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Given } from '../stage.ts';
import { HOST, aBoundLink, aRun, at, settle, tenantName } from '../fixtures.ts';
import { aChange } from '../kept-fixtures.ts';

export function runChangeSuite(given: Given): void {
  const begin = async () => {
    const tenantId = tenantName();
    const { id } = await settle(given().store, tenantId);
    const tenant = given().store.tenant(tenantId);
    const [run, other] = [aRun(id), aRun(id)];
    const link = aBoundLink(id);
    await tenant.transact(async (tx) => {
      await tx.links.insert(link, HOST);
      for (const each of [run, other]) await tx.runs.insert(each);
    });
    return { tenant, run, other, link };
  };

  describe('what runs wrote', () => {
    it('comes back by run, in the order it was kept', async () => {
      const { tenant, run, other, link } = await begin();
      const changes = ['1', '2', '3'].map((issue) =>
        aChange(run.id, link, { after: { threat: null, issue: `${issue}\u0000` } }),
      );
      await tenant.transact(async (tx) => {
        await tx.changes.add(changes.slice(0, 1));
        await tx.changes.add([...changes.slice(1), aChange(other.id, link)]);
        await tx.changes.add([]);
        assert.deepEqual(await tx.changes.ofRun(run.id), changes);
        assert.deepEqual(await tx.changes.ofRun(randomUUID()), []);
      });
    });

    it('is kept once: the same id again changes nothing', async () => {
      const { tenant, run, link } = await begin();
      const [first, second] = [aChange(run.id, link), aChange(run.id, link)];
      await tenant.transact((tx) => tx.changes.add([first]));
      await tenant.transact((tx) => tx.changes.add([{ ...first, at: at(9) }, second]));
      assert.deepEqual(await tenant.transact((tx) => tx.changes.ofRun(run.id)), [first, second]);
    });

    it('is taken back once, by the first run that does', async () => {
      const { tenant, run, other, link } = await begin();
      const [first, second] = [aChange(run.id, link), aChange(run.id, link)];
      const third = randomUUID();
      await tenant.transact(async (tx) => {
        await tx.changes.add([first, second]);
        await tx.changes.markUndone([first.id], other.id);
        await tx.changes.markUndone([first.id, second.id], third);
        await tx.changes.markUndone([], third);
        assert.deepEqual(await tx.changes.ofRun(run.id), [
          { ...first, undoneBy: other.id },
          { ...second, undoneBy: third },
        ]);
      });
    });

    it('needs a run and a link that are there', async () => {
      const { tenant, run, link } = await begin();
      await assert.rejects(tenant.transact((tx) => tx.changes.add([aChange(randomUUID(), link)])));
      await assert.rejects(tenant.transact((tx) => tx.changes.add([aChange(run.id, { id: randomUUID() })])));
    });

    it('is forgotten after its retention', async () => {
      const { tenant, run, link } = await begin();
      const [old, young] = [aChange(run.id, link), aChange(run.id, link, { at: at(100) })];
      await tenant.transact((tx) => tx.changes.add([old, young]));
      const never = at(-1000);
      const before = {
        deliveries: never,
        dedupe: never,
        events: never,
        idempotency: never,
        changes: at(50),
        heldImports: never,
        runs: never,
      };
      await given().store.dispatch.prune(before);
      assert.deepEqual(await tenant.transact((tx) => tx.changes.ofRun(run.id)), [young]);
    });
  });
}
