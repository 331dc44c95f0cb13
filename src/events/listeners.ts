import { messageOf } from '../domain/errors.ts';
import type { Log } from '../ports/clock.ts';

/** Who listens. One that throws neither stops the others nor the one who speaks. */
export interface Listeners<T> {
  add(listener: (value: T) => void): () => void;
  tell(value: T): void;
}

export function listeners<T>(log: Log): Listeners<T> {
  const all = new Set<(value: T) => void>();
  return {
    add(listener) {
      const mine = (value: T) => listener(value);
      all.add(mine);
      return () => all.delete(mine);
    },
    tell(value) {
      for (const listener of all) {
        try {
          listener(value);
        } catch (thrown) {
          log.error({ reason: messageOf(thrown) }, 'a listener to events failed');
        }
      }
    },
  };
}
