// Changes one thing at a time in the modules that must not be wrong, and looks whether a test notices: npm run mutate
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutate, REPORTS, Score, subjects, type Subject } from './mutate.ts';

const USAGE = `npm run mutate -- [options]
  --only TEXT        the modules whose path contains it
  --fresh            also those that have not changed since their last score, nor their tests
  --survivors        name every change that nobody noticed
  --table            the scores that are kept, without running anything
  --concurrency N    so many copies of the tests at a time (1)`;

const FOLDER = `${REPORTS}/scores`;
const ENOUGH = 85;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    fresh: { type: 'boolean', default: false },
    survivors: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit();
}

const scores: Score[] = [];
for (const subject of subjects().filter(({ module }) => module.includes(values.only))) {
  const score = await scoreOf(subject);
  if (score === undefined) {
    console.log(`${subject.module}: no score yet`);
    process.exitCode = 1;
    continue;
  }
  scores.push(score);
  show(score);
}
total();

async function scoreOf(subject: Subject): Promise<Score | undefined> {
  const file = join(FOLDER, `${subject.module.replaceAll('/', '-')}.json`);
  const kept = existsSync(file) ? Score.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  const isFresh = kept?.inputs === subject.inputs;
  if (isFresh && !values.fresh) return kept;
  if (values.table) return undefined;
  const score = await mutate(subject, Number(values.concurrency));
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, JSON.stringify(score, undefined, 2));
  return score;
}

function show({ module, mutants, killed, timedOut, survivors, seconds }: Score): void {
  if (mutants === 0) return;
  console.log(
    `${percent(killed, mutants)}  ${String(killed).padStart(4)} of ${String(mutants).padStart(4)}  ${module}  (${timedOut} without end, ${seconds} s)`,
  );
  if (values.survivors) for (const each of survivors) console.log(`        ${each}`);
}

function total(): void {
  const mutants = scores.reduce((sum, score) => sum + score.mutants, 0);
  const killed = scores.reduce((sum, score) => sum + score.killed, 0);
  const seconds = scores.reduce((sum, score) => sum + score.seconds, 0);
  console.log(
    `${percent(killed, mutants)}  ${killed} of ${mutants} mutants killed in ${scores.length} modules, ${seconds} s; ${ENOUGH} % is enough`,
  );
  if (killed * 100 < mutants * ENOUGH) process.exitCode = 1;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1).padStart(5)} %`;
}
