import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { TrackerError } from '../../src/domain/errors.ts';
import type { TrackerRequest } from '../../src/ports/tracker.ts';
import { BreakerOpen } from '../../src/transport/breaker.ts';
import { withRetries } from '../../src/transport/retry.ts';
import { RetryBudget } from '../../src/transport/retry-budget.ts';
import { chance, connectionTo, CONTEXT, never, serve, transportFor, virtualClock } from './world.ts';

/** A server that answers each request with the next of these, the last one for good. */
function answering(...answers: (number | [number, Record<string, string>])[]) {
  return serve((_request, response) => {
    const next = answers.length > 1 ? answers.shift() : answers[0];
    const [status, headers] = Array.isArray(next) ? next : [next ?? 200, {}];
    response.writeHead(status, headers).end('{}');
  });
}

async function outcome(sent: Promise<{ status: number }>) {
  try {
    return (await sent).status;
  } catch (error) {
    assert.ok(error instanceof TrackerError, String(error));
    return { code: error.code, arrived: error.arrived, status: error.status };
  }
}

const GET: TrackerRequest = { method: 'GET', path: '/' };
const POST: TrackerRequest = { method: 'POST', path: '/' };

describe('retries', () => {
  it('repeats a read after 5xx, at most four tries in all', async () => {
    await using server = await answering(500, 502, 200);
    await using down = await answering(503);
    await using world = transportFor({ clock: virtualClock() });
    const way = world.transport.open(connectionTo(server.url), CONTEXT);
    assert.equal(await outcome(way.send(GET, never)), 200);
    assert.equal(way.calls(), 3);
    const failing = world.transport.open(connectionTo(down.url), CONTEXT);
    assert.deepEqual(await outcome(failing.send({ ...POST, reads: true }, never)), {
      code: 'tracker-unreachable',
      arrived: 'no',
      status: 503,
    });
    assert.equal(failing.calls(), 4);
    assert.deepEqual(world.counted, ['5xx', '5xx', '2xx', '5xx', '5xx', '5xx', '5xx']);
  });

  it('never repeats a write that got 5xx: it may have taken effect', async () => {
    await using server = await answering(500);
    await using world = transportFor({ clock: virtualClock() });
    const way = world.transport.open(connectionTo(server.url), CONTEXT);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
      assert.deepEqual(await outcome(way.send({ method, path: '/' }, never)), {
        code: 'tracker-unreachable',
        arrived: 'maybe',
        status: 500,
      });
    assert.equal(way.calls(), 4);
  });

  it('repeats a write that was refused for being too fast, when the tracker says', async () => {
    const clock = virtualClock();
    await using server = await answering([429, { 'retry-after': '7' }], [403, { 'retry-after': '3' }], 201);
    await using world = transportFor({ clock });
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    assert.equal(await outcome(send(POST, never)), 201);
    assert.deepEqual(clock.slept, [7000, 3000]);
    assert.deepEqual(world.counted, ['rate-limited', 'rate-limited', '2xx']);
  });

  it('obeys Retry-After on a 503 too', async () => {
    const clock = virtualClock();
    await using server = await answering([503, { 'retry-after': '9' }], 200);
    await using world = transportFor({ clock });
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    assert.equal(await outcome(send(GET, never)), 200);
    assert.deepEqual(clock.slept, [9000]);
  });

  it('throws a longer wait at once, for all of the account and nobody else', async () => {
    const clock = virtualClock();
    await using server = await answering([429, { 'retry-after': '3600' }], 200);
    await using world = transportFor({ clock });
    const connection = connectionTo(server.url);
    const open = (account?: string, integrationId = 'one') =>
      world.transport.open(connection, { tenantId: 'a', integrationId, ...(account ? { account } : {}) });
    const refused = { code: 'tracker-rate-limited', arrived: 'no' as const, status: 429 };
    assert.deepEqual(await outcome(open('octocat').send(POST, never)), refused);
    assert.deepEqual(await outcome(open('octocat', 'two').send(GET, never)), {
      ...refused,
      status: undefined,
    });
    assert.equal(server.seen.length, 1);
    assert.equal(await outcome(open('hubot').send(GET, never)), 200);
    assert.equal(await outcome(open().send(GET, never)), 200);
    const health = await world.transport.health(connection, 'octocat');
    assert.deepEqual(health, { breaker: 'closed', resumeAt: '2026-01-01T01:00:00.000Z' });
  });

  it('hands a 403 without a time back: that is about permission', async () => {
    await using server = await answering(403);
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    assert.equal(await outcome(send(POST, never)), 403);
    assert.equal(server.seen.length, 1);
  });

  it('repeats ten calls, or a tenth of those of the last minute', () => {
    const clock = virtualClock();
    const budget = new RetryBudget(clock);
    const spent = (): number => {
      let count = 0;
      while (budget.spend()) count += 1;
      return count;
    };
    assert.equal(spent(), 10, 'also of few calls');
    clock.pass(61_000);
    for (let each = 0; each < 600; each += 1) {
      budget.called();
      clock.pass(50);
    }
    assert.equal(spent(), 60);
    assert.equal(spent(), 0);
    clock.pass(61_000);
    assert.equal(spent(), 10, 'what is long ago counts no more');
    clock.pass(-3_600_000);
    assert.equal(spent(), 10, 'nor what is of a time that is still to come');
  });

  it('spends one budget for all calls to a host', async () => {
    await using server = await answering(500);
    await using world = transportFor({
      clock: virtualClock(),
      breakerSettings: { failureShare: 0.99, window: 1000, minimum: 1000, openMs: 1000 },
    });
    const way = world.transport.open(connectionTo(server.url), CONTEXT);
    for (let each = 0; each < 100; each += 1) await outcome(way.send(GET, never));
    assert.equal(way.calls(), 110);
  });

  it('does not knock at a host that gets no calls', async () => {
    const clock = virtualClock();
    let tries = 0;
    const attempt = (): Promise<never> => {
      tries += 1;
      const resumeAt = new Date(clock.now().getTime() + 1000).toISOString();
      return Promise.reject(new BreakerOpen('tracker-unreachable', 'stopped', { arrived: 'no', resumeAt }));
    };
    const around = { clock, chance: chance(0), signal: never };
    await assert.rejects(withRetries(attempt, new RetryBudget(clock), around), BreakerOpen);
    assert.equal(tries, 1);
  });

  it('shows the budget that the answers told', async () => {
    const reset = String(Date.parse('2026-01-01T01:00:00Z') / 1000);
    const headers = {
      'x-ratelimit-remaining': '4000',
      'x-ratelimit-limit': '5000',
      'x-ratelimit-reset': reset,
    };
    await using server = await answering([200, headers]);
    await using world = transportFor({ clock: virtualClock() });
    const connection = connectionTo(server.url);
    await world.transport.open(connection, { ...CONTEXT, account: 'octocat' }).send(GET, never);
    assert.deepEqual(await world.transport.health(connection, 'octocat'), {
      remaining: 4000,
      limit: 5000,
      resetsAt: '2026-01-01T01:00:00.000Z',
      breaker: 'closed',
    });
  });
});

