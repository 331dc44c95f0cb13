import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { replace } from './copies.ts';
import { freePort } from './replica.ts';

const READY_MS = 60_000;

/** A PostgreSQL of our own: its own directory, port and processes, gone when it is closed. */
export interface Cluster {
  url: string;
  /** Every connection breaks, nothing is written down in peace; resolves when it takes connections again. */
  crash(): Promise<void>;
  /** A crash, and a copy of what it left behind. */
  copy(): Promise<void>;
  /** A crash, after which the copy is what there is. */
  putBack(): Promise<void>;
  close(): Promise<void>;
}

/** Where PostgreSQL's programs are: on the path, or where Debian puts them. Throws with what to install. */
function programs(): string {
  const places = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed(),
  ];
  const initdb = places.map((place) => join(place, 'initdb')).find((file) => existsSync(file));
  if (initdb === undefined)
    throw new Error(
      'initdb was not found: install a PostgreSQL server, or use --store pglite. Its own service may stay off.',
    );
  return dirname(initdb);
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`. */
function account(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    return { uid: idOf('-u', 'postgres'), gid: idOf('-g', 'postgres') };
  } catch {
    return { uid: idOf('-u', 'nobody'), gid: idOf('-g', 'nobody') };
  }
}

function idOf(flag: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

export async function openCluster(): Promise<Cluster> {
  const bin = programs();
  const who = account();
  const folder = mkdtempSync(join(tmpdir(), 'tmi-crash-pg-'));
  if (who !== undefined) chownSync(folder, who.uid, who.gid);
  const data = join(folder, 'data');
  const kept = join(folder, 'copy');
  const as = { ...who, cwd: folder };
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
    { ...as, stdio: 'ignore' },
  );
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;
  process.once('exit', () => server?.kill('SIGQUIT'));

  async function start(): Promise<void> {
    const options = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
    server = spawn(join(bin, 'postgres'), options, { ...as, stdio: 'ignore' });
    const until = Date.now() + READY_MS;
    while (!(await answers(url))) {
      if (Date.now() > until) throw new Error('The PostgreSQL of this run does not answer.');
      await sleep(50);
    }
  }
  /** Immediate shutdown: https://www.postgresql.org/docs/current/server-shutdown.html */
  async function stop(): Promise<void> {
    if (server === undefined) return;
    const gone = once(server, 'exit');
    server.kill('SIGQUIT');
    await gone;
    server = undefined;
  }

  await start();
  return {
    url,
    async crash() {
      await stop();
      await start();
    },
    async copy() {
      await stop();
      replace(kept, data);
      await start();
    },
    async putBack() {
      await stop();
      replace(data, kept);
      await start();
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether it lets somebody in: while it recovers it listens and refuses. */
async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  // A connection that breaks later is nobody's concern here.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
