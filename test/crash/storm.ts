import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from './deliveries.ts';
import { killAt, MOMENTS, wants, type Moment } from './moments.ts';
import { TROUBLES } from './proxy.ts';
import type { Replica } from './replica.ts';
import { rewind } from './rewind.ts';
import type { Plan, Scene } from './scene.ts';
import { addModel, lookAtPairs } from './team.ts';
import type { Row } from './verdict.ts';

/** How long after its start a service is killed "at any time", at most. */
const LIFE_MS = 3_000;
const START_MS = 1_500;
const SHORT_MS = 15;
const EDIT_EVERY_MS = 120;
const TROUBLE_MS = 2_500;
const ADDED = 2;

export interface Tally {
  /** Kills by moment, restarts and troubles: what was done, how often. */
  done: Map<string, number>;
  /** What was seen meanwhile. */
  rows: Row[];
  endedAt: number;
}

/** People edit, models come, and one thing after the other dies, until the plan is done or its time is over. */
export async function storm(scene: Scene, plan: Plan, ledger: Ledger): Promise<Tally> {
  const { chance, people, teams } = scene;
  const done = new Map<string, number>();
  const count = (what: string): void => void done.set(what, (done.get(what) ?? 0) + 1);
  const until = Date.now() + plan.minutes * 60_000;
  const isOver = new AbortController();
  const background = [editing(), learning()];
  // They go on while the service is away, and are heard of at the end.
  const growing: Promise<void>[] = [];
  const failures: unknown[] = [];
  const noted = (error: unknown): void => void failures.push(error);
  const before = plan.links - teams.reduce((sum, team) => sum + team.threats.size, 0);
  let toAdd = Math.max(0, before);
  const rows: Row[] = [];

  try {
    for (let kill = 0; kill < plan.kills && Date.now() < until; kill += 1) {
      await disturb(kill);
      const moment = MOMENTS[kill % MOMENTS.length] ?? 'at any time';
      count(`killed ${await killOnce(moment, pick())}`);
    }
    await Promise.all(growing);
    while (toAdd > 0) await grow();
    for (let times = 0; times < plan.rewinds; times += 1) {
      count('the database of a minute ago put back');
      rows.push(...(await rewind(scene, ledger)));
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    isOver.abort();
    await Promise.all(background);
    await people.settled();
  }
  return { done, rows, endedAt: Date.now() };

  function pick(): Replica {
    const alive = scene.replicas.filter((replica) => replica.isAlive());
    const found = alive[Math.floor(chance() * alive.length)];
    if (found === undefined) throw new Error('No service is alive.');
    return found;
  }

  async function editing(): Promise<void> {
    while (!isOver.signal.aborted) {
      void people.act();
      await sleep(EDIT_EVERY_MS * 2 * chance(), undefined, { signal: isOver.signal }).catch(() => undefined);
    }
  }
  async function learning(): Promise<void> {
    while (!isOver.signal.aborted) {
      for (const team of teams) await lookAtPairs(team);
      await sleep(1_000, undefined, { signal: isOver.signal }).catch(() => undefined);
    }
  }

  /** New threats for one team, so that issues are being created. */
  async function grow(): Promise<void> {
    const team = teams[Math.floor(chance() * teams.length)];
    if (team === undefined || toAdd <= 0) return;
    const size = Math.min(toAdd, ADDED);
    toAdd -= size;
    await addModel(team, size);
  }

  /** The other troubles of the plan, spread evenly over its kills. */
  async function disturb(kill: number): Promise<void> {
    const isDue = (times: number): boolean =>
      Math.floor(((kill + 1) * times) / plan.kills) > Math.floor((kill * times) / plan.kills);
    if (isDue(plan.troubles)) {
      const kind = TROUBLES[kill % TROUBLES.length] ?? 'reset';
      count(`connections to the tracker: ${kind}`);
      await scene.proxy.trouble(kind, TROUBLE_MS);
    }
    if (isDue(plan.restarts) && scene.restartDatabase !== undefined) {
      count('PostgreSQL crashed');
      await scene.restartDatabase();
    }
    if (isDue(plan.redisRestarts) && scene.restartRedis !== undefined) {
      count('Redis crashed');
      await scene.restartRedis();
    }
  }

  /** Kills one replica and starts it again. Answers when it was: as wished, or at any time where that did not come. */
  async function killOnce(moment: Moment, replica: Replica): Promise<Moment> {
    const kill = (): Promise<void> => replica.kill();
    const really = await at(moment, replica, kill);
    await sleep(chance() * 200);
    await replica.start();
    return really;
  }

  async function at(moment: Moment, replica: Replica, kill: () => Promise<void>): Promise<Moment> {
    if (moment === 'at any time') {
      await sleep(chance() * LIFE_MS);
      await kill();
      return moment;
    }
    if (moment === 'while it starts') {
      await kill();
      const starting = replica.start();
      await sleep(chance() * START_MS);
      await kill();
      await starting;
      return moment;
    }
    if (moment === 'while a delivery comes in' || moment === 'while a person saves') {
      void people.act(moment === 'while a person saves' ? 'description' : 'note');
      await sleep(chance() * SHORT_MS);
      await kill();
      return moment;
    }
    const killing = killAt(scene.github, moment, 1 + Math.floor(chance() * 2), kill, chance);
    // What is added, or changed, makes the moment come.
    if (wants(moment) === 'create') growing.push(grow().catch(noted));
    else void people.act('description');
    if (await killing) return moment;
    await kill();
    return 'at any time';
  }
}
