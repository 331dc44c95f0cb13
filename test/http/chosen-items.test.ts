import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import type { RunItem } from '../../src/domain/run.ts';
import type { SyncRequest } from '../../src/sync/use-cases.ts';
import { bearer, ID, openHouse } from './house.ts';
import { RUN } from './samples.ts';

const UNMET: RunItem = {
  runId: ID,
  planItemId: 'link:1',
  linkId: ID,
  threatId: ID,
  outcome: 'skipped',
  fields: ['title'],
  reason: { code: 'plan-changed', message: 'Changed since 2026-11-22 14:03 UTC (title): plan again.' },
  at: RUN.createdAt,
};
const asked: SyncRequest[] = [];
const never = async (): Promise<never> => assert.fail('not asked for here');
const { app } = await openHouse({
  useCases: {
    sync: {
      async start(_caller, _id, request) {
        if (request.items?.includes('create:unknown') === true)
          throw new AppError('unprocessable', '1 of the 1 chosen items cannot be applied.', {
            faults: [{ pointer: '/items/0', detail: '"create:unknown" is no item of plan p' }],
          });
        asked.push(request);
        return RUN;
      },
      run: async () => RUN,
      items: async () => ({ items: [UNMET] }),
      wait: never,
      plan: never,
      runs: never,
    },
  },
});
after(() => app.close());
const headers = await bearer('operator');
const sync = (payload: object) =>
  app.inject({ method: 'POST', url: `/api/integrations/${ID}/sync`, headers, payload });

describe('a sync of chosen items', () => {
  it('names them', async () => {
    const body = { planId: ID, items: ['link:1', 'create:2'] };
    assert.equal((await sync(body)).statusCode, 202);
    assert.deepEqual(asked, [body]);
  });

  it('is refused with a pointer to each that is unknown', async () => {
    const answer = await sync({ planId: ID, items: ['create:unknown'] });
    assert.equal(answer.statusCode, 422);
    assert.equal(answer.json().errors[0].pointer, '/items/0');
  });

  it('is not well formed without any, or with something else', async () => {
    for (const items of [[], [''], [1], 'link:1'])
      assert.equal((await sync({ planId: ID, items })).statusCode, 400, JSON.stringify(items));
  });

  it('tells of each that was not carried out why', async () => {
    const run = await app.inject({ url: `/api/runs/${ID}`, headers });
    const { runId: _, ...shown } = UNMET;
    assert.deepEqual(run.json().items, [shown]);
  });
});
