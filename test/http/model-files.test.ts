import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ImportReport, ImportRequest } from '../../src/sync/use-cases.ts';
import { bearer, emptyUseCases, ID, openHouse } from './house.ts';
import { MODEL } from './samples.ts';

const REPORT: ImportReport = {
  model: MODEL,
  detected: 'threat-dragon-v2',
  found: 1,
  kept: [],
  fresh: [ID],
  renamed: [],
  gone: [],
  returned: [],
  changed: [],
  warnings: [],
};

const imported: ImportRequest[] = [];
const { app } = await openHouse({
  useCases: {
    models: {
      ...emptyUseCases().models,
      import: async (_caller, request) => (imported.push(request), REPORT),
      file: async () => ({
        bytes: Buffer.from([0, 255, 10]),
        fileName: 'Zahlungen "ü".json',
        unwritten: [{ key: '1', reason: 'no such status' }],
      }),
      patch: async () => '--- a\n+++ b\n',
    },
  },
});
after(() => app.close());
const admin = await bearer('admin');

describe('a model file', () => {
  const url = '/api/threat-models/import';
  const send = (payload: string | Buffer, type: string, query = '') =>
    app.inject({ method: 'POST', url: url + query, headers: { ...admin, 'content-type': type }, payload });

  it('is the body itself, byte for byte, with its place in the query', async () => {
    imported.length = 0;
    const bytes = Buffer.from('{ "summary" : 1 }\r\n');
    const answer = await send(
      bytes,
      'application/json',
      `?path=models/p.json&revision=abc&new=true&modelId=${ID}&confirm=false`,
    );
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(answer.json().new, [ID]);
    const [request] = imported;
    assert.ok(request !== undefined && bytes.equals(request.bytes));
    assert.equal(request.asNew, true);
    assert.equal(request.confirm, false);
    assert.equal(request.modelId, ID);
    assert.equal(request.source?.path, 'models/p.json');
    assert.equal((await send(bytes, 'application/octet-stream')).statusCode, 200);
    assert.equal(imported[1]?.source, undefined);
  });

  it('may be larger than other bodies, up to 20 MiB', async () => {
    const type = 'application/octet-stream';
    assert.equal((await send(Buffer.alloc(20 * 1024 * 1024, 32), type)).statusCode, 200);
    assert.equal((await send(Buffer.alloc(20 * 1024 * 1024 + 1, 32), type)).statusCode, 413);
  });

  it('may not be empty, of another type, or come with unknown parameters', async () => {
    assert.equal((await send('', 'application/json')).statusCode, 400);
    assert.equal((await app.inject({ method: 'POST', url, headers: admin })).statusCode, 400);
    assert.equal((await send('x=1', 'application/x-www-form-urlencoded')).statusCode, 415);
    assert.equal((await send('{}', 'application/json', '?file=x')).statusCode, 400);
    assert.equal((await send('{}', 'application/json', '?new=yes')).statusCode, 400);
  });

  it('is given back as an attachment with a safe name', async () => {
    const answer = await app.inject({ url: `/api/threat-models/${ID}/file`, headers: admin });
    assert.deepEqual([...answer.rawPayload], [0, 255, 10]);
    assert.equal(answer.headers['content-type'], 'application/octet-stream');
    assert.equal(
      answer.headers['content-disposition'],
      `attachment; filename="Zahlungen ___.json"; filename*=UTF-8''Zahlungen%20%22%C3%BC%22.json`,
    );
    assert.equal(answer.headers['x-unwritten'], '1');
    const patch = await app.inject({ url: `/api/threat-models/${ID}/patch`, headers: admin });
    assert.equal(patch.headers['content-type'], 'text/x-diff; charset=utf-8');
    assert.equal(patch.body, '--- a\n+++ b\n');
  });
});
