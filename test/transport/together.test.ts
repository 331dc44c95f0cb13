import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { ailing, ask, counted, CREATE, fine, GET, many, type Replica } from './calls.ts';
import { openRedis, redisLine, until } from './redis-world.ts';
import { connectionTo, CONTEXT, serve } from './world.ts';

const url = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const skip =
  process.env['TEST_REDIS_URL'] === undefined && process.env['REQUIRE_SERVICES'] !== '1'
    ? 'set TEST_REDIS_URL to run this'
    : false;

const breakerSettings = { failureShare: 0.5, window: 10, minimum: 4, openMs: 10 * 60_000 };

describe('the pace of two replicas', { skip }, () => {
  it('stays within one published limit', async () => {
    await using server = await fine();
    await using redis = await openRedis(url);
    await using one = await redis.replica();
    await using two = await redis.replica();
    const connection = connectionTo(server.url, { requestsPerMinute: 25, concurrency: 50 });
    const outcomes = await Promise.all([...many(20, one, connection), ...many(20, two, connection)]);
    assert.deepEqual(counted(outcomes), { ok: 20, 'tracker-rate-limited': 20 });
    assert.equal(server.seen.length, 20, 'four fifths of the limit');
  });

  it('counts what is made apart from what is asked, and each account by itself', async () => {
    await using server = await fine();
    await using redis = await openRedis(url);
    await using one = await redis.replica();
    await using two = await redis.replica();
    const limits = { createsPerMinute: 100, createsPerHour: 10, concurrency: 50 };
    const connection = connectionTo(server.url, limits);
    const made = await Promise.all([
      ...many(7, one, connection, CREATE),
      ...many(7, two, connection, CREATE),
    ]);
    assert.deepEqual(counted(made), { ok: 8, 'tracker-rate-limited': 6 });
    assert.deepEqual(counted(await Promise.all(many(20, two, connection))), { ok: 20 });
    assert.equal(await ask(two, connection, CREATE, { ...CONTEXT, account: 'hubot' }), 'ok');
    const names = (await redis.keys()).join(' ');
    assert.ok(!/octocat|hubot|127\.0\.0\.1/.test(names), names);
    for (const key of await redis.keys()) assert.ok((await redis.client.pTTL(key)) > 0, `${key} ends`);
  });

  it('has one number of calls at the same time', async () => {
    const held: ServerResponse[] = [];
    let [now, most] = [0, 0];
    await using server = await serve((_request, response) => {
      most = Math.max(most, (now += 1));
      held.push(response);
    });
    await using redis = await openRedis(url);
    await using one = await redis.replica();
    await using two = await redis.replica();
    const connection = connectionTo(server.url, { concurrency: 2 });
    const sent = [...many(3, one, connection), ...many(3, two, connection)];
    for (let answered = 0; answered < 6; answered += 1) {
      await until(() => held.length > 0);
      now -= 1;
      held.shift()?.end('{}');
    }
    assert.deepEqual(counted(await Promise.all(sent)), { ok: 6 });
    assert.equal(most, 2);
  });

  it('waits together when one was told to wait', async () => {
    await using server = await serve((_request, response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end('{}'),
    );
    await using redis = await openRedis(url);
    await using one = await redis.replica();
    await using two = await redis.replica();
    const connection = connectionTo(server.url);
    assert.equal(await ask(one, connection), 'tracker-rate-limited');
    await until(async () => (await redis.keys()).some((key) => key.endsWith(':told')));
    assert.equal(await ask(two, connection), 'tracker-rate-limited');
    assert.equal(server.seen.length, 1);
  });

  it('leaves together what people need of a budget that one was told of', async () => {
    const reset = String(Math.floor(Date.now() / 1000) + 3600);
    const headers = {
      'x-ratelimit-remaining': '202',
      'x-ratelimit-limit': '1000',
      'x-ratelimit-reset': reset,
    };
    await using server = await serve((_request, response) => response.writeHead(200, headers).end('{}'));
    await using redis = await openRedis(url);
    await using one = await redis.replica();
    await using two = await redis.replica();
    const connection = connectionTo(server.url, { concurrency: 1 });
    assert.equal(await ask(one, connection), 'ok');
    await until(async () => (await redis.keys()).some((key) => key.endsWith(':told')));
    const told = await redis.keyOf(':told');
    // As if others had used it up.
    const [remaining, ...rest] = ((await redis.client.hGet(told, 'b:')) ?? '').split(' ');
    assert.equal(remaining, '202');
    await redis.client.hSet(told, 'b:', ['200', ...rest].join(' '));
    assert.equal(await ask(two, connection), 'tracker-rate-limited');
    assert.equal(server.seen.length, 1);
  });
});

describe('the breaker of two replicas', { skip }, () => {
  it('is open for both when it opens for one, and one probe of all decides', async () => {
    await using server = await ailing();
    await using redis = await openRedis(url);
    await using one = await redis.replica({ breakerSettings });
    await using two = await redis.replica({ breakerSettings });
    const connection = connectionTo(server.url, { concurrency: 20 });
    const health = async (replica: Replica) => (await replica.transport.health(connection)).breaker;
    for (let each = 0; each < 4; each += 1) await ask(one, connection, CREATE);
    assert.deepEqual(await Promise.all([one, two].map(health)), ['open', 'open']);
    assert.equal(two.transport.figures().stoppedHosts, 1);
    assert.equal(await ask(two, connection, CREATE), 'tracker-unreachable');
    assert.equal(server.seen.length, 4, 'the second heard it from the first');

    const openKey = await redis.keyOf(':open');
    await redis.client.set(openKey, '1', { expiration: 'KEEPTTL' });
    server.heal();
    const sent = [...many(8, one, connection, CREATE), ...many(8, two, connection, CREATE)];
    let refused = 0;
    for (const each of sent) void each.then((outcome) => (refused += outcome === 'ok' ? 0 : 1));
    await until(() => refused === 15 && server.held.length === 1);
    assert.equal(server.seen.length, 5, 'one probe');
    assert.deepEqual(await Promise.all([one, two].map(health)), ['half-open', 'half-open']);
    server.held.shift()?.end('{}');
    assert.deepEqual(counted(await Promise.all(sent)), { ok: 1, 'tracker-unreachable': 15 });
    assert.deepEqual(await Promise.all([one, two].map(health)), ['closed', 'closed']);
    for (const replica of [one, two]) {
      const next = ask(replica, connection, CREATE);
      await until(() => server.held.length === 1);
      server.held.shift()?.end('{}');
      assert.equal(await next, 'ok');
    }
  });

  it('opens again for all when the probe fails, and does not wait for a probe that died', async () => {
    await using server = await ailing();
    await using redis = await openRedis(url);
    await using one = await redis.replica({ breakerSettings });
    await using two = await redis.replica({ breakerSettings });
    const connection = connectionTo(server.url);
    const health = async (replica: Replica) => (await replica.transport.health(connection)).breaker;
    for (let each = 0; each < 4; each += 1) await ask(one, connection, CREATE);
    const openKey = await redis.keyOf(':open');
    await redis.client.set(openKey, '1', { expiration: 'KEEPTTL' });
    assert.equal(await ask(two, connection, CREATE), 'tracker-unreachable');
    assert.equal(server.seen.length, 5);
    assert.deepEqual(await Promise.all([one, two].map(health)), ['open', 'open']);

    await redis.client.set(openKey, '1', { expiration: 'KEEPTTL' });
    server.heal();
    const lost = ask(two, connection, CREATE);
    await until(() => server.held.length === 1);
    assert.equal(await ask(one, connection, CREATE), 'tracker-unreachable');
    const probe = await redis.keyOf(':probe');
    assert.ok((await redis.client.pTTL(probe)) > 0, 'it ends by itself');
    await redis.client.del(probe);
    const next = ask(one, connection, CREATE);
    await until(() => server.held.length === 2);
    server.held[1]?.end('{}');
    assert.equal(await next, 'ok');
    assert.deepEqual(await Promise.all([one, two].map(health)), ['closed', 'closed']);
    server.held[0]?.end('{}');
    assert.equal(await lost, 'ok');
  });
});

describe('replicas whose Redis is gone', { skip }, () => {
  const limits = { requestsPerMinute: 25, concurrency: 50 };

  it('keep each to its part of a limit, and share it again when Redis is back', async () => {
    await using server = await fine();
    await using redis = await openRedis(url);
    await using line = await redisLine(url);
    await using one = await redis.replica();
    await until(async () => (await redis.keys()).some((key) => key.endsWith(':replicas')));
    await using two = await redis.replica({}, { through: line.url });
    const replicas = await redis.keyOf(':replicas');
    await until(async () => (await redis.client.zCard(replicas)) === 2);
    // Its answer comes after that of the count.
    assert.equal(await ask(two, connectionTo(server.url), GET, CONTEXT), 'ok');
    assert.deepEqual([one.transport.figures().share, two.transport.figures().share], [1, 1]);

    await line.down();
    await until(() => two.transport.figures().share === 0.5);
    const connection = connectionTo(server.url, limits);
    const before = server.seen.length;
    const outcomes = await Promise.all(many(15, two, connection));
    assert.deepEqual(counted(outcomes), { ok: 10, 'tracker-rate-limited': 5 });
    assert.equal(server.seen.length - before, 10);
    assert.deepEqual((await two.transport.health(connection)).breaker, 'closed');

    await line.up();
    await until(() => two.transport.figures().share === 1);
    assert.deepEqual(counted(await Promise.all(many(5, one, connection))), { ok: 5 });
    assert.equal(await ask(two, connection), 'ok', 'of what is left to both');
  });

  it('go on when Redis is silent, by themselves', async () => {
    await using server = await fine();
    await using redis = await openRedis(url);
    await using line = await redisLine(url);
    await using replica = await redis.replica({}, { through: line.url, patienceMs: 250 });
    const connection = connectionTo(server.url, limits);
    line.silence(true);
    assert.deepEqual(counted(await Promise.all(many(5, replica, connection))), { ok: 5 });
    assert.equal((await replica.transport.health(connection)).breaker, 'closed');
    line.silence(false);
    await until(() => replica.memory.isThere());
    assert.equal(await ask(replica, connection), 'ok');
  });

  it('keep what they know themselves when Redis is emptied', async () => {
    let isLimiting = true;
    await using server = await serve((_request, response) => {
      response.writeHead(isLimiting ? 429 : 200, isLimiting ? { 'retry-after': '3600' } : {}).end('{}');
    });
    await using redis = await openRedis(url);
    await using one = await redis.replica({ breakerSettings });
    await using two = await redis.replica({ breakerSettings });
    const connection = connectionTo(server.url);
    assert.equal(await ask(one, connection), 'tracker-rate-limited');
    isLimiting = false;
    await redis.flush();
    assert.equal(await ask(one, connection), 'tracker-rate-limited', 'it was told so itself');
    assert.equal(await ask(two, connection), 'ok', 'scripts are there again');
    assert.equal(server.seen.length, 2);
  });

  it('have a breaker each', async () => {
    let isHealthy = false;
    await using server = await serve((_request, response) =>
      response.writeHead(isHealthy ? 200 : 500).end('{}'),
    );
    await using redis = await openRedis(url);
    await using line = await redisLine(url);
    const settings = { ...breakerSettings, openMs: 50 };
    await using replica = await redis.replica({ breakerSettings: settings }, { through: line.url });
    await line.down();
    await until(() => !replica.memory.isThere());
    const connection = connectionTo(server.url);
    for (let each = 0; each < 4; each += 1) await ask(replica, connection, CREATE);
    assert.equal(replica.transport.figures().stoppedHosts, 1);
    isHealthy = true;
    await until(async () => (await ask(replica, connection, CREATE)) === 'ok');
    assert.equal(replica.transport.figures().stoppedHosts, 0);
  });
});
