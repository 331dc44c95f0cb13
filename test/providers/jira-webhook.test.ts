import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import type { WebhookRequest } from '../../src/ports/tracker.ts';
import { jiraWebhook } from '../../src/providers/jira/webhook.ts';
import { startHookReceiver } from '../simulators/hook-receiver.ts';
import type { HookReceiver } from '../simulators/hook-receiver.ts';
import { connectJira, KEY, openJira, openWay, renewed } from './jira-world.ts';
import type { JiraPlace, Opened } from './jira-world.ts';

const SECRET = 'ab'.repeat(32);
const NOW = new Date('2026-11-22T10:00:00Z');
const URL_PATH = '/webhooks/jira/0b7cbb1e';
const BODY = JSON.stringify({
  webhookEvent: 'jira:issue_updated',
  timestamp: 1_795_000_000_000,
  issue: { id: '10042', key: 'TM-42', fields: { project: { id: '10000', key: 'TM' } } },
  changelog: { id: '5', items: [] },
});

function signed(body: string, method = 'sha256', key = SECRET): string {
  return `${method}=${createHmac(method, key).update(body).digest('hex')}`;
}

function delivery(headers: Record<string, string>, body = BODY): WebhookRequest {
  return { method: 'POST', url: URL_PATH, headers, body: Buffer.from(body) };
}

function verified(request: WebhookRequest, scheme?: string, ...secrets: string[]): boolean {
  const known = (secrets.length === 0 ? [SECRET] : secrets).map((each) => new Secret(each));
  return jiraWebhook.verify(request, known, NOW, scheme);
}

describe('the signature of a delivery', () => {
  it('is the HMAC of the very bytes, by one of the secrets', () => {
    assert.ok(verified(delivery({ 'x-hub-signature': signed(BODY) })));
    assert.ok(verified(delivery({ 'x-hub-signature': signed(BODY) }), 'hub-signature', 'new', SECRET));
    assert.ok(!verified(delivery({ 'x-hub-signature': signed(BODY) }, `${BODY} `)));
    assert.ok(!verified(delivery({ 'x-hub-signature': signed(BODY, 'sha256', 'other') })));
  });

  it('is refused in any other form', () => {
    for (const signature of [
      '',
      'sha256=',
      signed(BODY, 'sha1'),
      signed(BODY, 'sha512'),
      signed(BODY).slice(0, -1),
    ])
      assert.ok(!verified(delivery({ 'x-hub-signature': signature })), signature);
    assert.ok(!verified(delivery({ 'x-hub-signature-256': signed(BODY) })));
    assert.ok(!verified(delivery({})));
    const empty = signed(BODY, 'sha256', '');
    assert.ok(!verified(delivery({ 'x-hub-signature': empty }), undefined, ''));
  });
});

function idOf(body: string): string {
  return jiraWebhook.parse(delivery({}, body)).deliveryId;
}

describe('a delivery', () => {
  it('only says where to look', () => {
    const hint = jiraWebhook.parse(delivery({ 'x-atlassian-webhook-identifier': 'id-1' }));
    assert.deepEqual(hint, {
      deliveryId: 'id-1',
      event: 'jira:issue_updated',
      projectId: '10000',
      refs: [{ id: '10042', key: 'TM-42' }],
    });
  });

  it('of a Data Center is known again by what it says', () => {
    assert.equal(idOf(BODY), idOf(BODY));
    for (const [said, other] of [
      ['1795000000000', '1795000000001'],
      ['issue_updated', 'issue_deleted'],
      ['10042', '10043'],
      ['"id":"5"', '"id":"6"'],
      ['"changelog"', '"comment"'],
    ] as const)
      assert.notEqual(idOf(BODY), idOf(BODY.replace(said, other)), other);
    const comment = (id: string) => BODY.replace('"changelog":{"id":"5"', `"comment":{"id":"${id}"`);
    assert.notEqual(idOf(comment('5')), idOf(comment('6')));
    assert.match(idOf(BODY), /^[0-9a-f]{40}$/);
  });

  it('may leave out its project', () => {
    for (const fields of ['', ',"fields":{}', ',"fields":null', ',"fields":{"project":{"id":"x1"}}']) {
      const body = `{"webhookEvent":"jira:issue_updated","issue":{"id":10042,"key":"TM-42"${fields}}}`;
      const { projectId, refs } = jiraWebhook.parse(delivery({}, body));
      assert.deepEqual([projectId, refs], [undefined, [{ id: '10042', key: 'TM-42' }]]);
    }
  });

  it('about something else is ignored, and said so', () => {
    const body = JSON.stringify({ webhookEvent: 'sprint_started', sprint: {} });
    const hint = jiraWebhook.parse(delivery({}, body));
    assert.deepEqual([hint.refs, hint.ignored], [[], 'We do not follow "sprint_started".']);
  });

  it('that Jira does not send is refused', () => {
    for (const body of ['', '[]', '{}', '{"webhookEvent":"jira:issue_updated"}', BODY.slice(0, 80), 'null'])
      assert.throws(() => jiraWebhook.parse(delivery({}, body)), { code: 'invalid-request' }, body);
    for (const id of ['x10042', '10042x', '1'.repeat(21), ''])
      assert.throws(() => jiraWebhook.parse(delivery({}, BODY.replace('10042', id))), {
        code: 'invalid-request',
        message: /not what Jira sends.*"Exclude body" off/,
      });
    assert.throws(() => jiraWebhook.parse(delivery({}, '{"webhookEvent":"jira:issue_updated"}')), {
      message: 'The delivery about an issue names no issue.',
    });
  });

  it('is proven in one of two ways', () => {
    assert.deepEqual(Object.keys(jiraWebhook.schemes), ['hub-signature', 'oauth-jwt']);
    assert.match(jiraWebhook.schemes['hub-signature'] ?? '', /X-Hub-Signature.*HMAC-SHA256/);
    assert.match(jiraWebhook.schemes['oauth-jwt'] ?? '', /JWT, HS256 under the client secret/);
  });
});

