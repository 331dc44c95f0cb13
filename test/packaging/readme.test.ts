import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { startGithubSimulator, type GithubSimulator } from '../../simulators/github/index.ts';

const README = readFileSync('README.md', 'utf8');
const PLACE = { owner: 'acme', repo: 'payments' };
const BOT = { login: 'threat-bot', token: 'ghp_readme' };
const LogLine = z.object({ msg: z.string(), url: z.string().optional() });

/** The shell blocks of a chapter. */
function blocksOf(heading: string): string[] {
  const chapter = README.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return [...chapter.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
}

const [start = '', settings = '', ...steps] = blocksOf('Connect your GitHub in five minutes');

/** `npm start` as a child, on a free port; answers where it listens and how to stop it. */
async function startService(dataDir: string) {
  const child = spawn(process.execPath, ['bin/start.mjs'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      DATA_DIR: dataDir,
      PORT: '0',
      TRACKER_ALLOWED_CIDRS: '127.0.0.0/8',
      TRACKER_ALLOW_HTTP: 'true',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let url: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    const said = LogLine.parse(JSON.parse(line));
    if (said.msg === 'listening') url = said.url;
    if (url !== undefined) break;
  }
  child.stdout.resume();
  assert.ok(url !== undefined, 'the service did not start');
  const stop = async () => {
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  };
  return { url, stop };
}

/** Runs a script as a person's shell would, but stops at the first mistake. */
async function shell(script: string, env: Record<string, string>) {
  const child = spawn('bash', ['-euo', 'pipefail'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  child.stdin.end(script);
  const [code] = await once(child, 'close');
  return { code: Number(code), output: Buffer.concat(output).toString() };
}

describe('the README', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tmi-readme-'));
  let github: GithubSimulator;
  let service: Awaited<ReturnType<typeof startService>>;

  before(async () => {
    github = await startGithubSimulator();
    github.world.addUser(BOT);
    github.world.addRepository({
      owner: PLACE.owner,
      name: PLACE.repo,
      visibility: 'private',
      admin: [BOT.login],
    });
    service = await startService(dataDir);
  });
  after(async () => {
    await service.stop();
    await github.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('begins its tour with the start and with settings that are yours to replace', () => {
    assert.equal(start, 'npm start\n');
    const names = [...settings.matchAll(/^export (\w+)=/gm)].map((match) => match[1]);
    assert.deepEqual(names, ['TMI', 'GITHUB_API', 'GITHUB_OWNER', 'GITHUB_REPO', 'GITHUB_TOKEN']);
  });

  it('has examples that work as written, from the import to the file that comes back', async () => {
    const env = {
      DATA_DIR: dataDir,
      TMI: service.url,
      GITHUB_API: `${github.url}/api/v3`,
      GITHUB_OWNER: PLACE.owner,
      GITHUB_REPO: PLACE.repo,
      GITHUB_TOKEN: BOT.token,
    };
    const names = 'declare -p TOKEN MODEL INTEGRATION; declare -f api field\n';
    const first = await shell(`${steps.slice(0, -1).join('\n')}\necho '== names'\n${names}`, env);
    assert.equal(first.code, 0, first.output);
    const [shown = '', kept = ''] = first.output.split('== names\n');
    assert.match(shown, /name: 'reachable',\s+outcome: 'ok'/);
    assert.match(shown, /create: 10,/);
    assert.match(shown, /created: 10,/);
    assert.match(shown, /Everything is in sync\./);
    const issues = github.world.issues(PLACE.owner, PLACE.repo);
    assert.equal(issues.length, 10);

    const [issue] = issues;
    assert.ok(issue !== undefined);
    github.world.close({ ...PLACE, number: issue.number }, 'completed');
    const last = await shell(`${kept}\n${steps.at(-1)}`, env);
    assert.equal(last.code, 0, last.output);
    assert.match(last.output, /pulled: 1,/);
    assert.match(last.output, /^\+\s+"status": "Mitigated",$/m);
    assert.match(last.output, /^\[\]$/m);
  });
});
