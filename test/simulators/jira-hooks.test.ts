import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import type { JiraSimulator } from '../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';
import type { JiraClient } from './jira-client.ts';
import { basic, jiraClient, words } from './jira-client.ts';
import type { Json } from './json-schema.ts';
import { isJson } from './json-schema.ts';

const EVENTS = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'comment_created',
  'comment_updated',
  'comment_deleted',
  'issue_property_set',
];
const DAY_MS = 86_400_000;

function bodyOf(text: string | undefined): Json {
  const value: unknown = JSON.parse(text ?? 'null');
  assert.ok(isJson(value));
  return value;
}

describe("the Jira Cloud simulator's webhooks", () => {
  let simulator: JiraSimulator;
  let receiver: HookReceiver;
  let admin: JiraClient;
  let now = new Date('2026-03-01T10:00:00.000Z');
  const place = '/rest/webhooks/1.0/webhook';
  const filters = { 'issue-related-events-section': 'project = TM' };

  before(async () => {
    simulator = await startJiraSimulator({ now: () => now });
    receiver = await startHookReceiver();
    const { world } = simulator;
    world.addUser({ name: 'admin', apiToken: 'admin', admin: true });
    world.addUser({ name: 'bot', apiToken: 'bot' });
    for (const key of ['TM', 'OTHER']) world.addProject({ key, members: ['admin', 'bot', 'mona'] });
    admin = jiraClient(simulator.url, basic('admin@example.com', 'admin'));
  });
  afterEach(async () => {
    simulator.knobs.reset();
    for (const { id } of simulator.world.hooks()) await admin.delete(`${place}/${id}`);
    receiver.received.length = 0;
    receiver.status = 204;
  });
  after(async () => {
    await simulator.close();
    await receiver.close();
  });

  const register = (more: object = {}): Promise<unknown> =>
    admin.post(place, { name: 'ours', url: receiver.url, events: EVENTS, filters, secret: 'shh', ...more });

  it('tell what happened, in order, signed over the raw body, in the words of API v2', async () => {
    await register();
    const { world } = simulator;
    const { key } = world.openIssue({
      project: 'TM',
      summary: 'a',
      description: JSON.parse(JSON.stringify(words('*hi*'))),
    });
    world.openIssue({ project: 'OTHER', summary: 'elsewhere' });
    world.setStatus(key, 'Done');
    const comment = world.comment(key, 'hello');
    world.editComment(key, comment, 'hello again');
    world.deleteComment(key, comment);
    world.deleteIssue(key);
    await simulator.settled();
    const bodies = receiver.received.map(({ body }) => bodyOf(body));
    assert.deepEqual(
      bodies.map((body) => body['webhookEvent']),
      [
        'jira:issue_created',
        'jira:issue_updated',
        'comment_created',
        'comment_updated',
        'comment_deleted',
        'jira:issue_deleted',
      ],
    );
    const [created, updated] = bodies;
    assert.match(JSON.stringify(created?.['issue']), /"description":"\\\\\*hi\\\\\*"/);
    assert.match(
      JSON.stringify(updated?.['changelog']),
      /"field":"status".*"fromString":"To Do".*"toString":"Done"/,
    );
    assert.equal(updated?.['issue_event_type_name'], 'issue_resolved');
    for (const { body, headers } of receiver.received) {
      const expected = createHmac('sha256', 'shh').update(body).digest('hex');
      assert.equal(headers['x-hub-signature'], `sha256=${expected}`);
      assert.match(headers['x-atlassian-webhook-identifier'] ?? '', /^[0-9a-f-]{36}$/);
      assert.equal(headers['x-atlassian-webhook-flow'], 'Primary');
    }
  });

  it('are tried again under the same identifier after minutes, five times at most', async () => {
    await register();
    receiver.status = 503;
    simulator.world.openIssue({ project: 'TM', summary: 'a' });
    await simulator.settled();
    assert.equal(simulator.world.retryWebhooks(), 0, 'not at once');
    for (let at = 0; at < 2; at += 1) {
      now = new Date(now.getTime() + 15 * 60_000);
      assert.equal(simulator.world.retryWebhooks(), 1);
      await simulator.settled();
    }
    const ids = new Set(receiver.received.map(({ headers }) => headers['x-atlassian-webhook-identifier']));
    assert.equal(ids.size, 1);
    assert.deepEqual(
      receiver.received.map(({ headers }) => headers['x-atlassian-webhook-retry']),
      [undefined, '1', '2'],
    );
    receiver.status = 404;
    simulator.world.openIssue({ project: 'TM', summary: 'b' });
    await simulator.settled();
    now = new Date(now.getTime() + DAY_MS);
    assert.equal(
      simulator.world.retryWebhooks(),
      0,
      '404 is final, and half an hour is all the patience there is',
    );
  });

  it('can be lost, repeated and shuffled', async () => {
    await register();
    const open = async (): Promise<number> => {
      receiver.received.length = 0;
      simulator.world.openIssue({ project: 'TM', summary: 'a' });
      await simulator.settled();
      return receiver.received.length;
    };
    simulator.knobs.webhooks.lose = 1;
    assert.equal(await open(), 0);
    simulator.knobs.webhooks = { ...simulator.knobs.webhooks, lose: 0, repeat: 1 };
    assert.equal(await open(), 2);
    simulator.knobs.reset();
    assert.equal(await open(), 1);
  });

  it('belong to administrators; a secret is never shown', async () => {
    const bot = jiraClient(simulator.url, basic('bot@example.com', 'bot'));
    assert.equal((await bot.get(place)).status, 403);
    await register();
    const shown = await admin.get(place);
    assert.equal(shown.value(0, 'isSigned'), true);
    assert.ok(!JSON.stringify(shown.json).includes('shh'));
  });

  it('of an app end after 30 days unless they are refreshed, and only some queries can filter', async () => {
    simulator.world.addOAuthApp({
      clientId: 'app',
      clientSecret: 'secret',
      user: 'bot',
      refreshToken: 'first',
    });
    const renew = async (refresh_token: string): Promise<{ app: JiraClient; next: string }> => {
      const grant = { grant_type: 'refresh_token', client_id: 'app', client_secret: 'secret', refresh_token };
      const answer = await admin.post('/oauth/token', grant);
      assert.equal(answer.status, 200, JSON.stringify(answer.json));
      const app = jiraClient(simulator.gatewayUrl, `Bearer ${answer.text('access_token')}`);
      return { app, next: answer.text('refresh_token') };
    };
    const first = await renew('first');
    const webhooks = [
      { jqlFilter: 'project = TM', events: ['jira:issue_updated'], fieldIdsFilter: ['summary'] },
      { jqlFilter: 'updated > -1d', events: ['jira:issue_updated'] },
    ];
    const made = await first.app.post('/webhook', { url: receiver.url, webhooks });
    const id = made.number('webhookRegistrationResult', 0, 'createdWebhookId');
    assert.match(made.text('webhookRegistrationResult', 1, 'errors', 0), /updated is unsupported/);
    const { key } = simulator.world.openIssue({ project: 'TM', summary: 'a' });
    const heard = async (): Promise<number> => {
      receiver.received.length = 0;
      simulator.world.addLabel(key, `l${now.getTime()}`);
      simulator.world.editSummary(key, now.toISOString());
      await simulator.settled();
      return receiver.received.length;
    };
    assert.equal(await heard(), 1, 'labels are not what it listens for');
    now = new Date(now.getTime() + 29 * DAY_MS);
    assert.equal((await first.app.get('/webhook')).status, 401, 'access tokens live for an hour');
    const second = await renew(first.next);
    assert.equal(
      (
        await admin.post('/oauth/token', {
          grant_type: 'refresh_token',
          client_id: 'app',
          client_secret: 'secret',
          refresh_token: 'first',
        })
      ).text('error'),
      'invalid_grant',
    );
    assert.equal(
      (await second.app.put('/webhook/refresh', { webhookIds: [id] })).number('expirationDate'),
      now.getTime() + 30 * DAY_MS,
    );
    now = new Date(now.getTime() + 29 * DAY_MS);
    assert.equal(await heard(), 1);
    now = new Date(now.getTime() + 2 * DAY_MS);
    assert.equal(await heard(), 0);
    simulator.world.revokeGrant('app');
    assert.equal((await second.app.get('/project/TM')).status, 401);
  });
});

