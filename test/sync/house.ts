import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before } from 'node:test';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import type { GithubSimulator } from '../../simulators/github/index.ts';
import { systemChance, systemClock } from '../../src/clock.ts';
import { compose } from '../../src/compose.ts';
import type { Overrides, Service } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import type { Timings } from '../../src/domain/timings.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Chance, Clock, Log } from '../../src/ports/clock.ts';
import type { Lease, Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open.ts';
import type { UseCases } from '../../src/sync/use-cases.ts';
import { makeDatabase, QUIET } from '../store/database.ts';

/** The product's waits but one: an idle worker looks oftener. Minutes pass by moving the clock ahead. */
const TEST_TIMINGS: Timings = { ...TIMINGS, pollMs: 150 };

export const CONFIG = readConfig(
  {
    LOG_LEVEL: 'silent',
    JWT_SECRET: 'f3a1c59d7be2048696fa0d3c1be7a8425910dd6c',
    ENCRYPTION_KEY: '8b1f4c6a03d2e597a64bc8f0175d3e92c0ab46f8d91e7352b80c64fa1d9e2753',
    TRACKER_ALLOWED_CIDRS: '127.0.0.0/8',
    TRACKER_ALLOW_HTTP: 'true',
  },
  { read: () => assert.fail('no file is named'), keep: () => assert.fail('both secrets are given') },
);

/** Jitter is as small as it can be; ids are random. */
const chance: Chance = { ...systemChance, fraction: () => 0.01 };

/** The clock of service and tracker: the machine's, moved ahead as a test says. Sleeps stay real. */
interface MovableClock extends Clock {
  ahead(ms: number): void;
}

/** One house for the tests of a file: a store, a GitHub, and a service that can be ended and started again on the same store. */
export interface House {
  store: Store;
  github: GithubSimulator;
  clock: MovableClock;
  /** Where the service listens, for webhooks. Changes with every start. */
  url(): string;
  useCases(): UseCases;
  /** The claims of workers on integrations that were not given back. */
  held: Map<string, Lease>;
  /** Claims under way: one may stand in the database before its worker has heard of it. */
  claims: { underWay: number };
  /** The same store, for a service of a test: it outlives the service which closes it. */
  shared(): Store;
  /** Ends the service that runs, if one does, and starts another on the same store. */
  start(overrides?: Overrides): Promise<Service>;
  stop(): Promise<void>;
  /** One more service on the same store, for a test to close. */
  another(overrides?: Overrides): Promise<Service>;
  /** What the service has logged as errors since it started. */
  errors(): readonly string[];
}

/** Opens a house before the tests of a file, and closes it after them. On PostgreSQL when TEST_DATABASE_URL names one. */
export function house(database: () => Promise<Database> = realDatabase): () => House {
  let opened: Opened | undefined;
  before(async () => (opened = await open(await database())));
  after(async () => opened?.close());
  return () => opened ?? assert.fail('the house is not open');
}

interface Database {
  store: Store;
  drop(): Promise<void>;
}

async function realDatabase(): Promise<Database> {
  const serverUrl = process.env['TEST_DATABASE_URL'];
  const made = serverUrl === undefined ? undefined : await makeDatabase(serverUrl);
  const databaseUrl = made === undefined ? {} : { databaseUrl: new Secret(made.url) };
  const store = await openStore({ ...databaseUrl, dataDir: 'memory', log: QUIET });
  return { store, drop: async () => made?.drop() };
}

interface Opened extends House {
  close(): Promise<void>;
}

async function open(database: Database): Promise<Opened> {
  const { store } = database;
  const clock = movableClock();
  const github = await startGithubSimulator({ now: () => clock.now() });
  let service: Service | undefined;
  let url = '';
  let errors: string[] = [];
  const held = new Map<string, Lease>();
  const claims = { underWay: 0 };
  const shared = (): Store => watched(store, held, claims, clock);
  const opened: Opened = {
    store,
    held,
    claims,
    shared,
    github,
    clock,
    url: () => url,
    useCases: () => service?.useCases ?? assert.fail('no service runs'),
    errors: () => errors,
    async start(overrides = {}) {
      await opened.stop();
      errors = [];
      service = await opened.another(overrides);
      url = await service.app.listen({ port: 0, host: '127.0.0.1' });
      return service;
    },
    another(overrides = {}) {
      const log: Log = {
        ...QUIET,
        error: (data, message) => void errors.push(`${message} ${JSON.stringify(data)}`),
      };
      return compose(CONFIG, log, { clock, chance, timings: TEST_TIMINGS, store: shared(), ...overrides });
    },
    async stop() {
      await service?.close(2_000);
      service = undefined;
    },
    async close() {
      await opened.stop();
      await github.close();
      await store.close();
      await database.drop();
    },
  };
  await opened.start();
  return opened;
}

/** The store, telling who holds what, at a database whose clock goes with the house's; closing it does nothing. */
function watched(store: Store, held: House['held'], claims: House['claims'], clock: Clock): Store {
  const { dispatch } = store;
  return {
    ...store,
    dispatch: {
      ...dispatch,
      async claim(worker, leaseMs, whose) {
        claims.underWay += 1;
        try {
          const lease = await dispatch.claim(worker, leaseMs, whose);
          if (lease === undefined) return undefined;
          held.set(lease.integrationId, lease);
          const aheadMs = clock.now().getTime() - Date.now();
          return { ...lease, expiresAt: new Date(Date.parse(lease.expiresAt) + aheadMs).toISOString() };
        } finally {
          claims.underWay -= 1;
        }
      },
      async release(lease, nextDueAt) {
        await dispatch.release(lease, nextDueAt);
        held.delete(lease.integrationId);
      },
    },
    close: async () => {},
  };
}

function movableClock(): MovableClock {
  let offsetMs = 0;
  return {
    now: () => new Date(Date.now() + offsetMs),
    elapsed: () => performance.now() + offsetMs,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    ahead(ms) {
      offsetMs += ms;
    },
  };
}

const PATIENCE_MS = 45_000;

/** Looks until the answer is the expected one; fails with the last one when patience ends. */
export async function becomes<T>(look: () => Promise<T> | T, expected: T, what = 'it'): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const actual = await look();
    try {
      assert.deepEqual(actual, expected, what);
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await sleep(25);
  }
}
