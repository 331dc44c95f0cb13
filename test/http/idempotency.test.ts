import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import type { IdempotentAnswer } from '../../src/ports/idempotency.ts';
import type { IdempotencyCases } from '../../src/sync/use-cases.ts';
import { bearer, emptyUseCases, ID, openHouse } from './house.ts';
import { BODY, INTEGRATION } from './samples.ts';

/** What the store is to do, in a Map; its own tests prove the real one. */
function keysInMemory() {
  const kept = new Map<string, { hash: string; answer?: IdempotentAnswer }>();
  const cases: IdempotencyCases = {
    async begin({ tenantId }, key, hash) {
      const known = kept.get(`${tenantId} ${key}`);
      if (known === undefined) {
        kept.set(`${tenantId} ${key}`, { hash });
        return { kind: 'new' };
      }
      if (known.hash !== hash) return { kind: 'other' };
      return known.answer === undefined ? { kind: 'busy' } : { kind: 'done', answer: known.answer };
    },
    async finish({ tenantId }, key, answer) {
      const known = kept.get(`${tenantId} ${key}`);
      if (known !== undefined) known.answer = answer;
    },
    async forget({ tenantId }, key) {
      kept.delete(`${tenantId} ${key}`);
    },
  };
  return { kept, cases };
}

async function created() {
  return INTEGRATION;
}

describe('Idempotency-Key', async () => {
  const { kept, cases } = keysInMemory();
  let calls = 0;
  let outcome: () => Promise<typeof INTEGRATION> = created;
  const { integrations } = emptyUseCases();
  const { app } = await openHouse({
    useCases: {
      idempotency: cases,
      integrations: {
        ...integrations,
        create: async () => {
          calls += 1;
          return outcome();
        },
      },
    },
  });
  after(() => app.close());
  beforeEach(() => {
    kept.clear();
    calls = 0;
    outcome = created;
  });
  const admin = await bearer('admin');
  const post = (key: string, payload: object = BODY, headers: Record<string, string> = admin) =>
    app.inject({
      method: 'POST',
      url: '/api/integrations',
      headers: { ...headers, 'idempotency-key': key },
      payload,
    });

  it('gives the same request the same answer again, and does nothing twice', async () => {
    const first = await post('key-1');
    const { name, ...rest } = BODY;
    const second = await post('key-1', { ...rest, name });
    assert.equal(calls, 1);
    assert.equal(first.statusCode, 201);
    assert.equal(first.headers['idempotent-replayed'], undefined);
    assert.equal(second.headers['idempotent-replayed'], 'true');
    assert.equal(second.body, first.body);
    for (const header of ['content-type', 'location', 'etag'])
      assert.equal(second.headers[header], first.headers[header], header);
    assert.equal(second.statusCode, 201);
  });

  it('refuses another request under the same key: body, address or person', async () => {
    await post('key-1');
    const others = [
      await post('key-1', { ...BODY, name: 'Another' }),
      await post('key-1', BODY, await bearer('admin', { sub: 'somebody else' })),
      await app.inject({
        method: 'POST',
        url: `/api/integrations/${ID}/sync`,
        headers: { ...admin, 'idempotency-key': 'key-1' },
      }),
    ];
    for (const other of others) {
      assert.equal(other.statusCode, 422);
      assert.equal(other.json().code, 'idempotency-key-reused');
    }
    assert.equal(calls, 1);
  });

  it('belongs to its tenant', async () => {
    await post('key-1');
    const other = await post('key-1', BODY, await bearer('admin', { organizationId: 'other' }));
    assert.equal(other.statusCode, 201);
    assert.equal(calls, 2);
  });

  it('answers 409 while the first is at work', async () => {
    const first = Promise.withResolvers<typeof INTEGRATION>();
    const started = Promise.withResolvers<void>();
    outcome = () => {
      started.resolve();
      return first.promise;
    };
    const working = post('key-1').then((answer) => answer.statusCode);
    await started.promise;
    const second = await post('key-1');
    assert.equal(second.statusCode, 409);
    assert.equal(second.json().code, 'idempotency-key-in-flight');
    first.resolve(INTEGRATION);
    assert.equal(await working, 201);
    assert.equal((await post('key-1')).headers['idempotent-replayed'], 'true');
  });

  it('is free again after a failure that may pass, and kept after one that will not', async () => {
    for (const [code, again] of [
      ['internal', true],
      ['tracker-unreachable', true],
      ['run-in-progress', true],
      ['unknown-provider', false],
      ['base-url-refused', false],
    ] as const) {
      calls = 0;
      outcome = async () => {
        throw new AppError(code, 'no');
      };
      await post(`key of ${code}`.replaceAll(' ', '-'));
      const second = await post(`key of ${code}`.replaceAll(' ', '-'));
      assert.equal(calls, again ? 2 : 1, code);
      assert.equal(second.headers['idempotent-replayed'], again ? undefined : 'true', code);
      assert.equal(second.headers['content-type'], 'application/problem+json; charset=utf-8');
    }
  });

  it('is not used up by a request that was refused before it began', async () => {
    assert.equal((await post('key-1', { ...BODY, name: 7 })).statusCode, 400);
    assert.equal((await post('key-1', BODY, await bearer('viewer'))).statusCode, 403);
    assert.equal((await post('key-1')).statusCode, 201);
  });

  it('must be plain text of 1 to 255 characters', async () => {
    for (const key of ['', ' ', 'a b', 'x'.repeat(256), 'ü']) {
      const answer = await post(key);
      assert.equal(answer.statusCode, 400, JSON.stringify(key));
    }
    assert.equal(kept.size, 0);
  });

  it('is ignored on other methods', async () => {
    await app.inject({ url: '/api/integrations', headers: { ...admin, 'idempotency-key': 'key-1' } });
    assert.equal(kept.size, 0);
  });

  it('does not lose the answer when it cannot be kept', async () => {
    const { integrations: none } = emptyUseCases();
    const house = await openHouse({
      useCases: {
        integrations: { ...none, create: async () => INTEGRATION },
        idempotency: {
          ...cases,
          finish: async () => {
            throw new Error('database away');
          },
        },
      },
    });
    after(() => house.app.close());
    const answer = await house.app.inject({
      method: 'POST',
      url: '/api/integrations',
      headers: { ...admin, 'idempotency-key': 'key-9' },
      payload: BODY,
    });
    assert.equal(answer.statusCode, 201);
    assert.ok(house.logged.some((each) => each.message === 'idempotent answer not kept'));
  });
});
