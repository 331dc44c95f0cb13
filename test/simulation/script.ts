import { POLICIES } from '../../src/domain/integration.ts';
import type { Policy } from '../../src/domain/integration.ts';
import { STATUSES } from '../../src/domain/threat.ts';
import type { Status } from '../../src/domain/threat.ts';
import { newDice } from './dice.ts';
import type { Dice } from './dice.ts';
import { CALM } from './network.ts';
import type { WireFaults } from './network.ts';
import { overtaken, putBackByADay, SELDOM_MS, stillAtSending, toldByWebhooks } from './rare-trouble.ts';

const MINUTE_MS = 60_000;
/** What people do to a threat. `which` counts from 0 and wraps around. */
export type ThreatAct =
  | { kind: 'threat-status'; team: number; which: number; status: Status }
  | { kind: 'threat-title' | 'threat-text'; team: number; which: number; token: string };

/** What people do to an issue. */
export type IssueAct =
  | {
      kind: 'issue-title' | 'issue-line' | 'issue-inside' | 'issue-label' | 'issue-comment';
      team: number;
      which: number;
      token: string;
    }
  | { kind: 'issue-close'; team: number; which: number; as: 'done' | 'dropped'; label?: string }
  | { kind: 'issue-reopen' | 'issue-remove' | 'issue-copy'; team: number; which: number };

/** What people do with an integration, or what befalls its access. */
export type TeamAct =
  | { kind: 'sync'; team: number; full: boolean }
  | { kind: 'import'; team: number; add: number; drop: number }
  | { kind: 'lock-out' | 'disable'; team: number; forMs: number };

/** What befalls a process. */
export type ProcessAct =
  | { kind: 'crash' }
  | { kind: 'freeze'; forMs: number }
  /** The next one that has told a write stands still before it makes sure of its claim again. */
  | { kind: 'stall'; forMs: number }
  /** The next write stands still after that, and is sent then. */
  | { kind: 'stall-sending'; forMs: number }
  /** Its clock is set, ahead or back. */
  | { kind: 'clock-jump'; byMs: number };

/** What befalls the database: it is put back to what it was so long ago, as from a backup. */
type StoreAct = { kind: 'put-back'; agoMs: number };

/** Two other programs want one pair's status each as they like it, and write it whenever we have changed it. */
export type BotAct = { kind: 'bots'; team: number; which: number; forMs: number };

type Act = ThreatAct | IssueAct | TeamAct | ProcessAct | StoreAct | BotAct;

/** `at`: ms from the beginning of the play. */
export type TimedAct = Act & { at: number };

export function isProcessAct(act: TimedAct): act is ProcessAct & { at: number } {
  return ['crash', 'freeze', 'stall', 'stall-sending', 'clock-jump'].includes(act.kind);
}

export function isThreatAct(act: TimedAct): act is ThreatAct & { at: number } {
  return act.kind.startsWith('threat-');
}

export function isIssueAct(act: TimedAct): act is IssueAct & { at: number } {
  return act.kind.startsWith('issue-');
}

/** Another company's service, and when it came: before the first issue was made, or after. */
export interface Neighbour {
  comes: 'before' | 'after';
  team: Script['teams'][number];
  acts: readonly TimedAct[];
}

/** Everything that a seed decides before the play begins; plain data, so that it can be cut down and kept. */
export interface Script {
  seed: number;
  profile: string;
  teams: readonly { threats: number; policies: { status: Policy; title: Policy; block: Policy } }[];
  replicas: number;
  /** A second installation with a database of its own works in the first team's project. */
  neighbour?: Neighbour | undefined;
  faults: WireFaults;
  webhooks: { lose: number; repeat: number; shuffle: boolean; delayMs: number };
  /** Nobody asks the tracker what has changed: only webhooks tell. */
  webhooksAlone?: boolean;
  /** Share of a process's steps at which it dies. */
  mortality: number;
  /** Share of the store's statements that take a while. */
  slowStore: number;
  /** How far the services' clock is ahead of everybody else's. */
  skewMs: number;
  /** How often every link is read; where it is seldom, nothing may wait for it. */
  sweepMs: number;
  /** How long things go wrong. */
  chaosMs: number;
  /** In order of time, from the beginning of the play. */
  acts: readonly TimedAct[];
}

