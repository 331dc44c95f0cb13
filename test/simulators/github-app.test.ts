import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SignJWT } from 'jose';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import type { GithubSimulator } from '../../simulators/github/index.ts';
import { githubClient } from './github-client.ts';
import type { GithubClient } from './github-client.ts';
import { githubSpec } from './github-spec.ts';

const spec = githubSpec();
const HOUR_MS = 3_600_000;
const SHOP = '/repos/acme/shop';

let github: GithubSimulator;
let now: Date;
let appId: number;
let clientId: string;
let privateKey: string;
let installation: number;
beforeEach(async () => {
  now = new Date('2026-03-01T10:00:00Z');
  github = await startGithubSimulator({ now: () => now });
  const { world } = github;
  world.addRepository({ owner: 'acme', name: 'shop' });
  world.addRepository({ owner: 'acme', name: 'other' });
  world.addRepository({ owner: 'acme', name: 'open', visibility: 'public' });
  ({ appId, clientId, privateKey } = world.addApp({ slug: 'tmi' }));
  installation = world.installApp({ slug: 'tmi', owner: 'acme', repositories: ['shop'] });
});
afterEach(async () => {
  await github.close();
  assert.deepEqual(spec?.violations(github.requests) ?? [], []);
});

async function proof(claims: { iss?: string; iat?: number; exp?: number } = {}): Promise<string> {
  const seconds = now.getTime() / 1000;
  return new SignJWT({ iss: String(appId), iat: seconds - 60, exp: seconds + 540, ...claims })
    .setProtectedHeader({ alg: 'RS256' })
    .sign(createPrivateKey(privateKey));
}
async function asApp(claims?: Parameters<typeof proof>[0]): Promise<GithubClient> {
  return githubClient(github.url, await proof(claims));
}
async function asInstallation(body?: object): Promise<GithubClient> {
  const made = await (await asApp()).post(`/app/installations/${String(installation)}/access_tokens`, body);
  assert.equal(made.status, 201, JSON.stringify(made.json));
  return githubClient(github.url, made.text('token'));
}

describe('a simulated GitHub App', () => {
  it('shows itself and its installations to whom proves to be it, by its id or client id', async () => {
    for (const iss of [String(appId), clientId])
      assert.equal((await (await asApp({ iss })).get('/app')).text('slug'), 'tmi');
    const app = await asApp();
    const one = await app.get(`/app/installations/${String(installation)}`);
    assert.equal(one.text('app_slug'), 'tmi');
    assert.equal((await app.get(`${SHOP}/installation`)).number('id'), installation);
    assert.equal((await app.get('/repos/acme/other/installation')).status, 404);
    assert.equal((await app.get(SHOP)).status, 404);
    assert.equal((await githubClient(github.url, undefined).get('/app')).status, 401);
  });

  it('refuses a proof that is from the future, over, good for too long, of nobody or signed by a dead key', async () => {
    const seconds = now.getTime() / 1000;
    const refusals = [
      [{ iat: seconds + 60 }, 401, /Issued at/],
      [{ exp: seconds - 1 }, 401, /future time/],
      [{ exp: seconds + 700 }, 401, /too far in the future/],
      [{ iss: '1' }, 404, /Integration not found/],
    ] as const;
    for (const [claims, status, words] of refusals) {
      const answer = await (await asApp(claims)).get('/app');
      assert.equal(answer.status, status);
      assert.match(answer.text('message'), words);
    }
    const second = github.world.addAppKey('tmi');
    assert.equal((await (await asApp()).get('/app')).status, 200);
    github.world.deleteAppKeys('tmi');
    for (const key of [privateKey, second]) {
      privateKey = key;
      assert.equal((await (await asApp()).get('/app')).status, 401);
    }
  });
});

describe('a token of a simulated installation', () => {
  it('lives one hour, or until it is revoked, suspended or uninstalled', async () => {
    const first = await asInstallation();
    now = new Date(now.getTime() + HOUR_MS - 1000);
    assert.equal((await first.get(SHOP)).status, 200);
    now = new Date(now.getTime() + 1000);
    assert.equal((await first.get(SHOP)).status, 401);
    const second = await asInstallation();
    assert.equal((await second.delete('/installation/token')).status, 204);
    assert.equal((await second.get(SHOP)).status, 401);
    const third = await asInstallation();
    github.world.suspendApp(installation);
    assert.equal((await third.get(SHOP)).status, 403);
    const path = `/app/installations/${String(installation)}`;
    assert.equal((await (await asApp()).post(`${path}/access_tokens`)).status, 403);
    github.world.uninstallApp(installation);
    assert.equal((await third.get(SHOP)).status, 401);
    assert.equal((await (await asApp()).get(path)).status, 404);
  });

  it('reaches the repositories of the installation, and what it was narrowed to', async () => {
    const token = await asInstallation();
    assert.equal((await token.get('/installation/repositories')).number('total_count'), 1);
    assert.equal((await token.get('/repos/acme/other')).status, 404);
    assert.equal((await token.get('/repos/acme/open')).status, 200);
    assert.equal((await token.post('/repos/acme/open/issues', { title: 'a' })).status, 403);
    const readOnly = await asInstallation({ repositories: ['shop'], permissions: { issues: 'read' } });
    assert.equal((await readOnly.post(`${SHOP}/issues`, { title: 'a' })).status, 403);
    assert.equal((await readOnly.get(`${SHOP}/hooks`)).status, 403);
    const path = `/app/installations/${String(installation)}/access_tokens`;
    const app = await asApp();
    assert.equal((await app.post(path, { repositories: ['other'] })).status, 422);
    assert.equal((await app.post(path, { permissions: { contents: 'write' } })).status, 422);
    github.world.withdrawApp(installation, 'shop');
    assert.equal((await token.get(SHOP)).status, 404);
  });

  it('writes as its bot, which is nobody who could ask for itself', async () => {
    const token = await asInstallation();
    const made = await token.post(`${SHOP}/issues`, { title: 'a', labels: ['new'] });
    const issue = github.world.issue('acme', 'shop', made.number('number'));
    assert.deepEqual([issue.author, issue.labels], ['tmi[bot]', ['new']]);
    assert.equal((await token.post(`${SHOP}/labels`, { name: 'tm-x' })).status, 201);
    assert.equal((await token.get('/user')).status, 403);
    const bot = await token.get('/users/tmi%5Bbot%5D');
    assert.deepEqual([bot.text('login'), bot.text('type')], ['tmi[bot]', 'Bot']);
    const listed = await token.get(`${SHOP}/issues?creator=tmi%5Bbot%5D`);
    assert.equal(listed.list().length, 1);
    assert.equal((await token.get(`${SHOP}/issues?creator=tmi`)).list().length, 0);
  });
});
