import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { keySetAt, keySetEndpoint } from '../../src/http/key-set.ts';
import { CONTEXT, serve, transportFor } from '../transport/world.ts';
import { openHouse, SECRET } from './house.ts';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'RS384', 'PS256'] as const;
type Algorithm = (typeof ALGORITHMS)[number];
const CLAIMS = { iss: 'issuer', aud: 'audience', sub: 'ann', roles: ['operator'] };

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
const pairs = new Map<Algorithm, Pair>();
for (const algorithm of ALGORITHMS)
  pairs.set(algorithm, await generateKeyPair(algorithm, { extractable: true }));
const pairOf = (algorithm: Algorithm): Pair => pairs.get(algorithm) ?? assert.fail(algorithm);

async function published(algorithm: Algorithm, kid: string, pair = pairOf(algorithm)) {
  return { ...(await exportJWK(pair.publicKey)), kid, alg: algorithm, use: 'sig' };
}

async function signed(
  algorithm: Algorithm,
  header: object = {},
  claims: object = {},
  pair = pairOf(algorithm),
): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: algorithm, kid: algorithm, ...header })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(pair.privateKey);
}

/** The key set that the provider publishes. */
async function keys(): Promise<string> {
  return JSON.stringify({ keys: await Promise.all(ALGORITHMS.map((each) => published(each, each))) });
}

