import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ShownConflict } from '../../src/sync/conflicts.ts';
import { bearer, ID, openHouse } from './house.ts';

const AT = '2026-11-22T14:03:00.000Z';
const CONFLICT: ShownConflict = {
  id: ID,
  integrationId: ID,
  linkId: ID,
  threatId: ID,
  field: 'status',
  base: { threat: 'identified', issue: 'open' },
  threat: 'mitigated',
  issue: 'accepted',
  cause: 'mitigated-against-accepted',
  changedBy: { issue: { at: AT, how: 'tracker' } },
  state: 'open',
  toldAt: AT,
  firstSeenAt: AT,
  updatedAt: AT,
  says: 'The threat became "mitigated".',
  item: { threat: { number: 3, title: 'Replay' }, issue: { key: '1', url: 'https://tracker.example/1' } },
};
const { toldAt: _, changedBy: __, ...rest } = CONFLICT;
const SHOWN = {
  ...rest,
  changedBy: { threat: null, issue: { at: AT, by: null, how: 'tracker' } },
};
const RULE = { field: 'status', threat: 'mitigated', issue: 'accepted', keep: 'issue' } as const;
const asked: unknown[] = [];
const { app } = await openHouse({
  useCases: {
    conflicts: {
      list: async (_caller, query) => (asked.push(query), { items: [CONFLICT] }),
      groups: async (_caller, query) => {
        asked.push(query);
        const { integrationId, field, cause, says } = CONFLICT;
        return [{ integrationId, field, cause, says, count: 3, since: AT, sample: CONFLICT }];
      },
      resolve: async (_caller, id, choice) => (asked.push([id, choice]), CONFLICT),
      resolveMany: async (_caller, choice) => {
        asked.push(choice);
        return { dryRun: false, conflictIds: [ID], moved: [], left: 2, rule: RULE };
      },
    },
  },
});
after(() => app.close());
const headers = await bearer('operator');
const GROUP = { integrationId: ID, field: 'status', cause: 'mitigated-against-accepted', keep: 'issue' };
const resolve = async (payload: object, role: 'operator' | 'admin' = 'operator') =>
  app.inject({ method: 'POST', url: '/api/conflicts/resolve', headers: await bearer(role), payload });

describe('conflicts over HTTP', () => {
  it('are filtered, and what is not known of them is said', async () => {
    const url = `/api/conflicts?state=open&integrationId=${ID}&field=status&cause=a-against-b`;
    const answer = await app.inject({ url, headers });
    assert.deepEqual([answer.statusCode, answer.json()], [200, { items: [SHOWN] }]);
    assert.deepEqual(asked.pop(), {
      limit: 50,
      state: 'open',
      integrationId: ID,
      field: 'status',
      cause: 'a-against-b',
    });
  });

  it('are grouped by cause, with a sample of each', async () => {
    const answer = await app.inject({ url: `/api/conflicts/groups?integrationId=${ID}`, headers });
    const { integrationId, field, cause, says } = SHOWN;
    const group = { integrationId, field, cause, says, count: 3, since: AT, sample: SHOWN };
    assert.deepEqual([answer.statusCode, answer.json()], [200, { items: [group] }]);
    assert.deepEqual(asked.pop(), { integrationId: ID });
  });

  it('are settled one by one', async () => {
    const payload = { keep: 'issue', seen: { threat: 'mitigated', issue: null } };
    const answer = await app.inject({
      method: 'POST',
      url: `/api/conflicts/${ID}/resolution`,
      headers,
      payload,
    });
    assert.deepEqual([answer.statusCode, answer.json()], [200, SHOWN]);
    assert.deepEqual(asked.pop(), [ID, payload]);
  });

  it('are settled as a group', async () => {
    for (const more of [
      { dryRun: true },
      { count: 3 },
      { items: [{ id: ID, seen: { threat: 'a', issue: null } }] },
    ]) {
      const answer = await resolve({ ...GROUP, ...more });
      assert.deepEqual(
        [answer.statusCode, answer.json()],
        [200, { dryRun: false, conflictIds: [ID], moved: [], left: 2, rule: RULE }],
      );
      assert.deepEqual(asked.pop(), { ...GROUP, ...more });
    }
  });

  it('become a rule only by somebody who may change the integration', async () => {
    const always = { ...GROUP, count: 3, always: true };
    const refused = await resolve(always);
    assert.deepEqual([refused.statusCode, refused.json().code], [403, 'forbidden']);
    assert.equal((await resolve(always, 'admin')).statusCode, 200);
    assert.equal((await resolve({ ...GROUP, count: 3, always: false })).statusCode, 200);
  });

  it('are settled by what is known', async () => {
    for (const body of [
      { ...GROUP, integrationId: '42' },
      { ...GROUP, keep: 'ask' },
      { ...GROUP, count: -1 },
      { ...GROUP, items: [] },
      { ...GROUP, items: [{ id: ID, value: 'x' }] },
      { ...GROUP, everything: true },
      { integrationId: ID, keep: 'issue' },
    ])
      assert.equal((await resolve(body)).statusCode, 400, JSON.stringify(body));
  });
});
