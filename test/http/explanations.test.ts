import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ExplainedPair } from '../../src/sync/explanation.ts';
import { bearer, ID, openHouse } from './house.ts';

const PAIR: ExplainedPair = {
  verdict: 'left-out',
  summary: 'Its severity is "low".',
  todo: 'Change the filter.',
  integrationId: ID,
  threatId: ID,
  facts: [{ about: 'filter', sentence: 'Its severity is "low".', todo: 'Change the filter.' }],
};
const asked: string[][] = [];
const { app } = await openHouse({
  useCases: {
    explanations: {
      link: async (_caller, ...ids) => (asked.push(['link', ...ids]), { ...PAIR, linkId: ID }),
      threat: async (_caller, ...ids) => (asked.push(['threat', ...ids]), PAIR),
    },
  },
});
after(() => app.close());
const headers = await bearer('viewer');
const get = (url: string) => app.inject({ url, headers });

describe('an explanation over HTTP', () => {
  it('is of a link, or of a threat in an integration', async () => {
    const ofLink = await get(`/api/links/${ID}/explanation`);
    assert.deepEqual([ofLink.statusCode, ofLink.json()], [200, { ...PAIR, linkId: ID }]);
    const ofThreat = await get(`/api/threats/${ID}/explanation?integrationId=${ID}`);
    assert.deepEqual([ofThreat.statusCode, ofThreat.json()], [200, PAIR]);
    assert.deepEqual(asked, [
      ['link', ID],
      ['threat', ID, ID],
    ]);
  });

  it('of a threat needs to know the integration', async () => {
    const answer = await get(`/api/threats/${ID}/explanation`);
    assert.equal(answer.statusCode, 400);
    assert.equal(answer.json().errors[0].pointer, '/integrationId');
  });
});
