import type { Clock } from '../ports/clock.ts';

/** Repeats for each call; more would drown a host that is failing. */
const SHARE = 0.1;
/** So many are free, so that little traffic is repeated, too. */
const FLOOR = 10;
const PARTS = 12;
const PART_MS = 5_000;

interface Part {
  index: number;
  calls: number;
  repeats: number;
}

/** What one host may be asked again, of this process: a tenth of the calls of the last minute, or ten. */
export class RetryBudget {
  readonly #clock: Clock;
  #parts: Part[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A call goes out for the first time. */
  called(): void {
    this.#now().calls += 1;
  }

  /** True: this call may be repeated, and is counted. */
  spend(): boolean {
    const now = this.#now();
    const total = (what: 'calls' | 'repeats'): number =>
      this.#parts.reduce((sum, part) => sum + part[what], 0);
    if (total('repeats') >= Math.max(FLOOR, Math.floor(total('calls') * SHARE))) return false;
    now.repeats += 1;
    return true;
  }

  /** The part of the window that is running; what is too old, or of a clock that was set back, is forgotten. */
  #now(): Part {
    const index = Math.floor(this.#clock.now().getTime() / PART_MS);
    this.#parts = this.#parts.filter((part) => part.index > index - PARTS && part.index <= index);
    const running = this.#parts.at(-1);
    if (running?.index === index) return running;
    const fresh = { index, calls: 0, repeats: 0 };
    this.#parts.push(fresh);
    return fresh;
  }
}
