import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeDatabase, POSTGRESQL, testServer } from '../store/database.ts';
import { play, type Report } from './play.ts';
import type { Plan } from './scene.ts';

/** Few kills and a tenth of the waits; `npm run crash` has more of both. */
const SHORT: Plan = {
  store: 'pglite',
  kills: 5,
  links: 8,
  minutes: 1,
  timing: 'tenth',
  replicas: 1,
  restarts: 0,
  redisRestarts: 0,
  troubles: 0,
  syncsAfter: true,
  seed: 1,
};

function assertGood({ rows, tally }: Report): void {
  assert.deepEqual(
    rows.flatMap(({ what, violations }) => violations.map((violation) => `${what}: ${violation}`)),
    [],
  );
  const kills = [...tally.done].filter(([what]) => what.startsWith('killed'));
  assert.equal(
    kills.reduce((sum, [, times]) => sum + times, 0),
    SHORT.kills,
  );
  const counted = new Map(rows.map(({ what, count }) => [what, count]));
  assert.equal(counted.get('threats with one issue'), SHORT.links);
  assert.ok((counted.get('deliveries acknowledged') ?? 0) > 0);
  assert.ok((counted.get('edits by people: description') ?? 0) > 0);
}

describe('the service, killed while people work on both sides', () => {
  it('loses nothing and doubles nothing on the embedded database', async () => {
    assertGood(await play(SHORT));
  });

  it('loses nothing and doubles nothing on PostgreSQL', { skip: POSTGRESQL.skip }, async () => {
    const database = await makeDatabase(testServer());
    try {
      assertGood(await play({ ...SHORT, store: 'postgres', databaseUrl: database.url }));
    } finally {
      await database.drop();
    }
  });
});
