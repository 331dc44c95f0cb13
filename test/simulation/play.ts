import { createHash } from 'node:crypto';
import { chanceOf, newDice } from './dice.ts';
import { newCompany } from './company.ts';
import { History } from './history.ts';
import { memoryStore } from './memory-store/store.ts';
import { Network } from './network.ts';
import type { Passage } from './network.ts';
import { judgeEnd } from './oracles.ts';
import { PROFILES } from './profiles/index.ts';
import type { Script } from './script.ts';
import type { Played, Stage } from './stage.ts';
import { VirtualTime } from './virtual-time.ts';

const START = '2026-01-05T08:00:00.000Z';

/** Plays a script from beginning to end, and judges it. */
export async function play(script: Script, options: { trace?: boolean } = {}): Promise<Played> {
  const dice = newDice(`play/${script.profile}/${script.seed}`);
  const time = new VirtualTime(START, dice.fork('time'));
  const network = new Network(time, dice.fork('network'));
  const profile = PROFILES.find((each) => each.name === script.profile);
  if (profile === undefined) throw new Error(`there is no profile ${script.profile}`);
  const tracker = await profile.open({ network, time, dice: dice.fork('tracker') });
  const storeDice = dice.fork('store');
  const between = (): Promise<void> =>
    storeDice.happens(script.slowStore) ? time.sleep(storeDice.between(1, 400)) : Promise.resolve();
  const store = memoryStore({
    clock: time.clock(),
    chance: chanceOf(dice.fork('store-ids')),
    ...(script.slowStore > 0 ? { between } : {}),
  });
  const stage: Stage = {
    script,
    time,
    network,
    store,
    history: new History(),
    teams: [],
    swaps: profile.swaps,
    violations: [],
    notes: [],
    lines: [],
    accepted: 0,
  };
  const company = newCompany(stage, tracker, dice.fork('company'));
  await company.found();
  const startsAt = time.now();
  company.troubleBegins();
  const tell = (line: string): void => {
    if (options.trace === true) stage.lines.push(`${new Date(time.now()).toISOString()} ${line}`);
  };
  for (const act of script.acts) {
    await time.run(startsAt + act.at);
    tracker.tick();
    tell(JSON.stringify(act));
    company.perform(act);
  }
  await time.run(startsAt + script.chaosMs);
  tell('calm');
  await company.calm();
  tell('judgement');
  judgeEnd(stage, await company.end());
  await company.close();
  if (options.trace === true) stage.lines.push(...linesOf(stage));
  return {
    script,
    violations: stage.violations,
    notes: stage.notes,
    trace: traceOf(stage),
    calls: network.passages.length,
    writes: network.passages.filter(({ reads }) => !reads).length,
    acts: script.acts.length,
    lines: stage.lines.toSorted(),
  };
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

function traceOf({ history, network, store, violations }: Stage): string {
  const hash = createHash('sha256');
  for (const each of network.passages) hash.update(JSON.stringify(each));
  for (const each of history.changes) hash.update(JSON.stringify(each));
  hash.update(JSON.stringify(store.dump()));
  hash.update(JSON.stringify(violations));
  return hash.digest('hex');
}
