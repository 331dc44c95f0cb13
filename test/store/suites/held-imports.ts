import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { HeldContent } from '../../../src/domain/held-import.ts';
import type { Given } from '../stage.ts';
import { aModel, at, settle, tenantName } from '../fixtures.ts';
import { aHeldImport } from '../kept-fixtures.ts';

const FILE: HeldContent = { kind: 'file', bytes: new Uint8Array([0, 255, 7]) };
const MODEL: HeldContent = { kind: 'model', model: { name: 'M\u0000', threats: [] } };

export function heldImportSuite(given: Given): void {
  const begin = async () => {
    const tenantId = tenantName();
    await settle(given().store, tenantId);
    const tenant = given().store.tenant(tenantId);
    const models = [aModel(), aModel(), aModel()] as const;
    await tenant.transact(async (tx) => {
      for (const model of models) await tx.models.insert(model);
    });
    return { tenant, models };
  };

  describe('imports that wait', () => {
    it('come back with what was given', async () => {
      const { tenant, models } = await begin();
      const [file, model] = [aHeldImport(models[0]), aHeldImport(models[1], { at: at(1) })];
      await tenant.transact(async (tx) => {
        await tx.heldImports.hold(file, FILE);
        await tx.heldImports.hold(model, MODEL);
        assert.deepEqual(await tx.heldImports.get(file.id), file);
        assert.deepEqual(await tx.heldImports.ofModel(models[1].id), model);
        assert.deepEqual(await tx.heldImports.content(file.id), FILE);
        assert.deepEqual(await tx.heldImports.content(model.id), MODEL);
        for (const none of [
          await tx.heldImports.get(randomUUID()),
          await tx.heldImports.content(randomUUID()),
        ])
          assert.equal(none, undefined);
      });
    });

    it('are one for each model, the newest', async () => {
      const { tenant, models } = await begin();
      const [first, second] = [aHeldImport(models[0]), aHeldImport(models[0], { at: at(1) })];
      await tenant.transact((tx) => tx.heldImports.hold(first, FILE));
      await tenant.transact((tx) => tx.heldImports.hold(second, MODEL));
      await tenant.transact(async (tx) => {
        assert.deepEqual((await tx.heldImports.list({ limit: 9 })).items, [second]);
        assert.equal(await tx.heldImports.remove(first.id), false);
        assert.equal(await tx.heldImports.remove(second.id), true);
        assert.equal(await tx.heldImports.ofModel(models[0].id), undefined);
      });
    });

    it('are listed oldest first in pages, and go with their model', async () => {
      const { tenant, models } = await begin();
      const all = models.map((model, index) => aHeldImport(model, { at: at(index) }));
      await tenant.transact(async (tx) => {
        for (const held of all.toReversed()) await tx.heldImports.hold(held, FILE);
        const first = await tx.heldImports.list({ limit: 2 });
        const second = await tx.heldImports.list({ limit: 2, cursor: first.nextCursor ?? '' });
        assert.deepEqual([...first.items, ...second.items], all);
        await tx.models.remove(models[0].id);
        assert.deepEqual((await tx.heldImports.list({ limit: 9 })).items, all.slice(1));
      });
    });

    it('are forgotten after their retention', async () => {
      const { tenant, models } = await begin();
      const [old, young] = [aHeldImport(models[0]), aHeldImport(models[1], { at: at(100) })];
      await tenant.transact(async (tx) => {
        for (const held of [old, young]) await tx.heldImports.hold(held, FILE);
      });
      const never = at(-1000);
      await given().store.dispatch.prune({
        deliveries: never,
        dedupe: never,
        events: never,
        idempotency: never,
        changes: never,
        heldImports: at(50),
        runs: never,
      });
      assert.deepEqual((await tenant.transact((tx) => tx.heldImports.list({ limit: 9 }))).items, [young]);
    });
  });
}
