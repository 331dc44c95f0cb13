/** At most `limit` calls in any `windowMs`: not a bucket, which lets through twice as many around a refill. */
export class SlidingWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #taken: number[] = [];

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** The earliest time, in ms, at which one more call stays within the limit, or within a share of it. */
  readyAt(now: number, share = 1): number {
    // Set back, a clock would make us wait for the time it has lost.
    while ((this.#taken.at(-1) ?? now) > now) this.#taken.pop();
    const oldest = this.#taken.at(-Math.max(1, Math.floor(this.#limit * share)));
    return oldest === undefined ? now : Math.max(now, oldest + this.#windowMs);
  }

  take(now: number): void {
    this.#taken.push(now);
    if (this.#taken.length > this.#limit) this.#taken.shift();
  }
}
