import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Clock } from '../../../src/ports/clock.ts';
import { startHousekeeping } from '../../../src/sync/housekeeping.ts';
import {
  aBoundLink,
  aConflict,
  aDelivery,
  aModel,
  anOp,
  aPlan,
  aRun,
  at,
  HOST,
  settle,
  tenantName,
} from '../fixtures.ts';
import { aChange, aHeldImport } from '../kept-fixtures.ts';
import type { Given } from '../stage.ts';

const DAY_S = 24 * 60 * 60;
const isThere = (found: unknown): boolean => found !== undefined;
const QUIET = { info: () => undefined, warn: assert.fail, error: assert.fail };

export function retentionSuite(given: Given): void {
  /** Housekeeping wakes once, so many days after the first moment. */
  async function wakesAfter(days: number): Promise<void> {
    const isDone = Promise.withResolvers<void>();
    let wakes = 0;
    const clock: Clock = {
      now: () => new Date(Date.parse(at(0)) + days * DAY_S * 1000),
      elapsed: () => 0,
      sleep: (_, signal) => {
        wakes += 1;
        if (wakes === 1) return Promise.resolve();
        isDone.resolve();
        const stopped = Promise.withResolvers<void>();
        signal?.addEventListener('abort', () => stopped.resolve());
        return stopped.promise;
      },
    };
    const retention = { deliveryDays: 7, eventDays: 30, runDays: 365 };
    const housekeeping = startHousekeeping({ store: given().store, clock, log: QUIET }, retention);
    await isDone.promise;
    await housekeeping.stop();
  }

  /** Everything that goes by itself, of the first moment; of what has a newest one, two. */
  async function begin() {
    const { store } = given();
    const tenantId = tenantName();
    const tenant = store.tenant(tenantId);
    const { id } = await settle(store, tenantId);
    const finished = { state: 'completed', finishedAt: at(0) } as const;
    const [old, last] = [aRun(id, finished), aRun(id, { ...finished, finishedAt: at(1), createdAt: at(1) })];
    const waiting = aRun(id);
    const [link, model] = [aBoundLink(id), aModel()];
    const [done, open] = [anOp(link, { state: 'done' }), anOp(link)];
    const plans = [aPlan(id), aPlan(id, { createdAt: at(1) })] as const;
    const settled = aConflict(link, { state: 'withdrawn' });
    const late = aConflict(link, { state: 'resolved', updatedAt: at(300 * DAY_S) });
    const asked = aConflict(link, { field: 'title' });
    const delivery = aDelivery(id);
    await tenant.transact(async (tx) => {
      await tx.models.insert(model);
      await tx.links.insert(link, HOST);
      for (const run of [old, last, waiting]) await tx.runs.insert(run);
      await tx.runs.addItems([{ runId: old.id, outcome: 'skipped', fields: [], at: at(0) }]);
      await tx.changes.add([aChange(old.id, link)]);
      for (const op of [done, open]) await tx.ops.insert(op);
      for (const plan of plans) await tx.plans.save(plan);
      // One is settled after it was open, as always but where a policy decides at once.
      await tx.conflicts.save({ ...settled, state: 'open' });
      for (const conflict of [settled, late, asked]) await tx.conflicts.save(conflict);
      await tx.heldImports.hold(aHeldImport(model), { kind: 'file', bytes: new Uint8Array([1]) });
      await tx.events.add([{ type: 'sync:started', subject: 's', data: {} }], at(0));
      await tx.idempotency.begin('key', 'hash', at(0));
      await tx.journal.add([{ at: at(0), actor: 'ann', action: 'created', integrationId: id }]);
    });
    await store.dispatch.accept({ ...delivery, ignored: 'x' }, []);
    const events = await store.dispatch.sequence(10_000);
    await store.dispatch.markPublished(events.map((event) => event.id));
    while ((await store.dispatch.chain(500)) > 0);
    /** What of it is there, by name. */
    const left = () =>
      tenant.transact(async (tx) => {
        const conflictIds = (await tx.conflicts.many([settled.id, late.id, asked.id])).map((each) => each.id);
        const there: Record<string, boolean> = {
          delivery: isThere(await tx.deliveries.get(delivery.id)),
          event: (await tx.events.after(0, 9)).length > 0,
          held: (await tx.heldImports.list({ limit: 9 })).items.length > 0,
          change: (await tx.changes.ofRun(old.id)).length > 0,
          'old run': isThere(await tx.runs.get(old.id)),
          item: (await tx.runs.items(old.id, { limit: 9 })).items.length > 0,
          'last run': isThere(await tx.runs.get(last.id)),
          'waiting run': isThere(await tx.runs.get(waiting.id)),
          'open op': (await tx.ops.open([link.id])).length > 0,
          'old plan': isThere(await tx.plans.get(plans[0].id)),
          'last plan': isThere(await tx.plans.get(plans[1].id)),
          'settled conflict': conflictIds.includes(settled.id),
          'conflict settled later': conflictIds.includes(late.id),
          'open conflict': conflictIds.includes(asked.id),
          audit: (await tx.journal.chained(0, 9)).length > 0,
          link: isThere(await tx.links.get(link.id)),
        };
        return Object.keys(there).filter((name) => there[name] === true);
      });
    const again = { ...delivery, id: randomUUID(), ignored: 'x' };
    return { tenant, left, isRepeat: async () => !(await store.dispatch.accept(again, [])) };
  }

  describe('housekeeping', () => {
    it('deletes everything after its time, and nothing that is still of use', async () => {
      const { tenant, left, isRepeat } = await begin();
      const all = await left();
      assert.equal(all.length, 16);
      await wakesAfter(0.9);
      assert.deepEqual(await left(), all);
      const busy = await tenant.transact((tx) => tx.idempotency.begin('key', 'other', at(0)));
      assert.equal(busy.kind, 'other');
      const without = (...gone: string[]) => all.filter((name) => !gone.includes(name));
      await wakesAfter(6.9);
      assert.deepEqual(await left(), all);
      const forgotten = await tenant.transact((tx) => tx.idempotency.begin('key', 'other', at(9 * DAY_S)));
      assert.equal(forgotten.kind, 'new');
      await wakesAfter(29.9);
      assert.deepEqual(await left(), without('delivery'));
      assert.equal(await isRepeat(), true);
      await wakesAfter(89.9);
      assert.deepEqual(await left(), without('delivery', 'event', 'held'));
      assert.equal(await isRepeat(), false);
      await wakesAfter(364.9);
      const year = ['delivery', 'event', 'held', 'change'];
      assert.deepEqual(await left(), without(...year));
      await wakesAfter(365.1);
      const work = [...year, 'old run', 'item', 'old plan', 'settled conflict'];
      assert.deepEqual(await left(), without(...work));
      await wakesAfter(36_500);
      assert.deepEqual(await left(), without(...work, 'conflict settled later'));
    });
  });
}
