import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import type { Hooks } from '../../src/ports/hooks.ts';
import type { WebhookRequest } from '../../src/ports/tracker.ts';
import { azureDevopsWebhook } from '../../src/providers/azure-devops/webhook.ts';
import { startHookReceiver } from '../simulators/hook-receiver.ts';
import type { HookReceiver } from '../simulators/hook-receiver.ts';
import { azureDevopsSpec } from '../simulators/azure-devops-spec.ts';
import { HERE, openAzureDevops, ORGANIZATION } from './azure-devops-world.ts';
import type { AzureDevopsPlace } from './azure-devops-world.ts';

const SECRET = new Secret('5f'.repeat(32));
const OTHER = new Secret('6e'.repeat(32));
const NEVER = new AbortController().signal;
const NOW = new Date();

function basic(password: string): string {
  return `Basic ${btoa(`tmi:${password}`)}`;
}

function requestOf(payload: unknown, headers: Record<string, string> = {}): WebhookRequest {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { method: 'POST', url: '/webhooks/azure_devops/1', headers, body };
}

describe('our service hooks at a simulated Azure DevOps', () => {
  let place: AzureDevopsPlace;
  let receiver: HookReceiver;
  let hooks: Hooks;
  beforeEach(async () => {
    receiver = await startHookReceiver();
    place = await openAzureDevops();
    assert.ok(place.tracker.hooks);
    ({ hooks } = { hooks: place.tracker.hooks });
  });
  afterEach(async () => {
    await place.close();
    await receiver.close();
  });
  const received = (): WebhookRequest[] =>
    receiver.received.map(({ body, headers }) => requestOf(body, { ...headers }));

  it('are one for each event, proven by a password and a header, and name the work item', async () => {
    const { scheme, hookId } = await hooks.ensure(receiver.url, SECRET, NEVER);
    assert.equal(hookId.split(',').length, 5);
    const { world } = place.simulator;
    const { projectId } = await place.tracker.project(NEVER);
    const { id } = world.openItem({ ...HERE, title: 'By a person, secret words' });
    const item = { organization: ORGANIZATION, id };
    world.editTitle(item, 'Edited');
    world.comment(item, 'words');
    world.deleteItem(item);
    world.restoreItem(item);
    await place.simulator.settled();
    const hints = received().map((each) => azureDevopsWebhook.parse(each));
    assert.deepEqual(new Set(hints.map(({ event }) => event)).size, 5);
    for (const hint of hints) {
      assert.deepEqual(hint.refs, [{ id: String(id), key: String(id) }], hint.event);
      assert.equal(hint.projectId, projectId);
    }
    assert.equal(new Set(hints.map(({ deliveryId }) => deliveryId)).size, hints.length);
    for (const each of received()) {
      assert.equal(azureDevopsWebhook.verify(each, [OTHER, SECRET], NOW, scheme), true);
      assert.equal(azureDevopsWebhook.verify(each, [OTHER], NOW, scheme), false);
      assert.doesNotMatch(Buffer.from(each.body).toString(), /secret words/);
    }
    assert.deepEqual(azureDevopsSpec()?.violations(place.simulator.requests) ?? [], []);
  });

  it('are brought up to date rather than doubled, and enabled again', async () => {
    const first = await hooks.ensure(receiver.url, SECRET, NEVER);
    const [one = ''] = first.hookId.split(',');
    for (const status of ['onProbation', 'disabledBySystem'] as const) {
      place.simulator.world.setHookStatus(ORGANIZATION, one, status);
      assert.equal(await hooks.healthy(first.hookId, NEVER), false);
      assert.deepEqual(await hooks.ensure(receiver.url, OTHER, NEVER), first);
      assert.equal(await hooks.healthy(first.hookId, NEVER), true);
    }
    assert.equal(place.simulator.world.hooks(ORGANIZATION).length, 5);
    place.simulator.world.openItem({ ...HERE, title: 'By a person' });
    await place.simulator.settled();
    const [delivery] = received();
    assert.ok(delivery);
    assert.equal(azureDevopsWebhook.verify(delivery, [OTHER], NOW, first.scheme), true);
  });

  it('leave those of others alone', async () => {
    const other = await hooks.ensure('http://127.0.0.1:9/other', SECRET, NEVER);
    const ours = await hooks.ensure(receiver.url, SECRET, NEVER);
    await hooks.remove(ours.hookId, NEVER);
    assert.equal(await hooks.healthy(other.hookId, NEVER), true);
    assert.equal(place.simulator.world.hooks(ORGANIZATION).length, 5);
  });
});

describe('the webhook of Azure DevOps', () => {
  const payload = {
    id: 'event-1',
    subscriptionId: 'sub-1',
    eventType: 'workitem.updated',
    resource: { id: 2, workItemId: 7 },
    resourceContainers: { project: { id: 'p-1' } },
  };

  it('made by hand is proven by the password, one that we registered only with the header, too', () => {
    const byHand = requestOf(payload, { authorization: basic(SECRET.reveal()) });
    const verify = (request: WebhookRequest, scheme?: string): boolean =>
      azureDevopsWebhook.verify(request, [SECRET], NOW, scheme);
    assert.equal(verify(byHand), true);
    assert.equal(verify(byHand, 'basic'), false);
    assert.equal(verify(byHand, 'other'), false);
    for (const authorization of [
      '',
      'Basic',
      basic(''),
      basic(OTHER.reveal()),
      `Bearer ${SECRET.reveal()}`,
      SECRET.reveal(),
    ])
      assert.equal(verify(requestOf(payload, { authorization })), false, authorization);
    assert.equal(
      azureDevopsWebhook.verify(requestOf(payload, { authorization: basic('') }), [new Secret('')], NOW),
      false,
    );
    assert.equal(azureDevopsWebhook.verify(byHand, [], NOW), false);
  });

  it('takes the work item of an update, not the number of the update', () => {
    assert.deepEqual(azureDevopsWebhook.parse(requestOf(payload)).refs, [{ id: '7', key: '7' }]);
    const url = 'https://dev.azure.com/acme/p/_apis/wit/workItems/8/updates/2';
    const minimal = { ...payload, resource: { id: 2, url } };
    assert.deepEqual(azureDevopsWebhook.parse(requestOf(minimal)).refs, [{ id: '8', key: '8' }]);
    const bare = azureDevopsWebhook.parse(requestOf({ ...payload, resource: { id: 2 } }));
    assert.ok(bare.refs.length === 0 && bare.ignored !== undefined);
    const created = { ...payload, eventType: 'workitem.created', resource: { id: 9 } };
    assert.deepEqual(azureDevopsWebhook.parse(requestOf(created)).refs, [{ id: '9', key: '9' }]);
  });

  it('is the same delivery when it comes again, ignores what is no work item, and refuses nonsense', () => {
    const { deliveryId } = azureDevopsWebhook.parse(requestOf(payload));
    assert.equal(
      azureDevopsWebhook.parse(requestOf({ ...payload, notificationId: 2 })).deliveryId,
      deliveryId,
    );
    assert.notEqual(
      azureDevopsWebhook.parse(requestOf({ ...payload, subscriptionId: 'sub-2' })).deliveryId,
      deliveryId,
    );
    assert.notEqual(
      azureDevopsWebhook.parse(requestOf({ ...payload, eventType: 'build.complete' })).ignored,
      undefined,
    );
    for (const nonsense of ['', '{', '[]', '"x"', '{"id":1}', { ...payload, resource: { workItemId: 'x' } }])
      assert.throws(() => azureDevopsWebhook.parse(requestOf(nonsense)), { code: 'invalid-request' });
  });
});
