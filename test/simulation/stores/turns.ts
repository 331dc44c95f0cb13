import { setImmediate as turn } from 'node:timers/promises';

/**
 * One at a time, first come, first served. Before each and before its answer is handed over, whatever else can go on does so: so it
 * makes no difference how long one takes.
 */
export class Turns {
  #underWay = 0;
  #last: Promise<void> = Promise.resolve();

  async alone<T>(act: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    this.#underWay += 1;
    try {
      await before;
      await turn();
      return await act();
    } finally {
      await turn();
      this.#underWay -= 1;
      resolve();
    }
  }

  /** Until nobody has anything left to do. */
  async rest(): Promise<void> {
    await turn();
    while (this.#underWay > 0) {
      await this.#last;
      await turn();
    }
  }
}
