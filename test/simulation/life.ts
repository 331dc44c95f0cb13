import type { Dice } from './dice.ts';

/** A promise for those who are dead: nothing ever comes of it. */
function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** Thrown into what the dead were about to do, so that nothing of it is kept. */
class Died extends Error {
  override readonly name = 'Died';
}

/**
 * The life of one process. Every step it takes to the outside goes through here: it may die before or after each, or stand
 * still for a while (as in a pause of the garbage collector or of the machine) and go on as if nothing had been.
 */
export class Life {
  readonly name: string;
  /** Share of the steps at which it dies. */
  mortality = 0;
  /** How far its clock was set ahead while it ran, in ms; below zero: back. */
  aheadMs = 0;
  onDeath: () => void = () => undefined;
  #isDead = false;
  #thaw: Promise<void> | undefined;
  readonly #dice: Dice;

  constructor(name: string, dice: Dice) {
    this.name = name;
    this.#dice = dice;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.onDeath();
  }

  /** Stands still until `thaw` resolves. */
  freeze(thaw: Promise<void>): void {
    this.#thaw = thaw.finally(() => (this.#thaw = undefined));
  }

  /** A request. What it is allowed by is asked at the last moment, so that it stands still only after it has left. */
  async request<T>(act: () => Promise<T>): Promise<T> {
    this.#chance();
    return this.#isDead ? never() : this.#answer(act);
  }

  /** One step to the outside, and its answer. */
  async step<T>(act: () => Promise<T>): Promise<T> {
    await this.#moment();
    return this.#isDead ? never() : this.#answer(act);
  }

  async #answer<T>(act: () => Promise<T>): Promise<T> {
    try {
      const answer = await act();
      await this.#moment();
      return this.#isDead ? never() : answer;
    } catch (error) {
      await this.#moment();
      if (this.#isDead) return never();
      throw error;
    }
  }

  /** Within a transaction: dying here keeps nothing of it. */
  within(): void {
    this.#chance();
    if (this.#isDead) throw new Died(`${this.name} died.`);
  }

  async #moment(): Promise<void> {
    this.#chance();
    while (this.#thaw !== undefined) await this.#thaw;
  }

  #chance(): void {
    if (!this.#isDead && this.mortality > 0 && this.#dice.happens(this.mortality)) this.die();
  }
}
