import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PLANTED } from './planted.ts';
import type { Played } from './stage.ts';
import { newPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { PROFILES } from './profiles/index.ts';
import { plainScriptOf, scriptOf } from './script.ts';
import type { Script } from './script.ts';
import { shrink } from './shrink.ts';
import { playOnAllStores } from './stores/play-all.ts';

const USAGE = `npm run sim -- [options]
  --seeds N          so many seeds (100)
  --from N           beginning with this one; "random" for any (1)
  --seed N           this one only, with what was seen and its trace's hash
  --profile NAME     ${PROFILES.map(({ name }) => name).join(', ')}; all in turn if left out
  --plain            with the trouble that the simulation had at first, as regressions.json may say
  --trace            everything that happens
  --script FILE      a script that was kept, instead of a seed
  --stores           on memory, PGlite and (with TEST_DATABASE_URL) PostgreSQL: the histories must be the same
  --planted [--only TEXT]   shows that each bug on purpose is found within --seeds (500)`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    profile: { type: 'string' },
    script: { type: 'string' },
    only: { type: 'string', default: '' },
    trace: { type: 'boolean', default: false },
    plain: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    stores: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const profiles = PROFILES.map(({ name }) => name).filter((name) => name === (values.profile ?? name));
if (values.help || profiles.length === 0) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}

const profileOf = (seed: number): string => profiles[seed % profiles.length] ?? '';
const first = values.from === 'random' ? Math.floor(Math.random() * 1e9) : Number(values.from);
const failed = values.planted
  ? await findPlanted()
  : values.stores
    ? await playOnAllStores(given())
    : await playAll();
process.exitCode = failed > 0 ? 1 : 0;

function given(): Script[] {
  if (values.script !== undefined) return [JSON.parse(readFileSync(values.script, 'utf8'))];
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  if (seed !== undefined)
    return [values.plain ? plainScriptOf(seed, profileOf(seed)) : scriptOf(seed, profileOf(seed))];
  const count = Number(values.seeds ?? 100);
  return Array.from({ length: count }, (_, index) => scriptOf(first + index, profileOf(first + index)));
}

async function playAll(): Promise<number> {
  const pool = newPool();
  const startedAt = performance.now();
  const scripts = given();
  let broken = 0;
  await Promise.all(
    scripts.map(async (script) => {
      const played = await pool.play(script, { trace: values.trace });
      if (played.lines.length > 0) console.log(played.lines.join('\n'));
      if (scripts.length === 1) console.log([...played.notes, `trace ${played.trace}`].join('\n'));
      if (played.violations.length === 0) return;
      broken += 1;
      await tellFailure(pool, played);
    }),
  );
  await pool.close();
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = (scripts.length / seconds).toFixed(1);
  console.log(`${scripts.length} seeds, ${broken} with a violation; ${rate} seeds/s`);
  return broken;
}

async function tellFailure(pool: Pool, played: Played): Promise<void> {
  const { seed, profile } = played.script;
  for (const { invariant, detail } of played.violations)
    console.log(`SIM FAIL ${invariant} seed=${seed} profile=${profile}: ${detail}`);
  console.log(`  npm run sim -- --seed ${seed} --profile ${profile} --trace`);
  if (values.seed !== undefined || values.script !== undefined) return;
  const script = await shrink(pool, played);
  console.log(`  shrunk: ${JSON.stringify(script)}`);
}

async function findPlanted(): Promise<number> {
  const most = Number(values.seeds ?? 500);
  const healthy = newPool({ size: 1 });
  let missed = 0;
  const chosen = PLANTED.filter(({ name }) => name.includes(values.only));
  for (const bug of chosen) {
    const pool = newPool({ plant: bug });
    const found = await firstFailure(pool, healthy, most);
    await pool.close();
    if (found === undefined) missed += 1;
    const where = found === undefined ? `NOT FOUND in ${most} seeds` : `seed ${found.seed}: ${found.what}`;
    console.log(`${bug.name}\n    ${where}`);
  }
  await healthy.close();
  console.log(`${chosen.length - missed} of ${chosen.length} planted bugs found`);
  return missed;
}

/** The first seed that fails with the bug and is clean without it. */
async function firstFailure(
  pool: Pool,
  healthy: Pool,
  most: number,
): Promise<{ seed: number; what: string } | undefined> {
  const step = 4;
  for (let from = first; from < first + most; from += step) {
    const seeds = Array.from({ length: step }, (_, index) => from + index);
    const all = await Promise.all(seeds.map((seed) => pool.play(scriptOf(seed, profileOf(seed)))));
    for (const { script, violations } of all) {
      const [violation] = violations;
      if (violation === undefined || (await healthy.play(script)).violations.length > 0) continue;
      return { seed: script.seed, what: `${violation.invariant} ${violation.detail}` };
    }
  }
  return undefined;
}
