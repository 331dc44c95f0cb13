import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JiraSimulatorOptions } from '../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { JiraClient } from './jira-client.ts';
import { basic, jiraClient } from './jira-client.ts';

interface House extends AsyncDisposable {
  simulator: Awaited<ReturnType<typeof startJiraSimulator>>;
  bot: JiraClient;
  pass: (ms: number) => void;
}

async function house(options: JiraSimulatorOptions): Promise<House> {
  let now = new Date('2026-03-01T10:00:00.000Z');
  const simulator = await startJiraSimulator({ ...options, now: () => now });
  const { world } = simulator;
  const isCloud = options.flavour !== 'data-center';
  world.addUser({ name: 'bot', apiToken: 'token', personalAccessToken: 'pat' });
  world.addProject({ key: 'TM', members: ['bot', 'mona'] });
  world.openIssue({ project: 'TM', summary: 'a' });
  world.openIssue({ project: 'TM', summary: 'b' });
  const bot = isCloud
    ? jiraClient(simulator.url, basic('bot@example.com', 'token'))
    : jiraClient(simulator.url, 'Bearer pat', '/rest/api/2');
  return {
    simulator,
    bot,
    pass(ms) {
      now = new Date(now.getTime() + ms);
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

function isCreate({ method, path }: { method: string; path: string }): boolean {
  return method === 'POST' && path === '/rest/api/3/issue';
}

describe("the Jira simulator's limits", () => {
  it('hold bursts back by method, and name the reason and the time to wait', async () => {
    await using place = await house({ limits: { getsPerSecond: 2 } });
    const { bot, pass } = place;
    for (let at = 0; at < 2; at += 1) assert.equal((await bot.get('/project/TM')).status, 200);
    const refused = await bot.get('/project/TM');
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('ratelimit-reason'), 'jira-burst-based');
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal(refused.headers.get('x-ratelimit-remaining'), '0');
    assert.equal((await bot.get('/myself')).status, 200, 'another endpoint');
    pass(1000);
    assert.equal((await bot.get('/project/TM')).status, 200);
  });

  it('hold writes to one issue back, and not those to another', async () => {
    await using place = await house({ limits: 'jira' });
    const { bot, pass } = place;
    const write = async (key: string, summary: string): Promise<number> =>
      (await bot.put(`/issue/${key}`, { fields: { summary } })).status;
    for (let at = 0; at < 20; at += 1) assert.equal(await write('TM-1', `a${at}`), 204);
    const refused = await bot.put('/issue/TM-1', { fields: { summary: 'x' } });
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('ratelimit-reason'), 'jira-per-issue-on-write');
    assert.equal(refused.headers.get('retry-after'), '2');
    assert.equal(await write('TM-2', 'b1'), 204);
    pass(2000);
    assert.equal(await write('TM-1', 'y'), 204);
  });

  it('count points an hour for apps only', async () => {
    await using place = await house({ limits: { pointsPerHour: 6 } });
    const { bot, simulator, pass } = place;
    simulator.world.addOAuthApp({ clientId: 'app', clientSecret: 's', user: 'bot', refreshToken: 'r' });
    const grant = { grant_type: 'refresh_token', client_id: 'app', client_secret: 's', refresh_token: 'r' };
    const tokens = await bot.post('/oauth/token', grant);
    const app = jiraClient(simulator.gatewayUrl, `Bearer ${tokens.text('access_token')}`);
    const search = '/search/jql?fields=summary&jql=project%20%3D%20TM';
    assert.equal((await app.get(search)).status, 200);
    const second = await app.get(search);
    assert.equal(second.headers.get('x-ratelimit-remaining'), '0', 'one for the call and one for each issue');
    const refused = await app.get(search);
    assert.equal(refused.headers.get('ratelimit-reason'), 'jira-quota-global-based');
    assert.equal(Number(refused.headers.get('retry-after')), 3600);
    assert.equal((await bot.get(search)).status, 200, 'API tokens are exempt');
    pass(3_599_000);
    assert.equal((await app.get(search)).status, 429);
    pass(999);
    assert.equal((await app.get(search)).status, 429);
  });

  it('are a bucket for each user on Data Center, told in every answer', async () => {
    await using place = await house({
      flavour: 'data-center',
      limits: { bucket: 2, fillRate: 1, intervalSeconds: 10 },
    });
    const { bot, pass } = place;
    const first = await bot.get('/myself');
    assert.equal(first.headers.get('x-ratelimit-limit'), '2');
    assert.equal(first.headers.get('x-ratelimit-remaining'), '1');
    assert.equal(first.headers.get('x-ratelimit-interval-seconds'), '10');
    await bot.get('/myself');
    const refused = await bot.get('/myself');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '10']);
    pass(10_000);
    assert.equal((await bot.get('/myself')).status, 200);
    assert.equal((await bot.get('/myself')).status, 429);
  });
});

describe("the Jira simulator's knobs", () => {
  it('fail a request before or after it was done', async () => {
    await using place = await house({});
    const { bot, simulator } = place;
    const create = { fields: { project: { key: 'TM' }, issuetype: { name: 'Task' }, summary: 'c' } };
    simulator.knobs.next({ match: isCreate, answer: { status: 503 } });
    assert.equal((await bot.post('/issue', create)).status, 503);
    assert.equal(simulator.world.issues('TM').length, 2);
    simulator.knobs.next({ match: isCreate, when: 'after', answer: { status: 502 } });
    const odd = await bot.post('/issue', create);
    assert.deepEqual([odd.status, odd.value('errorMessages')], [502, ['Internal server error']]);
    assert.equal(simulator.world.issues('TM').length, 3);
    simulator.knobs.next({ when: 'after', answer: 'reset' });
    await assert.rejects(() => bot.post('/issue', create));
    assert.equal(simulator.world.issues('TM').length, 4);
    simulator.knobs.next({ answer: { status: 409, body: { errorMessages: ['conflict'], errors: {} } } });
    assert.equal((await bot.put('/issue/TM-1', { fields: {} })).status, 409);
  });

  it('answer with nonsense: a page of HTML, half a list, none at all', async () => {
    await using place = await house({});
    const { bot, simulator } = place;
    const search = '/search/jql?fields=summary&jql=project%20%3D%20TM';
    simulator.knobs.next({ answer: 'html' });
    assert.match(String((await bot.get(search)).json), /<html>/);
    simulator.knobs.next({ answer: 'half-page' });
    assert.equal((await bot.get(search)).list('issues').length, 1);
    simulator.knobs.next({ answer: 'empty-list' });
    assert.equal((await bot.get(search)).list('issues').length, 0);
    assert.equal((await bot.get(search)).list('issues').length, 2);
    assert.deepEqual(
      simulator.requests.map(({ odd }) => odd),
      [true, true, true, false],
    );
  });
});
