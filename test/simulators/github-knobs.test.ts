import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { GithubSimulator, OddAnswer } from '../../simulators/github/index.ts';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import type { GithubClient } from './github-client.ts';
import { githubClient } from './github-client.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';

const SHOP = '/repos/acme/shop';
const shop = { owner: 'acme', repo: 'shop' };

describe('the knobs of the simulator', () => {
  let simulator: GithubSimulator;
  let bot: GithubClient;

  beforeEach(async () => {
    simulator = await startGithubSimulator();
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    simulator.world.addRepository({ owner: 'acme', name: 'shop', admin: ['bot'] });
    bot = githubClient(simulator.url, 'bot-token');
  });
  afterEach(() => simulator.close());

  function count(): number {
    return simulator.world.issues('acme', 'shop').length;
  }

  /** The status, type and text of a listing with that fault. */
  async function spoiled(answer: OddAnswer): Promise<string> {
    simulator.knobs.next({ answer });
    const headers = { authorization: 'Bearer bot-token' };
    const response = await fetch(`${simulator.url}${SHOP}/issues`, { headers });
    return `${response.status} ${response.headers.get('content-type')?.split(';')[0]} ${await response.text()}`;
  }

  it('fail a request before anything was done', async () => {
    simulator.knobs.next({ match: ({ method }) => method === 'POST', answer: { status: 503 } });
    assert.equal((await bot.get(`${SHOP}/issues`)).status, 200);
    assert.equal((await bot.post(`${SHOP}/issues`, { title: 'a' })).status, 503);
    assert.equal(count(), 0);
    assert.equal((await bot.post(`${SHOP}/issues`, { title: 'a' })).status, 201);
    assert.deepEqual(
      simulator.requests.map(({ odd }) => odd),
      [false, true, false],
    );
  });

  it('fail a request after it was done', async () => {
    simulator.knobs.next({ when: 'after', answer: { status: 502, body: '<h1>Bad gateway</h1>' } });
    await assert.rejects(bot.post(`${SHOP}/issues`, { title: 'a' }), SyntaxError);
    simulator.knobs.next({ when: 'after', answer: 'reset' });
    await assert.rejects(bot.post(`${SHOP}/issues`, { title: 'b' }), TypeError);
    assert.equal(count(), 2);
    assert.deepEqual(
      simulator.requests.map(({ status }) => status),
      [502, 0],
    );
  });

  it('leave a request without an answer until the client gives up', async () => {
    simulator.knobs.next({ answer: 'hang' });
    const signal = AbortSignal.timeout(50);
    await assert.rejects(fetch(`${simulator.url}/meta`, { signal }), { name: 'TimeoutError' });
  });

  it('hit the n-th matching request, as often as said, or never when cancelled', async () => {
    simulator.knobs.next({ skip: 1, times: 2, answer: { status: 500 } });
    const cancelled = simulator.knobs.next({ answer: { status: 418 } });
    cancelled.cancel();
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await bot.get('/meta')).status);
    assert.deepEqual(statuses, [200, 500, 500, 200]);
  });

  it('spoil answers in the ways that proxies and bad days do', async () => {
    for (const title of ['a', 'b', 'c', 'd']) simulator.world.openIssue({ ...shop, title });
    assert.match(await spoiled('html'), /^200 text\/html <!DOCTYPE html>/);
    assert.equal(await spoiled('empty-list'), '200 application/json []');
    assert.equal((await spoiled('half-page')).split('"title"').length - 1, 2);
    assert.match(await spoiled('wrong-schema'), /^200 application\/json \{"items"/);
    assert.match(await spoiled('invalid-json'), /"cut$/);
    await assert.rejects(spoiled('truncated'), TypeError);
  });

  it('hide GraphQL, as an old server does', async () => {
    simulator.knobs.graphql = false;
    const answer = await bot.post(`${simulator.url}/api/graphql`, { query: '{ viewer { login } }' });
    assert.equal(answer.status, 404);
  });

  it('keep new issues out of listings for a while', async () => {
    simulator.knobs.listLagMs = 60_000;
    simulator.world.openIssue({ ...shop, title: 'a' });
    assert.deepEqual((await bot.get(`${SHOP}/issues`)).list(), []);
    assert.equal((await bot.get(`${SHOP}/issues/1`)).status, 200);
    simulator.knobs.reset();
    assert.equal((await bot.get(`${SHOP}/issues`)).list().length, 1);
  });
});

