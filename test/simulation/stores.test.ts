import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SKIP_POSTGRES, testServer } from '../store/database.ts';
import { PROFILES } from './profiles/index.ts';
import { scriptOf } from './script.ts';
import { newComparison } from './stores/compare.ts';
import type { Comparison } from './stores/compare.ts';

/** One for each profile; among them a database that is put back, deaths, processes that stand still, and two replicas. */
const SEEDS = [6, 13, 26, 21, 22, 11];

describe('a play on every store', () => {
  let comparison: Comparison | undefined;
  before(async () => {
    comparison = await newComparison(SKIP_POSTGRES === false ? testServer() : undefined);
  });
  after(() => comparison?.close());

  it('is tried for every profile', () => {
    const profiles = SEEDS.map((seed) => PROFILES[seed % PROFILES.length]?.name);
    assert.deepEqual(new Set(profiles), new Set(PROFILES.map(({ name }) => name)));
  });

  it('takes place on PostgreSQL, too', { skip: SKIP_POSTGRES }, () => {
    assert.deepEqual(comparison?.stores, ['memory', 'PGlite', 'PostgreSQL']);
  });

  for (const seed of SEEDS) {
    const profile = PROFILES[seed % PROFILES.length]?.name ?? '';
    it(`has the same history and the same rows: ${profile}, seed ${seed}`, async () => {
      assert.ok(comparison !== undefined);
      const { played, differences } = await comparison.compare(scriptOf(seed, profile));
      assert.deepEqual(differences, []);
      assert.deepEqual(played.violations, []);
      assert.ok(played.writes > 0);
    });
  }
});
