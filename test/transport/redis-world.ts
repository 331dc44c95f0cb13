import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import { Secret } from '../../src/domain/secret.ts';
import { redisMemory } from '../../src/events/redis-memory.ts';
import type { SharedMemory } from '../../src/ports/shared-memory.ts';
import { chance, transportFor, type WorldOptions } from './world.ts';

const PATIENCE_MS = 45_000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Looks until it is so. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await what())) {
    assert.ok(Date.now() < end, `It never became so: ${String(what)}`);
    await wait(10);
  }
}

/** A memory of its own on the server, for as many replicas as a test likes. */
export async function openRedis(url: string) {
  const prefix = `test-${randomUUID()}:`;
  const client = createClient({ url });
  await client.connect();
  const keys = () => client.keys(`${prefix}*`);
  const options = { installation: 'here', prefix, log: silent };
  return {
    client,
    keys,
    async keyOf(part: string): Promise<string> {
      const found = (await keys()).filter((key) => key.includes(part));
      assert.equal(found.length, 1, `${part} in ${(await keys()).join(' ')}`);
      return found[0] ?? '';
    },
    /** Everything forgotten, scripts too. */
    async flush(): Promise<void> {
      const all = await keys();
      if (all.length > 0) await client.del(all);
      await client.scriptFlush();
    },
    /** A replica with a connection of its own: a patient one, unless `patienceMs` says otherwise. */
    async replica(
      given: WorldOptions = {},
      { through = url, patienceMs = PATIENCE_MS }: { through?: string; patienceMs?: number } = {},
    ) {
      const memory: SharedMemory = redisMemory({ ...options, url: new Secret(through) }, patienceMs);
      await until(() => memory.isThere());
      const timeouts = { connectMs: PATIENCE_MS, headersMs: PATIENCE_MS, bodyMs: PATIENCE_MS };
      const world = transportFor({
        timeouts,
        chance: { ...chance(0), uuid: () => randomUUID() },
        ...given,
        together: { memory, self: randomUUID() },
      });
      return {
        ...world,
        memory,
        async [Symbol.asyncDispose]() {
          await world.transport.close();
          await memory.close();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      const all = await keys();
      if (all.length > 0) await client.del(all);
      client.destroy();
    },
  };
}

/** A line to Redis that can be cut, and that can go silent. */
export async function redisLine(url: string) {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((socket) => {
    const onward = connect(Number(target.port || '6379'), target.hostname);
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined).on('close', () => to.destroy());
      from.on('data', (bytes) => void (isSilent || to.write(bytes)));
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const { port } = address;
  const through = new URL(url);
  through.host = `127.0.0.1:${port}`;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const line = {
    url: through.href,
    silence(on: boolean): void {
      isSilent = on;
      // What was swallowed never comes.
      if (!on) cut();
    },
    async down(): Promise<void> {
      const closed = new Promise((done) => server.close(done));
      cut();
      await closed;
    },
    async up(): Promise<void> {
      await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await line.down();
    },
  };
  return line;
}
