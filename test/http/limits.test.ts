import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { bearer, openHouse } from './house.ts';

describe('the rate limit', async () => {
  const { app } = await openHouse({ config: { rateLimit: { max: 20, windowMs: 60_000 } } });
  after(() => app.close());
  const ask = (headers: Record<string, string>, remoteAddress = '192.0.2.1') =>
    app.inject({ url: '/api/threats', headers, remoteAddress });

  it('counts each token by itself, says where it stands, and then how long to wait', async () => {
    const one = await bearer('viewer', { sub: 'one' });
    for (let left = 19; left >= 0; left -= 1) {
      const answer = await ask(one);
      assert.equal(answer.statusCode, 200);
      assert.equal(answer.headers['ratelimit-policy'], '"token";q=20;w=60');
      assert.match(String(answer.headers['ratelimit']), new RegExp(`^"token";r=${left};t=\\d+$`));
    }
    const refused = await ask(one, '192.0.2.2');
    assert.equal(refused.statusCode, 429);
    assert.equal(refused.json().code, 'rate-limited');
    assert.equal(refused.json().retryable, true);
    const seconds = Number(refused.headers['retry-after']);
    assert.ok(seconds > 0 && seconds <= 60);
    assert.equal((await ask(await bearer('viewer', { sub: 'two' }))).statusCode, 200);
  });

  it('gives an address without a valid token a tenth, whatever token or address it claims', async () => {
    const address = '198.51.100.7';
    for (let i = 0; i < 2; i += 1) {
      const answer = await ask(
        { authorization: `Bearer a.b.${i}`, 'x-forwarded-for': `10.0.0.${i}` },
        address,
      );
      assert.equal(answer.statusCode, 401);
      assert.equal(answer.headers['ratelimit-policy'], '"address";q=2;w=60');
    }
    assert.equal((await ask({ authorization: 'Bearer a.b.3' }, address)).statusCode, 429);
    assert.equal((await ask({ 'x-forwarded-for': '10.0.0.9' }, address)).statusCode, 429);
    assert.equal((await ask(await bearer('viewer', { sub: 'three' }), address)).statusCode, 200);
  });

  it('counts an IPv6 network as one address', async () => {
    await ask({}, '2001:db8:1:2::1');
    await ask({}, '2001:db8:1:2::2');
    assert.equal((await ask({}, '2001:db8:1:2:ffff::3')).statusCode, 429);
    assert.equal((await ask({}, '2001:db8:1:3::1')).statusCode, 401);
  });
});

describe('the rate limit behind proxies', async () => {
  const { app } = await openHouse({
    config: { rateLimit: { max: 20, windowMs: 60_000 }, trustedProxies: ['10.0.0.0/8', '203.0.113.9'] },
  });
  after(() => app.close());
  const ask = async (forwarded: string, remoteAddress: string) =>
    (await app.inject({ url: '/api/threats', headers: { 'x-forwarded-for': forwarded }, remoteAddress }))
      .statusCode;

  it('counts the caller that the proxies name, over all of them', async () => {
    assert.equal(await ask('192.0.2.50', '10.1.2.3'), 401);
    assert.equal(await ask('192.0.2.50, 10.9.9.9', '203.0.113.9'), 401);
    assert.equal(await ask('192.0.2.50', '10.1.2.4'), 429);
    assert.equal(await ask('192.0.2.51', '10.1.2.4'), 401, 'somebody else behind the same proxy');
  });

  it('is not fooled by addresses that the caller has written in front', async () => {
    for (const invented of ['198.51.100.1', '198.51.100.2'])
      assert.equal(await ask(`${invented}, 192.0.2.60`, '10.1.2.3'), 401);
    assert.equal(await ask('198.51.100.3, 192.0.2.60', '10.1.2.3'), 429);
    assert.equal(await ask('nonsense, 192.0.2.60', '10.1.2.3'), 429);
  });

  it('does not read what anybody else claims', async () => {
    assert.equal(await ask('192.0.2.70', '198.51.100.9'), 401);
    assert.equal(await ask('192.0.2.71', '198.51.100.9'), 401);
    assert.equal(await ask('192.0.2.72', '198.51.100.9'), 429);
  });
});
