import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { bearer, ID, openHouse } from './house.ts';
import type { IntegrationInput, SyncRequest } from '../../src/sync/use-cases.ts';
import { BODY, INTEGRATION, RUN } from './samples.ts';

const created: IntegrationInput[] = [];
const changed: Partial<IntegrationInput>[] = [];
const synced: SyncRequest[] = [];
const never = async (): Promise<never> => assert.fail('not asked for here');

const { app, logged } = await openHouse({
  useCases: {
    integrations: {
      create: async (_caller, input) => (created.push(input), INTEGRATION),
      change: async (_caller, _id, patch) => (changed.push(patch), INTEGRATION),
      get: async () => INTEGRATION,
      list: async () => ({ items: [INTEGRATION] }),
      remove: async () => {},
      status: never,
      connect: never,
      webhookSecret: never,
    },
    sync: {
      start: async (_caller, _id, request) => (synced.push(request), RUN),
      wait: async (_caller, _id, ms) => ({ ...RUN, calls: ms }),
      plan: never,
      runs: never,
      run: never,
      items: never,
    },
  },
});
after(() => app.close());
const admin = await bearer('admin');
const json = { ...admin, 'content-type': 'application/json' };
const post = (payload: string | object | Buffer, headers: Record<string, string> = json) =>
  app.inject({ method: 'POST', url: '/api/integrations', headers, payload });

describe('the body of an integration', () => {
  it('is the published example, handed on as it is', async () => {
    created.length = 0;
    const answer = await post(BODY);
    assert.equal(answer.statusCode, 201);
    assert.equal(answer.headers['location'], `/api/integrations/${ID}`);
    assert.deepEqual(created, [BODY]);
  });

  it('may name every option, also only some of them in a change', async () => {
    const full = {
      ...BODY,
      syncIntervalMinutes: null,
      enabled: false,
      mapping: {
        status: { byLabel: { doing: 'mitigating' }, toId: { mitigated: '3' } },
        severity: { labels: { high: 'P1' } },
        policies: { status: 'newest' },
        rules: [{ field: 'status', threat: 'mitigated', issue: 'dropped', keep: 'threat' }],
        missing: 'close',
      },
      filter: { models: ['Payments'], severities: ['high'], outOfScope: true },
      limits: { creates: 10 },
      parent: { kind: 'issue', key: 'TM-12' },
      autoApply: true,
      allowPublic: true,
    };
    assert.equal((await post(full)).statusCode, 201);
    changed.length = 0;
    const url = `/api/integrations/${ID}`;
    const answer = await app.inject({ method: 'PUT', url, headers: json, payload: { enabled: true } });
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(changed, [{ enabled: true }]);
  });

  it('is refused with a pointer to each mistake', async () => {
    const answer = await post({
      ...BODY,
      name: ' ',
      syncIntervalMinutes: 0,
      mapping: { policies: { status: 'mine', colour: 'ask' }, rules: [{ field: 'title', issue: 'a' }] },
      filter: { models: ['a', 7] },
      'odd/~name': true,
      id: ID,
    });
    assert.equal(answer.statusCode, 400);
    const { code, errors } = answer.json();
    assert.equal(code, 'invalid-request');
    assert.deepEqual(errors.map((each: { pointer: string }) => each.pointer).toSorted(), [
      '/filter/models/1',
      '/id',
      '/mapping/policies/colour',
      '/mapping/policies/status',
      '/mapping/rules/0/issue',
      '/mapping/rules/0/keep',
      '/name',
      '/odd~1~0name',
      '/syncIntervalMinutes',
    ]);
  });

  it('cannot be left out', async () => {
    for (const headers of [admin, json]) {
      const answer = await app.inject({ method: 'POST', url: '/api/integrations', headers });
      assert.equal(answer.statusCode, 400);
      const pointers = answer.json().errors.map((each: { pointer: string }) => each.pointer);
      assert.deepEqual(pointers, ['/name', '/provider', '/config', '/credentials']);
    }
    for (const payload of ['null', '[]', '42', '"text"', 'true'])
      assert.equal((await post(payload)).statusCode, 400, payload);
  });
});

describe('an answer about an integration', () => {
  it('never holds credentials, cursor, account ids or project ids', async () => {
    for (const answer of [
      await post(BODY),
      await app.inject({ url: `/api/integrations/${ID}`, headers: admin }),
      await app.inject({ url: '/api/integrations', headers: admin }),
    ]) {
      assert.ok(answer.statusCode < 300);
      for (const secret of ['ghp_', 'opaque-cursor', 'accountIds', '"99"', '4711'])
        assert.ok(!answer.body.includes(secret), secret);
      assert.match(answer.body, /"hasCredentials":true/);
    }
    assert.ok(!JSON.stringify(logged).includes('ghp_'));
  });

  it('drops what the store may have added', async () => {
    const house = await openHouse({
      useCases: {
        threats: {
          list: async () => ({ items: [], leaked: 'secret' }),
          get: never,
          updateMitigation: never,
          update: never,
        },
      },
    });
    const answer = await house.app.inject({ url: '/api/threats', headers: admin });
    assert.equal(answer.body, '{"items":[]}');
    await house.app.close();
  });
});

