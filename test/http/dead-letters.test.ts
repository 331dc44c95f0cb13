import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import type { DeadLetter } from '../../src/domain/dead-letters.ts';
import { bearer, ID, openHouse } from './house.ts';

const LETTER: DeadLetter = {
  linkId: ID,
  role: 'threat',
  threatId: ID,
  issue: { id: 'I_1', key: '1', url: 'https://tracker.example/1' },
  since: '2026-11-22T14:03:00.000Z',
  failures: 8,
  reason: 'It was refused 8 times: Validation Failed',
};
const CAUSE = {
  code: 'tracker-refused',
  message: LETTER.reason,
  todo: 'Mend it.',
  count: 1,
  items: [LETTER],
};
const asked: unknown[] = [];
const { app } = await openHouse({
  useCases: {
    deadLetters: {
      list: async (_caller, id, query) => (asked.push([id, query]), { count: 1, causes: [CAUSE] }),
      retry: async (_caller, _id, choice) => (asked.push(choice), { linkIds: [ID], left: 0 }),
      discard: async () => {
        throw new AppError('conflict', `Link ${ID} is linked since then and not set aside any more.`);
      },
    },
  },
});
after(() => app.close());
const headers = await bearer('operator');
const url = `/api/integrations/${ID}/dead-letters`;
const post = (how: 'retry' | 'discard', payload: object) =>
  app.inject({ method: 'POST', url: `${url}/${how}`, headers, payload });

describe('dead letters over HTTP', () => {
  it('are listed by cause, with so many of each', async () => {
    const answer = await app.inject({ url: `${url}?code=tracker-refused&limit=5`, headers });
    assert.deepEqual([answer.statusCode, answer.json()], [200, { count: 1, causes: [CAUSE] }]);
    assert.deepEqual(asked.pop(), [ID, { code: 'tracker-refused', limit: 5 }]);
  });

  it('are retried by id or by cause', async () => {
    for (const choice of [{ linkIds: [ID] }, { code: 'tracker-refused' }]) {
      const answer = await post('retry', choice);
      assert.deepEqual([answer.statusCode, answer.json()], [200, { linkIds: [ID], left: 0 }]);
      assert.deepEqual(asked.pop(), choice);
    }
  });

  it('that moved meanwhile are a conflict, in words', async () => {
    const answer = await post('discard', { linkIds: [ID] });
    assert.deepEqual([answer.statusCode, answer.json().code], [409, 'conflict']);
    assert.match(answer.json().detail, /not set aside any more/);
  });

  it('are chosen by what is an id', async () => {
    for (const body of [{ linkIds: ['42'] }, { linkIds: [] }, { ids: [ID] }, { code: '' }])
      assert.equal((await post('retry', body)).statusCode, 400, JSON.stringify(body));
  });
});
