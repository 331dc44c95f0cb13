import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import type { WebhookRequest } from '../../src/ports/tracker.ts';
import { ID, openHouse } from './house.ts';

const url = `/webhooks/github/${ID}`;

async function accept(): Promise<'accepted'> {
  return 'accepted';
}

describe('the webhook door', async () => {
  const received: (WebhookRequest & { provider: string; id: string })[] = [];
  let answerWith: () => Promise<'accepted' | 'duplicate' | 'ignored'> = accept;
  const { app } = await openHouse({
    useCases: {
      webhooks: {
        receive: async (provider, id, request) => {
          received.push({ provider, id, ...request });
          return answerWith();
        },
      },
    },
  });
  after(() => app.close());
  const deliver = (payload: string | Buffer, headers: Record<string, string> = {}, to = url) =>
    app.inject({ method: 'POST', url: to, headers, payload });

  it('hands on the bytes, whatever they are, with headers, method and address', async () => {
    answerWith = accept;
    for (const [type, bytes] of [
      ['application/json', Buffer.from('{ "a" : 1 }\r\n')],
      ['application/x-www-form-urlencoded', Buffer.from('payload=%7B%7D')],
      ['application/json', Buffer.from('{"__proto__": broken')],
      ['text/plain; charset=utf-8', Buffer.from([0xff, 0, 0xfe])],
      ['x/y', Buffer.from('z')],
    ] as const) {
      received.length = 0;
      const answer = await deliver(bytes, { 'content-type': type, 'X-GitHub-Event': 'issues' }, `${url}?x=1`);
      assert.equal(answer.statusCode, 202, answer.body);
      assert.deepEqual(answer.json(), { result: 'accepted' });
      const [request] = received;
      assert.ok(request !== undefined && bytes.equals(request.body));
      assert.equal(request.headers['x-github-event'], 'issues');
      assert.equal(request.method, 'POST');
      assert.equal(request.url, `${url}?x=1`);
      assert.deepEqual([request.provider, request.id], ['github', ID]);
    }
  });

  it('takes a delivery without a body or content type', async () => {
    received.length = 0;
    assert.equal((await app.inject({ method: 'POST', url })).statusCode, 202);
    assert.equal(received[0]?.body.length, 0);
  });

  it('answers the same 401 to a bad signature, an unknown integration and an odd address', async () => {
    const answers = [];
    for (const message of ['The signature is wrong.', 'No such integration.']) {
      answerWith = async () => {
        throw new AppError('webhook-refused', message);
      };
      answers.push(await deliver('{}'));
    }
    received.length = 0;
    for (const to of [
      '/webhooks/trello/1',
      '/webhooks/github/1',
      `/webhooks/GitHub/${ID}`,
      `/webhooks/%27/${ID}`,
    ])
      answers.push(await deliver('{}', {}, to));
    assert.deepEqual(received, []);
    const bodies = answers.map((answer) => {
      assert.equal(answer.statusCode, 401);
      const { requestId, ...rest } = answer.json();
      assert.equal(typeof requestId, 'string');
      return rest;
    });
    for (const body of bodies) assert.deepEqual(body, bodies[0]);
  });

  it('takes 5 MiB and no more, and nothing compressed', async () => {
    answerWith = async () => 'ignored';
    const type = { 'content-type': 'application/json' };
    assert.equal((await deliver(Buffer.alloc(5 * 1024 * 1024), type)).statusCode, 202);
    assert.equal((await deliver(Buffer.alloc(5 * 1024 * 1024 + 1), type)).statusCode, 413);
    assert.equal((await deliver('x', { ...type, 'content-encoding': 'gzip' })).statusCode, 415);
  });

  it('answers 503 when too many are in hand, and takes more when they are done', async () => {
    const gate = Promise.withResolvers<void>();
    const full = Promise.withResolvers<void>();
    let entered = 0;
    answerWith = async () => {
      entered += 1;
      if (entered === 64) full.resolve();
      await gate.promise;
      return 'accepted';
    };
    const waiting = Array.from({ length: 64 }, () => deliver('{}').then((answer) => answer.statusCode));
    await full.promise;
    const refused = await deliver('{}');
    assert.equal(refused.statusCode, 503);
    assert.equal(refused.headers['retry-after'], '1');
    assert.equal(refused.json().code, 'unavailable');
    gate.resolve();
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set([202]));
    assert.equal((await deliver('{}')).statusCode, 202);
  });

  it('needs no token and counts against no limit', async () => {
    answerWith = async () => 'duplicate';
    const house = await openHouse({
      config: { rateLimit: { max: 1, windowMs: 60_000 } },
      useCases: { webhooks: { receive: async () => 'duplicate' } },
    });
    after(() => house.app.close());
    for (let i = 0; i < 5; i += 1) {
      assert.equal((await house.app.inject({ method: 'POST', url })).statusCode, 202);
      assert.equal((await house.app.inject({ url: '/health' })).statusCode, 200);
    }
  });
});
