import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/ports/clock.ts';
import type { Dice } from './dice.ts';

/**
 * Time that passes only when nothing else is left to do: whoever sleeps is woken in order of time, and among those who wake at
 * the same moment the dice decide. Between two wakings everything that only waits for promises runs to its end.
 */
export class VirtualTime {
  /** Awaited after each waking: everything has run to its end then. */
  rest: () => Promise<void> = () => turn();
  readonly #dice: Dice;
  readonly #heap: Sleeper[] = [];
  #now: number;
  #sequence = 0;

  constructor(start: string, dice: Dice) {
    this.#now = Date.parse(start);
    this.#dice = dice;
  }

  now(): number {
    return this.#now;
  }

  /** `skewMs`: how far somebody's clock is ahead, asked at every look. */
  clock(skewMs: () => number = () => 0): Clock {
    return {
      now: () => new Date(this.#now + skewMs()),
      elapsed: () => this.#now,
      sleep: (ms, signal) => this.sleep(ms, signal),
    };
  }

  /** Calls back after `ms`. */
  after(ms: number, wake: () => void): void {
    this.#push({
      at: this.#now + Math.max(0, ms),
      tie: this.#dice.fraction(),
      sequence: (this.#sequence += 1),
      wake,
    });
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal?.reason);
      if (signal?.aborted === true) {
        stop();
        return;
      }
      signal?.addEventListener('abort', stop, { once: true });
      this.after(ms, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
    });
  }

  /** Lets time pass until `at` (ms since the epoch), or until `isOver` says so. */
  async run(at: number, isOver: () => boolean = () => false): Promise<void> {
    await this.rest();
    for (;;) {
      const next = this.#heap[0];
      if (isOver()) return;
      if (next === undefined || next.at > at) break;
      this.#pop();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await this.rest();
    }
    this.#now = Math.max(this.#now, at);
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#heap;
    let index = heap.push(sleeper) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(heap, index, parent)) return;
      swap(heap, index, parent);
      index = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let index = 0;
    for (;;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let first = index;
      if (left < heap.length && isBefore(heap, left, first)) first = left;
      if (right < heap.length && isBefore(heap, right, first)) first = right;
      if (first === index) return;
      swap(heap, index, first);
      index = first;
    }
  }
}

interface Sleeper {
  at: number;
  tie: number;
  sequence: number;
  wake: () => void;
}

function isBefore(heap: readonly Sleeper[], left: number, right: number): boolean {
  const [a, b] = [heap[left], heap[right]];
  if (a === undefined || b === undefined) return false;
  return (a.at - b.at || a.tie - b.tie || a.sequence - b.sequence) < 0;
}

function swap(heap: Sleeper[], left: number, right: number): void {
  const [a, b] = [heap[left], heap[right]];
  if (a === undefined || b === undefined) return;
  [heap[left], heap[right]] = [b, a];
}
