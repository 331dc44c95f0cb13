import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { TrackerError } from '../../src/domain/errors.ts';
import { connectionTo, CONTEXT, never, serve, transportFor } from './world.ts';

const MIB = 1024 * 1024;

function isTrackerError(code: string, arrived: 'no' | 'maybe') {
  return (error: unknown) => {
    assert.ok(error instanceof TrackerError, String(error));
    assert.deepEqual({ code: error.code, arrived: error.arrived }, { code, arrived });
    return true;
  };
}

describe('one exchange with a tracker', () => {
  it('sends what was asked, signed, below the API root, and answers status, headers and JSON', async () => {
    await using server = await serve((_request, response) =>
      response.writeHead(201, { 'content-type': 'application/json', 'x-told': 'ä' }).end('{"id":1}'),
    );
    await using world = transportFor();
    const way = world.transport.open(connectionTo(`${server.url}/api/v3`), CONTEXT);
    const answer = await way.send(
      {
        method: 'POST',
        path: '/repos/a%2Fb/issues',
        query: { page: 2, none: undefined },
        json: { title: 'ü' },
      },
      never,
    );
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.json, { id: 1 });
    const [seen] = server.seen;
    assert.equal(seen?.url, '/api/v3/repos/a%2Fb/issues?page=2');
    assert.equal(seen.body, '{"title":"ü"}');
    assert.equal(seen.headers.authorization, 'Bearer canary-token');
    assert.equal(seen.headers['user-agent'], 'tmi-test/1');
    assert.equal(seen.headers['content-length'], String(Buffer.byteLength(seen.body)));
    assert.equal(way.calls(), 1);
    assert.deepEqual(world.counted, ['2xx']);
  });

  it('hands 3xx and 4xx back, following no redirect', async () => {
    await using sink = await serve((_request, response) => response.end('secret'));
    await using server = await serve((request, response) =>
      request.url === '/moved'
        ? response.writeHead(302, { location: sink.url }).end()
        : response.writeHead(404).end('{"message":"Not Found"}'),
    );
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    assert.equal((await send({ method: 'GET', path: '/moved' }, never)).status, 302);
    assert.equal((await send({ method: 'GET', path: '/none' }, never)).status, 404);
    assert.equal(sink.connections(), 0);
  });

  it('has no JSON for HTML, an empty body or half a document', async () => {
    const bodies = ['<html>Sign in</html>', '', '{"half":'];
    await using server = await serve((_request, response) => response.end(bodies.shift()));
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    for (let each = 0; each < 3; each += 1)
      assert.equal((await send({ method: 'GET', path: '/' }, never)).json, undefined);
  });

  it('unpacks gzip, and stops an answer that inflates beyond the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MIB));
    await using server = await serve((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
      response.end(request.url === '/bomb' ? bomb : gzipSync('{"ok":true}'));
    });
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    assert.deepEqual((await send({ method: 'GET', path: '/fine' }, never)).json, { ok: true });
    await assert.rejects(
      send({ method: 'GET', path: '/bomb' }, never),
      isTrackerError('tracker-nonsense', 'no'),
    );
    await assert.rejects(
      send({ method: 'POST', path: '/bomb' }, never),
      isTrackerError('tracker-nonsense', 'maybe'),
    );
    assert.equal(server.seen.length, 3, 'none of them was repeated');
  });

  it('stops plain bodies beyond the limit, declared or not', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/declared') response.writeHead(200, { 'content-length': 5 * MIB });
      const timer = setInterval(() => response.write(Buffer.alloc(MIB)), 1);
      response.on('close', () => clearInterval(timer));
    });
    await using world = transportFor({ maxBodyBytes: 2 * MIB });
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    for (const path of ['/declared', '/endless'])
      await assert.rejects(send({ method: 'GET', path }, never), isTrackerError('tracker-nonsense', 'no'));
  });

  it('calls an unasked packing, broken packing and huge headers what they are', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/zstd') response.writeHead(200, { 'content-encoding': 'zstd' });
      if (request.url === '/broken') response.writeHead(200, { 'content-encoding': 'gzip' });
      if (request.url === '/huge') response.writeHead(200, { 'x-huge': 'x'.repeat(80_000) });
      response.end('no gzip');
    });
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    const post = (path: string) => send({ method: 'POST', path }, never);
    await assert.rejects(post('/zstd'), isTrackerError('tracker-nonsense', 'maybe'));
    await assert.rejects(post('/broken'), isTrackerError('tracker-unreachable', 'maybe'));
    await assert.rejects(post('/huge'), isTrackerError('tracker-unreachable', 'maybe'));
  });

  it('gives up on silence, on a dripping body and on a connection that breaks off', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/silence') return;
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{');
      if (request.url === '/reset') setTimeout(() => response.socket?.resetAndDestroy(), 20);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    await using world = transportFor({ timeouts: { connectMs: 5000, headersMs: 200, bodyMs: 200 } });
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    for (const path of ['/silence', '/drip', '/reset'])
      await assert.rejects(
        send({ method: 'POST', path }, never),
        isTrackerError('tracker-unreachable', 'maybe'),
      );
    assert.equal(server.seen.length, 3, 'a write that may have arrived is never repeated');
    await assert.rejects(
      send({ method: 'GET', path: '/reset' }, never),
      isTrackerError('tracker-unreachable', 'no'),
    );
    assert.equal(server.seen.length, 7, 'a read is tried four times');
  });

  it('gives a body time of its own', async () => {
    await using server = await serve((_request, response) => {
      response.write('{');
      setTimeout(() => response.end('}'), 1200);
    });
    await using world = transportFor({ timeouts: { connectMs: 5000, headersMs: 1000, bodyMs: 10_000 } });
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    assert.deepEqual((await send({ method: 'GET', path: '/' }, never)).json, {});
  });

  it('waits longer for the answer to a slow request', async () => {
    await using server = await serve((_request, response) => {
      setTimeout(() => response.end('{}'), 1800);
    });
    await using world = transportFor({ timeouts: { connectMs: 5000, headersMs: 1000, bodyMs: 10_000 } });
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    const request = { method: 'POST', path: '/' } as const;
    assert.deepEqual((await send({ ...request, slow: true }, never)).json, {});
    await assert.rejects(send(request, never), isTrackerError('tracker-unreachable', 'maybe'));
  });

  it('says that a write surely did not arrive when no connection was made', async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    await assert.rejects(
      send({ method: 'POST', path: '/' }, never),
      isTrackerError('tracker-unreachable', 'no'),
    );
  });

  it('does not try again where only a person can help: no trust in the other end', async () => {
    await using server = await serve((_request, response) => response.end('plain http'));
    await using world = transportFor();
    const way = world.transport.open(connectionTo(server.url.replace('http:', 'https:')), CONTEXT);
    await assert.rejects(way.send({ method: 'GET', path: '/' }, never), (error: unknown) => {
      assert.ok(error instanceof TrackerError);
      assert.deepEqual([error.code, error.arrived, error.resumeAt], ['tracker-unreachable', 'no', undefined]);
      return true;
    });
    assert.equal(way.calls(), 1);
  });

  it('tries a name again that does not resolve, and says when a later try makes sense', async () => {
    await using world = transportFor({ resolve: () => Promise.reject(new Error('EAI_AGAIN')) });
    const way = world.transport.open(connectionTo('http://tracker.internal'), CONTEXT);
    await assert.rejects(way.send({ method: 'POST', path: '/' }, never), (error: unknown) => {
      assert.ok(error instanceof TrackerError);
      assert.match(error.message, /tracker\.internal does not resolve/);
      assert.ok(error.arrived === 'no' && error.resumeAt !== undefined);
      return true;
    });
    assert.equal(way.calls(), 4);
  });

  it('stops at once when its caller does: a read with the reason, a write that went out as unknown', async () => {
    const stop = new AbortController();
    await using server = await serve(() => stop.abort(new Error('enough')));
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    await assert.rejects(
      send({ method: 'POST', path: '/' }, stop.signal),
      isTrackerError('tracker-unreachable', 'maybe'),
    );
    await assert.rejects(send({ method: 'GET', path: '/' }, stop.signal), { message: 'enough' });
    assert.equal(server.seen.length, 1);
    assert.deepEqual(world.counted, ['stopped']);
  });

  it('puts neither token nor query into its errors', async () => {
    await using server = await serve((request) => request.socket.destroy());
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    const failed = await send({ method: 'POST', path: '/x', query: { q: 'canary-query' } }, never).catch(
      (error: unknown) => error,
    );
    const { inspect } = await import('node:util');
    assert.doesNotMatch(inspect(failed, { depth: 10 }), /canary/);
  });
});

