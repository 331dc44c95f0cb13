import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { GROUPS, type Group } from './groups.ts';
import { TEST_FILES } from './runner.ts';

/** Where everything of a run lies: git ignores it. */
export const REPORTS = 'reports/mutation';

/** A module, and who tests it. */
export interface Subject {
  module: string;
  tests: readonly string[];
  /** Of its text and that of its tests: with another one, an older score says nothing. */
  inputs: string;
}

/** How a module fared: how many changes of it there are, how many a test noticed, and where nobody did. */
export const Score = z.object({
  module: z.string(),
  inputs: z.string(),
  mutants: z.int(),
  killed: z.int(),
  /** Of those killed: the tests did not come to an end. */
  timedOut: z.int(),
  survivors: z.array(z.string()),
  seconds: z.int(),
  at: z.string(),
});
export type Score = z.infer<typeof Score>;

/** https://stryker-mutator.io/docs/stryker-js/configuration/ */
const OPTIONS = {
  testRunner: 'node-test',
  plugins: [fileURLToPath(new URL('./runner.ts', import.meta.url))],
  coverageAnalysis: 'perTest',
  // Its support of TypeScript wants a compiler that is written in JavaScript; Node takes the types away.
  ignorePatterns: ['/tsconfig.json', '/test/clients', '/docs', '/demo', '/bench', '/data'],
  tempDirName: `${REPORTS}/copies`,
  // Enough for a change that makes a test wait for ever to be told from a slow machine: so long, and five times what it takes.
  timeoutMS: 5000,
  timeoutFactor: 5,
  reporters: ['progress-append-only', 'json'],
  logLevel: 'warn',
  warnings: { slow: false },
  allowEmpty: true,
};

const Report = z.object({
  files: z.record(
    z.string(),
    z.object({
      mutants: z.array(
        z.object({
          status: z.string(),
          mutatorName: z.string(),
          replacement: z.string().default(''),
          location: z.object({ start: z.object({ line: z.int(), column: z.int() }) }),
        }),
      ),
    }),
  ),
});

/** A change that was not made is none. */
const DEAD = new Set(['Ignored', 'CompileError', 'RuntimeError', 'Pending']);
const NOTICED = new Set(['Killed', 'Timeout']);

/** Every module of the groups once, in their order. */
export function subjects(): Subject[] {
  const seen = new Set<string>();
  return GROUPS.flatMap((group) => {
    const fresh = globSync([...group.modules])
      .toSorted()
      .filter((module) => !seen.has(module));
    for (const module of fresh) seen.add(module);
    return fresh.map((module) => subjectOf(module, group));
  });
}

/** A module that is named has the tests that are named; another one those that bear its name or import it, else all. */
function subjectOf(module: string, { tests: globs, isNamed = true }: Group): Subject {
  const all = [...new Set(globs.flatMap((glob) => globSync(glob).toSorted()))];
  const name = basename(module, '.ts');
  const own = all.filter(
    (file) => basename(file).startsWith(name) || readFileSync(file, 'utf8').includes(`/${name}.ts'`),
  );
  const tests = isNamed || own.length === 0 ? all : own;
  const hash = createHash('sha256');
  for (const file of [module, ...tests]) hash.update(readFileSync(file));
  return { module, tests, inputs: hash.digest('hex').slice(0, 16) };
}

/** Change one thing of the module at a time and run its tests, in a copy of the project. Takes minutes. */
export async function mutate({ module, tests, inputs }: Subject, concurrency: number): Promise<Score> {
  const started = performance.now();
  mkdirSync(REPORTS, { recursive: true });
  const folder = mkdtempSync(join(REPORTS, 'run-'));
  const config = join(folder, 'config.json');
  const report = join(folder, 'report.json');
  const options = { ...OPTIONS, mutate: [module], concurrency, jsonReporter: { fileName: report } };
  writeFileSync(config, JSON.stringify(options));
  await stryker(config, tests);
  const { files } = Report.parse(JSON.parse(readFileSync(report, 'utf8')));
  rmSync(folder, { recursive: true });
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  const counted = mutants.filter(({ status }) => !DEAD.has(status));
  const survivors = counted.filter(({ status }) => !NOTICED.has(status));
  return {
    module,
    inputs,
    mutants: counted.length,
    killed: counted.length - survivors.length,
    timedOut: counted.filter(({ status }) => status === 'Timeout').length,
    survivors: survivors.map(
      ({ location: { start }, mutatorName, replacement, status }) =>
        `${start.line}:${start.column} ${mutatorName} ${status}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 120)}`,
    ),
    seconds: Math.round((performance.now() - started) / 1000),
    at: new Date().toISOString(),
  };
}

/** Throws when it fails: the tests do not even pass without a change. */
async function stryker(config: string, tests: readonly string[]): Promise<void> {
  const env = {
    ...process.env,
    FC_RUNS: process.env['FC_RUNS'] ?? '20',
    [TEST_FILES]: JSON.stringify(tests),
  };
  const program = resolve('node_modules/.bin/stryker');
  const child = spawn(process.execPath, [program, 'run', config], { env, stdio: 'inherit' });
  process.once('exit', () => child.kill());
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Stryker ended with ${String(code)}: see above.`);
}
