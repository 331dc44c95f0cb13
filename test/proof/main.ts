// Everything that shows that the promise is kept, in one table: npm run proof
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { PARTS, type Choice, type Part } from './parts.ts';
import { keep, kept, type Result } from './results.ts';
import { lineOf, tableOf } from './table.ts';

const USAGE = `npm run proof -- [options]
  --only NAME,NAME   these parts alone: ${PARTS.map(({ name }) => name).join(', ')}
  --missing          only what was not run, or not often enough
  --seeds N          simulation: so many seeds (10000)
  --from N           simulation: beginning with this one (1); slices add up in the table
  --table            what was kept from earlier runs, without running anything`;

const LOOK_MS = 5_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    missing: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    table: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? PARTS.map(({ name }) => name);
const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
if (values.help || unknown.length > 0) {
  console.log(unknown.length === 0 ? USAGE : `There is no part "${unknown.join('", "')}".\n${USAGE}`);
  process.exit(values.help ? 0 : 64);
}
const choice: Choice = { seeds: Number(values.seeds), from: Number(values.from) };
const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();

const chosen = PARTS.filter(({ name }) => names.includes(name));
const due = chosen.filter((part) => !values.missing || !lineOf(part, kept()).isGood);
if (!values.table) for (const part of due) keep(await run(part));

const results = kept();
const shown = values.only === undefined ? PARTS : chosen;
const lines = shown.map((part) => lineOf(part, results));
console.log(`\n${tableOf(lines)}\n`);
const told = results.filter((each) => shown.some(({ name }) => name === each.part));
const commits = [...new Set(told.map(({ commit: made }) => made))].join(', ');
console.log(`Of ${commits}; load is the highest in a minute, on ${availableParallelism()} cores.`);
const isGood = lines.every((line) => line.isGood);
if (!isGood) console.log('Something is wrong, missing, or was not tried often enough.');
process.exitCode = isGood ? 0 : 1;

/** Runs one part as a process of its own, whose words are shown as they come. */
async function run(part: Part): Promise<Result> {
  const started = performance.now();
  console.log(`\n== ${part.typed(choice)}`);
  let load = loadavg()[0] ?? 0;
  const watch = setInterval(() => (load = Math.max(load, loadavg()[0] ?? 0)), LOOK_MS);
  const child = spawn(process.execPath, [...part.args(choice)], {
    env: { ...process.env, ...part.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    words += chunk;
    process.stdout.write(chunk);
  });
  const [code] = await once(child, 'close');
  clearInterval(watch);
  const read = part.read(words);
  return {
    part: part.name,
    slice: part.slice(choice),
    amount: read?.amount ?? 0,
    // What fails without saying how is wrong all the same.
    violations: Math.max(read?.violations ?? 1, code === 0 ? 0 : 1),
    note: read?.note ?? 'it did not come to its end',
    seconds: Math.round((performance.now() - started) / 1000),
    load,
    at: new Date().toISOString(),
    commit,
    command: part.typed(choice),
  };
}
