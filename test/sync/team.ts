import assert from 'node:assert/strict';
import type { RecordedRequest } from '../../simulators/github/index.ts';
import type { Link } from '../../src/domain/link.ts';
import type { Run, RunItem } from '../../src/domain/run.ts';
import type { Threat } from '../../src/domain/threat.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import type { Tx } from '../../src/ports/repositories.ts';
import type { Caller, IntegrationInput, SyncRequest, UseCases } from '../../src/sync/use-cases.ts';
import type { ThreatPatch } from '../../src/sync/threats.ts';
import { becomes } from './house.ts';
import type { House } from './house.ts';
import { dragon } from './import-house.ts';

type Issues = ReturnType<House['github']['world']['issues']>;

/** A tenant with a repository, a bot of its own, a threat model and an integration between them. */
export interface Team {
  house: House;
  caller: Caller;
  place: { owner: string; repo: string };
  bot: { login: string; token: string };
  integrationId: string;
  modelId: string;
  /** The issue's address for people of the simulator. */
  at(number: number): { owner: string; repo: string; number: number };
  issues(): Issues;
  issue(number: number): Issues[number];
  /** Requests of the team's bot since `forget`. */
  requests(): readonly RecordedRequest[];
  /** Those that change something. */
  writes(): readonly RecordedRequest[];
  forget(): void;
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  links(): Promise<readonly Link[]>;
  link(number: number): Promise<Link>;
  threat(number: number): Promise<Threat>;
  patch(number: number, patch: ThreatPatch): Promise<void>;
  /** An explicit sync that has ended. */
  sync(request?: SyncRequest): Promise<Run>;
  items(run: Run): Promise<readonly RunItem[]>;
  lastRun(): Promise<Run | undefined>;
  /** Everything that is due now has been worked, or waits for the tracker. */
  isSettled(): Promise<boolean>;
  settled(): Promise<void>;
  /** Time passes, and the worker looks what is due by then. */
  passes(ms: number): Promise<void>;
  /** The model as it is in its file now. */
  import(threats: readonly GivenThreat[], cases?: UseCases): Promise<void>;
}

/** A threat of a Threat Dragon file. */
type GivenThreat = { id: string } & Record<string, unknown>;

let teams = 0;

export interface TeamOptions {
  threats?: readonly GivenThreat[];
  integration?: Partial<IntegrationInput>;
  /** GitHub knows where the service listens, or another address of it, and sends webhooks. */
  hooks?: boolean | string;
  visibility?: 'public' | 'private';
}

/** A team whose integration is stored; nothing was synchronised yet. */
export async function newTeam(house: House, options: TeamOptions = {}): Promise<Team> {
  teams += 1;
  const name = `team-${process.pid}-${teams}`;
  const caller: Caller = { tenantId: name, actor: 'ann' };
  const place = { owner: name, repo: 'threats' };
  const bot = { login: `${name}-bot`, token: `ghp_${name}` };
  const { world } = house.github;
  world.addUser(bot);
  const visibility = options.visibility ?? 'private';
  world.addRepository({ owner: place.owner, name: place.repo, visibility, admin: [bot.login] });
  const threats = options.threats ?? [{ id: 't1' }];
  const models = house.useCases().models;
  const { model } = await models.import(caller, { bytes: dragon(name, threats), asNew: true });
  const input = inputOf(house, { place, bot, hooks: options.hooks ?? false });
  const integration = await house
    .useCases()
    .integrations.create(caller, { ...input, ...options.integration });
  let forgotten = 0;
  const team: Team = {
    house,
    caller,
    place,
    bot,
    integrationId: integration.id,
    modelId: model.id,
    at: (number) => ({ ...place, number }),
    issues: () => world.issues(place.owner, place.repo),
    issue: (number) => world.issue(place.owner, place.repo, number),
    requests: () => house.github.requests.slice(forgotten).filter((request) => request.account === bot.login),
    writes: () => team.requests().filter(({ method, path }) => method !== 'GET' && path !== '/graphql'),
    forget: () => void (forgotten = house.github.requests.length),
    transact: (work) => house.store.tenant(caller.tenantId).transact(work),
    links: () => linksOf(team),
    link: async (number) =>
      (await team.links()).find((link) => link.issue?.key.split('-').at(-1) === String(number)) ??
      assert.fail(`no link has issue ${number}`),
    threat: async (number) => {
      const { threatId } = await team.link(number);
      return (await team.transact((tx) => tx.threats.get(threatId))) ?? assert.fail('the threat is gone');
    },
    async patch(number, patch) {
      const { id } = await team.threat(number);
      await house.useCases().threats.update(caller, id, patch);
    },
    sync: (request = {}) => sync(team, request),
    items: async (run) => (await house.useCases().sync.items(caller, run.id, { limit: 200 })).items,
    lastRun: () => team.transact((tx) => tx.runs.last(team.integrationId)),
    isSettled: () => isSettled(team),
    settled: () => becomes(() => isSettled(team), true, 'all work is done'),
    async passes(ms) {
      house.clock.ahead(ms);
      await team.transact((tx) => tx.integrations.wake(team.integrationId));
      await team.settled();
    },
    async import(now, cases = house.useCases()) {
      await cases.models.import(caller, { bytes: dragon(name, now), modelId: model.id, confirm: true });
    },
  };
  return team;
}

