import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { bearer, emptyUseCases, ID, openHouse } from './house.ts';
import { INTEGRATION } from './samples.ts';

describe('ETag, If-Match and If-None-Match', async () => {
  const { integrations } = emptyUseCases();
  const expected: (number | undefined)[] = [];
  let shown = INTEGRATION;
  const { app } = await openHouse({
    useCases: {
      integrations: {
        ...integrations,
        get: async () => shown,
        change: async (_caller, _id, _patch, version) => {
          expected.push(version);
          if (version !== undefined && version !== shown.version)
            throw new AppError('stale-version', 'It has changed.');
          return { ...shown, version: shown.version + 1 };
        },
        remove: async (_caller, _id, version) => void expected.push(version),
      },
    },
  });
  after(() => app.close());
  const admin = await bearer('admin');
  const url = `/api/integrations/${ID}`;
  const get = (headers: Record<string, string> = {}) =>
    app.inject({ url, headers: { ...admin, ...headers } });
  const put = (ifMatch: string) =>
    app.inject({
      method: 'PUT',
      url,
      headers: { ...admin, 'if-match': ifMatch },
      payload: { enabled: true },
    });

  it('tags a resource with its version, and differently when the answer differs', async () => {
    const etag = String((await get()).headers['etag']);
    assert.match(etag, /^"7\.[\w-]{16}"$/);
    assert.equal((await get()).headers['etag'], etag);
    shown = { ...INTEGRATION, stateReason: 'noted without a new version' };
    assert.notEqual((await get()).headers['etag'], etag);
    shown = INTEGRATION;
  });

  it('answers 304 without a body to who has it already', async () => {
    const etag = String((await get()).headers['etag']);
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get({ 'if-none-match': header });
      assert.equal(answer.statusCode, 304, header);
      assert.equal(answer.body, '');
      assert.equal(answer.headers['etag'], etag);
    }
    assert.equal((await get({ 'if-none-match': '"6.abc"' })).statusCode, 200);
  });

  it('hands the version of If-Match on, and answers 412 when it is another', async () => {
    const etag = String((await get()).headers['etag']);
    expected.length = 0;
    const changed = await put(etag);
    assert.equal(changed.statusCode, 200);
    assert.match(String(changed.headers['etag']), /^"8\./);
    assert.equal((await put('"7"')).statusCode, 200);
    assert.equal((await put('*')).statusCode, 200);
    const stale = await put('"6.AAAAAAAAAAAAAAAA"');
    assert.equal(stale.statusCode, 412);
    assert.equal(stale.json().code, 'stale-version');
    assert.deepEqual(expected, [7, 7, undefined, 6]);
  });

  it('changes nothing when If-Match cannot match', async () => {
    expected.length = 0;
    for (const odd of ['7', 'W/"7"', '""', '"x"', '"7", "8"', '"-7"', '"7.5.1"', ''])
      assert.equal((await put(odd)).statusCode, 412, odd);
    assert.deepEqual(expected, []);
  });

  it('does not demand If-Match', async () => {
    expected.length = 0;
    assert.equal((await app.inject({ method: 'DELETE', url, headers: admin })).statusCode, 204);
    assert.deepEqual(expected, [undefined]);
  });
});

describe('a listing', async () => {
  const { threats } = emptyUseCases();
  const asked: unknown[] = [];
  const { app } = await openHouse({
    useCases: {
      threats: {
        ...threats,
        list: async (_caller, query) => {
          asked.push(query);
          return query.cursor === undefined ? { items: [], nextCursor: 'a+b/c=' } : { items: [] };
        },
      },
    },
  });
  after(() => app.close());
  const headers = await bearer('viewer');

  it('names its next page, which keeps the filters', async () => {
    const first = await app.inject({ url: '/api/threats?severity=high&limit=10', headers });
    assert.equal(first.json().nextCursor, 'a+b/c=');
    const next = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1];
    assert.ok(next !== undefined);
    const last = await app.inject({ url: next, headers });
    assert.equal(last.headers['link'], undefined);
    assert.equal(last.json().nextCursor, undefined);
    assert.deepEqual(asked, [
      { severity: 'high', limit: 10 },
      { severity: 'high', limit: 10, cursor: 'a+b/c=' },
    ]);
  });

  it('takes times with any offset and hands them on in UTC', async () => {
    asked.length = 0;
    const since = encodeURIComponent('2026-11-22T09:00:00+01:00');
    assert.equal((await app.inject({ url: `/api/threats?updatedSince=${since}`, headers })).statusCode, 200);
    assert.deepEqual(asked, [{ limit: 50, updatedSince: '2026-11-22T08:00:00.000Z' }]);
    const odd = await app.inject({ url: '/api/threats?updatedSince=yesterday', headers });
    assert.equal(odd.statusCode, 400);
  });
});
