// What `npm test` runs: every test file in one invocation of node:test. Paths choose folders or files, other words choose by name:
// `npm test -- test/http`, `npm run test:contract -- github`.
import { existsSync, globSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { once } from 'node:events';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { missedAnnouncements, unannounced, wayToRun, type Skip } from './skips.ts';

/** A full run with no server and no samples has at least so many tests; raise it with the suite. */
const FLOOR = 1500;
/** No file of ours takes nearly as long: one that does hangs. */
const FILE_TIMEOUT_MS = 300_000;

function chosen(words: readonly string[]): string[] {
  const all = globSync('test/**/*.test.ts', { exclude: ['**/node_modules'] }).map((file) =>
    file.split(sep).join('/'),
  );
  const paths = words.filter((word) => existsSync(word)).map((word) => relative('.', word));
  const names = words.filter((word) => !existsSync(word));
  const files = all.filter(
    (file) =>
      (paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`))) &&
      names.every((name) => file.includes(name)),
  );
  return files.toSorted();
}

const words = process.argv.slice(2);
const files = chosen(words);
if (files.length === 0) {
  // A mistyped name must not look like success.
  console.error(`No test file fits "${words.join(' ')}".`);
  process.exit(1);
}
const skips: Skip[] = [];
const closing: string[] = [];
let tests = 0;
let succeeded = false;

const events = run({ files, concurrency: 2, timeout: FILE_TIMEOUT_MS });
events.on('test:pass', ({ name, file, skip }) => {
  if (skip === undefined || skip === false) return;
  skips.push({ name, file: relative('.', file ?? ''), reason: String(skip) });
});
events.on('test:summary', ({ file, counts, success }) => {
  if (file !== undefined) return;
  tests = counts.tests;
  succeeded = success;
});

/** What the reporter shows; the closing lines are kept back, so that they can be the last ones. */
async function* shown() {
  for await (const event of events) {
    if (event.type === 'test:diagnostic' && event.data.nesting === 0 && event.data.file === undefined)
      closing.push(event.data.message);
    else yield event;
  }
}

const report = new spec();
report.pipe(process.stdout, { end: false });
for await (const event of shown()) if (!report.write(event)) await once(report, 'drain');
report.end();
await once(report, 'end');

const faults: string[] = unannounced(skips).map(
  ({ name, file, reason }) => `Skipped without announcement: "${name}" in ${file} (${reason})`,
);
if (words.length === 0) {
  faults.push(...missedAnnouncements(skips));
  if (tests < FLOOR) faults.push(`Only ${tests} tests ran; at least ${FLOOR} are expected.`);
}
if (skips.length > 0) console.log('\nSkipped:');
for (const skip of skips) console.log(`  ${skip.file}: ${skip.name} (${wayToRun(skip)})`);
if (faults.length > 0) console.log(`\n${faults.join('\n')}`);
console.log(`\n${closing.map((line) => `# ${line}`).join('\n')}`);
process.exitCode = succeeded && faults.length === 0 ? 0 : 1;