/** A team whose first sync has made an issue for each threat. */
export async function syncedTeam(house: House, options: TeamOptions = {}): Promise<Team> {
  const team = await newTeam(house, options);
  const run = await team.sync();
  assert.equal(run.state, 'completed', run.error?.message);
  await team.settled();
  team.forget();
  return team;
}

/** The published body of an integration with a repository of the simulator. */
export function inputOf(
  house: House,
  given: { place: Team['place']; bot: Team['bot']; hooks?: boolean | string },
): IntegrationInput {
  const { owner, repo } = given.place;
  return {
    name: `${owner} → GitHub`,
    provider: 'github',
    config: {
      baseUrl: `${house.github.url}/api/v3`,
      owner,
      repo,
      labels: ['threat-model'],
      ...webhookUrlOf(house, given.hooks ?? false),
    },
    credentials: { type: 'token', token: given.bot.token },
  };
}

function webhookUrlOf(house: House, hooks: boolean | string): { webhookUrl?: string } {
  if (typeof hooks === 'string') return { webhookUrl: hooks };
  return hooks ? { webhookUrl: house.url() } : {};
}

async function linksOf(team: Team): Promise<readonly Link[]> {
  const links: Link[] = [];
  for (let cursor: string | undefined; ;) {
    const query = { integrationId: team.integrationId, limit: 200 };
    const page = await team.transact((tx) =>
      tx.links.list(cursor === undefined ? query : { ...query, cursor }),
    );
    links.push(...page.items);
    if (page.nextCursor === undefined) return links;
    cursor = page.nextCursor;
  }
}

const LONGEST_RUN_MS = 60_000;

async function sync(team: Team, request: SyncRequest): Promise<Run> {
  const cases = team.house.useCases().sync;
  const started = await cases.start(team.caller, team.integrationId, request);
  return cases.wait(team.caller, started.id, LONGEST_RUN_MS);
}

async function isSettled(team: Team): Promise<boolean> {
  const now = team.house.clock.now().toISOString();
  const left = await team.transact(async (tx) => ({
    run: await tx.runs.active(team.integrationId),
    due: await tx.dirty.due(team.integrationId, 1, now),
    wakesAt: await tx.integrations.nextDueAt(team.integrationId),
  }));
  if (team.house.claims.underWay > 0 || (await isHeld(team))) return false;
  if (left.wakesAt !== null && Date.parse(left.wakesAt) <= Date.now()) return false;
  // What is due waits for its next try; without one it would have been forgotten.
  return left.run === undefined
    ? left.due.length === 0 || left.wakesAt !== null
    : left.run.waiting !== undefined;
}

/** A lease that was taken away is never given back. */
async function isHeld({ house, integrationId }: Team): Promise<boolean> {
  const lease = house.held.get(integrationId);
  if (lease === undefined) return false;
  if ((await house.store.dispatch.renew(lease, TIMINGS.leaseMs)) !== undefined) return true;
  house.held.delete(integrationId);
  return false;
}

/** Is everything as it shall be at the end: one issue per threat, both sides agree, nothing left to write? */
export async function assertConverged(team: Team, threats: number): Promise<void> {
  assert.equal(team.issues().length, threats, 'issues in the tracker');
  const links = await team.links();
  assert.deepEqual(
    links.map(({ state }) => state),
    Array.from({ length: threats }, () => 'linked'),
  );
  assert.equal(new Set(links.map(({ issue }) => issue?.id)).size, threats);
  team.forget();
  const run = await team.sync({ full: true });
  assert.equal(run.state, 'completed', run.error?.message);
  assert.deepEqual(team.writes(), [], 'writes of a sync after the last one');
}
