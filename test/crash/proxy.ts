import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const TROUBLES = ['reset', 'stall', 'throttle'] as const;
type Trouble = (typeof TROUBLES)[number];

/** Bytes of one turn, and the time between two, while it throttles: 20 kB a second. */
const SIP = 1000;
const SIP_MS = 50;

/** A TCP proxy on loopback that can be made to misbehave. */
export interface Proxy {
  url: string;
  /** `reset` breaks every connection; `stall` lets nothing through, `throttle` little, for so long. */
  trouble(kind: Trouble, ms: number): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let mode: Trouble | undefined;
  const isIn = (kind: Trouble): boolean => mode === kind;

  /** Carries bytes one way, at the pace of the moment. */
  async function carry(from: Socket, to: Socket): Promise<void> {
    for await (const chunk of from) {
      const bytes: Buffer = chunk;
      for (let at = 0; at < bytes.length;) {
        while (isIn('stall')) await sleep(SIP_MS);
        const end = isIn('throttle') ? at + SIP : bytes.length;
        if (isIn('throttle')) await sleep(SIP_MS);
        if (to.destroyed) return;
        if (!to.write(bytes.subarray(at, end))) await Promise.race([once(to, 'drain'), once(to, 'close')]);
        at = end;
      }
    }
    to.end();
  }

  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
      socket.on('close', () => sockets.delete(socket));
    }
    for (const way of [carry(near, far), carry(far, near)])
      way.catch(() => {
        near.destroy();
        far.destroy();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  // A socket that is reset while it says goodbye keeps Node 24 from ever ending its process.
  const resetAll = (): void => {
    for (const socket of sockets)
      if (socket.connecting || socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    async trouble(kind, ms) {
      if (kind === 'reset') {
        resetAll();
        return;
      }
      mode = kind;
      await sleep(ms);
      mode = undefined;
    },
    async close() {
      mode = undefined;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
