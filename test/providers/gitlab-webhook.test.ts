import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { WebhookRequest } from '../../src/ports/tracker.ts';
import { signingToken } from '../../src/providers/gitlab/signing.ts';
import { gitlabWebhook } from '../../src/providers/gitlab/webhook.ts';

const SIGNED = 'standard-webhooks';
const PLAIN = 'token';
const SECRET = new Secret('5f'.repeat(32));
const OTHER = new Secret('6e'.repeat(32));
const NOW = new Date('2026-01-01T00:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const ATTRIBUTES = { id: 70, iid: 7, action: 'update', type: 'Issue' };

/** As https://www.standardwebhooks.com says, written without our code. */
function signature(id: string, time: string, body: string | Buffer, secret = SECRET): string {
  const hmac = createHmac('sha256', Buffer.from(secret.reveal(), 'hex')).update(`${id}.${time}.`);
  return `v1,${hmac.update(body).digest('base64')}`;
}

function request(
  payload: unknown,
  headers: Record<string, string | undefined> = {},
  event = 'Issue Hook',
): WebhookRequest {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return {
    method: 'POST',
    url: '/webhooks/gitlab/1',
    headers: { 'x-gitlab-event': event, 'x-gitlab-event-uuid': 'uuid', ...headers },
    body,
  };
}

function signed(body: string, over: Record<string, string | undefined> = {}): WebhookRequest {
  const time = over['webhook-timestamp'] ?? String(SECONDS);
  const id = over['webhook-id'] ?? 'd-1';
  return request(body, {
    'webhook-id': id,
    'webhook-timestamp': time,
    'webhook-signature': signature(id, time, body),
    ...over,
  });
}

function verify(
  delivery: WebhookRequest,
  scheme: string | undefined,
  secrets: readonly Secret[] = [SECRET],
): boolean {
  return gitlabWebhook.verify(delivery, secrets, NOW, scheme);
}

describe('the webhook of GitLab, signed', () => {
  it('is proven here by the formula of the specification, which gives its published example', () => {
    const example = {
      ...request('{"test": 2432232314}'),
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
    };
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const expected = createHmac('sha256', key)
      .update('msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}')
      .digest('base64');
    assert.equal(example.headers['webhook-signature'], `v1,${expected}`);
  });

  it('accepts one good signature among several, and either secret during a rotation', () => {
    assert.equal(verify(signed('{}'), SIGNED), true);
    assert.equal(verify(signed('{}'), SIGNED, [OTHER, SECRET]), true);
    assert.equal(verify(signed('{}'), SIGNED, [OTHER]), false);
    assert.equal(verify(signed('{}'), SIGNED, []), false);
    const good = signature('d-1', String(SECONDS), '{}');
    const among = (others: number) => ({ 'webhook-signature': `${'v1,AAAA '.repeat(others)}${good}` });
    assert.equal(verify(signed('{}', among(9)), SIGNED), true);
    assert.equal(verify(signed('{}', among(10)), SIGNED), false, 'ten are read');
  });

  it('refuses a signature that is missing, cut, of another kind or of another time, id or body', () => {
    const good = signature('d-1', String(SECONDS), '{}');
    const wrong: Record<string, string | undefined>[] = [
      { 'webhook-signature': undefined },
      { 'webhook-signature': '' },
      { 'webhook-signature': good.slice(0, -1) },
      { 'webhook-signature': good.slice(3) },
      { 'webhook-signature': good.replace('v1', 'v2') },
      { 'webhook-signature': good.toUpperCase() },
      { 'webhook-signature': signature('d-2', String(SECONDS), '{}') },
      { 'webhook-signature': signature('d-1', String(SECONDS + 1), '{}') },
      { 'webhook-signature': signature('d-1', String(SECONDS), '{ }') },
      { 'webhook-signature': signature('', String(SECONDS), '{}'), 'webhook-id': '' },
    ];
    for (const headers of wrong)
      assert.equal(verify(signed('{}', headers), SIGNED), false, JSON.stringify(headers));
  });

  it('refuses one without an id or a time, whoever signed it, and every one under an empty secret', () => {
    const { headers, ...rest } = signed('{}', { 'webhook-signature': signature('', String(SECONDS), '{}') });
    assert.equal(verify({ ...rest, headers: { ...headers, 'webhook-id': undefined } }, SIGNED), false);
    const timeless = { ...headers, 'webhook-signature': signature('d-1', '', '{}') };
    assert.equal(
      verify({ ...rest, headers: { ...timeless, 'webhook-timestamp': undefined } }, SIGNED),
      false,
    );
    const empty = new Secret('');
    const key = createHash('sha256').update('').digest('hex');
    const forged = signature('d-1', String(SECONDS), '{}', new Secret(key));
    assert.equal(verify(signed('{}', { 'webhook-signature': forged }), SIGNED, [empty]), false);
    assert.equal(verify(signed('{}', { 'webhook-signature': forged }), SIGNED, [new Secret(key)]), true);
  });

  it('refuses what is more than five minutes old or ahead', () => {
    for (const [offset, valid] of [
      [-301, false],
      [-300, true],
      [0, true],
      [300, true],
      [301, false],
    ] as const)
      assert.equal(verify(signed('{}', { 'webhook-timestamp': String(SECONDS + offset) }), SIGNED), valid);
    for (const odd of ['', 'x', '1e9', `${String(SECONDS)}.5`, ` ${String(SECONDS)}`])
      assert.equal(verify(signed('{}', { 'webhook-timestamp': odd }), SIGNED), false, odd);
  });

  it('is never taken for less: the plain secret does not stand for a signature', () => {
    const plain = request('{}', { 'x-gitlab-token': SECRET.reveal() });
    assert.equal(verify(plain, SIGNED), false);
    assert.equal(verify(plain, PLAIN), true);
    assert.equal(verify(signed('{}'), PLAIN), false);
    assert.equal(verify(signed('{}'), 'none'), false);
    assert.equal(verify(plain, ''), false);
  });

  it('sees every flipped bit of the body', () => {
    const whole = signed('{"object_kind":"issue"}');
    fc.assert(
      fc.property(fc.nat(whole.body.length * 8 - 1), (bit) => {
        const body = Buffer.from(whole.body);
        body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return !verify({ ...whole, body }, SIGNED);
      }),
    );
  });
});

describe('the signing token for GitLab', () => {
  it('is our secret in the form that the specification gives', () => {
    const bytes = Buffer.from(SECRET.reveal(), 'hex');
    assert.equal(signingToken(SECRET).reveal(), `whsec_${bytes.toString('base64')}`);
    const loud = new Secret(SECRET.reveal().toUpperCase());
    assert.equal(signingToken(loud).reveal(), signingToken(SECRET).reveal());
  });

  it('is a hash of a secret that a person has chosen in another form', () => {
    const hex = SECRET.reveal();
    for (const chosen of ['hunter2', hex.slice(2), `${hex}00`, `${hex}z`, `z${hex}`, `${hex}0`]) {
      const bytes = createHash('sha256').update(chosen).digest();
      assert.equal(signingToken(new Secret(chosen)).reveal(), `whsec_${bytes.toString('base64')}`, chosen);
    }
  });
});

describe('the webhook of GitLab with a plain secret', () => {
  it('is what hooks made by hand have', () => {
    assert.equal(verify(request('{}', { 'x-gitlab-token': SECRET.reveal() }), undefined), true);
    assert.equal(
      verify(request('{}', { 'x-gitlab-token': SECRET.reveal() }), undefined, [OTHER, SECRET]),
      true,
    );
    for (const given of ['', SECRET.reveal().slice(1), OTHER.reveal(), undefined])
      assert.equal(verify(request('{}', { 'x-gitlab-token': given }), undefined), false);
    assert.equal(verify(request('{}', { 'x-gitlab-token': '' }), PLAIN, [new Secret('')]), false);
  });
});

function typed(type: string) {
  return { ...ATTRIBUTES, type };
}

describe('a delivery of GitLab', () => {
  it('is proven in one of two ways', () => {
    assert.deepEqual(Object.keys(gitlabWebhook.schemes), [SIGNED, PLAIN]);
    assert.match(gitlabWebhook.schemes[SIGNED] ?? '', /webhook-signature.*HMAC-SHA256.*five minutes/);
    assert.match(gitlabWebhook.schemes[PLAIN] ?? '', /X-Gitlab-Token.*the secret itself/);
  });

  it('names the issue, the project and itself, the same when it comes again', () => {
    const payload = { object_kind: 'issue', project: { id: 5 }, object_attributes: ATTRIBUTES };
    const hint = gitlabWebhook.parse(request(payload, { 'webhook-id': 'd-1', 'idempotency-key': 'd-1' }));
    assert.deepEqual(hint, {
      deliveryId: 'd-1',
      event: 'issue.update',
      projectId: '5',
      refs: [{ id: '70', key: '7' }],
    });
    const old = gitlabWebhook.parse(request(payload)).deliveryId;
    assert.equal(gitlabWebhook.parse(request(payload)).deliveryId, old);
    const next = { ...payload, object_attributes: { ...ATTRIBUTES, action: 'close' } };
    assert.notEqual(gitlabWebhook.parse(request(next)).deliveryId, old);
    assert.equal(gitlabWebhook.parse(request(payload, { 'idempotency-key': 'k' })).deliveryId, 'k');
  });

  it('about a comment names the issue it is on, and no other thing', () => {
    const note = {
      object_kind: 'note',
      project: { id: 5 },
      object_attributes: { id: 1, noteable_type: 'Issue' },
    };
    const issue = { id: 70, iid: 7 };
    assert.deepEqual(gitlabWebhook.parse(request({ ...note, issue }, {}, 'Note Hook')).refs, [
      { id: '70', key: '7' },
    ]);
    const elsewhere = { ...note, object_attributes: { id: 1, noteable_type: 'MergeRequest' } };
    for (const odd of [elsewhere, { object_kind: 'note' }]) {
      const hint = gitlabWebhook.parse(request(odd, {}, 'Note Hook'));
      assert.deepEqual([hint.refs, hint.ignored], [[], 'The comment is not on an issue.']);
    }
    const message = 'The delivery about a comment names no issue.';
    assert.throws(() => gitlabWebhook.parse(request(note)), { code: 'invalid-request', message });
  });

  it('without a name of its own has that of its event and its content, as servers before 17.4 send it', () => {
    const payload = { object_kind: 'issue', object_attributes: ATTRIBUTES };
    const content = createHash('sha256').update(JSON.stringify(payload)).digest('hex').slice(0, 32);
    assert.equal(gitlabWebhook.parse(request(payload)).deliveryId, `uuid/${content}`);
    const nameless = request(payload, { 'x-gitlab-event-uuid': undefined });
    assert.equal(gitlabWebhook.parse(nameless).deliveryId, `/${content}`);
    assert.equal(gitlabWebhook.parse(request(payload, { 'webhook-id': '' })).deliveryId, `uuid/${content}`);
  });

  it('about an issue of a server that does not tell types of work items apart is followed', () => {
    const { type: _, ...untyped } = ATTRIBUTES;
    for (const kind of ['issue', 'work_item']) {
      const hint = gitlabWebhook.parse(request({ object_kind: kind, object_attributes: untyped }));
      assert.deepEqual([hint.refs, hint.ignored], [[{ id: '70', key: '7' }], undefined]);
    }
  });

  it('about other work items and other events is ignored', () => {
    for (const [payload, why] of [
      [{ object_kind: 'issue', object_attributes: typed('Task') }, 'It is about a work item of type "Task".'],
      [{ object_kind: 'work_item', object_attributes: typed('') }, 'It is about a work item of type "".'],
      [{ object_kind: 'push', object_attributes: ATTRIBUTES }, 'We do not follow "push".'],
    ] as const) {
      const { refs, ignored } = gitlabWebhook.parse(request(payload));
      assert.deepEqual([refs, ignored], [[], why]);
    }
  });

  it('that is none is refused', () => {
    for (const body of ['', 'x', '[]', '{}', '{"object_kind":1}', '{"object_kind":"issue"}'])
      assert.throws(() => gitlabWebhook.parse(request(body)), { code: 'invalid-request' }, body);
    const whole = { object_kind: 'issue', object_attributes: ATTRIBUTES };
    const refused: [WebhookRequest, RegExp][] = [
      [request('x'), /not what GitLab sends about issues and comments.*no custom template/],
      [request('{"object_kind":"issue"}'), /The delivery about an issue names no issue/],
      [{ ...request(whole), headers: {} }, /no X-Gitlab-Event header/],
      [request(whole, {}, ''), /no X-Gitlab-Event header/],
    ];
    for (const [delivery, message] of refused)
      assert.throws(() => gitlabWebhook.parse(delivery), { code: 'invalid-request', message });
  });
});
