import { setImmediate as turn } from 'node:timers/promises';
import type { Store } from '../../src/ports/store.ts';
import { chanceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { inOrder } from './memory-store/dump.ts';
import { memoryStore } from './memory-store/store.ts';
import type { MemoryStoreOptions } from './memory-store/store.ts';
import type { Script } from './script.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The store that a play runs on. */
export interface PlayStore extends Store {
  /** Remembers what is there now; what it answers puts that back. */
  backUp(): () => void;
  rows(): Promise<Rows>;
  /** Until nobody has anything left to do: then time may go on. */
  rest(): Promise<void>;
}

/** All rows of all tables, the same text for the same rows. */
export type Rows = Readonly<Record<string, readonly string[]>>;

interface Around {
  script: Script;
  time: VirtualTime;
  dice: Dice;
}

export type OpenPlayStore = (around: Around) => Promise<PlayStore>;

export function rowsOf(tables: Readonly<Record<string, readonly unknown[]>>): Rows {
  const names = Object.keys(tables).toSorted();
  return Object.fromEntries(
    names.map((name) => [name, (tables[name] ?? []).map((row) => JSON.stringify(inOrder(row))).toSorted()]),
  );
}

/** In memory; statements are as slow as the script says. */
export const openInMemory: OpenPlayStore = async ({ script, time, dice }) => {
  const storeDice = dice.fork('store');
  const between = (): Promise<void> =>
    storeDice.happens(script.slowStore) ? time.sleep(storeDice.between(1, 400)) : Promise.resolve();
  return inMemory({
    clock: time.clock(),
    chance: chanceOf(dice.fork('store-ids')),
    ...(script.slowStore > 0 ? { between } : {}),
  });
};

/** The store in memory; transactions go side by side. */
export function inMemory(options: MemoryStoreOptions): PlayStore {
  const store = memoryStore(options);
  return {
    ...store,
    backUp() {
      const snapshot = store.snapshot();
      return () => store.restore(snapshot);
    },
    rows: async () => rowsOf(store.dump()),
    rest: () => turn(),
  };
}
