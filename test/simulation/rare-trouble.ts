import { STATUSES } from '../../src/domain/threat.ts';
import type { Dice } from './dice.ts';
import type { Script, TimedAct } from './script.ts';

const MINUTE_MS = 60_000;
/** The product's own wait between two sweeps: longer than a play. */
export const SELDOM_MS = 24 * 60 * MINUTE_MS;

/** People keep working on both sides of a few pairs within seconds, and no schedule makes up for what is not seen at once. */
export function toldByWebhooks(script: Script, dice: Dice): Script {
  const own = dice.fork('webhooks alone');
  if (!own.happens(0.15)) return script;
  const pairs = script.teams.flatMap(({ threats }, team) =>
    Array.from({ length: threats }, (_, which) => ({ team, which })),
  );
  // Each pair once more at the end: whatever comes later would make up for what was forgotten.
  const moments = [
    ...Array.from({ length: own.between(2, 10) }, () => ({
      ...own.pick(pairs),
      at: own.between(0, script.chaosMs - 5 * MINUTE_MS),
    })),
    ...pairs.map((pair, index) => ({ ...pair, at: script.chaosMs - (index + 1) * (MINUTE_MS / 3) })),
  ];
  const busy = moments.flatMap(({ at, team, which }, turn): TimedAct[] => {
    const token = `Q${100 + turn}x${own.between(100, 999)}`;
    const kind = own.pick(['issue-line', 'issue-label', 'issue-comment'] as const);
    const soon = at + own.between(300, 1_200);
    const edit = own.happens(0.5)
      ? { kind: 'threat-text' as const, team, which, token }
      : { kind: 'threat-status' as const, team, which, status: own.pick(STATUSES) };
    return [
      { kind, team, which, token, at },
      { ...edit, at: soon },
    ];
  });
  return {
    ...script,
    webhooksAlone: true,
    sweepMs: SELDOM_MS,
    webhooks: { ...script.webhooks, lose: 0, delayMs: 0 },
    acts: [...script.acts, ...busy].toSorted(byTime),
  };
}

/** Longer than a claim lives and a tracker takes to settle: another process has taken over, and gone on. */
const OVERTAKEN_MS = { least: 2 * MINUTE_MS, most: 8 * MINUTE_MS };

/** Processes stand still at the worst moment, and another one is there to go on. */
export function overtaken(script: Script, dice: Dice): Script {
  const own = dice.fork('overtaken');
  if (!own.happens(0.12)) return script;
  const stalls = Array.from({ length: own.between(1, 4) }, (_, turn): TimedAct => ({
    kind: 'stall',
    forMs: own.between(OVERTAKEN_MS.least, OVERTAKEN_MS.most),
    // The first issues are made at the beginning.
    at: turn === 0 && own.happens(0.6) ? 0 : own.between(0, script.chaosMs),
  }));
  return {
    ...script,
    replicas: 2,
    acts: [...script.acts, ...stalls].toSorted(byTime),
  };
}

const HOUR_MS = 60 * MINUTE_MS;

/** Long after everything has come to rest, the database is put back to when it had not. */
export function putBackByADay(script: Script, dice: Dice): Script {
  const own = dice.fork('put back by a day');
  if (!own.happens(0.03) || script.acts.some(({ kind }) => kind === 'put-back')) return script;
  const agoMs = own.between(2 * HOUR_MS, 24 * HOUR_MS);
  const at = own.between(0, script.chaosMs) + agoMs;
  const chaosMs = Math.max(script.chaosMs, at) + 5 * MINUTE_MS;
  return {
    ...script,
    chaosMs,
    acts: [...script.acts, { kind: 'put-back', agoMs, at } as const].toSorted(byTime),
  };
}

/** A process stands still between its last look at its claim and the sending, as long as the claim is surely its own. */
export function stillAtSending(script: Script, dice: Dice): Script {
  const own = dice.fork('still when sending');
  if (!own.happens(0.08)) return script;
  const stalls = Array.from({ length: own.between(1, 5) }, (_, turn): TimedAct => ({
    kind: 'stall-sending',
    forMs: own.between(2, 40) * 1000,
    at: turn === 0 && own.happens(0.5) ? 0 : own.between(0, script.chaosMs),
  }));
  return { ...script, acts: [...script.acts, ...stalls].toSorted(byTime) };
}

function byTime(one: TimedAct, other: TimedAct): number {
  return one.at - other.at;
}
