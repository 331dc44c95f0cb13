import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import type { WebhookRequest } from '../../src/ports/tracker.ts';
import { azureDevopsWebhook } from '../../src/providers/azure-devops/webhook.ts';

const SECRET = new Secret('5f'.repeat(32));
const PAYLOAD = { id: 'event-1', subscriptionId: 'sub-1', eventType: 'workitem.updated' };
const NOW = new Date();
const NO_ITEM = 'It names no work item.';

function requestOf(payload: unknown, headers: Record<string, string> = {}): WebhookRequest {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { method: 'POST', url: '/webhooks/azure_devops/1', headers, body };
}

/** The hint of a delivery with these members beside or instead of the usual ones. */
function hintOf(more: object) {
  return azureDevopsWebhook.parse(requestOf({ ...PAYLOAD, ...more }));
}

/** The number of the work item that an update hints at, by its address. */
function itemAt(url: string): string | undefined {
  return hintOf({ resource: { id: 2, url } }).refs[0]?.id;
}

function proof(secret: Secret) {
  return createHmac('sha256', secret.reveal()).update('azure-devops-header');
}

function basic(words: string): string {
  return `Basic ${btoa(words)}`;
}

describe('the proof of a delivery of Azure DevOps', () => {
  const verify = (headers: Record<string, string>, scheme: string | undefined, secrets = [SECRET]): boolean =>
    azureDevopsWebhook.verify(requestOf(PAYLOAD, headers), secrets, NOW, scheme);
  const header = proof(SECRET).digest('hex');
  const authorization = basic(`tmi:${SECRET.reveal()}`);

  it('is the password and the header of the same secret', () => {
    const other = new Secret('other');
    assert.equal(verify({ authorization, 'x-tmi-proof': header }, 'basic'), true);
    assert.equal(verify({ authorization, 'x-tmi-proof': header }, 'basic', [other, SECRET]), true);
    assert.equal(verify({ authorization, 'x-tmi-proof': header }, 'basic', [SECRET, other]), true);
    assert.equal(verify({ 'x-tmi-proof': header }, 'basic'), false);
    assert.equal(verify({ authorization, 'x-tmi-proof': '' }, 'basic'), false);
    const mixed = { authorization, 'x-tmi-proof': proof(other).digest('hex') };
    assert.equal(verify(mixed, 'basic', [SECRET, other]), false);
    const otherPassword = { authorization: basic('tmi:other'), 'x-tmi-proof': header };
    assert.equal(verify(otherPassword, 'basic', [SECRET, other]), false);
  });

  it('is none in a scheme that we do not know', () => {
    assert.equal(verify({ authorization, 'x-tmi-proof': header }, 'other'), false);
    assert.equal(verify({ authorization }, ''), false);
  });

  it('does not depend on the name of the user, on spaces or on the case of the word Basic', () => {
    const password = SECRET.reveal();
    for (const good of [basic(`:${password}`), `BASIC  ${btoa(`me:${password}`)}`])
      assert.equal(verify({ authorization: good }, undefined), true, good);
    for (const bad of [btoa(`tmi:${password}`), `x${authorization}`, `${authorization} x`, basic(password)])
      assert.equal(verify({ authorization: bad }, undefined), false, bad);
    const colon = new Secret('a:b');
    assert.equal(verify({ authorization: basic('tmi:a:b') }, undefined, [colon]), true);
  });

  it('is never made with an empty secret', () => {
    const none = new Secret('');
    const headers = { authorization: basic('tmi:'), 'x-tmi-proof': proof(none).digest('hex') };
    for (const scheme of [undefined, 'basic']) assert.equal(verify(headers, scheme, [none]), false);
    assert.equal(verify({}, undefined, [none]), false);
  });

  it('is described', () => {
    assert.deepEqual(Object.keys(azureDevopsWebhook.schemes), ['basic']);
    assert.match(azureDevopsWebhook.schemes['basic'] ?? '', /password of Basic.*X-Tmi-Proof/);
  });
});

describe('a delivery of Azure DevOps', () => {
  it('names its subscription, its event, its project and its work item', () => {
    const resourceContainers = { project: { id: 'p-1' } };
    assert.deepEqual(hintOf({ resource: { workItemId: 7 }, resourceContainers }), {
      deliveryId: 'sub-1/event-1',
      event: 'workitem.updated',
      projectId: 'p-1',
      refs: [{ id: '7', key: '7' }],
    });
  });

  it('may leave out its subscription and its project', () => {
    for (const resourceContainers of [undefined, null, {}, { project: null }, { project: {} }, 'x']) {
      const hint = hintOf({ subscriptionId: null, resource: { workItemId: 7 }, resourceContainers });
      assert.deepEqual([hint.deliveryId, hint.projectId, hint.refs.length], ['/event-1', undefined, 1]);
    }
  });

  it('names the work item in the address of the update', () => {
    const base = 'https://dev.azure.com/acme/p/_apis/wit';
    assert.equal(itemAt(`${base}/workItems/1234567890/updates/2`), '1234567890');
    assert.equal(itemAt(`${base}/workitems/42`), '42');
    for (const odd of ['/workItems/42x', '/workItems/12345678901', '/workItems/', '/items/42'])
      assert.equal(itemAt(base + odd), undefined, odd);
  });

  it('without a work item is ignored, and says so', () => {
    for (const resource of [undefined, null, {}, { id: 2 }, { workItemId: 0 }, { workItemId: -1 }]) {
      const { refs, ignored } = hintOf({ resource });
      assert.deepEqual([refs, ignored], [[], NO_ITEM]);
    }
    for (const resource of [undefined, null, {}])
      assert.equal(hintOf({ eventType: 'workitem.created', resource }).ignored, NO_ITEM);
  });

  it('about something else is ignored, and says what', () => {
    const { refs, ignored } = hintOf({ eventType: 'build.complete', resource: { id: 9 } });
    assert.deepEqual([refs, ignored], [[], 'We do not follow "build.complete".']);
  });

  it('that is none is refused, and says what to choose', () => {
    const message = /not what Azure DevOps sends about work items; send at least "Minimal"/;
    assert.throws(() => azureDevopsWebhook.parse(requestOf('{')), { code: 'invalid-request', message });
  });
});
