import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { GithubSimulator } from '../../simulators/github/index.ts';
import { Link, Made, Run, Threat, type Api } from './api.ts';

const TRIES = 240;
const AGAIN_MS = 500;
const RUN_MS = 240_000;

/** A tenant with a repository, threat models and an integration between them. */
export interface Team {
  name: string;
  api: Api;
  place: { owner: string; repo: string };
  integrationId: string;
  /** What its members work on: threats whose issue is there. */
  pairs: Map<string, { threatId: string; number: number }>;
  /** Threats that were taken in, by the ids that the service gave. */
  threats: Set<string>;
}

/** One more threat model; tried until it is taken, since an answer may be lost with the service. */
export async function addModel(team: Team, size: number): Promise<void> {
  const id = randomUUID();
  const threats = Array.from({ length: size }, (_, index) => ({
    key: `T-${index + 1}`,
    title: `Threat ${team.threats.size + index + 1} as it was found`,
    description: 'As it was found.',
    status: 'identified',
    severity: 'high',
    category: { taxonomy: 'STRIDE', values: ['Tampering'] },
    mitigations: [],
    references: [],
    tags: [],
  }));
  await surely(
    team.api,
    'PUT',
    `/api/threat-models/${id}`,
    { name: `Model ${team.threats.size + 1}`, threats },
    z.unknown(),
  );
  for (const threat of await untilRead(() => team.api.all(`/api/threats?modelId=${id}`, Threat)))
    team.threats.add(threat.id);
}

/** A team whose integration is stored and knows where GitHub sends webhooks. */
export async function newTeam(
  github: GithubSimulator,
  given: { name: string; api: Api; trackerUrl: string; webhookUrl: string },
): Promise<Team> {
  const { name, api, trackerUrl, webhookUrl } = given;
  const bot = { login: `${name}-bot`, token: `ghp_${name}` };
  const place = { owner: name, repo: 'threats' };
  github.world.addUser(bot);
  github.world.addRepository({ owner: name, name: place.repo, visibility: 'private', admin: [bot.login] });
  const { id } = await surely(
    api,
    'POST',
    '/api/integrations',
    {
      name: `${name} → GitHub`,
      provider: 'github',
      config: { baseUrl: `${trackerUrl}/api/v3`, ...place, labels: ['threat-model'], webhookUrl },
      credentials: { type: 'token', token: bot.token },
      syncIntervalMinutes: 1,
      limits: { creates: 10_000 },
    },
    Made,
  );
  return { name, api, place, integrationId: id, pairs: new Map(), threats: new Set() };
}

export async function syncNow(team: Team, full = false): Promise<z.infer<typeof Run>> {
  return surely(team.api, 'POST', `/api/integrations/${team.integrationId}/sync`, full ? { full } : {}, Run);
}

/** Learns which issues are there by now; a service that is away is asked later. */
export async function lookAtPairs(team: Team): Promise<void> {
  const links = await team.api
    .all(`/api/integrations/${team.integrationId}/links`, Link)
    .catch((): Link[] => []);
  for (const { threatId, issue, state } of links)
    if (issue !== undefined && state === 'linked')
      team.pairs.set(threatId, { threatId, number: Number(issue.key.split('-').at(-1)) });
}

/** A person says which issue is this threat's. */
export async function bindByHand(team: Team, threatId: string, issue: string): Promise<void> {
  await surely(
    team.api,
    'POST',
    `/api/integrations/${team.integrationId}/links`,
    { threatId, issue },
    z.unknown(),
  );
}

/** Waits for the run to end. Throws when it does not in time. */
export async function ended(team: Team, runId: string): Promise<z.infer<typeof Run>> {
  const until = Date.now() + RUN_MS;
  for (;;) {
    const run = await untilRead(() => team.api.read(`/api/runs/${runId}`, Run));
    if (run.state !== 'queued' && run.state !== 'running') return run;
    if (Date.now() > until) throw new Error(`A run of ${team.name} does not end.`);
    await sleep(AGAIN_MS);
  }
}

/** Asks again as long as nobody answers. Throws when the service refuses. */
async function surely<T>(
  api: Api,
  method: string,
  path: string,
  body: unknown,
  answer: z.ZodType<T>,
): Promise<T> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const told = await api.ask(method, path, body);
    if (told !== undefined && told.status < 300) return answer.parse(told.json);
    if (told !== undefined && told.status < 500)
      throw new Error(`${method} ${path}: ${JSON.stringify(told)}`);
    await sleep(AGAIN_MS);
  }
  throw new Error(`${method} ${path}: nobody answers.`);
}

async function untilRead<T>(read: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1)
    try {
      return await read();
    } catch (error) {
      if (tried >= TRIES) throw error;
      await sleep(AGAIN_MS);
    }
}
