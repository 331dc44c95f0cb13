import { memoryStore } from '../memory-store/store.ts';
import { rowsOf } from '../play-store.ts';
import type { OpenPlayStore } from '../play-store.ts';
import { inTurn } from './in-turn.ts';

/** The store in memory, with the ids that a database on virtual time gives. */
export const openMemoryInTurn: OpenPlayStore = async ({ time }) => {
  let ids = 0;
  const uuid = (): string => {
    ids += 1;
    return `00000000-0000-4000-8000-${ids.toString(16).padStart(12, '0')}`;
  };
  const store = memoryStore({ clock: time.clock(), chance: { uuid } });
  return inTurn({
    store,
    ready: () => Promise.resolve(),
    async backUp() {
      const snapshot = store.snapshot();
      return async () => store.restore(snapshot);
    },
    rows: async () => rowsOf(store.dump()),
  });
};
