import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import { bearer, ID, openHouse } from './house.ts';

describe('every answer', async () => {
  const { app, logged, requests } = await openHouse();
  after(() => app.close());

  it('carries a request id: the caller’s when it is a UUID, else a new one', async () => {
    const own = '7C9E6679-7425-40DE-944B-E07FC1F90AE7';
    const kept = await app.inject({ url: '/nothing', headers: { 'x-request-id': own } });
    assert.equal(kept.headers['x-request-id'], own.toLowerCase());
    assert.equal(kept.json().requestId, own.toLowerCase());
    for (const odd of ['1', 'a\tb', `${own}${own}`, '<script>']) {
      const answer = await app.inject({ url: '/nothing', headers: { 'x-request-id': odd } });
      assert.match(String(answer.headers['x-request-id']), /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      assert.ok(!answer.body.includes(odd) || odd === '1');
    }
  });

  it('forbids inline scripts and styles, framing and sniffing', async () => {
    for (const url of ['/api/integrations', '/health', '/nothing', '/openapi.json']) {
      const { headers } = await app.inject({ url });
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /default-src 'self'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-powered-by'], undefined);
    }
  });

  it('is counted and logged with its route, not its address, and health checks are not logged', async () => {
    logged.length = 0;
    requests.length = 0;
    await app.inject({ url: `/api/integrations/${ID}?x=secret`, headers: await bearer('viewer') });
    await app.inject({ url: '/health/live' });
    await app.inject({ url: '/some/secret' });
    assert.deepEqual(requests, [
      { method: 'GET', route: '/api/integrations/:id', status: 400 },
      { method: 'GET', route: '/health/live', status: 200 },
      { method: 'GET', route: 'unknown', status: 404 },
    ]);
    assert.equal(logged.length, 2);
    assert.ok(!JSON.stringify(logged).includes('secret'));
  });
});

describe('other origins', async () => {
  const { app } = await openHouse({ config: { allowedOrigins: ['https://console.example'] } });
  const closed = await openHouse({ config: { allowedOrigins: [] } });
  after(() => Promise.all([app.close(), closed.app.close()]));
  const preflight = (house: typeof app, origin: string) =>
    house.inject({
      method: 'OPTIONS',
      url: '/api/integrations',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'if-match',
      },
    });

  it('are let in when they are named, and told what they may read', async () => {
    const answer = await preflight(app, 'https://console.example');
    assert.equal(answer.statusCode, 204);
    assert.equal(answer.headers['access-control-allow-origin'], 'https://console.example');
    assert.match(String(answer.headers['access-control-allow-methods']), /PUT/);
    assert.equal(answer.headers['access-control-allow-credentials'], undefined);
    const asked = await app.inject({
      url: '/api/integrations',
      headers: { ...(await bearer('viewer')), origin: 'https://console.example' },
    });
    assert.match(String(asked.headers['access-control-expose-headers']), /ETag.*X-Request-Id/);
  });

  it('get no permission when they are not', async () => {
    for (const origin of [
      'https://evil.example',
      'https://console.example.evil',
      'null',
      'http://console.example',
    ])
      assert.equal((await preflight(app, origin)).headers['access-control-allow-origin'], undefined, origin);
    const answer = await preflight(closed.app, 'http://localhost:3000');
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  });
});

describe('health', async () => {
  it('says what is up, and 503 when the service is not ready', async () => {
    let ready = true;
    const { app } = await openHouse({
      useCases: {
        health: {
          check: async () => ({
            ready,
            durability: 'fsync',
            parts: {
              database: { state: ready ? 'up' : 'down', detail: 'postgres://user:hunter2@db' },
              events: { state: 'none' },
              worker: { state: 'up' },
            },
          }),
        },
      },
    });
    after(() => app.close());
    for (const url of ['/health', '/health/ready']) {
      ready = true;
      const up = await app.inject({ url });
      assert.equal(up.statusCode, 200);
      assert.deepEqual(up.json(), {
        status: 'ready',
        version: '0.0.0-test',
        durability: 'fsync',
        parts: { database: { state: 'up' }, events: { state: 'none' }, worker: { state: 'up' } },
      });
      ready = false;
      const down = await app.inject({ url });
      assert.equal(down.statusCode, 503);
      assert.equal(down.json().parts.database.state, 'down');
      assert.equal((await app.inject({ url: '/health/live' })).statusCode, 200);
    }
  });
});

describe('metrics', () => {
  it('are open without a token of the operator, and closed with one', async () => {
    const open = await openHouse();
    const closed = await openHouse({ config: { metricsToken: new Secret('scrape-me') } });
    after(() => Promise.all([open.app.close(), closed.app.close()]));
    const answer = await open.app.inject({ url: '/metrics' });
    assert.equal(answer.body, 'up 1\n');
    assert.match(String(answer.headers['content-type']), /text\/plain/);
    const ask = (headers: Record<string, string>) => closed.app.inject({ url: '/metrics', headers });
    assert.equal((await ask({ authorization: 'Bearer scrape-me' })).statusCode, 200);
    for (const headers of [
      {},
      { authorization: 'Bearer scrape-m' },
      { authorization: 'scrape-me' },
      await bearer('admin'),
    ])
      assert.equal((await ask(headers)).statusCode, 401);
  });
});