describe("the Jira Data Center simulator's webhooks", () => {
  let simulator: JiraSimulator;
  let receiver: HookReceiver;

  before(async () => {
    simulator = await startJiraSimulator({ flavour: 'data-center' });
    receiver = await startHookReceiver();
  });
  after(async () => {
    await simulator.close();
    await receiver.close();
  });

  it('take their secret from the configuration and ignore it anywhere else', async () => {
    simulator.world.addUser({ name: 'admin', personalAccessToken: 'pat', admin: true });
    simulator.world.addProject({ key: 'TM', members: ['admin'] });
    const admin = jiraClient(simulator.url, 'Bearer pat', '/rest/api/2');
    const wish = { name: 'ours', url: receiver.url, events: EVENTS, active: true, scopeType: 'global' };
    await admin.post('/rest/jira-webhook/1.0/webhooks', { ...wish, secret: 'ignored' });
    const signed = await admin.post('/rest/jira-webhook/1.0/webhooks', {
      ...wish,
      configuration: { SECRET: 'shh', EXCLUDE_BODY: 'false' },
    });
    assert.equal(signed.text('configuration', 'SECRET'), '********');
    simulator.world.openIssue({ project: 'TM', summary: 'a', description: 'h2. Hi', by: 'admin' });
    await simulator.settled();
    const signatures = receiver.received.map(({ body, headers }) => [
      headers['x-hub-signature'],
      `sha256=${createHmac('sha256', 'shh').update(body).digest('hex')}`,
    ]);
    const bare = signatures.filter(([sent]) => sent === undefined);
    assert.deepEqual([signatures.length, bare.length], [2, 1]);
    for (const [sent, expected] of signatures) if (sent !== undefined) assert.equal(sent, expected);
  });
});
