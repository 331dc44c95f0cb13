// A project with very many threats: how long each job takes and how much memory the service has at most, beside a tenth of them:
// `npm run bench:scale`. The service is a process of its own, on a PostgreSQL of its own; the tracker is a simulator without limits.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { type GithubSimulator, startGithubSimulator } from '../simulators/github/index.ts';
import { openCluster } from '../test/crash/cluster.ts';
import { newReplica } from '../test/crash/replica.ts';

/** The most that one file or one request may hold. */
const MODEL = 5_000;
const LOOK_MS = 250;
const PLACE = { owner: 'acme', repo: 'threats' };
const BOT = { login: 'acme-bot', token: 'ghp_acme' };

const { values } = parseArgs({ options: { threats: { type: 'string', default: '10000' } } });
const most = z.coerce.number().int().min(10).max(100_000).parse(values.threats);

interface Row {
  job: string;
  seconds: number;
  /** The most that the service had in memory meanwhile, in MiB. */
  memory: number;
}

const Run = z.object({
  id: z.string(),
  state: z.string(),
  error: z.object({ message: z.string() }).optional(),
});
const Made = z.object({ id: z.string() });

interface Api {
  /** Throws unless it is answered as asked for. */
  ask<T>(method: string, path: string, body: unknown, answer: z.ZodType<T>): Promise<T>;
}

const rows = [...(await measure(Math.round(most / 10))), ...(await measure(most))];
console.log('\n| threats | job | seconds | memory, MiB |\n| ---: | --- | ---: | ---: |');
for (const { threats, job, seconds, memory } of rows)
  console.log(`| ${threats.toLocaleString('en')} | ${job} | ${seconds.toFixed(1)} | ${memory.toFixed(0)} |`);
process.exit(0);

async function measure(threats: number): Promise<(Row & { threats: number })[]> {
  const cluster = await openCluster();
  const github = await startGithubSimulator();
  const jwtSecret = randomBytes(32).toString('hex');
  const replica = await newReplica(['bin/start.mjs'], {
    PATH: process.env['PATH'] ?? '',
    LOG_LEVEL: 'fatal',
    JWT_SECRET: jwtSecret,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    TRACKER_ALLOWED_CIDRS: '127.0.0.0/8',
    TRACKER_ALLOW_HTTP: 'true',
    RATE_LIMIT_MAX: '10000000',
    DATABASE_URL: cluster.url,
  });
  await replica.start();
  const api = newApi(replica.url, await tokenFor(jwtSecret));
  try {
    const found: Row[] = [];
    const timed = async (job: string, work: () => Promise<void>): Promise<void> => {
      forgetPeak(replica.pid());
      const began = performance.now();
      await work();
      const row = { job, seconds: (performance.now() - began) / 1000, memory: peakOf(replica.pid()) };
      console.log(`${threats} threats, ${job}: ${row.seconds.toFixed(1)} s, ${row.memory.toFixed(0)} MiB`);
      found.push(row);
    };
    await timed('take in the models', () => putModels(api, threats));
    const { id } = await api.ask('POST', '/api/integrations', integrationOf(github), Made);
    await timed('first plan', () => planned(api, id));
    await timed('make the issues', () => synced(api, id, { confirm: { creates: threats } }));
    const issues = github.world.issues(PLACE.owner, PLACE.repo).length;
    if (issues !== threats) throw new Error(`There are ${issues} issues of ${threats} threats.`);
    await timed('no change', () => synced(api, id, {}));
    await timed('full sweep', () => synced(api, id, { full: true }));
    await timed('plan', () => planned(api, id));
    return found.map((row) => ({ threats, ...row }));
  } finally {
    await replica.kill();
    await github.close();
    await cluster.close();
  }
}

function newApi(url: string, token: string): Api {
  return {
    async ask(method, path, body, answer) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return answer.parse(await response.json());
    },
  };
}

function integrationOf({ url, world }: GithubSimulator): object {
  world.addUser(BOT);
  world.addRepository({ owner: PLACE.owner, name: PLACE.repo, visibility: 'private', admin: [BOT.login] });
  return {
    name: 'Many threats',
    provider: 'github',
    config: { baseUrl: `${url}/api/v3`, ...PLACE, labels: ['threat-model'] },
    credentials: { type: 'token', token: BOT.token },
    syncIntervalMinutes: null,
  };
}

async function putModels(api: Api, threats: number): Promise<void> {
  for (let from = 0; from < threats; from += MODEL) {
    const count = Math.min(MODEL, threats - from);
    const body = {
      name: `Model ${from / MODEL + 1}`,
      threats: Array.from({ length: count }, (_, index) => ({
        key: `threat-${from + index}`,
        title: `Threat ${from + index}`,
        description: 'What can go wrong, in a few sentences. '.repeat(8),
        status: 'identified',
        severity: 'high',
        category: { taxonomy: 'STRIDE', values: ['Tampering'] },
        mitigations: [],
        references: [],
        tags: [],
      })),
    };
    await api.ask('PUT', `/api/threat-models/${randomUUID()}`, body, z.unknown());
  }
}

async function planned(api: Api, integrationId: string): Promise<void> {
  await api.ask('POST', `/api/integrations/${integrationId}/plan`, {}, z.unknown());
}

/** One sync that must go through. */
async function synced(api: Api, integrationId: string, request: object): Promise<void> {
  const { id } = await api.ask('POST', `/api/integrations/${integrationId}/sync`, request, Run);
  for (;;) {
    const run = await api.ask('GET', `/api/runs/${id}`, undefined, Run);
    if (run.state === 'completed') return;
    if (run.state !== 'queued' && run.state !== 'running')
      throw new Error(`run ${run.state}: ${run.error?.message ?? ''}`);
    await sleep(LOOK_MS);
  }
}

/** The kernel begins to look for the highest memory anew: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most physical memory that a process has had, in MiB. */
function peakOf(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

function tokenFor(secret: string): Promise<string> {
  return new SignJWT({ roles: ['admin'] })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('bench')
    .setIssuedAt()
    .setExpirationTime('8h')
    .sign(new TextEncoder().encode(secret));
}
