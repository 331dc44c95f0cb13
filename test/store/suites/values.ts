import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Given } from '../stage.ts';
import {
  HOST,
  SEALED,
  aBoundLink,
  aComment,
  aConflict,
  aDelivery,
  aModel,
  aPlan,
  aRun,
  aThreat,
  anIntegration,
  anOp,
  at,
  tenantName,
} from '../fixtures.ts';

/** Write into everything that can be reached, as a careless caller may. */
function spoil(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(7);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const member of Object.values(value)) spoil(member);
  Reflect.set(value, 'spoiled', true);
}

/** Everything that is kept, each with how it is put and read. */
async function furnished(given: Given) {
  const tenantId = tenantName();
  const tenant = given().store.tenant(tenantId);
  // Without what all fixtures share.
  const integration = structuredClone(anIntegration({ bound: bound() }));
  const model = aModel({ warnings: [{ code: 'c', where: '/', message: 'm' }] });
  const file = new Uint8Array([1, 2, 3]);
  const link = aBoundLink(integration.id, { fields: { status: { kind: 'released', since: at(0) } } });
  const threat = aThreat(model.id, { id: link.threatId });
  const op = anOp(link);
  const run = structuredClone(aRun(integration.id));
  const item = { runId: run.id, outcome: 'pushed' as const, fields: ['status' as const], at: at(0) };
  const plan = aPlan(integration.id);
  const conflict = aConflict(link);
  const comment = aComment(link.id);
  const entry = { at: at(0), actor: 'ann', action: 'seen', threatId: threat.id };
  const event = { type: 'sync:progress' as const, subject: 's', data: { deep: { list: [1] } } };
  const answer = { status: 201, body: '{}', headers: { location: '/x' } };
  const delivery = aDelivery(integration.id);
  const sealed = structuredClone(SEALED);
  await tenant.transact(async (tx) => {
    await tx.integrations.insert(integration, sealed);
    await tx.models.insert(model, file);
    await tx.threats.insert([threat]);
    await tx.links.insert(link, HOST);
    await tx.ops.insert(op);
    await tx.runs.insert(run);
    await tx.runs.addItems([item]);
    await tx.plans.save(plan);
    await tx.conflicts.save(conflict);
    await tx.comments.replace(link.id, [comment]);
    await tx.journal.add([entry]);
    await tx.events.add([event], at(0));
    await tx.idempotency.begin('key', 'h', at(0));
    await tx.idempotency.finish('key', answer);
  });
  await given().store.dispatch.accept({ ...delivery, ignored: 'a ping' }, []);
  const events = await given().store.dispatch.sequence(10_000);
  await given().store.dispatch.markPublished(events.map((each) => each.id));
  const ofLink = [link, op, conflict, comment, delivery];
  const handed = [integration, sealed, model, file, threat, ofLink, run, item, plan, entry, event, answer];
  const read = () =>
    tenant.transact(async (tx) => [
      await tx.integrations.get(integration.id),
      await tx.integrations.list({ limit: 1 }),
      await tx.integrations.sealed(integration.id),
      await tx.models.get(model.id),
      await tx.models.file(model.id),
      await tx.threats.get(threat.id),
      await tx.threats.ofModel(model.id),
      await tx.links.get(link.id),
      await tx.links.list({ integrationId: integration.id, limit: 1 }),
      await tx.ops.open([link.id]),
      await tx.runs.get(run.id),
      await tx.runs.items(run.id, { limit: 1 }),
      await tx.plans.get(plan.id),
      await tx.conflicts.get(conflict.id),
      await tx.comments.ofLinks([link.id]),
      await tx.journal.ofThreat(threat.id, 1),
      await tx.events.after(0, 1),
      await tx.idempotency.begin('key', 'h', at(0)),
      await tx.deliveries.get(delivery.id),
    ]);
  return { handed, read };
}

function bound() {
  const visibility = 'private' as const;
  const url = 'https://github.com/o/r';
  return { projectId: 'R_1', name: 'o/r', url, visibility, accountIds: ['1'], account: 'bot' };
}

export function valueSuite(given: Given): void {
  describe('what is kept', () => {
    it('is a copy: neither who handed it over nor who read it can change it', async () => {
      const { handed, read } = await furnished(given);
      const before = structuredClone(await read());
      assert.ok(before.every((each) => each !== undefined));
      spoil(handed);
      assert.deepEqual(await read(), before);
      spoil(await read());
      assert.deepEqual(await read(), before);
    });

    it('is a copy also inside the transaction that wrote it', async () => {
      const model = aModel();
      await given()
        .store.tenant(tenantName())
        .transact(async (tx) => {
          const expected = structuredClone(model);
          await tx.models.insert(model);
          spoil(model);
          const read = await tx.models.get(expected.id);
          assert.deepEqual(read, expected);
          spoil(read);
          assert.deepEqual(await tx.models.get(expected.id), expected);
        });
    });

    it('leaves out what is undefined, as JSON does', async () => {
      const model = Object.assign(aModel(), { fileHash: undefined, source: { repo: undefined, path: 'p' } });
      await given()
        .store.tenant(tenantName())
        .transact(async (tx) => {
          await tx.models.insert(model);
          const read = await tx.models.get(model.id);
          assert.ok(read && !('fileHash' in read) && !('repo' in read.source));
        });
    });
  });
}
