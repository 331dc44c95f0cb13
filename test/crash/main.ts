// Kills the service again and again while people work on both sides, then looks whether anything was lost: npm run crash
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { play, type Report } from './play.ts';
import type { Plan } from './scene.ts';

const USAGE = `Usage: npm run crash -- [--full] [--store pglite|postgres|both] [--kills N] [--links N] [--minutes M]
  [--timing product|tenth] [--replicas N] [--restarts N] [--redis-restarts N] [--troubles N]
  [--rewinds N] [--seed N]`;

const amount = (most: number) => z.coerce.number().int().min(0).max(most);
const BRIEF = { kills: 22, links: 60, minutes: 1, restarts: 3, troubles: 3, 'redis-restarts': 0, rewinds: 1 };
const FULL = {
  kills: 200,
  links: 500,
  minutes: 40,
  restarts: 20,
  troubles: 20,
  'redis-restarts': 20,
  rewinds: 1,
};

const Options = z.strictObject({
  full: z.boolean().default(false),
  store: z.enum(['pglite', 'postgres', 'both']).default('both'),
  kills: amount(1000).optional(),
  links: amount(5000).optional(),
  minutes: amount(240).optional(),
  timing: z.enum(['product', 'tenth']).default('product'),
  replicas: z.coerce.number().int().min(1).max(8).default(1),
  restarts: amount(100).optional(),
  'redis-restarts': amount(100).optional(),
  troubles: amount(100).optional(),
  rewinds: amount(10).optional(),
  seed: amount(2 ** 31).default(1),
});

function plansOf(args: readonly string[]): Plan[] {
  const text = { type: 'string' } as const;
  const names = Object.keys(Options.shape).filter((name) => name !== 'full');
  const { values } = parseArgs({
    args: [...args],
    options: { full: { type: 'boolean' }, ...Object.fromEntries(names.map((name) => [name, text])) },
    strict: true,
  });
  const given = Options.parse(values);
  const usual = given.full ? FULL : BRIEF;
  const stores = given.store === 'both' ? (['pglite', 'postgres'] as const) : [given.store];
  return stores.map((store) => ({
    store,
    kills: given.kills ?? usual.kills,
    links: given.links ?? usual.links,
    minutes: given.minutes ?? usual.minutes,
    timing: given.timing,
    // The embedded database belongs to one process.
    replicas: store === 'pglite' ? 1 : given.replicas,
    restarts: store === 'pglite' ? 0 : (given.restarts ?? usual.restarts),
    redisRestarts: given['redis-restarts'] ?? usual['redis-restarts'],
    troubles: given.troubles ?? usual.troubles,
    rewinds: given.rewinds ?? usual.rewinds,
    syncsAfter: false,
    seed: given.seed,
  }));
}

const SHOWN = 10;

function show({ tally, rows, convergedMs }: Report): void {
  const lines = [
    ...[...tally.done].map(([what, times]) => [what, String(times), ''] as const),
    ...rows.map(({ what, count, violations }) => [what, String(count), String(violations.length)] as const),
  ];
  const head = ['what', 'how often', 'violations'] as const;
  const width = Math.max(...lines.map(([what]) => what.length));
  for (const [what, times, faults] of [head, ...lines])
    console.log(`  ${what.padEnd(width)}  ${times.padStart(9)}  ${faults.padStart(10)}`);
  for (const { what, violations } of rows)
    for (const violation of violations.slice(0, SHOWN)) console.log(`  ${what}: ${violation}`);
  const seconds = convergedMs === undefined ? 'never' : `${Math.round(convergedMs / 1000)} s`;
  console.log(`  Everything agreed after the last fault: ${seconds}`);
  const all = [...tally.done];
  const kills = sum(all.filter(([what]) => what.startsWith('killed')).map(([, times]) => times));
  const faults = sum(all.map(([, times]) => times)) - kills;
  const violations = sum(rows.map((row) => row.violations.length)) + (convergedMs === undefined ? 1 : 0);
  console.log(`${kills} kills, ${faults} other faults, ${violations} violations`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

let plans: Plan[] = [];
try {
  plans = plansOf(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
  console.error(USAGE);
  process.exit(64);
}
// To exit is to take along every process that was started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
for (const plan of plans) {
  console.log(`\n${plan.store}: ${JSON.stringify(plan)}`);
  const started = Date.now();
  const report = await play(plan);
  show(report);
  console.log(`  ${Math.round((Date.now() - started) / 1000)} s`);
  if (!report.isGood) process.exitCode = 1;
}
