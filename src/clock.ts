import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance, Clock } from './ports/clock.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};

const STEPS = 2 ** 32;

/** The machine's randomness. */
export const systemChance: Chance = {
  uuid: () => randomUUID(),
  fraction: () => randomInt(STEPS) / STEPS,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
