import type { Pool } from './pool.ts';
import type { Played } from './stage.ts';
import type { Script } from './script.ts';
import { CALM } from './network.ts';

/**
 * A shorter script that breaks the same promise: first without whole kinds of trouble, then without acts, halves of them at
 * first. Plays at most `tries` times.
 */
export async function shrink(pool: Pool, failed: Played, tries = 60): Promise<Script> {
  const [first] = failed.violations;
  let best = failed.script;
  let left = tries;
  const stillFails = async (script: Script): Promise<boolean> => {
    if (left <= 0) return false;
    left -= 1;
    const { violations } = await pool.play(script);
    return violations.some(({ invariant }) => invariant === first?.invariant);
  };
  for (const calmer of calmerThan(best)) {
    const next = { ...best, ...calmer };
    if (await stillFails(next)) best = next;
  }
  for (const size of halvesOf(best.acts.length))
    for (let from = 0; from < best.acts.length;) {
      const next = { ...best, acts: best.acts.toSpliced(from, size) };
      if (await stillFails(next)) best = next;
      else from += size;
    }
  return best;
}

/** Half as many, a quarter, and so on to one. */
function halvesOf(count: number): number[] {
  const half = Math.ceil(count / 2);
  return count <= 1 ? [] : [half, ...halvesOf(half)];
}

function calmerThan(script: Script): Partial<Script>[] {
  return [
    { webhooks: { lose: 0, repeat: 0, shuffle: false, delayMs: 0 } },
    { mortality: 0 },
    { slowStore: 0 },
    { skewMs: 0 },
    { replicas: 1 },
    { neighbour: undefined },
    { faults: CALM },
    { teams: script.teams.slice(0, 1) },
  ];
}
