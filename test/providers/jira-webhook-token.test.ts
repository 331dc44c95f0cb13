import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { Secret } from '../../src/domain/secret.ts';
import type { WebhookRequest } from '../../src/ports/tracker.ts';
import { jiraWebhook } from '../../src/providers/jira/webhook.ts';
import { queryHash } from '../../src/providers/jira/webhook-token.ts';

const SECRET = 'ab'.repeat(32);
const NOW = new Date('2026-11-22T10:00:00Z');
const URL_PATH = '/webhooks/jira/0b7cbb1e';
const BODY = '{"webhookEvent":"jira:issue_updated"}';

function signed(body: string): string {
  return `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
}

function delivery(headers: Record<string, string>): WebhookRequest {
  return { method: 'POST', url: URL_PATH, headers, body: Buffer.from(BODY) };
}

function verified(request: WebhookRequest, scheme?: string, secret = SECRET): boolean {
  return jiraWebhook.verify(request, [new Secret(secret)], NOW, scheme);
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function token(claims: unknown, header: unknown = { alg: 'HS256', typ: 'JWT' }, key = SECRET): string {
  const head = `${part(header)}.${part(claims)}`;
  return `${head}.${createHmac('sha256', key).update(head).digest('base64url')}`;
}

function isGood(claims: unknown): boolean {
  return verified(delivery({ authorization: `Bearer ${token(claims)}` }), 'oauth-jwt');
}

/** These two parts of a token, signed as they stand. */
function under(head: string): string {
  return `${head}.${createHmac('sha256', SECRET).update(head).digest('base64url')}`;
}

describe('the token of a delivery to an app', () => {
  it('is a token, and never the other kind', () => {
    const exp = NOW.getTime() / 1000 + 60;
    const good = { authorization: `Bearer ${token({ exp })}` };
    assert.ok(verified(delivery(good), 'oauth-jwt'));
    assert.ok(!verified(delivery(good), 'hub-signature'));
    assert.ok(!verified(delivery(good)));
    assert.ok(!verified(delivery({ 'x-hub-signature': signed(BODY) }), 'oauth-jwt'));
  });

  it('is refused when it is old, foreign, unsigned or signed otherwise', () => {
    const exp = NOW.getTime() / 1000 + 60;
    const [head = '', claims = '', mac = ''] = token({ exp }).split('.');
    const bad = {
      expired: token({ exp: NOW.getTime() / 1000 - 61 }),
      'without end': token({ iat: 1 }),
      'not yet': token({ exp, nbf: NOW.getTime() / 1000 + 120 }),
      foreign: token({ exp }, undefined, 'other'),
      none: `${part({ alg: 'none' })}.${claims}.`,
      'none with a signature': token({ exp }, { alg: 'none' }),
      'another algorithm': token({ exp }, { alg: 'HS512' }),
      'no signature': `${head}.${claims}.`,
      'a part more': `${head}.${claims}.${mac}.x`,
      'a flipped bit': `${head}.${claims}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`,
      'other claims': `${head}.${part({ exp: exp + 1 })}.${mac}`,
      'no JSON': `${head}.AAAA.${mac}`,
      nothing: '',
    };
    for (const [name, each] of Object.entries(bad))
      assert.ok(!verified(delivery({ authorization: `Bearer ${each}` }), 'oauth-jwt'), name);
    assert.ok(!verified(delivery({ authorization: `Basic ${token({ exp })}` }), 'oauth-jwt'));
    assert.ok(
      !verified(delivery({ authorization: `Bearer ${token({ exp }, undefined, '')}` }), 'oauth-jwt', ''),
    );
  });

  it('is good for its own request only, where it names one', () => {
    const exp = NOW.getTime() / 1000 + 60;
    const own = token({ exp, qsh: queryHash('POST', URL_PATH) });
    const other = token({ exp, qsh: queryHash('POST', '/webhooks/jira/other') });
    assert.ok(verified(delivery({ authorization: `JWT ${own}` }), 'oauth-jwt'));
    assert.ok(!verified(delivery({ authorization: `JWT ${other}` }), 'oauth-jwt'));
  });

  it('hashes a query as Atlassian says', () => {
    // https://developer.atlassian.com/cloud/jira/platform/understanding-jwt-for-connect-apps/
    assert.equal(queryHash('GET', '/path?b=2&a=x%20y&a=1&jwt=z'), queryHash('get', '/path/?a=1&a=x+y&b=2'));
    assert.notEqual(queryHash('GET', '/path?a=1'), queryHash('POST', '/path?a=1'));
    for (const [method, url, canonical] of [
      ['get', '/', 'GET&/&'],
      ['GET', '', 'GET&/&'],
      ['GET', '/path//?jwt=z', 'GET&/path&'],
      ['PUT', '/a/b&c?b=2&a=x%20y&a=1', 'PUT&/a/b%26c&a=1,x%20y&b=2'],
      ['GET', "/path?q=it's*(a)!", 'GET&/path&q=it%27s%2A%28a%29%21'],
    ] as const)
      assert.equal(queryHash(method, url), createHash('sha256').update(canonical).digest('hex'), canonical);
  });

  it('may be late or early by a minute, and no more', () => {
    const now = NOW.getTime() / 1000;
    assert.ok(isGood({ exp: now - 60 }));
    assert.ok(!isGood({ exp: now - 60.1 }));
    assert.ok(isGood({ exp: now, nbf: now + 60 }));
    assert.ok(!isGood({ exp: now, nbf: now + 60.1 }));
  });

  it('stands alone in its header, after one word', () => {
    const good = token({ exp: NOW.getTime() / 1000 });
    for (const authorization of [`bearer ${good}`, `Bearer   ${good}`, `jwt ${good}`])
      assert.ok(verified(delivery({ authorization }), 'oauth-jwt'), authorization);
    for (const authorization of [good, `x Bearer ${good}`, `Bearer ${good} x`, `Bearer${good}`])
      assert.ok(!verified(delivery({ authorization }), 'oauth-jwt'), authorization);
    assert.ok(!verified(delivery({}), 'oauth-jwt'));
  });

  it('has each part in its only right spelling', () => {
    const claims = part({ exp: NOW.getTime() / 1000 });
    const header = part({ alg: 'HS256' });
    assert.ok(verified(delivery({ authorization: `Bearer ${under(`${header}.${claims}`)}` }), 'oauth-jwt'));
    const padded = Buffer.from('{"alg":"HS256" }').toString('base64');
    assert.match(padded, /=$/);
    for (const head of [`${padded}.${claims}`, `=${header}.${claims}`, `${header}.${claims}=`, `.${claims}`])
      assert.ok(!verified(delivery({ authorization: `Bearer ${under(head)}` }), 'oauth-jwt'), head);
    const long = part({ alg: 'HS256', x: 'x'.repeat(6000) });
    assert.ok(!verified(delivery({ authorization: `Bearer ${under(`${long}.${claims}`)}` }), 'oauth-jwt'));
  });
});
