// Fair shares: what one tenant waits alone, and while another does the same a hundred times: `npm run bench:fair`. The service is a
// process of its own on a PostgreSQL of its own; the tracker is a simulator without limits.
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { startGithubSimulator, type GithubSimulator } from '../simulators/github/index.ts';
import { openCluster } from '../test/crash/cluster.ts';
import { newReplica } from '../test/crash/replica.ts';

const SAMPLES = 120;
const EVERY_MS = 500;
const FLOOD = 100;
const INTEGRATIONS = 10;
const THREATS = 20;
const LOOK_MS = 5;
const PATIENCE_MS = 120_000;

const Made = z.object({ id: z.string() });
const Threats = z.object({ items: z.array(z.object({ id: z.string(), title: z.string() })) });
const Links = z.object({ items: z.array(z.object({ issue: z.object({ key: z.string() }).optional() })) });

type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** One integration, and the threats that its people work on. */
interface Place {
  owner: string;
  repo: string;
  threatIds: readonly string[];
}

const cluster = await openCluster();
const github = await startGithubSimulator();
const jwtSecret = randomBytes(32).toString('hex');
const replica = await newReplica(['bin/start.mjs'], {
  PATH: process.env['PATH'] ?? '',
  LOG_LEVEL: 'fatal',
  TENANCY: 'multi',
  JWT_SECRET: jwtSecret,
  ENCRYPTION_KEY: randomBytes(32).toString('hex'),
  TRACKER_ALLOWED_CIDRS: '127.0.0.0/8',
  TRACKER_ALLOW_HTTP: 'true',
  DATABASE_URL: cluster.url,
});
await replica.start();
try {
  const quiet = await person('quiet', 'one');
  const [mine] = await places(quiet, 'quiet', 1);
  if (mine === undefined) throw new Error('There is no integration.');
  const busy = await Promise.all(
    Array.from({ length: FLOOD }, (_, index) => person('busy', `user-${index}`)),
  );
  const theirs = await places(busy[0] ?? quiet, 'busy', INTEGRATIONS);
  await sleep(5_000);
  const alone = await sample('alone', quiet, mine);
  const end = new AbortController();
  const flood = busy.map((ask, index) => work(ask, theirs[index % theirs.length] ?? mine, index, end.signal));
  await sleep(5_000);
  const together = await sample('together', quiet, mine);
  end.abort();
  await Promise.all(flood);
  console.log(`\n| p99, ms | alone | beside ${FLOOD} times as much | ratio |\n| --- | ---: | ---: | ---: |`);
  for (const what of ['answer', 'edit in the issue'] as const) {
    const [before, after] = [p99(alone[what]), p99(together[what])];
    console.log(`| ${what} | ${before.toFixed(0)} | ${after.toFixed(0)} | ${(after / before).toFixed(2)} |`);
  }
} finally {
  await replica.kill();
  await github.close();
  await cluster.close();
}
process.exit(0);

/** Requests of one user. */
async function person(tenant: string, name: string): Promise<Ask> {
  const token = await new SignJWT({ roles: ['admin'], organizationId: tenant })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(name)
    .setIssuedAt()
    .setExpirationTime('8h')
    .sign(new TextEncoder().encode(jwtSecret));
  return async (method, path, body) => {
    const answer = await fetch(`${replica.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

/** Integrations whose threats all have their issue. */
async function places(ask: Ask, owner: string, count: number): Promise<readonly Place[]> {
  const bot = { login: `${owner}-bot`, token: `ghp_${owner}` };
  github.world.addUser(bot);
  const all: Place[] = [];
  for (let number = 0; number < count; number += 1) {
    const [modelId, repo] = [randomUUID(), `repo-${number}`];
    github.world.addRepository({ owner, name: repo, visibility: 'private', admin: [bot.login] });
    await ask('PUT', `/api/threat-models/${modelId}`, { name: repo, threats: threatsOf(number) });
    const { items } = Threats.parse(await ask('GET', `/api/threats?modelId=${modelId}&limit=200`));
    const { id } = Made.parse(
      await ask('POST', '/api/integrations', integrationOf(github, bot.token, owner, repo, modelId)),
    );
    await ask('POST', `/api/integrations/${id}/sync`, {});
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const links = Links.parse(await ask('GET', `/api/integrations/${id}/links?limit=200`));
      if (links.items.filter(({ issue }) => issue !== undefined).length === THREATS) break;
      if (Date.now() > until) throw new Error(`${owner}/${repo} does not get its issues.`);
      await sleep(1_000);
    }
    all.push({ owner, repo, threatIds: items.map((threat) => threat.id) });
  }
  return all;
}

function threatsOf(place: number): readonly object[] {
  return Array.from({ length: THREATS }, (_, index) => ({
    key: `threat-${index}`,
    title: `Threat ${place}.${index}`,
    description: 'What can go wrong.',
    status: 'identified',
    severity: 'high',
    category: { taxonomy: 'STRIDE', values: ['Tampering'] },
    mitigations: [],
    references: [],
    tags: [],
  }));
}

function integrationOf(
  { url }: GithubSimulator,
  token: string,
  owner: string,
  repo: string,
  modelId: string,
): object {
  return {
    name: `${owner}/${repo}`,
    provider: 'github',
    config: { baseUrl: `${url}/api/v3`, owner, repo, labels: ['threat-model'] },
    credentials: { type: 'token', token },
    filter: { models: [modelId] },
    syncIntervalMinutes: null,
  };
}

/** What a person does, again and again, until it is told to end; refusals for too many requests are a part of it. */
async function work(ask: Ask, place: Place, seed: number, signal: AbortSignal): Promise<void> {
  await sleep((seed * EVERY_MS) / FLOOD);
  for (let turn = 0; !signal.aborted; turn += 1) {
    const next = sleep(EVERY_MS);
    const threatId = place.threatIds[(seed + turn) % place.threatIds.length];
    const done =
      turn % 2 === 0
        ? ask('GET', '/api/threats?limit=50')
        : ask('PATCH', `/api/threats/${threatId}`, { title: `Edited ${seed}.${turn}` });
    await done.catch(() => undefined);
    await next;
  }
}

async function sample(
  when: string,
  ask: Ask,
  place: Place,
): Promise<{ answer: number[]; 'edit in the issue': number[] }> {
  const found = { answer: [] as number[], 'edit in the issue': [] as number[] };
  for (let turn = 0; turn < SAMPLES; turn += 1) {
    const next = sleep(EVERY_MS);
    const began = performance.now();
    if (turn % 2 === 0) await ask('GET', '/api/threats?limit=50');
    else {
      const title = `Edited ${when} for the ${turn}th time`;
      const threatId = place.threatIds[turn % place.threatIds.length];
      await ask('PATCH', `/api/threats/${threatId}`, { title });
      found.answer.push(performance.now() - began);
      await shown(place, title);
      found['edit in the issue'].push(performance.now() - began);
    }
    if (turn % 2 === 0) found.answer.push(performance.now() - began);
    await next;
  }
  return found;
}

async function shown({ owner, repo }: Place, title: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (!github.world.issues(owner, repo).some((issue) => issue.title.includes(title))) {
    if (Date.now() > until) throw new Error(`"${title}" does not reach its issue.`);
    await sleep(LOOK_MS);
  }
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN;
}
