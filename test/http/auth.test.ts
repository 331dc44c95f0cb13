import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { CompactEncrypt, SignJWT, UnsecuredJWT } from 'jose';
import { Secret } from '../../src/domain/secret.ts';
import type { Caller } from '../../src/sync/use-cases.ts';
import { bearer, emptyUseCases, openHouse, SECRET, token } from './house.ts';

const key = new TextEncoder().encode(SECRET);
const now = Math.floor(Date.now() / 1000);
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with any header and claims, signed by HMAC as said. */
function forge(header: object, claims: object, hash = 'sha256', secret = SECRET): string {
  const signed = `${b64(header)}.${b64(claims)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

const good = { sub: 'tester', exp: now + 300, iss: 'issuer', aud: 'audience', roles: ['admin'] };
const hs256 = { alg: 'HS256', typ: 'JWT' };
const genuine = forge(hs256, good);
const [head = '', body = '', signature = ''] = genuine.split('.');
const flipped = Buffer.from(signature, 'base64url');
flipped[0] = (flipped[0] ?? 0) ^ 1;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const signedRs256 = await new SignJWT(good).setProtectedHeader({ alg: 'RS256' }).sign(rsa.privateKey);
const encrypted = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(good)))
  .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
  .encrypt(new Uint8Array(32));

const BAD: Readonly<Record<string, string | undefined>> = {
  'no header': undefined,
  'an empty header': '',
  'only the scheme': 'Bearer',
  'the scheme and a blank': 'Bearer ',
  'basic credentials': 'Basic dXNlcjpwYXNz',
  'another scheme': `Token ${genuine}`,
  'no scheme': genuine,
  'two tokens': `Bearer ${genuine} ${genuine}`,
  'two headers in one': `Bearer ${genuine}, Bearer ${genuine}`,
  'no dots': 'Bearer abc',
  'two parts': `Bearer ${head}.${body}`,
  'an empty signature': `Bearer ${head}.${body}.`,
  'four parts': `Bearer ${genuine}.x`,
  'an encrypted token': `Bearer ${encrypted}`,
  'alg none, unsigned': `Bearer ${new UnsecuredJWT(good).encode()}`,
  'alg none with a signature': `Bearer ${b64({ alg: 'none' })}.${body}.${signature}`,
  'alg None': `Bearer ${forge({ alg: 'None' }, good)}`,
  'alg hs256 in small letters': `Bearer ${forge({ alg: 'hs256' }, good)}`,
  'no alg': `Bearer ${forge({ typ: 'JWT' }, good)}`,
  'alg as a list': `Bearer ${forge({ alg: ['HS256'] }, good)}`,
  HS384: `Bearer ${forge({ alg: 'HS384' }, good, 'sha384')}`,
  HS512: `Bearer ${forge({ alg: 'HS512' }, good, 'sha512')}`,
  'HS512 signed as HS256': `Bearer ${forge({ alg: 'HS512' }, good)}`,
  RS256: `Bearer ${signedRs256}`,
  'a public key as HMAC secret': `Bearer ${forge(hs256, good, 'sha256', publicPem)}`,
  'another secret': `Bearer ${forge(hs256, good, 'sha256', 'another secret, also long enough for it')}`,
  'an empty secret': `Bearer ${forge(hs256, good, 'sha256', '')}`,
  'a flipped bit in the signature': `Bearer ${head}.${body}.${flipped.toString('base64url')}`,
  'a cut signature': `Bearer ${genuine.slice(0, -8)}`,
  'other claims under the signature': `Bearer ${head}.${b64({ ...good, sub: 'other' })}.${signature}`,
  'another header under the signature': `Bearer ${b64({ alg: 'HS256' })}.${body}.${signature}`,
  'its own key in the header': `Bearer ${forge({ ...hs256, jwk: { kty: 'oct', k: 'eA' } }, good, 'sha256', 'x')}`,
  'a key address in the header': `Bearer ${forge({ ...hs256, jku: 'https://evil.example/k' }, good, 'sha256', 'x')}`,
  'an unknown critical header': `Bearer ${forge({ ...hs256, crit: ['x'], x: 1 }, good)}`,
  'unencoded payload': `Bearer ${forge({ ...hs256, crit: ['b64'], b64: false }, good)}`,
  'no exp': `Bearer ${forge(hs256, { ...good, exp: undefined })}`,
  expired: `Bearer ${forge(hs256, { ...good, exp: now - 60 })}`,
  'expired six seconds ago': `Bearer ${forge(hs256, { ...good, exp: now - 6 })}`,
  'exp as text': `Bearer ${forge(hs256, { ...good, exp: String(now + 300) })}`,
  'exp null': `Bearer ${forge(hs256, { ...good, exp: null })}`,
  'not yet valid': `Bearer ${forge(hs256, { ...good, nbf: now + 60 })}`,
  'nbf as text': `Bearer ${forge(hs256, { ...good, nbf: 'now' })}`,
  'no issuer': `Bearer ${forge(hs256, { ...good, iss: undefined })}`,
  'another issuer': `Bearer ${forge(hs256, { ...good, iss: 'issuer2' })}`,
  'no audience': `Bearer ${forge(hs256, { ...good, aud: undefined })}`,
  'another audience': `Bearer ${forge(hs256, { ...good, aud: 'audience2' })}`,
  'a list of other audiences': `Bearer ${forge(hs256, { ...good, aud: ['a', 'b'] })}`,
  'an empty list of audiences': `Bearer ${forge(hs256, { ...good, aud: [] })}`,
  'claims that are a list': `Bearer ${forge(hs256, [good])}`,
  'claims that are text': `Bearer ${head}.${Buffer.from('hello').toString('base64url')}.${signature}`,
  'a subject that is a number': `Bearer ${forge(hs256, { ...good, sub: 42 })}`,
  'a subject with a line break': `Bearer ${forge(hs256, { ...good, sub: 'a\nb' })}`,
  'a huge token': `Bearer ${forge(hs256, { ...good, filler: 'x'.repeat(5000) })}`,
};

describe('the token', async () => {
  const { app } = await openHouse({ config: { jwtIssuer: 'issuer', jwtAudience: 'audience' } });
  after(() => app.close());
  const ask = (authorization: string | undefined) =>
    app.inject({
      url: '/api/integrations',
      headers: authorization === undefined ? {} : { authorization },
    });

  it('lets a genuine one in, also with several audiences and a scheme in small letters', async () => {
    assert.equal((await ask(`Bearer ${genuine}`)).statusCode, 200);
    assert.equal((await ask(`bearer ${genuine}`)).statusCode, 200);
    assert.equal((await ask(`Bearer ${forge(hs256, { ...good, aud: ['x', 'audience'] })}`)).statusCode, 200);
    const signed = await new SignJWT({ ...good, exp: now + 60 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key);
    assert.equal((await ask(`Bearer ${signed}`)).statusCode, 200);
  });

  for (const [what, header] of Object.entries(BAD)) {
    it(`refuses ${what}`, async () => {
      const answer = await ask(header);
      assert.equal(answer.statusCode, 401);
      assert.equal(answer.json().code, 'unauthenticated');
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.ok(!answer.body.includes(SECRET) && !answer.body.includes(signature));
    });
  }
});

describe('tenant and role of a token', async () => {
  const seen: unknown[] = [];
  const list = async (caller: Caller) => {
    seen.push([caller.tenantId, caller.actor]);
    return { items: [] };
  };
  const useCases = { threats: { ...emptyUseCases().threats, list } };
  const single = await openHouse({ useCases });
  const multi = await openHouse({ useCases, config: { tenancy: 'multi', jwtSecret: new Secret(SECRET) } });
  after(() => Promise.all([single.app.close(), multi.app.close()]));
  const ask = async (house: typeof single, claims: Record<string, unknown>) =>
    house.app.inject({ url: '/api/threats', headers: await bearer(undefined, claims) });

  it('takes the tenant of its claim, and "default" without one in single tenancy', async () => {
    seen.length = 0;
    assert.equal((await ask(single, {})).statusCode, 200);
    assert.equal((await ask(multi, { organizationId: 'acme', roles: 'viewer' })).statusCode, 200);
    assert.deepEqual(seen, [
      ['default', 'tester'],
      ['acme', 'tester'],
    ]);
  });

  it('refuses tenants that are missing in multi tenancy or no plain name in either', async () => {
    assert.equal((await ask(multi, { roles: ['admin'] })).statusCode, 403);
    for (const organizationId of ['', ' ', 'a b', 'x'.repeat(129), 'a\u0000', 42, null, ['acme'], {}]) {
      for (const house of [single, multi]) {
        const answer = await ask(house, { organizationId, roles: ['admin'] });
        assert.equal(answer.statusCode, 403, JSON.stringify(organizationId));
        assert.match(answer.json().detail, /organizationId/);
      }
    }
  });

  it('takes no roles claim for admin in single tenancy and refuses it in multi', async () => {
    const headers = await bearer();
    const url = '/api/integrations/0f8fad5b-d9cb-469f-a165-70867728950e';
    assert.equal((await single.app.inject({ method: 'DELETE', url, headers })).statusCode, 204);
    const answer = await ask(multi, { organizationId: 'acme' });
    assert.equal(answer.statusCode, 403);
    assert.match(answer.json().detail, /viewer, operator, admin/);
  });

  it('refuses a roles claim that names no role of ours, in either tenancy', async () => {
    for (const roles of ['', 'root', [], ['Admin'], [['admin']], { admin: true }, null, 1, true]) {
      for (const house of [single, multi]) {
        const answer = await ask(house, { organizationId: 'acme', roles });
        assert.equal(answer.statusCode, 403, JSON.stringify(roles));
      }
    }
  });

  it('takes the highest of several roles, and says what is missing', async () => {
    const url = '/api/integrations/0f8fad5b-d9cb-469f-a165-70867728950e';
    const high = await bearer(undefined, { roles: ['viewer', 'admin', 'unknown'] });
    assert.equal((await single.app.inject({ method: 'DELETE', url, headers: high })).statusCode, 204);
    const low = await bearer(undefined, { roles: ['viewer', 'operator'] });
    const refused = await single.app.inject({ method: 'DELETE', url, headers: low });
    assert.equal(refused.statusCode, 403);
    assert.match(refused.json().detail, /role "admin"; the token has "operator"/);
  });

  it('reads the roles and the tenant from the claims that the configuration names', async () => {
    const house = await openHouse({
      useCases,
      config: { tenancy: 'multi', tenantClaim: 'org', rolesClaim: 'https://example.com/roles' },
    });
    after(() => house.app.close());
    seen.length = 0;
    const claims = { org: 'acme', 'https://example.com/roles': ['viewer'] };
    assert.equal((await ask(house, claims)).statusCode, 200);
    assert.deepEqual(seen, [['acme', 'tester']]);
  });

  it('never shows a token in the log', async () => {
    const secret = await token('viewer');
    await single.app.inject({ url: '/api/threats', headers: { authorization: `Bearer ${secret}` } });
    assert.ok(!JSON.stringify(single.logged).includes(secret));
  });
});
