import type { Clock } from '../src/ports/clock.ts';

/** A clock that stands still while anybody works, and then goes to the next moment somebody sleeps for. */
export interface VirtualClock extends Clock {
  pass(ms: number): void;
  /** The clock stands still until this work ends. */
  during<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  at: number;
  wake(): void;
}

/** Turns of the event loop in which nobody goes on before all are taken to be asleep. */
const QUIET_TURNS = 3;

/** `beginning` in ms since the epoch. */
export function virtualClock(beginning: number): VirtualClock {
  let now = beginning;
  let working = 0;
  let isRunning = false;
  const sleepers = new Set<Sleeper>();

  async function run(): Promise<void> {
    isRunning = true;
    while (sleepers.size > 0) {
      for (let turn = 0; turn < QUIET_TURNS; turn += 1) await nextTurn();
      if (working > 0) continue;
      const [next] = [...sleepers].toSorted((one, other) => one.at - other.at);
      if (next === undefined) break;
      now = Math.max(now, next.at);
      next.wake();
    }
    isRunning = false;
  }

  return {
    now: () => new Date(now),
    elapsed: () => now,
    pass(ms) {
      now += ms;
    },
    async during(work) {
      working += 1;
      try {
        return await work;
      } finally {
        working -= 1;
      }
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason instanceof Error ? signal.reason : new Error('The sleep was broken off.'));
        };
        const sleeper: Sleeper = {
          at: now + ms,
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        if (signal?.aborted === true) return abort();
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
        if (!isRunning) void run();
      });
    },
  };
}

/** Sealing is done by other threads, which no turn of the event loop waits for. */
export function holdForCrypto(clock: VirtualClock): void {
  const { prototype } = SubtleCrypto;
  for (const name of ['encrypt', 'decrypt', 'sign', 'verify', 'importKey']) {
    const original: unknown = Reflect.get(prototype, name);
    if (typeof original !== 'function') throw new Error(`there is no ${name}`);
    const held = function (this: unknown, ...given: unknown[]): Promise<unknown> {
      return clock.during(Promise.resolve(Reflect.apply(original, this, given)));
    };
    Reflect.defineProperty(prototype, name, { value: held });
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
