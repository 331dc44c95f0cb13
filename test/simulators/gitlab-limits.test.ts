import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { GitlabSimulator, GitlabSimulatorOptions } from '../../simulators/gitlab/index.ts';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import type { GitlabClient } from './gitlab-client.ts';
import { gitlabClient } from './gitlab-client.ts';
import { isJson } from './json-schema.ts';

const PATH = 'acme/shop';

describe("the GitLab simulator's limits and knobs", () => {
  let simulator: GitlabSimulator;
  let bot: GitlabClient;
  let shop: string;
  let nowMs = 0;

  async function start(options: GitlabSimulatorOptions): Promise<void> {
    nowMs = Date.parse('2026-03-01T10:00:20Z');
    simulator = await startGitlabSimulator({ now: () => new Date(nowMs), ...options });
    simulator.world.addUser({ username: 'bot', token: 'bot-token' });
    simulator.world.addUser({ username: 'other', token: 'other-token' });
    shop = `/projects/${simulator.world.addProject({ path: PATH, members: { bot: 'owner', other: 'guest' } })}`;
    bot = gitlabClient(simulator.url, 'bot-token');
  }
  afterEach(() => simulator.close());

  it('say nothing where there are none', async () => {
    await start({});
    const answer = await bot.get('/version');
    assert.equal(answer.headers.get('ratelimit-limit'), null);
  });

  it('are counted for each account, and end with the minute', async () => {
    await start({ limits: { perMinute: 2 } });
    await bot.get('/version');
    const last = await bot.get('/version');
    assert.deepEqual(
      ['limit', 'observed', 'remaining', 'reset', 'name'].map((name) =>
        last.headers.get(`ratelimit-${name}`),
      ),
      ['2', '2', '0', String(Date.parse('2026-03-01T10:01:00Z') / 1000), 'throttle_authenticated_api'],
    );
    const refused = await bot.get('/version');
    assert.deepEqual([refused.status, refused.json], [429, 'Retry later\n']);
    assert.equal(refused.headers.get('retry-after'), '40');
    assert.equal(refused.headers.get('content-type'), 'text/plain');
    assert.equal((await gitlabClient(simulator.url, 'other-token').get('/version')).status, 200);
    nowMs += 40_000;
    assert.equal((await bot.get('/version')).status, 200);
  });

  it('of GitLab.com let 200 issues and 60 notes through in a minute', async () => {
    await start({ limits: 'gitlab.com' });
    for (let index = 0; index < 200; index += 1)
      assert.equal((await bot.post(`${shop}/issues`, { title: 'a' })).status, 201);
    const issue = await bot.post(`${shop}/issues`, { title: 'a' });
    assert.equal(issue.status, 429);
    assert.match(JSON.stringify(issue.json), /requested too many times/);
    assert.equal(simulator.world.issues(PATH).length, 200);
    for (let index = 0; index < 60; index += 1)
      assert.equal((await bot.post(`${shop}/issues/1/notes`, { body: 'a' })).status, 201);
    assert.equal((await bot.post(`${shop}/issues/1/notes`, { body: 'a' })).status, 429);
    assert.equal((await bot.get(`${shop}/issues/1`)).status, 200);
  });

  it('fail before a request is done, and after', async () => {
    await start({});
    const isCreate = { match: ({ method }: { method: string }) => method === 'POST' };
    simulator.knobs.next({ ...isCreate, answer: { status: 502 } });
    assert.equal((await bot.post(`${shop}/issues`, { title: 'lost' })).status, 502);
    assert.equal(simulator.world.issues(PATH).length, 0);
    simulator.knobs.next({ ...isCreate, when: 'after', answer: 'reset' });
    await assert.rejects(bot.post(`${shop}/issues`, { title: 'kept' }));
    assert.deepEqual(
      simulator.world.issues(PATH).map(({ title }) => title),
      ['kept'],
    );
    simulator.knobs.next({ answer: 'half-page' });
    await bot.post(`${shop}/issues`, { title: 'second' });
    simulator.knobs.reset();
    assert.equal((await bot.get(`${shop}/issues`)).list().length, 2);
  });

  it('show a new issue in listings only after a lag', async () => {
    await start({});
    simulator.knobs.listLagMs = 5000;
    await bot.post(`${shop}/issues`, { title: 'a' });
    assert.equal((await bot.get(`${shop}/issues`)).list().length, 0);
    assert.equal((await bot.get(`${shop}/issues/1`)).status, 200);
    nowMs += 5000;
    assert.equal((await bot.get(`${shop}/issues`)).list().length, 1);
  });

  it('keep a record of each request without its token', async () => {
    await start({});
    await bot.post(`${shop}/issues?confidential=true`, { title: 'a' });
    const [recorded] = simulator.requests;
    assert.deepEqual(
      [recorded?.method, recorded?.path, recorded?.query, recorded?.account, recorded?.status],
      ['POST', `${shop}/issues`, '?confidential=true', 'bot', 201],
    );
    assert.ok(!JSON.stringify(recorded).includes('bot-token'));
    assert.equal(simulator.world.issue(PATH, 1).confidential, true);
    simulator.clearRequests();
    assert.equal(simulator.requests.length, 0);
  });
});

describe("the GitLab simulator's OAuth", () => {
  let simulator: GitlabSimulator;
  let nowMs = Date.parse('2026-03-01T10:00:00Z');
  afterEach(() => simulator.close());

  async function start(relativeRoot: string): Promise<void> {
    simulator = await startGitlabSimulator({ relativeRoot, now: () => new Date(nowMs) });
    simulator.world.addOauthApp({ clientId: 'app', clientSecret: 'secret' });
    simulator.world.grantOauth({ clientId: 'app', username: 'bot', refreshToken: 'first' });
  }
  async function refresh(refreshToken: string, secret = 'secret'): Promise<Record<string, unknown>> {
    const response = await fetch(`${simulator.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'app',
        client_secret: secret,
        refresh_token: refreshToken,
      }),
    });
    const json: unknown = await response.json();
    return { ...(isJson(json) ? json : {}), status: response.status };
  }
  async function statusWith(access: unknown): Promise<number> {
    const headers = { authorization: `Bearer ${String(access)}` };
    return (await gitlabClient(simulator.url, undefined).get('/user', headers)).status;
  }

  for (const relativeRoot of ['', '/gitlab'])
    it(`rotates tokens below "${relativeRoot}/": the former pair dies at once`, async () => {
      await start(relativeRoot);
      const first = await refresh('first');
      assert.deepEqual([first['status'], first['token_type'], first['expires_in']], [200, 'Bearer', 7200]);
      assert.equal(await statusWith(first['access_token']), 200);
      const second = await refresh(String(first['refresh_token']));
      assert.equal(second['status'], 200);
      assert.equal(await statusWith(first['access_token']), 401);
      const replayed = await refresh(String(first['refresh_token']));
      assert.deepEqual([replayed['status'], replayed['error']], [400, 'invalid_grant']);
      assert.equal(await statusWith(second['access_token']), 200);
      nowMs += 7_200_000;
      assert.equal(await statusWith(second['access_token']), 401);
    });

  it('refuses a wrong secret and a grant that was taken back', async () => {
    await start('');
    const wrong = await refresh('first', 'guess');
    assert.deepEqual([wrong['status'], wrong['error']], [401, 'invalid_client']);
    const { access_token: access } = await refresh('first');
    simulator.world.revokeOauth('app', 'bot');
    assert.equal(await statusWith(access), 401);
    assert.equal((await refresh('first'))['error'], 'invalid_grant');
  });
});
