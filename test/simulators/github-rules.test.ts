import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { GithubSimulator } from '../../simulators/github/index.ts';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import type { GithubClient } from './github-client.ts';
import { githubClient } from './github-client.ts';

const SHOP = '/repos/acme/shop';
const shop = { owner: 'acme', repo: 'shop' };

describe("GitHub's rules in the simulator", () => {
  let simulator: GithubSimulator;
  let bot: GithubClient;
  let now: Date;

  beforeEach(async () => {
    now = new Date('2026-03-01T10:00:00.700Z');
    simulator = await startGithubSimulator({ now: () => now, pageSize: 2 });
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    simulator.world.addRepository({ owner: 'acme', name: 'shop', push: ['bot'], pull: ['reader'] });
    bot = githubClient(simulator.url, 'bot-token');
  });
  afterEach(() => simulator.close());

  function later(ms: number): void {
    now = new Date(now.getTime() + ms);
  }

  it('takes a state reason only together with a change of state', async () => {
    const issue = simulator.world.openIssue({ ...shop, title: 'a' });
    const path = `${SHOP}/issues/${issue.number}`;
    await bot.patch(path, { state_reason: 'not_planned' });
    assert.equal(simulator.world.issue('acme', 'shop', 1).stateReason, null);
    await bot.patch(path, { state: 'closed' });
    await bot.patch(path, { state: 'closed', state_reason: 'not_planned' });
    assert.equal(simulator.world.issue('acme', 'shop', 1).stateReason, 'completed');
    await bot.patch(path, { state: 'open' });
    await bot.patch(path, { state: 'closed', state_reason: 'duplicate' });
    assert.equal(simulator.world.issue('acme', 'shop', 1).stateReason, 'duplicate');
  });

  it('drops labels and assignees of somebody who may not push, without a word', async () => {
    simulator.world.addUser({ login: 'reader', token: 'reader-token' });
    const reader = githubClient(simulator.url, 'reader-token');
    const created = await reader.post(`${SHOP}/issues`, { title: 'a', labels: ['bug'], assignees: ['bot'] });
    assert.equal(created.status, 201);
    const { labels, assignees } = simulator.world.issue('acme', 'shop', 1);
    assert.deepEqual({ labels, assignees }, { labels: [], assignees: [] });
    assert.equal((await reader.patch(`${SHOP}/issues/1`, { title: 'mine to change' })).status, 200);
    assert.equal((await reader.post(`${SHOP}/issues/1/labels`, { labels: ['bug'] })).status, 403);
  });

  it('lists what changed in the very second of since, and keeps pull requests among the issues', async () => {
    simulator.world.openIssue({ ...shop, title: 'a' });
    later(1000);
    simulator.world.openIssue({ ...shop, title: 'b' });
    simulator.world.openPullRequest({ ...shop, title: 'c' });
    const found = await bot.get(
      `${SHOP}/issues?state=all&since=2026-03-01T10:00:01Z&sort=updated&direction=asc`,
    );
    assert.deepEqual(
      found.list().map(({ title }) => title),
      ['b', 'c'],
    );
    assert.ok(found.list()[1]?.['pull_request']);
    const none = await bot.get(`${SHOP}/issues?state=all&since=2026-03-01T10:00:02Z`);
    assert.deepEqual(none.list(), []);
  });

  it('links pages by the number of the repository, and those links work', async () => {
    for (const title of ['a', 'b', 'c']) simulator.world.openIssue({ ...shop, title });
    const first = await bot.get(`${SHOP}/issues?per_page=100`);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1];
    assert.ok(next?.includes('/api/v3/repositories/'));
    const second = await bot.get(next ?? '');
    assert.deepEqual(
      [...first.list(), ...second.list()].map(({ title }) => title),
      ['c', 'b', 'a'],
    );
    assert.doesNotMatch(second.headers.get('link') ?? '', /rel="next"/);
  });

  it('moves updated_at with every act of a person', () => {
    const { world } = simulator;
    const issue = world.openIssue({ ...shop, title: 'a' });
    const acts = [
      () => world.editTitle(issue, 'b'),
      () => world.editBody(issue, 'c'),
      () => world.addLabel(issue, 'bug'),
      () => world.removeLabel(issue, 'bug'),
      () => world.comment(issue, 'd'),
      () => world.assign(issue, ['bot']),
      () => world.close(issue, 'completed'),
      () => world.reopen(issue),
    ];
    for (const act of acts) {
      later(1000);
      act();
      const { updatedAt } = world.issue('acme', 'shop', issue.number);
      assert.equal(updatedAt, `${now.toISOString().slice(0, 19)}Z`, String(act));
    }
  });

  it('keeps line ends as the API sent them, while the web editor makes them CRLF', async () => {
    await bot.post(`${SHOP}/issues`, { title: 'a', body: 'one\ntwo' });
    assert.equal(simulator.world.issue('acme', 'shop', 1).body, 'one\ntwo');
    simulator.world.editBody({ ...shop, number: 1 }, 'one\ntwo\nthree');
    assert.equal((await bot.get(`${SHOP}/issues/1`)).text('body'), 'one\r\ntwo\r\nthree');
  });

  it('tells deleted, transferred, hidden and unknown issues apart', async () => {
    const { world } = simulator;
    world.addRepository({ owner: 'acme', name: 'attic', pull: ['bot'] });
    world.addRepository({ owner: 'acme', name: 'vault' });
    const [deleted, moved, hidden] = ['a', 'b', 'c'].map((title) => world.openIssue({ ...shop, title }));
    assert.ok(deleted !== undefined && moved !== undefined && hidden !== undefined);
    world.deleteIssue(deleted);
    const target = world.transferIssue(moved, { owner: 'acme', repo: 'attic' });
    world.transferIssue(hidden, { owner: 'acme', repo: 'vault' });
    assert.equal((await bot.get(`${SHOP}/issues/1`)).status, 410);
    const redirect = await bot.get(`${SHOP}/issues/2`);
    assert.equal(redirect.status, 301);
    const there = await bot.get(redirect.headers.get('location') ?? '');
    assert.equal(there.text('node_id'), target.nodeId);
    assert.notEqual(target.nodeId, moved.nodeId);
    assert.equal((await bot.get(`${SHOP}/issues/3`)).status, 404);
    assert.equal((await bot.get(`${SHOP}/issues/4`)).status, 404);
    world.disableIssues(shop);
    assert.equal((await bot.get(`${SHOP}/issues/1`)).status, 410);
    assert.equal((await bot.post(`${SHOP}/issues`, { title: 'x' })).status, 410);
  });

  it('redirects the former name of a repository: 301 to read, 307 to write', async () => {
    simulator.world.renameRepository(shop, 'store');
    const read = await bot.get(`${SHOP}/issues?state=all`);
    assert.equal(read.status, 301);
    assert.match(read.headers.get('location') ?? '', /\/repositories\/\d+\/issues\?state=all$/);
    assert.equal((await bot.post(`${SHOP}/issues`, { title: 'a' })).status, 307);
    assert.equal((await bot.get('/repos/acme/store')).text('full_name'), 'acme/store');
  });

  it('names scopes and permissions, and says 401, 403 or 404 for what a token may not', async () => {
    const { world } = simulator;
    const statusOf = async (token: string | undefined): Promise<number[]> => {
      const client = githubClient(simulator.url, token);
      const read = await client.get(`${SHOP}/issues`);
      const write = await client.post(`${SHOP}/issues`, { title: 'a' });
      const hooks = await client.get(`${SHOP}/hooks`);
      return [read.status, write.status, hooks.status];
    };
    world.addUser({ login: 'bot', token: 'narrow', scopes: ['public_repo'] });
    world.addUser({ login: 'bot', token: 'reading', fineGrained: { permissions: { issues: 'read' } } });
    world.addUser({ login: 'bot', token: 'old', expiresAt: '2026-01-01T00:00:00Z' });
    world.addUser({ login: 'stranger', token: 'stranger-token' });
    assert.deepEqual(await statusOf('bot-token'), [200, 201, 404]);
    assert.deepEqual(await statusOf('narrow'), [404, 404, 404]);
    assert.deepEqual(await statusOf('reading'), [200, 403, 403]);
    assert.deepEqual(await statusOf('old'), [401, 401, 401]);
    assert.deepEqual(await statusOf('stranger-token'), [404, 404, 404]);
    assert.deepEqual(await statusOf(undefined), [404, 404, 404]);
    assert.equal((await bot.get('/user')).headers.get('x-oauth-scopes'), 'repo');
    const refused = await githubClient(simulator.url, 'reading').post(`${SHOP}/issues`, { title: 'a' });
    assert.equal(refused.headers.get('x-accepted-github-permissions'), 'issues=write');
    world.revokeToken('bot-token');
    assert.deepEqual((await bot.get('/user')).json, {
      message: 'Bad credentials',
      documentation_url: 'https://docs.github.com/rest',
      status: '401',
    });
  });

  it('refuses titles over 256 and bodies over 65,536 characters with 422, and takes those just as long', async () => {
    assert.equal((await bot.post(`${SHOP}/issues`, { title: '𝕏'.repeat(256) })).status, 201);
    const long = await bot.post(`${SHOP}/issues`, { title: 'x'.repeat(257) });
    assert.equal(long.status, 422);
    assert.match(JSON.stringify(long.json), /title is too long \(maximum is 256 characters\)/);
    assert.equal((await bot.post(`${SHOP}/issues`, { title: 'a', body: 'x'.repeat(65_536) })).status, 201);
    assert.equal((await bot.patch(`${SHOP}/issues/1`, { body: 'x'.repeat(65_537) })).status, 422);
    assert.equal((await bot.post(`${SHOP}/issues`, { title: ' ' })).status, 422);
  });

  it('shows a browser the issue behind its address, with nothing in it that can act', async () => {
    const issue = simulator.world.openIssue({
      ...shop,
      title: '<b>a</b>',
      body: '<script>alert(1)</script>',
    });
    const answer = await fetch(issue.url, { headers: { accept: 'text/html' } });
    const page = await answer.text();
    assert.match(page, /&lt;script&gt;alert\(1\)/);
    assert.doesNotMatch(page, /<script|<b>/);
    assert.deepEqual(simulator.requests, []);
  });
});
