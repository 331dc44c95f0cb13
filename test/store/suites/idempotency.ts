import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Given } from '../stage.ts';
import { at, tenantName } from '../fixtures.ts';

const ANSWER = { status: 201, body: '{"id":1}', headers: { location: '/x' } };

export function idempotencySuite(given: Given): void {
  describe('idempotency keys', () => {
    it('begin once, are busy, then repeat the answer', async () => {
      const tenant = given().store.tenant(tenantName());
      const begin = (hash: string) => tenant.transact((tx) => tx.idempotency.begin('key', hash, at(0)));
      assert.deepEqual(await begin('h1'), { kind: 'new' });
      assert.deepEqual(await begin('h1'), { kind: 'busy' });
      assert.deepEqual(await begin('h2'), { kind: 'other' });
      await tenant.transact((tx) => tx.idempotency.finish('key', ANSWER));
      assert.deepEqual(await begin('h1'), { kind: 'done', answer: ANSWER });
      assert.deepEqual(await begin('h2'), { kind: 'other' });
      await tenant.transact((tx) => tx.idempotency.forget('key'));
      assert.deepEqual(await begin('h2'), { kind: 'new' });
    });

    it('let one of two requests at once begin', async () => {
      const tenant = given().store.tenant(tenantName());
      const both = await Promise.all(
        [1, 2].map(() => tenant.transact((tx) => tx.idempotency.begin('key', 'h', at(0)))),
      );
      assert.deepEqual(both.map((each) => each.kind).toSorted(), ['busy', 'new']);
    });

    it('of one tenant are nothing to another', async () => {
      const [one, two] = [given().store.tenant(tenantName()), given().store.tenant(tenantName())];
      for (const tenant of [one, two])
        assert.deepEqual(await tenant.transact((tx) => tx.idempotency.begin('key', 'h', at(0))), {
          kind: 'new',
        });
    });
  });
}
