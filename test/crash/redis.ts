import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './replica.ts';

const READY_MS = 20_000;

/** A Redis of our own that keeps nothing. */
export interface OwnRedis {
  url: string;
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** Throws when `redis-server` is not on the path. */
export async function openRedis(folder: string): Promise<OwnRedis> {
  const port = await freePort();
  let server: ChildProcess | undefined;
  process.once('exit', () => server?.kill('SIGKILL'));

  async function start(): Promise<void> {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    const mine = spawn('redis-server', options, { stdio: 'ignore' });
    server = mine;
    let failure: Error | undefined;
    mine.once('error', (error) => (failure = error));
    const until = Date.now() + READY_MS;
    while (!(await listens(port))) {
      if (failure !== undefined || Date.now() > until)
        throw new Error('redis-server does not start: install it, or use --redis-restarts 0.', {
          cause: failure,
        });
      await sleep(20);
    }
  }
  async function stop(): Promise<void> {
    if (server === undefined) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
    server = undefined;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    async crash() {
      await stop();
      await start();
    },
    close: stop,
  };
}

async function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('error', () => resolve(false));
  socket.once('connect', () => resolve(true));
  const answered = await promise;
  socket.destroy();
  return answered;
}
