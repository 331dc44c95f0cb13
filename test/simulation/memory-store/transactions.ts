import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from '../../../src/domain/errors.ts';
import { isCollision, isLost } from '../../../src/store/failures.ts';
import { Locks } from './locks.ts';
import type { Moments } from './moments.ts';
import { Transaction } from './transaction.ts';
import type { Between } from './transaction.ts';

const ATTEMPTS = 6;

/** Runs transactions, side by side as they come. */
export interface Transactions {
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Cut every one that is open: what it wrote is gone, and its next statement fails. */
  cutAll(): void;
  /** Cut all, and begin no more. */
  close(): void;
}

/**
 * Who closed a circle of waiting begins again at once, as often as in the SQL store: the others go first, because
 * they had their locks before. A cut one is never repeated, because nobody would know whether its commit arrived.
 */
export function transactionsOn(moments: Moments, between: Between | undefined): Transactions {
  const current = new AsyncLocalStorage<{ open: boolean }>();
  const locks = new Locks<Transaction>();
  const open = new Set<Transaction>();
  let isClosed = false;

  async function once<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new Transaction(moments.now(), locks, between);
    const mine = { open: true };
    open.add(tx);
    try {
      const result = await current.run(mine, () => work(tx));
      await tx.commit();
      return result;
    } finally {
      tx.rollBack();
      open.delete(tx);
      mine.open = false;
    }
  }

  const cutAll = (): void => {
    for (const tx of open) tx.cut();
  };

  return {
    async run(work) {
      if (current.getStore()?.open === true)
        throw new AppError('internal', 'a transaction was begun inside another one');
      if (isClosed) throw new AppError('unavailable', 'The store is closed.');
      for (let attempt = 1; ; attempt += 1)
        try {
          return await once(work);
        } catch (thrown) {
          if (thrown instanceof AppError || !isCollision(thrown) || attempt === ATTEMPTS) throw told(thrown);
        }
    },
    cutAll,
    close() {
      isClosed = true;
      cutAll();
    },
  };
}

function told(thrown: unknown): unknown {
  if (thrown instanceof AppError) return thrown;
  if (isLost(thrown))
    return new AppError('unavailable', 'The database does not answer. Try again in a moment.', {
      cause: thrown,
    });
  if (isCollision(thrown))
    return new AppError(
      'unavailable',
      'The database is too busy with the same rows. Try again in a moment.',
      { cause: thrown },
    );
  return thrown;
}
