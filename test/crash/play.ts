import { setTimeout as sleep } from 'node:timers/promises';
import { Status } from './api.ts';
import { keepLedger, type Ledger } from './deliveries.ts';
import { watchOverwrites, type Overwrite } from './overwrites.ts';
import type { Edit } from './people.ts';
import { openScene, type Plan, type Scene } from './scene.ts';
import { storm, type Tally } from './storm.ts';
import { ended, syncNow, type Team } from './team.ts';
import { verdictOf, type Row } from './verdict.ts';

/** How long after the last fault everything has to agree: a lease, settling and two looks, a slot of the schedule, and room. */
const CALM_MS = { product: 240_000, tenth: 90_000 };
const LOOK_MS = 500;
/** A write is decided on what was read within a second before it; the rest is the machine's slowness. */
const RACE_MS = 5_000;

/** What was done and what came of it. */
export interface Report {
  tally: Tally;
  rows: Row[];
  /** From the last fault until everything agreed; undefined: it did not. */
  convergedMs: number | undefined;
  isGood: boolean;
}

/** One run from an empty database to the verdict. Ends every process that it started. */
export async function play(plan: Plan): Promise<Report> {
  const scene = await openScene(plan);
  const ledger = keepLedger(scene.github, scene.teams);
  const overwrites = watchOverwrites(scene.github, () => scene.people.stories.values());
  try {
    const tally = await storm(scene, plan, ledger);
    if (plan.syncsAfter) for (const team of scene.teams) await syncNow(team);
    const { rows, convergedMs } = await calm(scene, plan, { ledger, overwrites, since: tally.endedAt });
    await scene.github.settled();
    rows.push(...tally.rows, ...(await twiceFull(scene)), raceRow(overwrites), deathRow(scene));
    rows.push({ what: 'deliveries that found nobody', count: ledger.missed(), violations: [] });
    return { tally, rows, convergedMs, isGood: rows.every(({ violations }) => violations.length === 0) };
  } finally {
    await ledger.close();
    await scene.close();
  }
}

interface Watch {
  ledger: Ledger;
  overwrites: readonly Overwrite[];
  since: number;
}

/** Looks until nothing is wrong or the time is over. */
async function calm(
  scene: Scene,
  plan: Plan,
  watch: Watch,
): Promise<{ rows: Row[]; convergedMs: number | undefined }> {
  const until = watch.since + CALM_MS[plan.timing];
  for (;;) {
    const restless = await waiting(scene.teams);
    if (restless.length === 0 || Date.now() > until) {
      const rows = await allRows(scene, plan, watch);
      const isGood = restless.length === 0 && rows.every(({ violations }) => violations.length === 0);
      const convergedMs = isGood ? Date.now() - watch.since : undefined;
      rows.push({ what: 'teams in sync', count: scene.teams.length, violations: restless });
      if (isGood || Date.now() > until) return { rows, convergedMs };
    }
    await sleep(LOOK_MS);
  }
}

/** What is still to be done, in words. */
async function waiting(teams: readonly Team[]): Promise<string[]> {
  const words: string[] = [];
  for (const { name, api, integrationId } of teams) {
    const { health, state, summary, counts, lastRun } = await api.read(
      `/api/integrations/${integrationId}/status`,
      Status,
    );
    const isCalm = ['healthy', 'waiting'].includes(health) && state === 'active';
    if (!isCalm || counts.pending > 0 || counts.failed > 0 || lastRun?.state !== 'completed')
      words.push(`${name}: ${health}, ${state}: ${summary} Last run: ${lastRun?.state ?? 'none'}.`);
  }
  return words;
}

/** The rows of all teams, those about the same thing added up. What was typed into a write's last second is told apart. */
async function allRows(
  { github, teams, people }: Scene,
  { rewinds }: Plan,
  { ledger, overwrites }: Watch,
): Promise<Row[]> {
  const gone = new Set<Edit>(overwrites.filter(isRace).map(({ edit }) => edit));
  const stories = [...people.stories.values()].map((story) => ({
    ...story,
    edits: story.edits.filter((edit) => !gone.has(edit)),
  }));
  const rows = new Map<string, Row>();
  for (const team of teams) {
    const mine = stories.filter((story) => story.team === team);
    for (const { what, count, violations } of await verdictOf(github, team, mine, ledger, rewinds)) {
      const row = rows.get(what) ?? { what, count: 0, violations: [] };
      rows.set(what, { what, count: row.count + count, violations: [...row.violations, ...violations] });
    }
  }
  return [...rows.values()];
}

function isRace({ ageMs, hadRead }: Overwrite): boolean {
  return !hadRead && ageMs <= RACE_MS;
}

function raceRow(overwrites: readonly Overwrite[]): Row {
  const faults = overwrites.filter((each) => !isRace(each));
  return {
    what: 'texts typed between the last read and a write',
    count: overwrites.length - faults.length,
    violations: faults.map(
      ({ edit, ageMs, hadRead }) =>
        `${edit.act} "${edit.value}" was written over ${ageMs} ms later${hadRead ? ', though it was read' : ''}`,
    ),
  };
}

function deathRow({ replicas }: Scene): Row {
  const deaths = replicas.flatMap((replica) => replica.deaths);
  return { what: 'services that ended by themselves', count: deaths.length, violations: deaths };
}

/** Two looks at everything, one after the other: neither finds anything to write. */
async function twiceFull({ github, teams }: Scene): Promise<Row[]> {
  const rows: Row[] = [];
  for (const what of ['writes of a full sync', 'writes of a second full sync']) {
    github.clearRequests();
    for (const team of teams) await fullSync(team);
    const writes = github.requests
      .filter(({ method, path }) => method !== 'GET' && path !== '/graphql')
      .map(({ method, path, body }) => `${method} ${path} ${JSON.stringify(body).slice(0, 200)}`);
    rows.push({ what, count: writes.length, violations: writes });
  }
  return rows;
}

async function fullSync(team: Team): Promise<void> {
  const { id } = await syncNow(team, true);
  const { state } = await ended(team, id);
  if (state !== 'completed') throw new Error(`The full sync of ${team.name} is ${state}.`);
}
