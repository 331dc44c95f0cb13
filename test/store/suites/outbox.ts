import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PublishedEvent } from '../../../src/domain/event.ts';
import type { Given } from '../stage.ts';
import { at, tenantName } from '../fixtures.ts';

const EVENT = { type: 'sync:progress', data: { done: 1, text: '\u0000' } } as const;

export function outboxSuite(given: Given, overlaps: boolean): void {
  const add = (tenantId: string, subjects: readonly string[]) =>
    given()
      .store.tenant(tenantId)
      .transact((tx) =>
        tx.events.add(
          subjects.map((subject) => ({ ...EVENT, subject })),
          at(1),
        ),
      );
  /** Sequence everything, mark it published, and answer what belongs to the tenant. */
  const publish = async (tenantId: string): Promise<readonly PublishedEvent[]> => {
    const events = await given().store.dispatch.sequence(10_000);
    await given().store.dispatch.markPublished(events.map((event) => event.id));
    return events.filter((event) => event.tenantId === tenantId);
  };

  describe('the outbox', () => {
    it('gives every tenant a sequence of its own, without gaps, in the order of the events', async () => {
      const [one, two] = [tenantName(), tenantName()];
      await add(one, ['a', 'b']);
      await add(two, ['x']);
      await add(one, ['c']);
      const events = await given().store.dispatch.sequence(10_000);
      const of = (tenantId: string) =>
        events.filter((event) => event.tenantId === tenantId).map((event) => [event.sequence, event.subject]);
      assert.deepEqual(of(one), [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ]);
      assert.deepEqual(of(two), [[1, 'x']]);
      const [first] = events.filter((event) => event.tenantId === two);
      assert.deepEqual(first, {
        id: first?.id,
        tenantId: two,
        sequence: 1,
        type: 'sync:progress',
        subject: 'x',
        data: EVENT.data,
        time: at(1),
      });
      await given().store.dispatch.markPublished(events.map((event) => event.id));
    });

    it('answers an event with the same place until it was published', async () => {
      const tenantId = tenantName();
      await add(tenantId, ['a', 'b']);
      const before = (await given().store.dispatch.sequence(10_000)).filter(
        (each) => each.tenantId === tenantId,
      );
      const [a] = before;
      await given().store.dispatch.markPublished([a?.id ?? '']);
      await add(tenantId, ['c']);
      const after = await publish(tenantId);
      assert.deepEqual(
        after.map((event) => [event.sequence, event.subject]),
        [
          [2, 'b'],
          [3, 'c'],
        ],
      );
      assert.equal(after[0]?.id, before[1]?.id);
      assert.deepEqual(await publish(tenantId), []);
    });

    it('hands out at most as many as asked for, and forgets none', async () => {
      await publish('');
      const tenantId = tenantName();
      await add(tenantId, ['a', 'b', 'c']);
      const sequences: number[] = [];
      for (let left = 3; left > 0; left -= 1) {
        const events = await given().store.dispatch.sequence(1);
        assert.equal(events.length, 1);
        sequences.push(...events.map((event) => event.sequence));
        await given().store.dispatch.markPublished(events.map((event) => event.id));
      }
      assert.deepEqual(sequences, [1, 2, 3]);
    });

    it('replays what came after a sequence', async () => {
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      assert.equal(await tenant.transact((tx) => tx.events.lastSequence()), 0);
      await add(tenantId, ['a', 'b', 'c']);
      assert.deepEqual(await tenant.transact((tx) => tx.events.after(0, 9)), []);
      const events = await publish(tenantId);
      await tenant.transact(async (tx) => {
        assert.deepEqual(await tx.events.after(1, 9), events.slice(1));
        assert.deepEqual(await tx.events.after(0, 1), events.slice(0, 1));
        assert.equal(await tx.events.lastSequence(), 3);
        await tx.events.add([], at(0));
      });
    });

    it('goes on above a sequence that it is told of, and never back', async () => {
      const tenantId = tenantName();
      const tenant = given().store.tenant(tenantId);
      const skipTo = (sequence: number) => tenant.transact((tx) => tx.events.skipTo(sequence));
      assert.equal(await skipTo(7), true, 'of a tenant without events');
      await add(tenantId, ['a']);
      assert.deepEqual(
        (await publish(tenantId)).map((event) => event.sequence),
        [8],
      );
      assert.equal(await skipTo(8), false);
      assert.equal(await skipTo(3), false);
      assert.equal(await tenant.transact((tx) => tx.events.lastSequence()), 8);
      assert.equal(await skipTo(20), true);
      assert.equal(await tenant.transact((tx) => tx.events.lastSequence()), 20);
    });

    if (overlaps)
      it('loses no event that commits after a later one', async () => {
        const tenantId = tenantName();
        const [added, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        const slow = given()
          .store.tenant(tenantId)
          .transact(async (tx) => {
            await tx.events.add([{ ...EVENT, subject: 'early but slow' }], at(0));
            added.resolve();
            await mayCommit.promise;
          });
        await added.promise;
        await add(tenantId, ['late but quick']);
        const first = await publish(tenantId);
        mayCommit.resolve();
        await slow;
        const second = await publish(tenantId);
        assert.deepEqual(
          [...first, ...second].map((event) => [event.sequence, event.subject]),
          [
            [1, 'late but quick'],
            [2, 'early but slow'],
          ],
        );
      });

    it('numbers without gaps or doubles when publishers meet', async () => {
      const tenantId = tenantName();
      await add(
        tenantId,
        Array.from({ length: 20 }, (_, index) => String(index)),
      );
      await Promise.all([1, 2, 3, 4].map(() => given().store.dispatch.sequence(10_000)));
      const events = await publish(tenantId);
      assert.deepEqual(
        events.map((event) => event.sequence),
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    });
  });
}
