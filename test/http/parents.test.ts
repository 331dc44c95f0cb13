import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { IntegrationInput } from '../../src/sync/use-cases.ts';
import { bearer, ID, openHouse } from './house.ts';
import { BODY, INTEGRATION } from './samples.ts';

const created: IntegrationInput[] = [];
const never = async (): Promise<never> => assert.fail('not asked for here');
const { app } = await openHouse({
  useCases: {
    integrations: {
      create: async (_caller, input) => (created.push(input), INTEGRATION),
      get: async () => ({
        ...INTEGRATION,
        parent: { kind: 'issue', key: '42', since: INTEGRATION.createdAt },
      }),
      change: never,
      list: never,
      remove: never,
      status: never,
      connect: never,
      webhookSecret: never,
    },
  },
});
after(() => app.close());
const admin = await bearer('admin');

const post = (payload: object) =>
  app.inject({ method: 'POST', url: '/api/integrations', headers: admin, payload });

describe('the parent of an integration', () => {
  it('is one for each model, one by its key, or none', async () => {
    const wishes = [{ kind: 'model' }, { kind: 'issue', key: '42' }, null];
    for (const parent of wishes) {
      const answer = await post({ ...BODY, parent });
      assert.deepEqual([answer.statusCode, answer.json().parent], [201, null]);
    }
    assert.deepEqual(
      created.map(({ parent }) => parent),
      wishes,
    );
    const shown = await app.inject({ url: `/api/integrations/${ID}`, headers: admin });
    assert.deepEqual(shown.json().parent, { kind: 'issue', key: '42' });
  });

  it('is refused where it is something else, with a pointer', async () => {
    for (const parent of [
      { kind: 'issue' },
      { kind: 'epic', key: '1' },
      { kind: 'model', key: '1' },
      'model',
    ]) {
      const answer = await post({ ...BODY, parent });
      assert.equal(answer.statusCode, 400, JSON.stringify(parent));
      assert.match(answer.json().errors[0].pointer, /^\/parent/);
    }
  });
});