describe("the simulator's webhooks", () => {
  let simulator: GithubSimulator;
  let receiver: HookReceiver;
  let bot: GithubClient;
  let hook: string;

  beforeEach(async () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    simulator = await startGithubSimulator({ random });
    receiver = await startHookReceiver();
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    simulator.world.addRepository({ owner: 'acme', name: 'shop', admin: ['bot'] });
    bot = githubClient(simulator.url, 'bot-token');
    const config = { url: receiver.url, content_type: 'json', secret: 's' };
    const made = await bot.post(`${SHOP}/hooks`, { config, events: ['issues'] });
    hook = `${SHOP}/hooks/${made.number('id')}`;
    await simulator.settled();
    receiver.received.length = 0;
  });
  afterEach(async () => {
    await simulator.close();
    await receiver.close();
  });

  it('arrive in order, one for each label, and only for the events asked for', async () => {
    const issue = simulator.world.openIssue({ ...shop, title: 'a', labels: ['x', 'y'] });
    simulator.world.comment(issue, 'not asked for');
    await simulator.settled();
    const actions = receiver.received.map(({ body }) => /"action":"(\w+)"/.exec(body)?.[1]);
    assert.deepEqual(actions, ['opened', 'labeled', 'labeled']);
    assert.equal(new Set(receiver.received.map(({ guid }) => guid)).size, 3);
  });

  it('are not repeated after a failure, until somebody asks for it, and then keep their GUID', async () => {
    receiver.status = 503;
    simulator.world.openIssue({ ...shop, title: 'a' });
    await simulator.settled();
    assert.equal(receiver.received.length, 1);
    receiver.status = 204;
    const failed = await bot.get(`${hook}/deliveries?status=failure`);
    assert.equal(failed.list().length, 1);
    const again = await bot.post(`${hook}/deliveries/${failed.first().number('id')}/attempts`);
    assert.equal(again.status, 202);
    await simulator.settled();
    const [first, second] = receiver.received;
    assert.equal(second?.guid, first?.guid);
    assert.equal(second?.body, first?.body);
    const all = await bot.get(`${hook}/deliveries`);
    assert.equal(all.first().json !== undefined && all.list()[0]?.['redelivery'], true);
  });

  it('can be lost, doubled and shuffled', async () => {
    simulator.knobs.webhooks.lose = 1;
    simulator.world.openIssue({ ...shop, title: 'lost' });
    await simulator.settled();
    assert.equal(receiver.received.length, 0);
    simulator.knobs.webhooks.lose = 0;
    simulator.knobs.webhooks.repeat = 1;
    simulator.world.openIssue({ ...shop, title: 'doubled' });
    await simulator.settled();
    assert.equal(receiver.received.length, 2);
    assert.equal(receiver.received[0]?.guid, receiver.received[1]?.guid);
    simulator.knobs.reset();
    simulator.knobs.webhooks.shuffle = true;
    receiver.received.length = 0;
    const titles = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const title of titles) simulator.world.openIssue({ ...shop, title });
    await simulator.settled();
    const got = receiver.received.map(({ body }) => /"title":"(\w)"/.exec(body)?.[1] ?? '');
    assert.notDeepEqual(got, titles);
    assert.deepEqual(got.toSorted(), titles);
  });

  it('never leave this machine', async () => {
    await bot.patch(`${hook}/config`, { url: 'http://192.0.2.1/hook' });
    simulator.world.openIssue({ ...shop, title: 'a' });
    await simulator.settled();
    const last = simulator.world.hooks('acme', 'shop')[0]?.deliveries.at(-1);
    assert.equal(last?.statusCode, 0);
    assert.equal(last?.status, 'failed to connect to host');
  });
});