function received(receiver: HookReceiver): WebhookRequest[] {
  return receiver.received.map(({ headers, body }) => ({
    method: 'POST',
    url: '/hook',
    headers,
    body: Buffer.from(body),
  }));
}

describe('webhooks of a Data Center', () => {
  let place: JiraPlace;
  let receiver: HookReceiver;
  const { signal } = new AbortController();
  before(async () => {
    place = await openJira('data-center');
    receiver = await startHookReceiver();
  });
  after(async () => {
    await place.close();
    await receiver.close();
  });

  it('are registered by us, signed, and followed', async () => {
    const { hooks } = place.tracker;
    assert.ok(hooks);
    const { hookId, scheme } = await hooks.ensure(receiver.url, new Secret(SECRET), signal);
    const { world } = place.simulator;
    const { id, key } = world.openIssue({ project: KEY, summary: 'x' });
    world.addProject({ key: 'ELSE', members: ['mona'] });
    world.openIssue({ project: 'ELSE', summary: 'not ours' });
    world.comment(id, 'words');
    world.setStatus(id, 'In Progress');
    world.deleteIssue(id);
    await place.simulator.settled();
    const requests = received(receiver);
    assert.ok(requests.every((request) => verified(request, scheme)));
    const hints = requests.map((request) => jiraWebhook.parse(request));
    assert.equal(hints.length, 4);
    for (const hint of hints) assert.deepEqual(hint.refs, [{ id, key }], JSON.stringify(hint));
    assert.equal(new Set(hints.map((hint) => hint.deliveryId)).size, hints.length);
    await hooks.remove(hookId, signal);
    assert.equal(await hooks.healthy(hookId, signal), false);
  });
});

describe('webhooks of an app on Jira Cloud', () => {
  const DAY_MS = 86_400_000;
  const GRANT = { clientId: 'app', clientSecret: 'app-secret', refreshToken: 'first' };
  let place: JiraPlace;
  let receiver: HookReceiver;
  let opened: Opened[];
  let credentials: unknown;
  const { signal } = new AbortController();
  beforeEach(async () => {
    place = await openJira('cloud');
    place.simulator.world.addOAuthApp({ ...GRANT, user: 'tmi-bot' });
    receiver = await startHookReceiver();
    opened = [];
    credentials = { type: 'oauth2', ...GRANT };
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    await place.close();
    await receiver.close();
  });

  async function openApp(): Promise<Opened> {
    const { gatewayUrl } = place.simulator;
    credentials = await renewed(gatewayUrl, credentials, place.clock);
    const app = openWay(connectJira(gatewayUrl, credentials), place.clock);
    opened.push(app);
    return app;
  }

  it('are registered once, signed with the app’s secret, and followed', async () => {
    const { tracker, connection } = await openApp();
    const { hooks } = tracker;
    const { webhookSecret } = connection;
    assert.ok(hooks && webhookSecret);
    const first = await hooks.ensure(receiver.url, new Secret(SECRET), signal);
    assert.deepEqual(await hooks.ensure(receiver.url, new Secret(SECRET), signal), first);
    const { id, key } = place.simulator.world.openIssue({ project: KEY, summary: 'x' });
    await place.simulator.settled();
    const [request] = received(receiver);
    assert.ok(request);
    assert.ok(jiraWebhook.verify(request, [webhookSecret], place.clock.now(), first.scheme));
    assert.ok(!jiraWebhook.verify(request, [new Secret(SECRET)], place.clock.now(), first.scheme));
    assert.deepEqual(jiraWebhook.parse(request).refs, [{ id, key }]);
    await hooks.remove(first.hookId, signal);
    assert.equal(await hooks.healthy(first.hookId, signal), false);
  });

  it('are extended before their thirty days are over', async () => {
    const { hooks } = (await openApp()).tracker;
    assert.ok(hooks);
    const { hookId } = await hooks.ensure(receiver.url, new Secret(SECRET), signal);
    assert.equal(await hooks.healthy(hookId, signal), true);
    place.clock.pass(21 * DAY_MS);
    const later = (await openApp()).tracker.hooks;
    assert.ok(later);
    assert.equal(await later.healthy(hookId, signal), false);
    assert.equal((await later.ensure(receiver.url, new Secret(SECRET), signal)).hookId, hookId);
    assert.equal(await later.healthy(hookId, signal), true);
  });
});
