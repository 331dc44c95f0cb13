import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const LOOK_MS = 100;

/** A step of the demo did not end as it says. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** Throws `Unexpected` unless both are the same. */
export function same(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected)
    throw new Unexpected(`${what}: expected ${String(expected)}, got ${String(actual)}`);
}

/** Looks until the answer is the expected one: webhooks take a moment. Throws `Unexpected` when patience ends. */
export async function becomes<T>(what: string, look: () => Promise<T>, expected: T): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const actual = await look();
    if (actual === expected) return;
    if (Date.now() > until)
      throw new Unexpected(`${what}: expected ${String(expected)}, still ${String(actual)} after 20 s`);
    await sleep(LOOK_MS);
  }
}
