import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { bearer, ID, openHouse } from './house.ts';
import { BODY, INTEGRATION } from './samples.ts';

const patched: unknown[] = [];
const { app } = await openHouse({
  useCases: {
    threats: {
      list: async () => ({ items: [] }),
      get: async () => assert.fail('it is not asked for'),
      updateMitigation: async () => assert.fail('it is not asked for'),
      update: async (_caller, id, patch) => {
        patched.push(patch);
        return {
          id,
          modelId: ID,
          number: 3,
          key: 'k',
          title: 'Replay',
          description: '',
          severity: 'high',
          category: { taxonomy: 'STRIDE', values: [] },
          mitigations: [],
          references: [],
          tags: [],
          status: 'accepted',
          acceptance: { since: '2026-11-22T08:00:00.000Z', owner: 'Ada', expiresAt: '2027-01-31' },
          imported: { status: 'identified' },
          contentHash: 'hash',
          fingerprint: 'print',
          presence: 'present',
          version: 2,
          updatedAt: '2026-11-22T08:00:00.000Z',
        };
      },
    },
    integrations: {
      create: async (_caller, input) => {
        patched.push(input.acceptance);
        return { ...INTEGRATION, ...(input.acceptance == null ? {} : { acceptance: input.acceptance }) };
      },
      get: async () => INTEGRATION,
      list: async () => ({ items: [] }),
      change: async () => INTEGRATION,
      remove: async () => {},
      status: async () => assert.fail('it is not asked for'),
      connect: async () => ({ ok: true, checks: [] }),
      webhookSecret: async () => assert.fail('it is not asked for'),
    },
  },
});
after(() => app.close());
const headers = await bearer('admin');
const patch = (payload: object) =>
  app.inject({ method: 'PATCH', url: `/api/threats/${ID}`, headers, payload });
const create = (acceptance: unknown) =>
  app.inject({ method: 'POST', url: '/api/integrations', headers, payload: { ...BODY, acceptance } });

const mapped = (byResolution: object) =>
  app.inject({
    method: 'POST',
    url: '/api/integrations',
    headers,
    payload: { ...BODY, mapping: { status: { byResolution } } },
  });

describe('an acceptance over HTTP', () => {
  it('may be what a resolution of the tracker means, and nothing else is', async () => {
    assert.equal((await mapped({ 'Risk accepted': 'accepted' })).statusCode, 201);
    for (const word of ['mitigated', 'identified', 'closed'])
      assert.equal((await mapped({ Done: word })).statusCode, 400, word);
  });

  it('has an owner, a reason and a day', async () => {
    const change = {
      status: 'accepted',
      acceptance: { owner: 'Ada', reason: 'low', expiresAt: '2027-01-31' },
    };
    const answer = await patch(change);
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(patched.pop(), change);
    const { acceptance } = answer.json();
    assert.deepEqual(acceptance, {
      since: '2026-11-22T08:00:00.000Z',
      owner: 'Ada',
      expiresAt: '2027-01-31',
    });
    assert.equal((await patch({ acceptance: {} })).statusCode, 200);
  });

  it('is refused with what is no day, nobody, or unknown', async () => {
    for (const acceptance of [
      { expiresAt: '2027-02-30' },
      { expiresAt: '2027-01-31T00:00:00.000Z' },
      { owner: ' ' },
      { since: '2026-11-22T08:00:00.000Z' },
      null,
    ])
      assert.equal((await patch({ acceptance })).statusCode, 400, JSON.stringify(acceptance));
  });

  it('from a tracker lasts as long as the integration says', async () => {
    const answer = await create({ maxDays: 90 });
    assert.deepEqual([answer.statusCode, answer.json().acceptance], [201, { maxDays: 90 }]);
    assert.deepEqual(patched.pop(), { maxDays: 90 });
    assert.equal((await create(null)).json().acceptance, null);
    for (const odd of [{ maxDays: 0 }, { maxDays: 1.5 }, { days: 3 }, {}])
      assert.equal((await create(odd)).statusCode, 400, JSON.stringify(odd));
  });
});
