import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { compose, type Service } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { diskFiles } from '../../src/config-files.ts';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open.ts';
import { bearer, SECRET } from '../http/house.ts';
import { QUIET } from '../store/database.ts';
import { aModel, aThreat } from '../store/fixtures.ts';

const TENANT = 'acme';

let dataDir: string;
let store: Store;
let service: Service;
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tmi-audit-'));
  store = await openStore({ dataDir, log: QUIET });
  const config = readConfig(
    { JWT_SECRET: SECRET, ENCRYPTION_KEY: '1f'.repeat(32), DATA_DIR: dataDir },
    diskFiles,
  );
  service = await compose(config, QUIET, { store });
});
after(async () => {
  await service.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** `npm run audit:verify`, over the database or with these arguments. */
async function verify(...args: string[]): Promise<{ code: unknown; words: string }> {
  const child = spawn(process.execPath, ['bin/run.mjs', 'src/audit-verify.ts', ...args], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (words += String(chunk)));
  const [code]: unknown[] = await once(child, 'exit');
  return { code, words };
}

describe('the audit log', () => {
  it('says who did what in which request, is exported line by line, and shows when a line was changed', async () => {
    const model = aModel();
    const threat = { ...aThreat(model.id), status: 'identified' as const };
    await store.tenant(TENANT).transact(async (tx) => {
      await tx.models.insert(model);
      await tx.threats.insert([threat]);
    });
    const claims = { organizationId: TENANT, sub: 'ann' };
    const headers = {
      ...(await bearer('admin', claims)),
      'x-request-id': '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    };
    for (const status of ['analyzing', 'mitigated', 'accepted']) {
      const changed = await service.app.inject({
        method: 'PATCH',
        url: `/api/threats/${threat.id}`,
        headers,
        payload: { status },
      });
      assert.equal(changed.statusCode, 200, changed.body);
    }
    while ((await store.dispatch.chain(2)) > 0);

    const answer = await service.app.inject({ url: '/api/audit', headers });
    assert.equal(answer.headers['content-type'], 'application/jsonl');
    const lines = answer.body.trim().split('\n');
    assert.deepEqual(
      lines.map((line) => {
        const { tenantId, sequence, entry } = JSON.parse(line);
        return [tenantId, sequence, entry.actor, entry.requestId, entry.before, entry.after];
      }),
      [
        [TENANT, 1, 'ann', headers['x-request-id'], 'identified', 'analyzing'],
        [TENANT, 2, 'ann', headers['x-request-id'], 'analyzing', 'mitigated'],
        [TENANT, 3, 'ann', headers['x-request-id'], 'mitigated', 'accepted'],
      ],
    );
    const rest = await service.app.inject({ url: '/api/audit?after=2', headers });
    assert.equal(rest.body, `${lines[2]}\n`);
    const others = await bearer('admin', { organizationId: 'umbrella' });
    assert.equal((await service.app.inject({ url: '/api/audit', headers: others })).body, '');
    const viewer = await bearer('operator', claims);
    assert.equal((await service.app.inject({ url: '/api/audit', headers: viewer })).statusCode, 403);
    await service.close();

    const good = join(dataDir, 'good.jsonl');
    await writeFile(good, answer.body);
    const whole = await verify(good);
    assert.equal(whole.code, 0, whole.words);
    assert.match(whole.words, /^3 entries of tenant "acme" are as they were written; the last is 3/);
    const database = await verify();
    assert.deepEqual([database.code, database.words], [0, whole.words]);
    const [first = '', , last = ''] = lines;
    const { hash } = JSON.parse(lines[1] ?? '');
    const tail = join(dataDir, 'tail.jsonl');
    await writeFile(tail, last);
    assert.equal((await verify(tail, '--after', '2', '--hash', hash)).code, 0);
    const bad = join(dataDir, 'bad.jsonl');
    await writeFile(bad, answer.body.replace('"ann"', '"eve"'));
    assert.match(
      (await verify(bad)).words,
      /log of tenant "acme" is broken: entry 1 is not what was written/,
    );
    await writeFile(bad, `${first}\n${last}\n`);
    const gap = await verify(bad);
    assert.deepEqual([gap.code, /entry 2 is missing/.test(gap.words)], [1, true]);
    await writeFile(bad, 'no line');
    assert.match((await verify(bad)).words, /Line 1 is no line of the audit log/);
    assert.equal((await verify('--nonsense')).code, 64);
  });
});
