import { setTimeout as sleep } from 'node:timers/promises';
import { Link, Status } from './api.ts';
import type { Ledger } from './deliveries.ts';
import type { Scene } from './scene.ts';
import { addModel, bindByHand, ended, syncNow, type Team } from './team.ts';
import type { Row } from './verdict.ts';

const AGE_MS = 60_000;
/** New threats of each team whose issues are made after the copy: their links are what the database forgets. */
const UNMADE = 2;
/** What a run has brought is published by then. */
const TOLD_MS = 2_000;
const NOTICE_MS = 60_000;
const LOOK_MS = 500;
const QUIET_MS = 5_000;
/** A change of a threat that was told right before the copy may be answered right after it. */
const SLACK_MS = 5_000;

/**
 * Put a copy of the database from a minute ago back, while people go on. What they changed in threats since then is gone with
 * it, as are deliveries; everything they did in the tracker is there. The service must notice, write nothing, and wait for a yes.
 */
export async function rewind(scene: Scene, ledger: Ledger): Promise<Row[]> {
  const { teams, backup, people } = scene;
  for (const team of teams) await addModel(team, UNMADE);
  const takenAt = Date.now();
  const forget = ledger.mark();
  await backup.take();
  const runs: { team: Team; id: string }[] = [];
  for (const team of teams) runs.push({ team, id: (await syncNow(team)).id });
  // Of a team of which nothing was told since the copy, nothing is lost with it, and nothing can be noticed.
  for (const { team, id } of runs) await ended(team, id);
  await sleep(Math.max(TOLD_MS, AGE_MS - (Date.now() - takenAt)));
  const putBackAt = Date.now();
  await backup.putBack();
  forget();
  let gone = 0;
  for (const { edits } of people.stories.values())
    for (const edit of edits)
      if (
        isOfThreat(edit.act) &&
        edit.at >= takenAt - SLACK_MS &&
        edit.at <= putBackAt &&
        edit.acknowledged
      ) {
        edit.acknowledged = false;
        gone += 1;
      }
  const noticed = await whoNotice(teams);
  const early = await writesOf(scene, noticed);
  let bound = 0;
  for (const team of teams) bound += await sayYes(team);
  const unaware = teams.filter((team) => !noticed.includes(team)).map(({ name }) => `${name} goes on`);
  return [
    {
      what: 'teams that only plan after the database was put back',
      count: noticed.length,
      violations: unaware,
    },
    { what: 'writes before anybody has said yes', count: early.length, violations: early },
    { what: 'issues that a person had to bind again', count: bound, violations: [] },
    { what: 'changes of threats that went with the database', count: gone, violations: [] },
  ];
}

/**
 * The sync that a person starts. Of what it holds back, because it cannot tell whose an issue is, he says whose it is: he has
 * seen them together before. Answers how many there were.
 */
async function sayYes(team: Team): Promise<number> {
  const seen = [...team.pairs.values()];
  await ended(team, (await syncNow(team)).id);
  const links = await team.api.all(`/api/integrations/${team.integrationId}/links`, Link);
  const lost = seen.filter(({ threatId }) => !links.some((link) => link.threatId === threatId));
  for (const { threatId, number } of lost) await bindByHand(team, threatId, String(number));
  if (lost.length > 0) await syncNow(team);
  return lost.length;
}

function isOfThreat(act: string): boolean {
  return act === 'description' || act === 'threat title';
}

/** The teams whose integration is back to planning, in time. */
async function whoNotice(teams: readonly Team[]): Promise<Team[]> {
  const until = Date.now() + NOTICE_MS;
  const noticed = new Set<Team>();
  while (noticed.size < teams.length && Date.now() < until) {
    for (const team of teams) {
      const status = await team.api
        .read(`/api/integrations/${team.integrationId}/status`, Status)
        .catch(() => undefined);
      if (status?.state === 'new') noticed.add(team);
    }
    await sleep(LOOK_MS);
  }
  return [...noticed];
}

/** What is written for these teams while they only plan. */
async function writesOf({ github }: Scene, teams: readonly Team[]): Promise<string[]> {
  github.clearRequests();
  await sleep(QUIET_MS);
  return github.requests
    .filter(
      ({ method, path }) => method !== 'GET' && teams.some(({ name }) => path.startsWith(`/repos/${name}/`)),
    )
    .map(({ method, path }) => `${method} ${path}`);
}
