import type { Stage } from '../store/stage.ts';
import { memoryStore } from './memory-store/store.ts';
import type { MemoryStore, MemoryStoreOptions } from './memory-store/store.ts';

/** The store in memory on a clock that stands still until it is moved, with ids that are counted. */
export interface MemoryStage extends Stage {
  store: MemoryStore;
}

const START_MS = Date.UTC(2026, 5, 1);

export function memoryStage(options: Pick<MemoryStoreOptions, 'between'> = {}): MemoryStage {
  let nowMs = START_MS;
  let ids = 0;
  const uuid = (): string => {
    ids += 1;
    return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
  };
  const store = memoryStore({ clock: { now: () => new Date(nowMs) }, chance: { uuid }, ...options });
  return {
    store,
    passes: async (ms) => {
      nowMs += ms;
      // All who do not wait for each other have come to their end.
      await new Promise<void>((done) => setImmediate(done));
    },
    cut: async () => store.crash(),
    close: () => store.close(),
  };
}
