import type { Chance } from '../../src/ports/clock.ts';

/** Seeded chance. Every concern throws its own dice, so that one more throw of one of them moves nothing elsewhere. */
export interface Dice {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** True in this share of the throws. */
  happens(share: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(from: readonly T[]): T;
  /** Other dice, the same for the same seed and name. */
  fork(name: string): Dice;
}

export function newDice(seed: string): Dice {
  const next = sfc32(seed);
  const fraction = (): number => next() / 2 ** 32;
  const between = (low: number, high: number): number => low + Math.floor(fraction() * (high - low + 1));
  return {
    fraction,
    between,
    happens: (share) => fraction() < share,
    pick(from) {
      const picked = from[between(0, from.length - 1)];
      if (picked === undefined) throw new Error('there is nothing to pick from');
      return picked;
    },
    fork: (name) => newDice(`${seed}/${name}`),
  };
}

/** The production's source of ids and jitter, from dice. */
export function chanceOf(dice: Dice): Chance {
  const hex = (bytes: number): string =>
    Array.from({ length: bytes * 2 }, () => dice.between(0, 15).toString(16)).join('');
  return {
    fraction: () => dice.fraction(),
    hex,
    uuid: () => `${hex(4)}-${hex(2)}-4${hex(2).slice(1)}-a${hex(2).slice(1)}-${hex(6)}`,
  };
}

/** Small fast counting generator (Chris Doty-Humphrey, PractRand), seeded with FNV-1a words of a text. */
function sfc32(seed: string): () => number {
  let [a, b, c, counter] = [word(seed, 'a'), word(seed, 'b'), word(seed, 'c'), 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let warm = 0; warm < 12; warm += 1) next();
  return next;
}

function word(text: string, salt: string): number {
  let hash = 0x811c9dc5;
  for (const char of salt + text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash | 0;
}
