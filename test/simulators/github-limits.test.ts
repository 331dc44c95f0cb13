import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GithubSimulatorOptions, GithubSimulator } from '../../simulators/github/index.ts';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import type { GithubClient } from './github-client.ts';
import { githubClient } from './github-client.ts';

const SHOP = '/repos/acme/shop';
const shop = { owner: 'acme', repo: 'shop' };

interface Scene {
  simulator: GithubSimulator;
  bot: GithubClient;
  later: (ms: number) => void;
}

async function withSimulator(
  limits: GithubSimulatorOptions['limits'],
  act: (scene: Scene) => Promise<void>,
): Promise<void> {
  let now = new Date('2026-03-01T10:00:00Z');
  const simulator = await startGithubSimulator({
    now: () => now,
    ...(limits === undefined ? {} : { limits }),
  });
  try {
    simulator.world.addUser({ login: 'bot', token: 'one' });
    simulator.world.addUser({ login: 'bot', token: 'two' });
    simulator.world.addRepository({ owner: 'acme', name: 'shop', push: ['bot'] });
    const later = (ms: number): void => {
      now = new Date(now.getTime() + ms);
    };
    await act({ simulator, bot: githubClient(simulator.url, 'one'), later });
  } finally {
    await simulator.close();
  }
}

describe('the limits of the simulator', () => {
  it('count the requests of an account over all its tokens, and say so in headers', () =>
    withSimulator({ perHour: 3 }, async ({ simulator, bot, later }) => {
      const first = await bot.get(SHOP);
      assert.equal(first.headers.get('x-ratelimit-limit'), '3');
      assert.equal(first.headers.get('x-ratelimit-remaining'), '2');
      assert.equal(first.headers.get('x-ratelimit-reset'), String(Date.parse('2026-03-01T11:00:00Z') / 1000));
      await githubClient(simulator.url, 'two').get(SHOP);
      await bot.get('/rate_limit');
      await bot.get(`${SHOP}/issues/99`);
      const refused = await bot.get(SHOP);
      assert.equal(refused.status, 403);
      assert.match(refused.text('message'), /^API rate limit exceeded for user ID \d+\.$/);
      assert.equal(refused.headers.get('x-ratelimit-remaining'), '0');
      assert.equal((await bot.get('/rate_limit')).status, 200);
      later(3_600_000);
      assert.equal((await bot.get(SHOP)).status, 200);
    }));

  it('answer 304 to an unchanged ETag without counting it', () =>
    withSimulator({ perHour: 10 }, async ({ simulator, bot, later }) => {
      simulator.world.openIssue({ ...shop, title: 'a' });
      const list = `${SHOP}/issues?state=all`;
      const first = await bot.get(list);
      const held = { 'if-none-match': first.headers.get('etag') ?? '' };
      const same = await bot.get(list, held);
      assert.equal(same.status, 304);
      assert.equal(same.json, undefined);
      assert.equal(same.headers.get('x-ratelimit-remaining'), first.headers.get('x-ratelimit-remaining'));
      later(1000);
      simulator.world.comment({ ...shop, number: 1 }, 'new');
      const changed = await bot.get(list, held);
      assert.equal(changed.status, 200);
      assert.notEqual(changed.headers.get('etag'), first.headers.get('etag'));
    }));

  it('allow 80 creates in any minute and 500 in any hour, like github.com', () =>
    withSimulator('github', async ({ simulator, bot, later }) => {
      const create = (): Promise<number> =>
        bot.post(`${SHOP}/issues`, { title: 'a' }).then(({ status }) => status);
      for (let index = 0; index < 80; index += 1) assert.equal(await create(), 201);
      const refused = await bot.post(`${SHOP}/issues`, { title: 'a' });
      assert.equal(refused.status, 403);
      assert.match(refused.text('message'), /secondary rate limit/);
      assert.equal(refused.headers.get('retry-after'), '60');
      assert.equal((await bot.get(SHOP)).status, 200);
      for (let minute = 0; minute < 6; minute += 1) {
        later(60_000);
        for (let index = 0; index < 70; index += 1) assert.equal(await create(), 201);
      }
      later(60_000);
      const tired = await bot.post(`${SHOP}/issues`, { title: 'a' });
      assert.equal(tired.headers.get('retry-after'), String(3600 - 7 * 60));
      assert.equal(simulator.world.issues('acme', 'shop').length, 500);
    }));

  it('allow 900 points in any minute, of which a write costs five and a read one', () =>
    withSimulator('github', async ({ simulator, bot, later }) => {
      simulator.world.openIssue({ ...shop, title: 'a' });
      for (let index = 0; index < 179; index += 1)
        await bot.patch(`${SHOP}/issues/1`, { body: String(index) });
      for (let index = 0; index < 5; index += 1) assert.equal((await bot.get(SHOP)).status, 200);
      const refused = await bot.get(SHOP);
      assert.equal(refused.status, 403);
      assert.equal(refused.headers.get('retry-after'), '60');
      later(60_000);
      assert.equal((await bot.get(SHOP)).status, 200);
    }));

  it('are out of the way unless asked for', () =>
    withSimulator(undefined, async ({ bot }) => {
      for (let index = 0; index < 120; index += 1)
        assert.equal((await bot.post(`${SHOP}/issues`, { title: 'a' })).status, 201);
      assert.equal((await bot.get(SHOP)).headers.get('x-ratelimit-limit'), '1000000');
    }));
});
