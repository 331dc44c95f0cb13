import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { WebhookRequest } from '../../src/ports/tracker.ts';
import { githubWebhook } from '../../src/providers/github/webhook.ts';

const SECRET = new Secret("It's a Secret to Everybody");
const NOW = new Date('2026-01-01T00:00:00Z');
const ISSUE = { node_id: 'I_1', number: 7 };

function signed(body: string, key = SECRET.reveal()): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
}
function delivery(event: string, payload: unknown, headers: Record<string, string> = {}): WebhookRequest {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const usual = { 'x-github-event': event, 'x-github-delivery': 'd-1', 'x-hub-signature-256': signed(body) };
  return {
    method: 'POST',
    url: '/webhooks/github/1',
    headers: { ...usual, ...headers },
    body: Buffer.from(body),
  };
}

describe('the webhook of GitHub', () => {
  it('accepts the example of GitHub’s own page', () => {
    const request = delivery('ping', 'Hello, World!');
    assert.equal(
      request.headers['x-hub-signature-256'],
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    );
    assert.equal(githubWebhook.verify(request, [SECRET], NOW), true);
  });

  it('accepts either secret during a rotation', () => {
    const request = delivery('ping', '{}');
    assert.equal(githubWebhook.verify(request, [new Secret('new'), SECRET], NOW), true);
    assert.equal(githubWebhook.verify(request, [SECRET, new Secret('old')], NOW), true);
    assert.equal(githubWebhook.verify(request, [new Secret('new')], NOW), false);
    assert.equal(githubWebhook.verify(request, [], NOW), false);
  });

  it('refuses a signature that is missing, empty, cut, of another kind, or made with an empty secret', () => {
    const good = signed('{}');
    const wrong = [
      '',
      'sha256=',
      good.slice(0, -1),
      good.slice(7),
      `${good}0`,
      good.toUpperCase(),
      ` ${good}`,
      good.replace('256', '1'),
      'sha256=\u0000',
    ];
    for (const signature of wrong) {
      const request = delivery('ping', '{}', { 'x-hub-signature-256': signature });
      assert.equal(githubWebhook.verify(request, [SECRET], NOW), false, signature);
    }
    const { 'x-hub-signature-256': _, ...headers } = delivery('ping', '{}').headers;
    assert.equal(githubWebhook.verify({ ...delivery('ping', '{}'), headers }, [SECRET], NOW), false);
    const unsigned = delivery('ping', '{}', { 'x-hub-signature-256': signed('{}', '') });
    assert.equal(githubWebhook.verify(unsigned, [new Secret('')], NOW), false);
    const sha1 = delivery('ping', '{}', { 'x-hub-signature-256': '', 'x-hub-signature': good });
    assert.equal(githubWebhook.verify(sha1, [SECRET], NOW), false);
  });

  it('sees every flipped bit of the body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.nat(7), (bytes, at, bit) => {
        const signature = `sha256=${createHmac('sha256', SECRET.reveal()).update(bytes).digest('hex')}`;
        const request = delivery('ping', '{}', { 'x-hub-signature-256': signature });
        assert.equal(githubWebhook.verify({ ...request, body: bytes }, [SECRET], NOW), true);
        const body = Uint8Array.from(bytes);
        body[at % body.length] = (body[at % body.length] ?? 0) ^ (1 << bit);
        assert.equal(githubWebhook.verify({ ...request, body }, [SECRET], NOW), false);
      }),
    );
  });

  it('hints at the issue, and at nothing else of it', () => {
    const payload = { action: 'edited', issue: { ...ISSUE, title: 'x' }, repository: { id: 42, name: 'r' } };
    assert.deepEqual(githubWebhook.parse(delivery('issues', payload)), {
      deliveryId: 'd-1',
      event: 'issues.edited',
      projectId: '42',
      refs: [{ id: 'I_1', key: '7' }],
    });
    const comment = { action: 'created', issue: ISSUE, comment: { id: 1 }, repository: { id: 42 } };
    assert.deepEqual(githubWebhook.parse(delivery('issue_comment', comment)).refs, [{ id: 'I_1', key: '7' }]);
  });

  it('ignores pings, pull requests and unknown events, and says why', () => {
    const pull = { action: 'created', issue: { ...ISSUE, pull_request: {} }, repository: { id: 42 } };
    for (const [request, event, why] of [
      [delivery('ping', { zen: 'x', hook_id: 1 }), 'ping', 'GitHub only tries whether we answer.'],
      [delivery('issue_comment', pull), 'issue_comment.created', 'It is about a pull request.'],
      [delivery('star', { action: 'created' }), 'star.created', 'We do not follow "star".'],
      [delivery('label', { action: 'edited', issue: ISSUE }), 'label.edited', 'We do not follow "label".'],
    ] as const) {
      const { ignored, ...hint } = githubWebhook.parse(request);
      assert.deepEqual([hint.event, hint.refs, ignored], [event, [], why]);
    }
  });

  it('follows what happens to the repository, without an issue', () => {
    const hint = githubWebhook.parse(
      delivery('repository', { action: 'publicized', repository: { id: 42 } }),
    );
    assert.deepEqual(hint, { deliveryId: 'd-1', event: 'repository.publicized', projectId: '42', refs: [] });
  });

  it('refuses a body that GitHub does not send', () => {
    for (const body of [
      '',
      'payload=%7B%7D',
      '[]',
      'null',
      '{"issue":{"number":"7"}}',
      '{"repository":{"id":1e99}}',
      '{}',
    ])
      assert.throws(() => githubWebhook.parse(delivery('issues', body)), { code: 'invalid-request' }, body);
  });

  it('refuses a delivery that does not name itself, its event or its issue, and says which', () => {
    const headless = /no X-GitHub-Delivery or X-GitHub-Event header/;
    const payload = { action: 'edited', issue: ISSUE };
    const named = delivery('issues', payload);
    const refused: [WebhookRequest, RegExp][] = [
      [{ ...named, headers: {} }, headless],
      [{ ...named, headers: { 'x-github-event': 'issues' } }, headless],
      [{ ...named, headers: { 'x-github-delivery': 'd-1' } }, headless],
      [delivery('issues', { action: 'edited' }), /about an issue names no issue/],
      [delivery('issues', 'payload=%7B%7D'), /not what GitHub sends.*application\/json/],
    ];
    for (const [request, message] of refused)
      assert.throws(() => githubWebhook.parse(request), { code: 'invalid-request', message });
  });

  it('says how its deliveries are proven', () => {
    assert.deepEqual(Object.keys(githubWebhook.schemes), ['hmac-sha256']);
    assert.match(githubWebhook.schemes['hmac-sha256'] ?? '', /X-Hub-Signature-256.*HMAC-SHA256/);
  });
});
