import type { Store } from '../../../src/ports/store.ts';
import type { PlayStore, Rows } from '../play-store.ts';
import { Turns } from './turns.ts';

/** What a play needs of a store beside its port. */
export interface Keeper {
  store: Store;
  /** Before each transaction. */
  ready: () => Promise<void>;
  /** Answers what puts everything back to what it is now. */
  backUp: () => Promise<() => Promise<void>>;
  rows: () => Promise<Rows>;
}

/**
 * The store with one transaction at a time and one statement at a time, so that every store answers in the same order: one that
 * takes real time as one that takes none.
 */
export function inTurn({ store, ready, backUp, rows }: Keeper): PlayStore {
  const turns = new Turns();
  const transaction = <T>(act: () => Promise<T>): Promise<T> =>
    turns.alone(async () => {
      await ready();
      return act();
    });
  return {
    ...store,
    tenant: (tenantId) => ({
      tenantId,
      transact: (work) =>
        transaction(() =>
          store.tenant(tenantId).transact((tx) => {
            const statements = new Turns();
            return work(through(tx, (act) => statements.alone(act)));
          }),
        ),
    }),
    dispatch: through(store.dispatch, transaction),
    installation: through(store.installation, transaction),
    backUp() {
      const made = turns.alone(backUp);
      return () => {
        void turns.alone(async () => (await made)());
      };
    },
    rows: () => turns.alone(rows),
    rest: () => turns.rest(),
  };
}

/** The same object, whose methods, and those of its parts, are called through `call`. */
function through<T extends object>(target: T, call: (act: () => Promise<unknown>) => Promise<unknown>): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name);
      if (typeof member === 'function')
        return (...args: unknown[]) => call(async () => Reflect.apply(member, object, args));
      return typeof member === 'object' && member !== null ? through(member, call) : member;
    },
  });
}
