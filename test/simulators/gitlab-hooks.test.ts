import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, beforeEach, afterEach, describe, it } from 'node:test';
import type { GitlabSimulator, GitlabSimulatorOptions } from '../../simulators/gitlab/index.ts';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import type { GitlabClient } from './gitlab-client.ts';
import { gitlabClient } from './gitlab-client.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';
import { isJson } from './json-schema.ts';

const PATH = 'acme/shop';
const ONE = { project: PATH, iid: 1 };
const KEY = Buffer.alloc(32, 9);
const SIGNING = `whsec_${KEY.toString('base64')}`;

describe("the GitLab simulator's hooks", () => {
  let simulator: GitlabSimulator;
  let receiver: HookReceiver;
  let bot: GitlabClient;
  let hooks: string;
  let nowMs = Date.parse('2026-03-01T10:00:00Z');

  before(async () => {
    receiver = await startHookReceiver();
  });
  after(() => receiver.close());
  beforeEach(async () => {
    receiver.received.length = 0;
    receiver.status = 204;
    await start();
  });
  afterEach(() => simulator.close());

  async function start(options: GitlabSimulatorOptions = {}): Promise<void> {
    simulator = await startGitlabSimulator({ now: () => new Date(nowMs), ...options });
    simulator.world.addUser({ username: 'bot', token: 'bot-token' });
    const id = simulator.world.addProject({ path: PATH, members: { bot: 'maintainer' } });
    bot = gitlabClient(simulator.url, 'bot-token');
    hooks = `/projects/${id}/hooks`;
  }

  /** Makes a hook for issues and notes; answers its place. */
  async function hook(more: object = {}): Promise<string> {
    const made = await bot.post(hooks, {
      url: receiver.url,
      push_events: false,
      issues_events: true,
      note_events: true,
      ...more,
    });
    assert.equal(made.status, 201);
    return `${hooks}/${made.number('id')}`;
  }

  /** Lets as many things happen, one after the other. */
  async function shout(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) simulator.world.openIssue({ project: PATH, title: 'a' });
    await simulator.settled();
  }

  async function told(): Promise<string[]> {
    await simulator.settled();
    return receiver.received.map(({ headers, body }) => {
      const payload: unknown = JSON.parse(body);
      const attributes = isJson(payload) ? payload['object_attributes'] : undefined;
      const action = isJson(attributes) ? String(attributes['action']) : '';
      return `${headers['x-gitlab-event']} ${action}`;
    });
  }

  it('hear of issues and notes, but not of deletion nor of what GitLab itself notes', async () => {
    await hook();
    const { world } = simulator;
    world.openIssue({ project: PATH, title: 'a' });
    world.editTitle(ONE, 'b');
    world.close(ONE);
    world.reopen(ONE);
    const note = world.comment(ONE, 'words') ?? 0;
    world.editComment(ONE, note, 'more words');
    world.deleteComment(ONE, note);
    world.deleteIssue(ONE);
    assert.deepEqual(await told(), [
      'Issue Hook open',
      'Issue Hook update',
      'Issue Hook close',
      'Issue Hook reopen',
      'Note Hook create',
      'Note Hook update',
    ]);
  });

  it('hear of confidential issues only when they asked for them', async () => {
    await hook();
    simulator.world.openIssue({ project: PATH, title: 'a', confidential: true });
    assert.deepEqual(await told(), []);
    await hook({ confidential_issues_events: true });
    simulator.world.openIssue({ project: PATH, title: 'b', confidential: true });
    assert.deepEqual(await told(), ['Confidential Issue Hook open']);
  });

  it('say before and after in one update of several fields', async () => {
    await hook();
    simulator.world.openIssue({ project: PATH, title: 'a', labels: ['one'] });
    await bot.put(`${hooks.replace('/hooks', '')}/issues/1`, { title: 'b', add_labels: 'two' });
    assert.deepEqual(await told(), ['Issue Hook open', 'Issue Hook update']);
    const payload: unknown = JSON.parse(receiver.received[1]?.body ?? '');
    const changes = isJson(payload) && isJson(payload['changes']) ? payload['changes'] : {};
    assert.deepEqual(changes['title'], { previous: 'a', current: 'b' });
    assert.deepEqual(Object.keys(changes), ['title', 'labels', 'updated_at']);
  });

  it('get the plain token, and a signature over id, time and body', async () => {
    const place = await hook({ token: 'plain', signing_token: SIGNING });
    const shown = await bot.get(place);
    assert.deepEqual([shown.value('token_present'), shown.value('signing_token_present')], [true, true]);
    assert.equal(shown.value('token') ?? shown.value('signing_token'), undefined);
    simulator.world.openIssue({ project: PATH, title: 'ü' });
    await simulator.settled();
    const { headers, body } = only(receiver.received);
    assert.equal(headers['x-gitlab-token'], 'plain');
    assert.equal(headers['webhook-timestamp'], String(nowMs / 1000));
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const digest = createHmac('sha256', KEY).update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${digest}`);
  });

  it('have no signature before 19.0, where the token for it is ignored, and no delivery key before 17.4', async () => {
    await simulator.close();
    await start({ version: '17.3.1' });
    const place = await hook({ token: 'plain', signing_token: SIGNING });
    assert.equal((await bot.get(place)).value('signing_token_present'), undefined);
    simulator.world.openIssue({ project: PATH, title: 'a' });
    await simulator.settled();
    const { headers } = only(receiver.received);
    assert.equal(headers['x-gitlab-token'], 'plain');
    assert.ok(!('webhook-signature' in headers) && !('idempotency-key' in headers));
  });

  it('refuse a signing token of another form', async () => {
    const refused = await bot.post(hooks, { url: receiver.url, signing_token: 'secret' });
    assert.equal(refused.status, 422);
    assert.equal((await bot.post(hooks, { url: 'ftp://127.0.0.1' })).status, 422);
    simulator.knobs.blockLocalHooks = true;
    const local = await bot.post(hooks, { url: receiver.url });
    assert.match(local.text('error'), /localhost are not allowed/);
  });

  it('are switched off for a minute after four failures, then for twice as long, and at forty for ever', async () => {
    const place = await hook();
    receiver.status = 500;
    const state = async (): Promise<unknown[]> => {
      const shown = await bot.get(place);
      return [shown.value('alert_status'), shown.value('disabled_until')];
    };
    await shout(3);
    assert.deepEqual(await state(), ['executable', null]);
    await shout(3);
    assert.equal(receiver.received.length, 4);
    assert.deepEqual(await state(), ['temporarily_disabled', new Date(nowMs + 60_000).toISOString()]);
    nowMs += 60_001;
    await shout(2);
    assert.equal(receiver.received.length, 5);
    assert.deepEqual(await state(), ['temporarily_disabled', new Date(nowMs + 120_000).toISOString()]);
    for (let day = 0; day < 40; day += 1) {
      nowMs += 86_400_001;
      await shout(1);
    }
    assert.equal(receiver.received.length, 40);
    assert.equal((await state())[0], 'disabled');
    receiver.status = 204;
    assert.equal((await bot.post(`${place}/test/issues_events`)).status, 201);
    assert.deepEqual(await state(), ['executable', null]);
  });

  it('are tested with a real issue, and say when that fails', async () => {
    const place = await hook();
    const empty = await bot.post(`${place}/test/issues_events`);
    assert.deepEqual([empty.status, empty.json], [422, { message: 'Ensure the project has issues.' }]);
    simulator.world.openIssue({ project: PATH, title: 'a' });
    await simulator.settled();
    receiver.status = 500;
    assert.equal((await bot.post(`${place}/test/issues_events`)).status, 422);
  });

  it('keep a log without secrets, from which a delivery is sent again under its key', async () => {
    const place = await hook({ token: 'plain' });
    receiver.status = 503;
    simulator.world.openIssue({ project: PATH, title: 'a' });
    await simulator.settled();
    receiver.status = 204;
    simulator.world.close(ONE);
    await simulator.settled();
    assert.equal((await bot.get(`${place}/events`)).list().length, 2);
    const [failed, ...others] = (await bot.get(`${place}/events?status=server_failure`)).list();
    assert.deepEqual([failed?.['response_status'], failed?.['trigger'], others], ['503', 'issue_hooks', []]);
    assert.ok(!JSON.stringify(failed).includes('plain'));
    const again = await bot.post(`${place}/events/${Number(failed?.['id'])}/resend`);
    assert.deepEqual([again.status, again.json], [201, { response_status: 204 }]);
    const [first, , last] = receiver.received;
    assert.equal(last?.headers['idempotency-key'], first?.headers['idempotency-key']);
    assert.equal(last?.body, first?.body);
  });

  it('lose, repeat and shuffle deliveries when a knob says so', async () => {
    await hook();
    simulator.knobs.webhooks.lose = 1;
    simulator.world.openIssue({ project: PATH, title: 'a' });
    assert.deepEqual(await told(), []);
    simulator.knobs.webhooks.lose = 0;
    simulator.knobs.webhooks.repeat = 1;
    simulator.world.close(ONE);
    assert.deepEqual(await told(), ['Issue Hook close', 'Issue Hook close']);
    const [one, other] = receiver.received;
    assert.equal(one?.headers['idempotency-key'], other?.headers['idempotency-key']);
  });
});

function only<T>(items: readonly T[]): T {
  const [item, ...others] = items;
  assert.ok(item !== undefined && others.length === 0);
  return item;
}