describe('where a request goes', () => {
  it('follows a next link at the same origin only', async () => {
    await using sink = await serve((_request, response) => response.end());
    await using server = await serve((_request, response) => response.end('{}'));
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(server.url), CONTEXT);
    assert.equal(
      (await send({ method: 'GET', path: '/', url: `${server.url}/x?page=2` }, never)).status,
      200,
    );
    const elsewhere = [
      sink.url,
      `${server.url.replace('http:', 'https:')}/x`,
      `${server.url}@127.0.0.1:${sink.port}/`,
      `http://user:pass@127.0.0.1:${server.port}/`,
      '/relative',
      'javascript:1',
    ];
    for (const url of elsewhere)
      await assert.rejects(
        send({ method: 'GET', path: '/', url }, never),
        isTrackerError('tracker-nonsense', 'no'),
      );
    assert.equal(sink.connections(), 0);
    assert.equal(server.seen.length, 1);
  });

  it('refuses a path that would leave the API root', async () => {
    await using server = await serve((_request, response) => response.end('{}'));
    await using world = transportFor();
    const { send } = world.transport.open(connectionTo(`${server.url}/api`), CONTEXT);
    for (const path of ['/../x', '/a/%2e%2e/%2e%2e/x', '//evil', '/a\\..\\x', 'x', '/a?b=c', '/a#b', '/a b'])
      await assert.rejects(send({ method: 'GET', path }, never), { code: 'invalid-request' }, path);
    assert.equal(server.seen.length, 0);
  });
});
