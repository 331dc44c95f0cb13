import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { startGithubSimulator, type GithubSimulator } from '../../simulators/github/index.ts';
import { newApi } from './api.ts';
import { openCluster } from './cluster.ts';
import { replace } from './copies.ts';
import { newPeople, type People } from './people.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { openRedis } from './redis.ts';
import { newReplica, type Replica } from './replica.ts';
import { addModel, newTeam, syncNow, type Team } from './team.ts';

type StoreName = 'postgres' | 'pglite';

/** What a run does, and for how long. */
export interface Plan {
  store: StoreName;
  kills: number;
  links: number;
  /** When the storm ends, at the latest. */
  minutes: number;
  /** The product's waits, or those between seconds and a minute cut to a tenth. */
  timing: 'product' | 'tenth';
  /** How many services work on the database; more than one needs PostgreSQL. */
  replicas: number;
  /** Crashes of PostgreSQL and of Redis, and troubles of the connections to the tracker. */
  restarts: number;
  redisRestarts: number;
  troubles: number;
  /** How often a copy of the database from a minute ago is put back under the service. */
  rewinds: number;
  /** After the storm somebody asks for a sync, as one may, instead of waiting for the slot of the schedule. */
  syncsAfter: boolean;
  seed: number;
}

/** Everything that takes part: a tracker, a way to it, a database, services, teams and their people. */
export interface Scene {
  github: GithubSimulator;
  proxy: Proxy;
  replicas: readonly Replica[];
  teams: readonly Team[];
  people: People;
  chance: () => number;
  restartDatabase?: () => Promise<void>;
  restartRedis?: () => Promise<void>;
  backup: Backup;
  close(): Promise<void>;
}

/** The database as it was a while ago. */
interface Backup {
  take(): Promise<void>;
  putBack(): Promise<void>;
}

const SCRIPTS = { product: ['bin/start.mjs'], tenth: ['bin/run.mjs', 'test/crash/tenth.ts'] };
/** Small teams: a kill keeps one integration from being worked for the length of a lease, and the others go on. */
const LINKS_OF_A_TEAM = 12;
/** The share of the threats that is there before the storm. */
const FIRST = 0.6;

export async function openScene(plan: Plan): Promise<Scene> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).toReversed()) await each();
  };
  try {
    return { ...(await build(plan, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(plan: Plan, closers: (() => Promise<void>)[]): Promise<Omit<Scene, 'close'>> {
  const chance = dice(plan.seed);
  const folder = mkdtempSync(join(tmpdir(), 'tmi-crash-'));
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const cluster = plan.store === 'postgres' ? await openCluster() : undefined;
  if (cluster !== undefined) closers.push(() => cluster.close());
  const redis = plan.redisRestarts > 0 ? await openRedis(folder) : undefined;
  if (redis !== undefined) closers.push(() => redis.close());
  const github = await startGithubSimulator({ random: chance });
  closers.push(() => github.close());
  github.knobs.latencyMs = 5;
  const proxy = await startProxy(github.url);
  closers.push(() => proxy.close());
  const databaseUrl = cluster?.url;
  const jwtSecret = randomBytes(32).toString('hex');
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'development',
    DATA_DIR: data,
    LOG_LEVEL: 'fatal',
    TENANCY: 'multi',
    JWT_SECRET: jwtSecret,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    TRACKER_ALLOWED_CIDRS: '127.0.0.0/8',
    TRACKER_ALLOW_HTTP: 'true',
    RATE_LIMIT_MAX: '10000000',
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
  };
  const replicas: Replica[] = [];
  for (let index = 0; index < plan.replicas; index += 1) {
    const replica = await newReplica(SCRIPTS[plan.timing], env);
    closers.push(() => replica.kill());
    await replica.start();
    replicas.push(replica);
  }
  const url = (): string => (replicas.find((each) => each.isAlive()) ?? replicas[0])?.url ?? '';
  const count = Math.max(2, Math.round(plan.links / LINKS_OF_A_TEAM));
  const teams: Team[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `team-${index + 1}`;
    const api = newApi(url, await tokenFor(name, jwtSecret));
    const team = await newTeam(github, { name, api, trackerUrl: proxy.url, webhookUrl: url() });
    teams.push(team);
    await addModel(team, Math.max(1, Math.floor((plan.links * FIRST) / count)));
    await syncNow(team);
  }
  return {
    github,
    proxy,
    replicas,
    teams,
    people: newPeople(github, teams, chance),
    chance,
    ...(cluster === undefined ? {} : { restartDatabase: () => cluster.crash() }),
    ...(redis === undefined ? {} : { restartRedis: () => redis.crash() }),
    backup:
      cluster === undefined
        ? ofEmbedded(data, replicas)
        : { take: () => cluster.copy(), putBack: () => cluster.putBack() },
  };
}

/** The embedded database lies still only while nobody is alive. */
function ofEmbedded(data: string, replicas: readonly Replica[]): Backup {
  const kept = `${data}-copy`;
  const whileDead = async (act: () => void): Promise<void> => {
    for (const replica of replicas) await replica.kill();
    act();
    for (const replica of replicas) await replica.start();
  };
  return {
    take: () => whileDead(() => replace(kept, data)),
    putBack: () => whileDead(() => replace(data, kept)),
  };
}

function tokenFor(tenant: string, secret: string): Promise<string> {
  return new SignJWT({ roles: ['admin'], organizationId: tenant })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('crash')
    .setIssuedAt()
    .setExpirationTime('8h')
    .sign(new TextEncoder().encode(secret));
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
