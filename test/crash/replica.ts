import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 60_000;
const LOOK_MS = 50;
const WORDS_KEPT = 4000;

/** The service as a process of its own, on an address that stays the same from life to life. */
export interface Replica {
  url: string;
  isAlive(): boolean;
  /** Of the process that lives now. */
  pid(): number;
  /** A new life; resolves when it says that it is ready, or when it was killed before. Throws when it ends by itself. */
  start(): Promise<void>;
  /** SIGKILL, now; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Ends nobody asked for, with the last words. */
  deaths: readonly string[];
}

/** `script` is what Node runs, such as `bin/start.mjs`. */
export async function newReplica(
  script: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Replica> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const deaths: string[] = [];
  let child: ChildProcess | undefined;
  let words = '';
  // Nobody is left behind when this process ends early.
  process.once('exit', () => child?.kill('SIGKILL'));

  async function ready(mine: ChildProcess): Promise<void> {
    const until = Date.now() + READY_MS;
    const lives = (): boolean => child === mine;
    while (lives() && Date.now() < until) {
      const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
        () => undefined,
      );
      if (answer?.status === 200) return;
      await sleep(LOOK_MS);
    }
    if (lives()) throw new Error(`The service is not ready after ${READY_MS / 1000} s. ${words}`);
  }

  return {
    url,
    deaths,
    isAlive: () => child !== undefined,
    pid() {
      if (child?.pid === undefined) throw new Error('The service does not run.');
      return child.pid;
    },
    async start() {
      words = '';
      const mine = spawn(process.execPath, [...script], {
        env: { ...env, PORT: String(port), HOST: '127.0.0.1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = mine;
      for (const stream of [mine.stdout, mine.stderr])
        stream.on('data', (chunk: Buffer) => {
          words = (words + chunk.toString('utf8')).slice(-WORDS_KEPT);
        });
      mine.once('exit', (code, signal) => {
        if (child !== mine) return;
        child = undefined;
        deaths.push(`ended by itself (${code ?? signal}): ${words}`);
      });
      const before = deaths.length;
      await ready(mine);
      if (deaths.length > before) throw new Error(`The service did not start: ${deaths.at(-1)}`);
    },
    async kill() {
      const mine = child;
      if (mine === undefined) return;
      child = undefined;
      const gone = once(mine, 'exit');
      mine.kill('SIGKILL');
      await gone;
    },
  };
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