describe('the breaker', () => {
  const breakerSettings = { failureShare: 0.5, window: 10, minimum: 4, openMs: 500 };

  it('opens when a host keeps failing, then lets one probe through, then all', async () => {
    let healthy = false;
    const held: ServerResponse[] = [];
    const release = (): unknown => held.pop()?.end('{}');
    await using server = await serve((_request, response) => {
      if (!healthy) return void response.writeHead(500).end();
      held.push(response);
    });
    await using world = transportFor({ breakerSettings });
    const connection = connectionTo(server.url);
    const way = world.transport.open(connection, CONTEXT);
    for (let each = 0; each < 4; each += 1) await outcome(way.send(POST, never));
    const stopped = { code: 'tracker-unreachable', arrived: 'no' as const, status: undefined };
    assert.equal((await world.transport.health(connection)).breaker, 'open');
    assert.ok((await world.transport.health(connection)).resumeAt !== undefined);
    assert.deepEqual(await outcome(way.send(POST, never)), stopped);
    assert.equal(way.calls(), 4, 'nothing goes out while it is open');

    healthy = true;
    await new Promise((resolve) => setTimeout(resolve, breakerSettings.openMs + 20));
    const probe = outcome(way.send(GET, never));
    while (server.seen.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await world.transport.health(connection)).breaker, 'half-open');
    assert.deepEqual(await outcome(way.send(GET, never)), stopped, 'nobody else while the probe is out');
    release();
    assert.equal(await probe, 200);
    assert.equal((await world.transport.health(connection)).breaker, 'closed');
    const next = outcome(way.send(GET, never));
    while (server.seen.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
    release();
    assert.equal(await next, 200);
  });

  it('stays open when its probe is stopped before an answer came', async () => {
    const stop = new AbortController();
    let failing = true;
    await using server = await serve((_request, response) => {
      if (failing) response.writeHead(500).end();
      else stop.abort(new Error('enough'));
    });
    await using world = transportFor({ breakerSettings });
    const connection = connectionTo(server.url);
    const { send } = world.transport.open(connection, CONTEXT);
    for (let each = 0; each < 4; each += 1) await outcome(send(POST, never));
    failing = false;
    await new Promise((resolve) => setTimeout(resolve, breakerSettings.openMs + 20));
    await assert.rejects(send(GET, stop.signal), { message: 'enough' });
    assert.equal((await world.transport.health(connection)).breaker, 'open');
  });

  it('is not opened by answers that blame us, nor for another host', async () => {
    await using refusing = await answering(404, 422, 401, 403, 400);
    await using failing = await answering(500);
    await using world = transportFor({ breakerSettings });
    const [one, two] = [connectionTo(refusing.url), connectionTo(failing.url)];
    for (let each = 0; each < 6; each += 1) {
      await outcome(world.transport.open(one, CONTEXT).send(POST, never));
      await outcome(world.transport.open(two, CONTEXT).send(POST, never));
    }
    assert.equal((await world.transport.health(one)).breaker, 'closed');
    assert.equal((await world.transport.health(two)).breaker, 'open');
  });
});
