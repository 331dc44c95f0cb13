import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { openHouse } from '../http/house.ts';
import { times } from './effort.ts';

const HEAD = 'GET /health/live HTTP/1.1\r\nHost: sync.example\r\n';
const DRIP_MS = 500;

/** What a socket was told until the service closed it. */
async function toldTo(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}

describe('a client that takes its time', () => {
  let app: FastifyInstance;
  let port = 0;
  before(async () => {
    ({ app } = await openHouse());
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    assert.ok(address !== null && typeof address === 'object');
    ({ port } = address);
  });
  after(() => app.close());

  it('is told so and hung up on when its headers never end, and others are answered meanwhile', async (t) => {
    const delays = monitorEventLoopDelay({ resolution: 10 });
    delays.enable();
    const count = times(1_000, 100);
    const open = new Set<Socket>();
    const slow = Array.from({ length: count }, async () => {
      const socket = connect(port, '127.0.0.1');
      open.add(socket);
      socket.on('error', () => undefined).write(HEAD);
      const drip = setInterval(() => void (socket.writable && socket.write('x-slow: 1\r\n')), DRIP_MS);
      const told = await toldTo(socket);
      clearInterval(drip);
      open.delete(socket);
      return told;
    });
    let others = 0;
    while (open.size > 0) {
      const answer = await fetch(`http://127.0.0.1:${port}/health/live`);
      assert.equal(answer.status, 200);
      others += 1;
    }
    const told = await Promise.all(slow);
    delays.disable();
    const p99 = (delays.percentile(99) / 1e6).toFixed(0);
    t.diagnostic(`${count} slow clients, ${others} others answered; event loop delay p99 ${p99} ms`);
    assert.deepEqual(
      new Set(told.map((text) => text.split('\r\n')[0])),
      new Set(['HTTP/1.1 408 Request Timeout']),
    );
  });

  it('or asks many things at once gets an answer to each, in order', async () => {
    const socket = connect(port, '127.0.0.1');
    const paths = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? '/health/live' : '/nothing'));
    const requests = paths.map(
      (path, index) =>
        `GET ${path} HTTP/1.1\r\nHost: a\r\n${index === paths.length - 1 ? 'Connection: close\r\n' : ''}\r\n`,
    );
    socket.write(requests.join(''));
    const told = await toldTo(socket);
    const statuses = [...told.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    assert.deepEqual(
      statuses,
      paths.map((path) => (path === '/nothing' ? '404' : '200')),
    );
  });
});