/** JSON objects in one another. */
function nested(depth: number): string {
  return `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
}
/** A good body whose `config` is so deep. */
function deepBody(depth: number): string {
  return JSON.stringify({ ...BODY, config: JSON.parse(nested(depth)) });
}
/** A good body of exactly so many bytes. */
function sizedBody(bytes: number): string {
  const empty = Buffer.byteLength(JSON.stringify({ ...BODY, config: { filler: '' } }));
  return JSON.stringify({ ...BODY, config: { filler: 'x'.repeat(bytes - empty) } });
}

describe('a JSON body', () => {
  it('is refused when malformed, without repeating what was sent', async () => {
    for (const payload of [
      '{',
      '{"token":"ghp_secret"',
      '{"a":1,}',
      "{'a':1}",
      'ghp_secret',
      '\uFEFF',
      '{"a":01}',
    ]) {
      const answer = await post(payload);
      assert.equal(answer.statusCode, 400, payload);
      assert.equal(answer.json().code, 'invalid-request');
      assert.ok(!answer.body.includes('ghp_'), answer.body);
    }
  });

  it('is refused when it uses a reserved name, at any depth', async () => {
    for (const payload of [
      '{"__proto__":{"admin":true}}',
      '{"config":{"__proto__":{}}}',
      '{"config":{"\\u005f_proto__":{}}}',
      '{"config":{"constructor":{"prototype":{}}}}',
    ]) {
      const answer = await post(payload);
      assert.equal(answer.statusCode, 400, payload);
      assert.match(answer.json().detail, /reserved name/);
    }
  });

  it('may be 32 levels deep and no deeper, brackets in text not counted', async () => {
    assert.equal((await post(deepBody(31))).statusCode, 201);
    const deep = await post(deepBody(32));
    assert.equal(deep.statusCode, 400);
    assert.match(deep.json().detail, /32 levels/);
    assert.equal((await post('['.repeat(500_000))).statusCode, 400);
    assert.equal((await post({ ...BODY, name: '[{"\\'.repeat(40) })).statusCode, 201);
  });

  it('may not hold the character NUL, which a database cannot keep', async () => {
    assert.match((await post({ ...BODY, name: 'a\u0000b' })).json().detail, /NUL/);
    assert.equal((await post({ ...BODY, name: 'a\\u0000b' })).statusCode, 201);
  });

  it('may have 1 MiB and no more', async () => {
    assert.equal((await post(sizedBody(1024 * 1024))).statusCode, 201);
    const answer = await post(sizedBody(1024 * 1024 + 1));
    assert.equal(answer.statusCode, 413);
    assert.equal(answer.json().code, 'too-large');
    assert.match(answer.json().detail, /1048576 bytes/);
  });

  it('is refused under any other content type, or compressed', async () => {
    const text = JSON.stringify(BODY);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/json5',
      'application/jsonx',
      'text/plain; application/json',
      'application/octet-stream',
    ]) {
      const answer = await post(text, { ...admin, 'content-type': type });
      assert.equal(answer.statusCode, 415, type);
      assert.equal(answer.json().code, 'unsupported-media-type');
    }
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, identity', 'x'])
      assert.equal((await post(text, { ...json, 'content-encoding': encoding })).statusCode, 415, encoding);
    assert.equal((await post(text, { ...json, 'content-encoding': 'identity' })).statusCode, 201);
    const charset = { ...admin, 'content-type': 'application/json; charset=utf-8' };
    assert.equal((await post(text, charset)).statusCode, 201);
  });

  it('is validated whatever form its content type is written in', async () => {
    for (const type of [
      'Application/JSON',
      'application/json;',
      'application/json\t',
      'application/json ; a=b',
    ]) {
      const answer = await post('{"name":7}', { ...admin, 'content-type': type });
      assert.ok([400, 415].includes(answer.statusCode), `${type}: ${answer.statusCode}`);
    }
  });

  it('may be missing from a DELETE that says it were JSON', async () => {
    const url = `/api/integrations/${ID}`;
    assert.equal((await app.inject({ method: 'DELETE', url, headers: json })).statusCode, 204);
  });

  it('may be missing where nothing in it is required', async () => {
    synced.length = 0;
    const url = `/api/integrations/${ID}/sync`;
    const answer = await app.inject({ method: 'POST', url, headers: admin });
    assert.equal(answer.statusCode, 202);
    assert.equal(answer.headers['location'], `/api/runs/${ID}`);
    assert.deepEqual(synced, [{}]);
  });
});

describe('Prefer: wait', () => {
  it('waits for the run as long as is asked, at most a minute', async () => {
    const url = `/api/integrations/${ID}/sync`;
    for (const [prefer, ms] of [
      ['wait=5', 5000],
      ['respond-async, wait=10', 10_000],
      ['wait=86400', 60_000],
    ] as const) {
      const answer = await app.inject({ method: 'POST', url, headers: { ...admin, prefer } });
      assert.equal(answer.json().calls, ms);
      assert.equal(answer.headers['preference-applied'], `wait=${ms / 1000}`);
    }
    const without = await app.inject({ method: 'POST', url, headers: { ...admin, prefer: 'wait=soon' } });
    assert.equal(without.json().calls, 0);
    assert.equal(without.headers['preference-applied'], undefined);
  });
});

describe('query parameters', () => {
  it('are refused when unknown or of the wrong kind', async () => {
    for (const [query, name] of [
      ['colour=red', 'colour'],
      ['limit=0', 'limit'],
      ['limit=201', 'limit'],
      ['limit=ten', 'limit'],
      ['cursor=', 'cursor'],
      ['provider=trello', 'provider'],
      ['status=open', 'status'],
      ['__proto__=1', '__proto__'],
    ]) {
      const answer = await app.inject({ url: `/api/integrations?${query}`, headers: admin });
      assert.equal(answer.statusCode, 400, query);
      assert.equal(answer.json().errors[0].pointer, `/${name}`);
      assert.match(answer.json().errors[0].detail, /^Query: /);
    }
  });
});