/** What a seed plays. Kinds of trouble are switched off at random, so that the others run deep. */
export function scriptOf(seed: number, profile: string): Script {
  const plain = plainScriptOf(seed, profile);
  const dice = newDice(`later/${profile}/${seed}`);
  const later = LATER.flatMap(({ name, share, actOf: act, most }) => {
    const own = dice.fork(name);
    if (!own.happens(share)) return [];
    return Array.from({ length: own.between(1, most) }, () => ({
      ...act(own),
      at: own.between(0, plain.chaosMs),
    }));
  });
  const sweepMs = dice.fork('sweep').happens(0.3) ? SELDOM_MS : plain.sweepMs;
  const acts = [...plain.acts, ...later].toSorted((one, other) => one.at - other.at);
  const rare = [toldByWebhooks, overtaken, withNeighbour, stillAtSending, putBackByADay];
  return rare.reduce<Script>((script, worse) => worse(script, dice), { ...plain, sweepMs, acts });
}

function withNeighbour(script: Script, dice: Dice): Script {
  const own = dice.fork('neighbour');
  if (!own.happens(0.08)) return script;
  return {
    ...script,
    neighbour: {
      comes: own.pick(['before', 'after']),
      team: teamOf(own),
      acts: actsOf(own.fork('acts'), 1, script.chaosMs),
    },
  };
}

function teamOf(dice: Dice): Script['teams'][number] {
  return {
    threats: dice.between(1, 4),
    policies: { status: dice.pick(POLICIES), title: dice.pick(POLICIES), block: dice.pick(POLICIES) },
  };
}

/** Trouble that came to the simulation later, each with dice of its own, so that what was found before it is played as it was. */
const LATER: readonly { name: string; share: number; most: number; actOf: (dice: Dice) => Act }[] = [
  {
    name: 'clock-jump',
    share: 0.2,
    most: 4,
    actOf: (dice) => actOf(dice, 'clock-jump', 1, 0),
  },
  { name: 'put-back', share: 0.12, most: 1, actOf: (dice) => actOf(dice, 'put-back', 1, 0) },
  { name: 'bots', share: 0.08, most: 2, actOf: (dice) => actOf(dice, 'bots', 1, 0) },
];

/** What a seed played at first. */
export function plainScriptOf(seed: number, profile: string): Script {
  const dice = newDice(`script/${profile}/${seed}`);
  const chaosMs = dice.between(20, 120) * MINUTE_MS;
  const teams = Array.from({ length: dice.happens(0.3) ? 2 : 1 }, () => teamOf(dice));
  return {
    seed,
    profile,
    teams,
    replicas: dice.happens(0.4) ? 2 : 1,
    faults: faultsOf(dice.fork('faults')),
    webhooks: {
      lose: dice.happens(0.4) ? dice.fraction() : 0,
      repeat: dice.happens(0.4) ? dice.fraction() : 0,
      shuffle: dice.happens(0.4),
      delayMs: dice.happens(0.3) ? dice.between(0, 20 * MINUTE_MS) : 0,
    },
    mortality: dice.happens(0.4) ? dice.fraction() * 0.01 : 0,
    slowStore: dice.happens(0.5) ? dice.fraction() * 0.2 : 0,
    skewMs: dice.happens(0.2) ? dice.between(-60, 60) * MINUTE_MS : 0,
    sweepMs: 120 * MINUTE_MS,
    chaosMs,
    acts: actsOf(dice.fork('acts'), teams.length, chaosMs),
  };
}