const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of an identity provider', () => {
  let answer = { status: 200, body: '' };
  const { transport } = transportFor();
  let provider: Awaited<ReturnType<typeof serve>>;
  let app: FastifyInstance;
  const seen: unknown[] = [];

  before(async () => {
    provider = await serve((_, response) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
    answer.body = await keys();
    app = await serviceFor(`${provider.url}/tenant/keys.json`);
  });
  after(async () => {
    await app.close();
    await provider[Symbol.asyncDispose]();
    await transport.close();
  });

  async function serviceFor(url: string, cooldownMs = 0): Promise<FastifyInstance> {
    const way = transport.open(keySetEndpoint(url), CONTEXT);
    const house = await openHouse({
      keySet: keySetAt(url, way.send, cooldownMs),
      config: { jwtIssuer: 'issuer', jwtAudience: 'audience' },
      useCases: {
        threats: {
          list: async (caller) => {
            seen.push([caller.tenantId, caller.actor]);
            return { items: [] };
          },
          get: async () => assert.fail(),
          update: async () => assert.fail(),
          updateMitigation: async () => assert.fail(),
        },
      },
    });
    return house.app;
  }

  const ask = (token: string, service = app) =>
    service.inject({ url: '/api/threats', headers: { authorization: `Bearer ${token}` } });

  for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const)
    it(`is taken when signed ${algorithm}`, async () => {
      const response = await ask(await signed(algorithm));
      assert.equal(response.statusCode, 200, response.body);
      assert.deepEqual(seen.pop(), ['default', 'ann']);
    });

  for (const algorithm of ['RS384', 'PS256'] as const)
    it(`is refused when signed ${algorithm}, though the key is published`, async () => {
      assert.equal((await ask(await signed(algorithm))).statusCode, 401);
    });

  it('is taken beside tokens of our secret', async () => {
    const ours = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(SECRET));
    assert.equal((await ask(ours)).statusCode, 200);
  });

  it('looks and does nothing when it names no role', async () => {
    const token = await signed('RS256', {}, { roles: undefined });
    assert.equal((await ask(token)).statusCode, 200);
    const url = '/api/integrations/0f8fad5b-d9cb-469f-a165-70867728950e/sync';
    const sync = await app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${token}` } });
    assert.equal(sync.statusCode, 403);
  });

  it('is refused when the published key is used as the secret of an HMAC', async () => {
    const { publicKey } = pairOf('RS256');
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(await exportJWK(publicKey))]) {
      const exp = Math.floor(Date.now() / 1000) + 300;
      const text = `${b64({ alg: 'HS256', kid: 'RS256' })}.${b64({ ...CLAIMS, exp })}`;
      const mac = createHmac('sha256', secret).update(text).digest('base64url');
      assert.equal((await ask(`${text}.${mac}`)).statusCode, 401);
    }
  });

  it('is refused with a key of its own, whatever its header says about where that is', async () => {
    const own = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(own.publicKey);
    await using evil = await serve((_, response) => {
      response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'RS256', alg: 'RS256' }] }));
    });
    const headers = [
      {},
      { jwk },
      { jku: evil.url },
      { x5u: evil.url },
      { kid: '../../../../etc/passwd' },
      { kid: `${evil.url}/keys` },
      { kid: undefined },
      { crit: ['exp'], exp: 1 },
    ];
    for (const header of headers) {
      // Signing refuses some of these headers: then there is no such token.
      const token = await signed('RS256', header, {}, own).catch(() => undefined);
      if (token !== undefined) assert.equal((await ask(token)).statusCode, 401, JSON.stringify(header));
    }
    assert.equal(evil.seen.length, 0, 'no address of a token was called');
  });

  it('is refused from another issuer, for another audience, without an end', async () => {
    assert.equal((await ask(await signed('RS256', {}, { iss: 'other' }))).statusCode, 401);
    assert.equal((await ask(await signed('RS256', {}, { aud: 'other' }))).statusCode, 401);
    const endless = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: 'RS256', kid: 'RS256' })
      .sign(pairOf('RS256').privateKey);
    assert.equal((await ask(endless)).statusCode, 401);
  });

  it('is taken by a new key as soon as that is published, without a start', async () => {
    const fresh = await generateKeyPair('ES256', { extractable: true });
    const token = await signed('ES256', { kid: 'fresh' }, {}, fresh);
    assert.equal((await ask(token)).statusCode, 401);
    answer.body = JSON.stringify({ keys: [await published('ES256', 'fresh', fresh)] });
    assert.equal((await ask(token)).statusCode, 200);
    answer.body = await keys();
  });

  it('with an invented key id costs one request, not one each', async () => {
    const service = await serviceFor(`${provider.url}/tenant/keys.json`, 60_000);
    const asked = provider.seen.length;
    for (let index = 0; index < 20; index += 1)
      assert.equal((await ask(await signed('RS256', { kid: `k${index}` }), service)).statusCode, 401);
    assert.ok(provider.seen.length - asked <= 2, `${provider.seen.length - asked} requests`);
    await service.close();
  });

  it('waits, and is not called wrong, while the keys cannot be read', async () => {
    const service = await serviceFor(`${provider.url}/tenant/keys.json`);
    for (const bad of [
      { status: 404, body: '{"keys":[]}' },
      { status: 200, body: '<html>' },
      { status: 200, body: '{"keys":7}' },
    ]) {
      answer = bad;
      const response = await ask(await signed('RS256'), service);
      assert.deepEqual([response.statusCode, response.json().code], [503, 'unavailable'], bad.body);
    }
    answer = { status: 200, body: await keys() };
    assert.equal((await ask(await signed('RS256'), service)).statusCode, 200);
    await service.close();
  });

  it('is not looked up in the network behind us', async () => {
    await assert.rejects(serviceFor('http://169.254.169.254/latest/keys.json'), { code: 'base-url-refused' });
    const hidden = transportFor({ resolve: async () => [{ address: '169.254.169.254', family: 4 }] });
    const url = 'http://login.example/keys.json';
    const way = hidden.transport.open(keySetEndpoint(url), CONTEXT);
    const { app: service } = await openHouse({ keySet: keySetAt(url, way.send) });
    const response = await ask(await signed('RS256'), service);
    assert.equal(response.statusCode, 503);
    assert.match(response.json().detail, /private or reserved network/);
    await service.close();
    await hidden.transport.close();
  });
});

describe('the age of a token', async () => {
  const { app } = await openHouse({ config: { jwtMaxAgeMs: 3_600_000 } });
  after(() => app.close());
  const ask = async (iat: number | undefined) => {
    const token = new SignJWT({ ...CLAIMS, ...(iat === undefined ? {} : { iat }) })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('5m');
    const authorization = `Bearer ${await token.sign(new TextEncoder().encode(SECRET))}`;
    return (await app.inject({ url: '/api/integrations', headers: { authorization } })).statusCode;
  };
  const now = Math.floor(Date.now() / 1000);

  it('is told by iat, where an age is demanded', async () => {
    assert.deepEqual(
      [await ask(now - 3500), await ask(now - 3700), await ask(undefined), await ask(now + 600)],
      [200, 401, 401, 401],
    );
  });
});
