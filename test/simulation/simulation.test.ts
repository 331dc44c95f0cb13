import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { join } from 'node:path';
import { z } from 'zod';
import type { Played } from './stage.ts';
import { newPool } from './pool.ts';
import { PROFILES } from './profiles/index.ts';
import { plainScriptOf, scriptOf } from './script.ts';

const Regressions = z.array(
  z.strictObject({ seed: z.int(), profile: z.string(), plain: z.boolean().optional(), why: z.string() }),
);
const regressions = Regressions.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'regressions.json'), 'utf8')),
);

/** The same in every run; `.ci/run` plays 300 others, and `npm run sim -- --from random` goes further. */
const SEEDS = 120;
const TWICE = 10;

const pool = newPool();
after(() => pool.close());

function told({ script, violations }: Played): string[] {
  return violations.map(
    ({ invariant, detail }) =>
      `${invariant} ${detail} (npm run sim -- --seed ${script.seed} --profile ${script.profile} --trace)`,
  );
}

describe('the simulation', () => {
  for (const { seed, profile, plain = false, why } of regressions)
    it(`keeps what was mended: ${why}`, async () => {
      assert.deepEqual(
        told(await pool.play(plain ? plainScriptOf(seed, profile) : scriptOf(seed, profile))),
        [],
      );
    });

  for (const [index, { name }] of PROFILES.entries())
    it(`keeps every promise on ${name}, whatever goes wrong`, async () => {
      const seeds = Array.from(
        { length: SEEDS / PROFILES.length },
        (_, turn) => 1 + turn * PROFILES.length + index,
      );
      const all = await Promise.all(seeds.map((seed) => pool.play(scriptOf(seed, name))));
      assert.deepEqual(all.flatMap(told), []);
      assert.ok(all.some(({ writes }) => writes > 10));
    });

  it('plays the same again', async () => {
    for (let seed = 1; seed <= SEEDS; seed += TWICE) {
      const script = scriptOf(seed, PROFILES[seed % PROFILES.length]?.name ?? '');
      const [one, other] = await Promise.all([pool.play(script), pool.play(script)]);
      assert.equal(one.trace, other.trace, `seed ${seed}`);
    }
  });
});
