import { createHash } from 'node:crypto';
import { newDice } from './dice.ts';
import type { Dice } from './dice.ts';
import { newCompany } from './company.ts';
import type { Company } from './company.ts';
import { History } from './history.ts';
import { newNextDoor, sharedBetween, stageNextDoor } from './neighbour.ts';
import type { NextDoor } from './neighbour.ts';
import { Network } from './network.ts';
import type { Passage } from './network.ts';
import { judgeEvents } from './oracles-events.ts';
import { judgeEnd } from './oracles.ts';
import { openInMemory } from './play-store.ts';
import type { OpenPlayStore, Rows } from './play-store.ts';
import type { Tracker } from './profiles/profile.ts';
import { PROFILES } from './profiles/index.ts';
import type { Script } from './script.ts';
import type { Played, Stage } from './stage.ts';
import { VirtualTime } from './virtual-time.ts';

const PUBLIC_URL = 'https://tmi.example.com';
/** By then the first installation has made its issues, if all goes well. */
const FIRST_ISSUES_MS = 5 * 60_000;
const START = '2026-01-05T08:00:00.000Z';
const POLL_MS = 30_000;

/** How a script is played: seeds mean what they mean for the defaults. */
export interface PlayOptions {
  trace?: boolean;
  open?: OpenPlayStore;
  pollMs?: number;
}

/** Plays a script from beginning to end, and judges it. */
export async function play(script: Script, options: PlayOptions = {}): Promise<Played> {
  const dice = newDice(`play/${script.profile}/${script.seed}`);
  const time = new VirtualTime(START, dice.fork('time'));
  const network = new Network(time, dice.fork('network'));
  const profile = PROFILES.find((each) => each.name === script.profile);
  if (profile === undefined) throw new Error(`there is no profile ${script.profile}`);
  const tracker = await profile.open({ network, time, dice: dice.fork('tracker') });
  const { open = openInMemory } = options;
  const store = await open({ script, time, dice });
  time.rest = () => store.rest();
  const stage: Stage = {
    script,
    time,
    network,
    store,
    pollMs: options.pollMs ?? POLL_MS,
    publicUrl: PUBLIC_URL,
    history: new History(),
    teams: [],
    tellsTexts: profile.tellsTexts,
    violations: [],
    notes: [],
    lines: [],
    putBack: undefined,
    jumps: [],
    linkIds: new Set(),
    accepted: 0,
  };
  const { company, nextDoor } = cast(stage, tracker, dice);
  await company.found();
  if (script.neighbour?.comes === 'before') await nextDoor?.moveIn();
  const startsAt = time.now();
  company.troubleBegins();
  const tell = (line: string): void => {
    if (options.trace === true) stage.lines.push(`${new Date(time.now()).toISOString()} ${line}`);
  };
  if (script.neighbour?.comes === 'after') {
    await time.run(time.now() + FIRST_ISSUES_MS);
    await nextDoor?.moveIn();
  }
  const acts = [
    ...script.acts.map((act) => ({ act, who: company })),
    ...(script.neighbour?.acts ?? []).map((act) => ({ act, who: nextDoor })),
  ];
  for (const { act, who } of acts.toSorted((one, other) => one.act.at - other.act.at)) {
    await time.run(startsAt + act.at);
    tracker.tick();
    tell(JSON.stringify(act));
    who?.perform(act);
  }
  await time.run(startsAt + script.chaosMs);
  tell('calm');
  await company.calm();
  tell('judgement');
  await nextDoor?.end();
  judgeEnd(stage, await company.end());
  await company.close();
  await nextDoor?.close();
  const all = [stage, ...(nextDoor === undefined ? [] : [nextDoor.stage])];
  const rows = await Promise.all(all.map((each) => each.store.rows()));
  for (const each of rows) judgeEvents(stage, each);
  if (options.trace === true) stage.lines.push(...all.flatMap(linesOf));
  return {
    script,
    violations: stage.violations,
    notes: stage.notes,
    trace: traceOf(all, rows),
    calls: network.passages.length,
    writes: network.passages.filter(({ reads }) => !reads).length,
    acts: script.acts.length,
    lines: stage.lines.toSorted(),
    rows: options.trace === true ? (rows[0] ?? {}) : {},
  };
}

/** Who plays: one installation, and in some seeds a second one. */
function cast(stage: Stage, tracker: Tracker, dice: Dice): { company: Company; nextDoor?: NextDoor } {
  const { neighbour } = stage.script;
  const theirs = dice.fork('neighbour');
  if (neighbour === undefined) return { company: newCompany(stage, tracker, dice.fork('company')) };
  const second = stageNextDoor(stage, neighbour, theirs);
  const views = sharedBetween(tracker, second);
  const company = newCompany(stage, views.first, dice.fork('company'));
  return { company, nextDoor: newNextDoor(stage, second, views.second, theirs) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function linesOf({ history, network }: Stage): string[] {
  return [
    ...network.passages.map(
      ({ sentAt, method, path, status, fault }: Passage) =>
        `${iso(sentAt)}   ${method} ${path} ${status}${fault === undefined ? '' : ` (${fault})`}`,
    ),
    ...history.changes.map(
      ({ at, team, side, of, field, value, by }) =>
        `${iso(at)}   team ${team} ${side} ${of} ${field} by ${by}: ${value.replaceAll(/\s+/g, ' ').slice(0, 100)}`,
    ),
  ];
}

function traceOf(stages: readonly Stage[], rows: readonly Rows[]): string {
  const hash = createHash('sha256');
  for (const { history, network, violations } of stages) {
    for (const each of network.passages) hash.update(JSON.stringify(each));
    for (const each of history.changes) hash.update(JSON.stringify(each));
    hash.update(JSON.stringify(violations));
  }
  hash.update(JSON.stringify(rows));
  return hash.digest('hex');
}
