import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { z } from 'zod';

/** The Dockerfile's instructions, continuation lines joined. */
const instructions = readFileSync('Dockerfile', 'utf8')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    return { name, rest };
  });
const image = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const allOf = (name: string) => instructions.filter((each) => each.name === name).map(({ rest }) => rest);

/** What the last stage copies from the project, and what from an earlier stage. */
const copies = image
  .filter(({ name }) => name === 'COPY')
  .map(({ rest }) => {
    const words = rest.split(/\s+/);
    const sources = words.filter((word) => !word.startsWith('--')).slice(0, -1);
    return { sources, fromStage: words.some((word) => word.startsWith('--from=')) };
  });
const copied = copies.filter(({ fromStage }) => !fromStage).flatMap(({ sources }) => sources);

const folder = mkdtempSync(join(tmpdir(), 'tmi-image-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SECRETS = {
  JWT_SECRET: '5d2f8c41b7e09a6d3c5f1e8b4a7092d6f3c8e1b5a40d7f92',
  ENCRYPTION_KEY: '9e4b7a10c3d6f5288b1e0c9d7f6a5b4c3d2e1f00a1b2c3d4e5f60718293a4b5c',
};

function start(env: Record<string, string>) {
  return spawnSync(process.execPath, ['bin/start.mjs', '--print-config'], {
    cwd: folder,
    env: { NODE_ENV: 'production', DATA_DIR: join(folder, 'data'), ...env },
    encoding: 'utf8',
  });
}

describe('the Dockerfile', () => {
  it('builds on exact tags of Node 24, in stages', () => {
    const bases = allOf('FROM');
    assert.ok(bases.length >= 2);
    for (const base of bases) assert.match(base, /^node:24\.\d+\.\d+-slim(\s|$)/);
  });

  it('installs what runs in production only, from the lockfile', () => {
    const installs = allOf('RUN').filter((run) => /\bnpm\b/.test(run));
    assert.equal(installs.length, 1);
    assert.match(installs[0] ?? '', /^npm ci .*--omit=dev --omit=optional/);
  });

  it('runs as a numbered user that is not root', () => {
    const users = image.filter(({ name }) => name === 'USER').map(({ rest }) => rest);
    assert.match(users.at(-1) ?? '', /^[1-9]\d*:[1-9]\d*$/);
    const last = image.map(({ name }) => name);
    assert.ok(last.lastIndexOf('USER') > last.lastIndexOf('COPY'), 'the program is not the user’s to change');
  });

  it('holds no secret, no ADD and no build argument', () => {
    for (const { name, rest } of instructions) {
      assert.ok(!['ADD', 'ARG'].includes(name), name);
      if (name === 'ENV') assert.doesNotMatch(rest, /SECRET|KEY|TOKEN|PASSWORD|_URL/);
    }
  });

  it('copies the program and nothing else, and nothing else is sent to the engine', () => {
    assert.deepEqual(copied.toSorted(), ['bin', 'migrations', 'package.json', 'src']);
    const sent = readFileSync('.dockerignore', 'utf8').trim().split('\n');
    assert.equal(sent[0], '*');
    assert.deepEqual(
      sent.slice(1).toSorted(),
      ['!.npmrc', '!bin', '!migrations', '!package-lock.json', '!package.json', '!src'].toSorted(),
    );
    for (const each of sent.slice(1)) assert.ok(existsSync(each.slice(1)), each);
  });

  it('needs only packages that production installs', () => {
    const Manifest = z.object({ dependencies: z.record(z.string(), z.string()) });
    const { dependencies } = Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')));
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    for (const file of files) {
      const text = readFileSync(join('src', file), 'utf8');
      for (const [statement, specifier = ''] of text.matchAll(
        /^(?:import|export)\s[^;]*?from\s+'([^'.][^']*)'/gms,
      )) {
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        const isThere = name.startsWith('node:') || builtinModules.includes(name) || name in dependencies;
        assert.ok(isThere || statement.startsWith('import type'), `src/${file} imports ${specifier}`);
      }
    }
  });

  it('starts from what it copies', () => {
    for (const source of copied) cpSync(source, join(folder, basename(source)), { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'dir');
    const { status, stdout, stderr } = start(SECRETS);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^NODE_ENV=production$/m);
    assert.match(stdout, /^HOST=0\.0\.0\.0$/m);
    for (const secret of Object.values(SECRETS)) assert.ok(!stdout.includes(secret));

    const refused = start({});
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /docker run .*-e JWT_SECRET=… -e ENCRYPTION_KEY=… threat-model-integration/);
    assert.ok(!existsSync(join(folder, 'data')));
  });

  it('is healthy when the service answers, and not when it does not', async () => {
    const [health = ''] = allOf('HEALTHCHECK');
    const command = z.array(z.string()).parse(JSON.parse(/CMD (\[.*\])$/.exec(health)?.[1] ?? '[]'));
    assert.equal(command[0], 'node');
    let status = 200;
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const check = async () => {
      const child = spawn(process.execPath, command.slice(1), { env: { PORT: String(address.port) } });
      const [code] = await once(child, 'exit');
      return Number(code);
    };
    assert.equal(await check(), 0);
    status = 503;
    assert.equal(await check(), 1);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    assert.equal(await check(), 1);
    assert.deepEqual(asked, ['/health/live', '/health/live']);
  });
});