function faultsOf(dice: Dice): WireFaults {
  const faults = { ...CALM };
  if (dice.happens(0.15)) return faults;
  for (const name of Object.keys(CALM).filter(isFault))
    if (dice.happens(0.35)) faults[name] = dice.fraction() * (name === 'limited' ? 0.04 : 0.12);
  return faults;
}

function isFault(name: string): name is keyof WireFaults {
  return name in CALM;
}

function actsOf(dice: Dice, teams: number, chaosMs: number): TimedAct[] {
  const kinds: readonly Act['kind'][] = KINDS.filter(([, share]) => dice.happens(share)).map(
    ([kind]) => kind,
  );
  if (kinds.length === 0) return [];
  const count = dice.between(3, 40);
  const times = Array.from({ length: count }, () => dice.between(0, chaosMs)).toSorted((a, b) => a - b);
  const acts = times.map((at, index) => ({ ...actOf(dice, dice.pick(kinds), teams, index), at }));
  return dice.happens(0.4) ? inBursts(acts, dice) : acts;
}

/** Which kinds a seed has at all, and in what share of the seeds. */
const KINDS: readonly (readonly [Act['kind'], number])[] = [
  ['threat-status', 0.8],
  ['threat-title', 0.4],
  ['threat-text', 0.5],
  ['issue-title', 0.4],
  ['issue-line', 0.5],
  ['issue-inside', 0.1],
  ['issue-label', 0.4],
  ['issue-comment', 0.3],
  ['issue-close', 0.7],
  ['issue-reopen', 0.6],
  ['issue-remove', 0.15],
  ['issue-copy', 0.15],
  ['sync', 0.5],
  ['import', 0.3],
  ['lock-out', 0.15],
  ['disable', 0.1],
  ['crash', 0.3],
  ['freeze', 0.2],
];

function actOf(dice: Dice, kind: Act['kind'], teams: number, index: number): Act {
  const team = dice.between(0, teams - 1);
  const which = dice.between(0, 7);
  const token = `Q${index}x${dice.between(100, 999)}`;
  switch (kind) {
    case 'threat-status':
      return { kind, team, which, status: dice.pick(STATUSES) };
    case 'threat-title':
    case 'threat-text':
    case 'issue-title':
    case 'issue-line':
    case 'issue-inside':
    case 'issue-label':
    case 'issue-comment':
      return { kind, team, which, token };
    case 'issue-close': {
      const label = dice.happens(0.5)
        ? { label: dice.pick(['tm-accepted', 'tm-transferred', 'tm-avoided']) }
        : {};
      return { kind, team, which, as: dice.pick(['done', 'dropped']), ...label };
    }
    case 'issue-reopen':
    case 'issue-remove':
    case 'issue-copy':
      return { kind, team, which };
    case 'sync':
      return { kind, team, full: dice.happens(0.5) };
    case 'import':
      return { kind, team, add: dice.between(0, 2), drop: dice.happens(0.3) ? 1 : 0 };
    case 'lock-out':
    case 'disable':
      return { kind, team, forMs: dice.between(1, 30) * MINUTE_MS };
    case 'crash':
      return { kind };
    case 'freeze':
    case 'stall':
    case 'stall-sending':
      return { kind, forMs: dice.between(1, 300) * 1000 };
    case 'clock-jump':
      return { kind, byMs: dice.between(-120, 120) * MINUTE_MS };
    case 'put-back':
      return { kind, agoMs: dice.between(1, 60) * MINUTE_MS };
    case 'bots':
      return { kind, team, which, forMs: dice.between(5, 60) * MINUTE_MS };
  }
}

/** People do several things within seconds, and then nothing for a while. */
function inBursts(acts: readonly TimedAct[], dice: Dice): TimedAct[] {
  let at = 0;
  return acts
    .map((act) => {
      at = dice.happens(0.7) ? at + dice.between(50, 4_000) : Math.max(at, act.at);
      return { ...act, at };
    })
    .toSorted((a, b) => a.at - b.at);
}
