import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import type { IntegrationInput } from '../../src/sync/use-cases.ts';
import { bearer, ID, openHouse } from './house.ts';
import { BODY, INTEGRATION } from './samples.ts';

const created: IntegrationInput[] = [];
const moved: unknown[] = [];
const never = async (): Promise<never> => assert.fail('not asked for here');
const { app } = await openHouse({
  useCases: {
    integrations: {
      create: async (_caller, input) => {
        created.push(input);
        return { ...INTEGRATION, ...(input.gate === undefined ? {} : { gate: input.gate }) };
      },
      get: never,
      change: never,
      list: never,
      remove: never,
      status: never,
      connect: never,
      webhookSecret: never,
    },
    threats: {
      list: never,
      get: never,
      update: never,
      updateMitigation: async (_caller, ...asked) => {
        moved.push(asked);
        throw new AppError('not-found', 'There is no such mitigation.');
      },
    },
  },
});
after(() => app.close());
const admin = await bearer('admin');

const post = (payload: object) =>
  app.inject({ method: 'POST', url: '/api/integrations', headers: admin, payload });

describe('the gate of an integration', () => {
  it('is off unless it is asked for', async () => {
    const answers = [await post(BODY), await post({ ...BODY, gate: true })];
    assert.deepEqual(
      answers.map((answer) => [answer.statusCode, answer.json().gate]),
      [
        [201, false],
        [201, true],
      ],
    );
    assert.deepEqual(
      created.map(({ gate }) => gate),
      [undefined, true],
    );
  });

  it('knows statuses of the tracker that are called verified, and labels on open issues that cannot be', async () => {
    const status = { byId: { '10042': 'verified' }, toId: { verified: '10042' } };
    assert.equal((await post({ ...BODY, mapping: { status } })).statusCode, 201);
    const refused = await post({ ...BODY, mapping: { status: { byLabel: { done: 'verified' } } } });
    assert.equal(refused.statusCode, 400);
    assert.equal(refused.json().errors[0].pointer, '/mapping/status/byLabel/done');
  });
});

describe('the granularity of an integration', () => {
  it('is one of three, threats alone when it is not named', async () => {
    assert.equal((await post(BODY)).json().granularity, 'threat');
    for (const granularity of ['threat', 'threat+mitigations', 'mitigation']) {
      assert.equal((await post({ ...BODY, granularity })).statusCode, 201);
      assert.equal(created.at(-1)?.granularity, granularity);
    }
    const refused = await post({ ...BODY, granularity: 'mitigations' });
    assert.deepEqual([refused.statusCode, refused.json().errors[0].pointer], [400, '/granularity']);
  });
});

async function patch(key: string, payload: object, role: 'operator' | 'viewer' = 'operator') {
  const url = `/api/threats/${ID}/mitigations/${encodeURIComponent(key)}`;
  return app.inject({ method: 'PATCH', url, headers: await bearer(role), payload });
}

describe('the status of a mitigation', () => {
  it('is set by its key, whatever that is made of', async () => {
    const answer = await patch('M/1 ü', { status: 'verified' });
    assert.equal(answer.statusCode, 404);
    assert.deepEqual(moved, [[ID, 'M/1 ü', 'verified', undefined]]);
  });

  it('is a known one, and set by people who may', async () => {
    assert.equal((await patch('M1', { status: 'mitigated' })).statusCode, 400);
    assert.equal((await patch('M1', { status: 'done', title: 'x' })).statusCode, 400);
    assert.equal((await patch('M1', { status: 'done' }, 'viewer')).statusCode, 403);
    assert.equal(moved.length, 1);
  });
});
