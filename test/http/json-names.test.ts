import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { bearer, emptyUseCases, openHouse } from './house.ts';
import { BODY, INTEGRATION } from './samples.ts';

describe('a JSON body with the same name twice in one object', async () => {
  const { integrations } = emptyUseCases();
  const { app } = await openHouse({
    useCases: { integrations: { ...integrations, create: async () => INTEGRATION } },
  });
  after(() => app.close());
  const headers = { ...(await bearer('admin')), 'content-type': 'application/json' };
  const post = (payload: string) =>
    app.inject({ method: 'POST', url: '/api/integrations', headers, payload });

  for (const payload of [
    '{"name":"a","name":"b"}',
    '{"config":{"a":1,"b":{"c":1},"a":2}}',
    String.raw`{"config":[{"a":1},{"a":1,"\u0061":2}]}`,
    '{"config":{"":1,"":1}}',
  ])
    it(`is refused: ${payload}`, async () => {
      const answer = await post(payload);
      assert.equal(answer.statusCode, 400);
      assert.match(answer.json().detail, /same name twice/);
    });

  it('is told from one with the same name in several', async () => {
    const config = { a: { a: ['a', 'a'], b: 'a' }, b: [{ a: 1 }, { a: 1 }], c: '","a":', 'a"': 1 };
    assert.equal((await post(JSON.stringify({ ...BODY, config }))).statusCode, 201);
  });
});
