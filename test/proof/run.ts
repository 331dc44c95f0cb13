import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import type { Choice, Part } from './part.ts';
import { kept, type Result } from './results.ts';
import { lineOf, tableOf } from './table.ts';

const LOOK_MS = 5_000;

/** Runs one part as a process of its own, whose words are shown as they come. */
export async function run(part: Part, choice: Choice): Promise<Result> {
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
    commit: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
    command: part.typed(choice),
  };
}

/** Prints the table of these parts as far as they were run. Answers whether all is good. */
export function show(set: string, parts: readonly Part[]): boolean {
  const results = kept(set).filter((each) => parts.some(({ name }) => name === each.part));
  const lines = parts.map((part) => lineOf(part, results));
  console.log(`\n${tableOf(lines)}\n`);
  const commits = [...new Set(results.map(({ commit }) => commit))].join(', ');
  console.log(`Of ${commits}; load is the highest in a minute, on ${availableParallelism()} cores.`);
  const isGood = lines.every((line) => line.isGood);
  if (!isGood) console.log('Something is wrong, missing, or was not tried often enough.');
  return isGood;
}
