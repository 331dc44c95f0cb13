import { Refused } from './failures.ts';
import type { Locks } from './locks.ts';

/** A table that a transaction wrote to. */
interface Touched {
  commit(tx: Transaction): void;
  drop(tx: Transaction): void;
}

/** Awaited before every statement and every commit: there a simulation lets others go between. */
export type Between = () => Promise<void>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT/;

/**
 * One transaction under READ COMMITTED. What it writes is its own until the commit. Everything between two awaits
 * is one statement, on what is committed at that moment. A refused statement loses the whole transaction, as in
 * PostgreSQL: its locks go at once, and every later statement is refused.
 */
export class Transaction {
  /** When it began: what `now()` is in all its statements. */
  readonly at: string;
  readonly #locks: Locks<Transaction>;
  readonly #between: Between | undefined;
  readonly #touched = new Set<Touched>();
  #state: 'open' | 'failed' | 'cut' | 'over' = 'open';

  constructor(at: string, locks: Locks<Transaction>, between: Between | undefined) {
    this.at = at;
    this.#locks = locks;
    this.#between = between;
  }

  /** The beginning of a statement: from here to the next await nobody else changes anything. */
  async step(): Promise<void> {
    this.#requireOpen();
    if (this.#between === undefined) return;
    await this.#between();
    this.#requireOpen();
  }

  touch(table: Touched): void {
    this.#requireOpen();
    this.#touched.add(table);
  }

  /** Undefined: the lock is had, and the statement goes on. */
  lock(what: string, mode: 'alone' | 'shared' = 'alone'): Promise<void> | undefined {
    this.#requireOpen();
    return this.#locks.take(this, what, mode)?.then(
      () => this.#requireOpen(),
      (refusal: unknown) => {
        if (this.#state === 'open') this.#leave('failed');
        throw refusal;
      },
    );
  }

  mayLock(what: string): boolean {
    return this.#locks.isFree(this, what);
  }

  /** The failure of a statement, and with it of the transaction. */
  refuse(code: ConstructorParameters<typeof Refused>[0], message: string): Refused {
    this.#leave('failed');
    return new Refused(code, message);
  }

  /** As PostgreSQL keeps a UUID. */
  uuid(id: string): string {
    const lower = id.toLowerCase();
    if (UUID.test(lower)) return lower;
    throw this.refuse('22P02', `invalid input syntax for type uuid: "${id}"`);
  }

  /** ISO with milliseconds, in UTC. */
  time(text: string): string {
    const time = TIME.test(text) ? new Date(text) : undefined;
    if (time !== undefined && !Number.isNaN(time.valueOf())) return time.toISOString();
    throw this.refuse('22007', `invalid input syntax for type timestamp with time zone: "${text}"`);
  }

  async commit(): Promise<void> {
    if (this.#between !== undefined && this.#state === 'open') await this.#between();
    if (this.#state === 'cut') throw connectionLost();
    if (this.#state === 'failed') throw new Error('Transaction was rolled back instead of committed');
    for (const table of this.#touched) table.commit(this);
    this.#leave('over');
  }

  rollBack(): void {
    if (this.#state === 'open') this.#leave('over');
  }

  /** Its process or its connection is gone. */
  cut(): void {
    if (this.#state !== 'over') this.#leave('cut');
  }

  #leave(state: 'failed' | 'cut' | 'over'): void {
    this.#state = state;
    for (const table of this.#touched) table.drop(this);
    this.#touched.clear();
    this.#locks.release(this, connectionLost());
  }

  #requireOpen(): void {
    if (this.#state === 'open') return;
    if (this.#state === 'over') throw new Error('Transaction is already committed or rolled back');
    if (this.#state === 'cut') throw connectionLost();
    throw new Refused('25P02', 'current transaction is aborted, commands ignored until its end');
  }
}

function connectionLost(): Refused {
  return new Refused('57P01', 'terminating connection');
}
