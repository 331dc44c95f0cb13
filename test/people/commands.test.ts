import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { QUIET } from '../store/database.ts';
import { codeIs, furnish } from '../store/fixtures.ts';

let dataDir: string;
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tmi-people-'));
});
after(() => rm(dataDir, { recursive: true, force: true }));

const open = () => openStore({ dataDir, log: QUIET });

/** A command of the package, as it is typed. */
async function run(script: string, ...args: string[]): Promise<{ code: unknown; words: string }> {
  const child = spawn(process.execPath, ['bin/run.mjs', script, ...args], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (words += String(chunk)));
  const [code]: unknown[] = await once(child, 'exit');
  return { code, words };
}

const erase = (...args: string[]) => run('src/people-erase.ts', ...args);
const remove = (...args: string[]) => run('src/tenants-remove.ts', ...args);

describe('npm run people:erase', () => {
  it('counts first, erases with --yes, and needs the data directory for itself', async () => {
    const store = await open();
    await furnish(store, 'acme');
    const busy = await erase('--tenant', 'acme', '--name', 'ann');
    assert.deepEqual([busy.code, /another process/.test(busy.words)], [1, true], busy.words);
    await store.close();

    const look = await erase('--tenant', 'acme', '--name', 'ann');
    assert.equal(look.code, 0, look.words);
    assert.match(look.words, /Would be erased, in rows:\n {2}comments\.doc: 1\n/);
    assert.match(look.words, /Nothing was changed: --yes erases\./);
    const done = await erase('--tenant', 'acme', '--name', 'ann', '--yes');
    assert.equal(done.code, 0, done.words);
    assert.match(done.words, /Erased, in rows:[^]* {2}journal\.doc: 1\n/);
    const again = await erase('--tenant', 'acme', '--name', 'ann', '--yes');
    assert.deepEqual([again.code, again.words], [0, 'Nothing names this person.\n']);
    const verified = await run('src/audit-verify.ts');
    assert.equal(verified.code, 0, verified.words);

    const setting = await erase('--tenant', 'acme', '--name', 'Payments', '--yes');
    assert.deepEqual([setting.code, /integrations\.doc: 1/.test(setting.words)], [1, true], setting.words);
    assert.equal((await erase('--tenant', 'acme')).code, 64);
    assert.equal((await erase('--name', 'ann')).code, 64);
    const ours = await erase('--tenant', 'acme', '--name', 'sync');
    assert.deepEqual([ours.code, /is a word of this service/.test(ours.words)], [1, true]);
  });
});

describe('npm run tenants:remove', () => {
  it('exports to a new file, removes, and wants a yes', async () => {
    const store = await open();
    await furnish(store, 'umbrella');
    await store.close();
    const file = join(dataDir, 'umbrella.jsonl');
    assert.equal((await remove('--tenant', 'umbrella', '--export', file)).code, 64);
    const done = await remove('--tenant', 'umbrella', '--export', file, '--yes');
    assert.equal(done.code, 0, done.words);
    assert.match(done.words, /^\d+ rows of tenant "umbrella" are gone/m);
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    assert.ok(
      lines.map((line): { table: string } => JSON.parse(line)).some(({ table }) => table === 'threats'),
    );
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const again = await remove('--tenant', 'umbrella', '--export', file, '--yes');
    assert.deepEqual([again.code, /There is a file/.test(again.words)], [1, true], again.words);
    const reopened = await open();
    const late = reopened.tenant('umbrella').transact((tx) => tx.models.list({ limit: 1 }));
    await assert.rejects(late, codeIs('tenant-removed'));
    await reopened.close();
  });
});
