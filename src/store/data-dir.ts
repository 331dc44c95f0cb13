import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../domain/errors.ts';

/** The PostgreSQL that PGlite is built from: it cannot read another major version's files. */
const PGLITE_VERSION = '18';

/** Throws `unavailable` when another major version of PostgreSQL wrote the directory. */
export function requireVersion(directory: string): void {
  const file = join(directory, 'PG_VERSION');
  if (!existsSync(file)) return;
  const version = readFileSync(file, 'utf8').trim();
  if (version === PGLITE_VERSION) return;
  throw new AppError(
    'unavailable',
    `${directory} was written by PostgreSQL ${version}, this version reads ${PGLITE_VERSION}: dump it with the version that wrote it (pg_dump) and restore it into a new directory or a server named by DATABASE_URL.`,
  );
}

/**
 * Keep every other process away from a data directory: a second PGlite on it would silently lose rows. The lock
 * is a listening socket, never a pid, which in a container is always 1: the kernel closes it when its process
 * dies. Answers how to unlock. Throws `unavailable` when it is taken.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const address = addressOf(realpathSync(directory));
  try {
    return await hold(address);
  } catch (cause) {
    if (!address.leavesFile || (await answers(address.path))) throw taken(directory, cause);
    rmSync(address.path, { force: true });
  }
  try {
    return await hold(address);
  } catch (cause) {
    throw taken(directory, cause);
  }
}

interface Address {
  path: string;
  /** A socket that is a file outlives a killed process, and nobody answers there. */
  leavesFile: boolean;
}

function addressOf(directory: string): Address {
  const name = `threat-model-integration-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`;
  // A leading NUL makes the name abstract: https://man7.org/linux/man-pages/man7/unix.7.html
  if (process.platform === 'linux') return { path: `\0${name}`, leavesFile: false };
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\${name}`, leavesFile: false };
  return { path: join(tmpdir(), `${name}.sock`), leavesFile: true };
}

async function hold(address: Address): Promise<() => Promise<void>> {
  const server: Server = createServer((socket) => socket.destroy());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(address.path, resolve);
  await promise;
  server.unref();
  return () => new Promise((done) => server.close(() => done()));
}

async function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  const answered = await promise;
  socket.destroy();
  return answered;
}

function taken(directory: string, cause: unknown): AppError {
  return new AppError(
    'unavailable',
    `The data directory ${directory} is in use by another process: stop that one, set DATA_DIR to another directory, or set DATABASE_URL.`,
    { cause },
  );
}
