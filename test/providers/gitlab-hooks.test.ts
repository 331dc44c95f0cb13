import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import type { WebhookRequest } from '../../src/ports/tracker.ts';
import { gitlabWebhook } from '../../src/providers/gitlab/webhook.ts';
import { openGitlab, PROJECT } from './gitlab-world.ts';
import type { GitlabPlace } from './gitlab-world.ts';

const SECRET = new Secret('5f'.repeat(32));
const NEVER = new AbortController().signal;

interface Receiver {
  url: string;
  received: WebhookRequest[];
  status: number;
  close(): Promise<void>;
}

async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      receiver.received.push({ method: 'POST', url: '/', headers, body: Buffer.concat(chunks) });
      response.writeHead(receiver.status).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${String(address.port)}/hook`,
    received: [],
    status: 204,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

describe('our webhook at a simulated GitLab', () => {
  let place: GitlabPlace;
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
    place = await openGitlab();
  });
  afterEach(async () => {
    await place.close();
    await receiver.close();
  });

  async function ensure(earlier?: string): Promise<{ hookId: string; scheme: string }> {
    const { hooks } = place.tracker;
    assert.ok(hooks);
    return hooks.ensure(receiver.url, SECRET, NEVER, earlier);
  }
  async function healthy(hookId: string): Promise<boolean> {
    const { hooks } = place.tracker;
    assert.ok(hooks);
    return hooks.healthy(hookId, NEVER);
  }

  it('is signed where GitLab can sign, and its deliveries prove it and name the issue', async () => {
    const { scheme } = await ensure();
    assert.equal(scheme, 'standard-webhooks');
    const { id, iid } = place.simulator.world.openIssue({ project: PROJECT, title: 'By a person' });
    place.simulator.world.comment({ project: PROJECT, iid }, 'words');
    place.simulator.world.setConfidential({ project: PROJECT, iid }, true);
    await place.simulator.settled();
    assert.equal(receiver.received.length, 3);
    for (const delivery of receiver.received) {
      assert.equal(gitlabWebhook.verify(delivery, [SECRET], place.clock.now(), scheme), true);
      const hint = gitlabWebhook.parse(delivery);
      assert.deepEqual(hint.refs, [{ id: String(id), key: String(iid) }]);
      assert.equal(hint.projectId, String(place.projectId));
      assert.equal(delivery.headers['x-gitlab-token'] ?? '', '');
      assert.ok(!JSON.stringify(delivery.headers).includes(SECRET.reveal()));
    }
    const ids = new Set(receiver.received.map((delivery) => gitlabWebhook.parse(delivery).deliveryId));
    assert.equal(ids.size, 3);
  });

  it('has a plain secret on a server that knows no signatures, and only after it has shown that', async () => {
    await place.close();
    place = await openGitlab({ version: '17.3.0' });
    const { scheme, hookId } = await ensure();
    assert.equal(scheme, 'token');
    assert.deepEqual(
      place.simulator.requests.map(({ method, body }) => [method, 'token' in Object(body)]),
      [
        ['GET', false],
        ['POST', false],
        ['PUT', true],
      ],
    );
    place.simulator.world.openIssue({ project: PROJECT, title: 'By a person' });
    await place.simulator.settled();
    const [delivery] = receiver.received;
    assert.ok(delivery);
    assert.equal(gitlabWebhook.verify(delivery, [SECRET], place.clock.now(), scheme), true);
    assert.equal(gitlabWebhook.verify(delivery, [SECRET], place.clock.now(), 'standard-webhooks'), false);
    assert.equal(gitlabWebhook.parse(delivery).refs.length, 1);
    assert.equal(await healthy(hookId), true);
  });

  it('takes the plain secret away when a hook becomes signed', async () => {
    const api = `${place.simulator.url}/api/v4/projects/${String(place.projectId)}/hooks`;
    const json = { url: receiver.url, token: SECRET.reveal(), issues_events: true };
    await fetch(api, {
      method: 'POST',
      headers: { 'private-token': 'glpat-ours', 'content-type': 'application/json' },
      body: JSON.stringify(json),
    });
    assert.equal((await ensure()).scheme, 'standard-webhooks');
    place.simulator.world.openIssue({ project: PROJECT, title: 'By a person' });
    await place.simulator.settled();
    assert.equal(receiver.received[0]?.headers['x-gitlab-token'] ?? '', '');
    assert.equal(place.simulator.world.hooks(PROJECT).length, 1);
  });

  it('is never downgraded: a signed hook whose signature is refused stays an error', async () => {
    await ensure();
    const answer = { id: place.simulator.world.hooks(PROJECT)[0]?.id, url: receiver.url };
    place.simulator.knobs.next({
      match: ({ method }) => method === 'PUT',
      answer: { status: 200, body: { ...answer, signing_token_present: false } },
    });
    await assert.rejects(ensure(), { code: 'tracker-refused' });
    const sent = place.simulator.requests.map(({ body }) => JSON.stringify(body ?? {}));
    assert.ok(!sent.some((text) => text.includes(SECRET.reveal())));
  });

  it('is never downgraded: where a signed hook was deleted, a server without signatures gets none', async () => {
    await place.close();
    place = await openGitlab({ version: '17.3.0' });
    await assert.rejects(ensure('standard-webhooks'), {
      code: 'tracker-refused',
      message: /19\.0 or newer, or delete the integration and create it again/,
    });
    const sent = place.simulator.requests.map(({ body }) => JSON.stringify(body ?? {}));
    assert.ok(!sent.some((text) => text.includes(SECRET.reveal())));
    assert.deepEqual(place.simulator.world.hooks(PROJECT), []);
    assert.equal((await ensure('token')).scheme, 'token');
  });

  it('is unwell when GitLab switched it off, and made anew by the next call', async () => {
    const first = await ensure();
    receiver.status = 500;
    for (let number = 0; number < 4; number += 1) {
      place.simulator.world.openIssue({ project: PROJECT, title: String(number) });
      await place.simulator.settled();
    }
    assert.equal(await healthy(first.hookId), false);
    receiver.status = 204;
    const second = await ensure();
    assert.notEqual(second.hookId, first.hookId);
    assert.equal(await healthy(second.hookId), true);
    assert.equal(await healthy(first.hookId), false);
    assert.equal(place.simulator.world.hooks(PROJECT).length, 1);
  });

  it('may not be made by less than a maintainer; the connection test says how to do it by hand', async () => {
    place.simulator.world.setRole(PROJECT, place.bot, 'developer');
    await assert.rejects(ensure(), { code: 'tracker-forbidden', message: /role Maintainer.*Secret token/ });
    const { items } = await place.tracker.checkup(NEVER);
    const line = items.find(({ name }) => name === 'webhook');
    assert.equal(line?.outcome, 'warning');
    assert.match(line?.remedy ?? '', /Secret token.*Confidential issues/);
  });
});
