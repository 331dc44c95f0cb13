import { AppError } from '../../../src/domain/errors.ts';
import type { Chance, Clock } from '../../../src/ports/clock.ts';
import type { Store } from '../../../src/ports/store.ts';
import { auditChainOn } from './audit-chain.ts';
import { dumpOf } from './dump.ts';
import type { Dump } from './dump.ts';
import { housekeepingOn } from './housekeeping.ts';
import { installationOn } from './installation.ts';
import { intakeOn } from './intake.ts';
import { Moments } from './moments.ts';
import { publisherOn } from './publisher.ts';
import { schedulingOn } from './scheduling.ts';
import type { Database } from './scope.ts';
import { makeTables } from './tables.ts';
import { tenantStore } from './tenant.ts';
import type { Between } from './transaction.ts';
import { transactionsOn } from './transactions.ts';

export interface MemoryStoreOptions {
  /** The store's own clock, by which leases end: the "database clock" of the port. It is never slept on. */
  clock: Pick<Clock, 'now'>;
  /** Gives events their ids. */
  chance: Pick<Chance, 'uuid'>;
  /** Awaited before every statement and every commit; there a simulation lets others go between. */
  between?: Between;
}

/** What was committed at one moment. It belongs to its store, and can be gone back to any number of times. */
interface Snapshot {
  readonly takenAt: string;
}

export interface MemoryStore extends Store {
  /** Cut every open transaction: nothing of it is kept, and its work hears `unavailable` at its next statement. */
  crash(): void;
  snapshot(): Snapshot;
  /** As a restored backup: everything is as it was then, but the clock goes on. Open transactions are cut. */
  restore(snapshot: Snapshot): void;
  dump(): Dump;
}

/**
 * The store in memory, for the simulation: deterministic, without timers, and as strict as PostgreSQL.
 *
 * Transactions run side by side under READ COMMITTED, PostgreSQL's default and what the engine is written for: every
 * statement sees what is committed when it begins; a row that is written, or locked by `hold`, waits for whoever has
 * it, and is looked at again before it is written. So the engine meets here what it meets there: lost races, two
 * workers between each other's statements, deadlocks (refused and repeated), locked leases that a claim skips.
 * Where others may go between is before statements and commits, never inside one. Without `between` a statement
 * costs a microtask or a few, so that transactions overlap only when they begin at the same moment.
 *
 * Not as PostgreSQL: one writer waits for another in the order they came; a circle of waiting is found at once;
 * connections are not counted; a caller that does not wait for a statement before its next one runs both at once.
 */
export function memoryStore(options: MemoryStoreOptions): MemoryStore {
  const moments = new Moments(options.clock);
  const tables = makeTables();
  const identities = { outbox: 0, journal: 0, run_items: 0, run_changes: 0 };
  const db: Database = { tables, identities, moments, uuid: () => options.chance.uuid() };
  const transactions = transactionsOn(moments, options.between);
  const snapshots = new WeakMap<Snapshot, () => void>();

  return {
    tenant: (tenantId) => tenantStore(db, transactions, tenantId),
    dispatch: {
      ...schedulingOn(db, transactions),
      ...intakeOn(db, transactions),
      ...publisherOn(db, transactions),
      ...auditChainOn(db, transactions),
      ...housekeepingOn(db, transactions),
    },
    installation: installationOn(db, transactions),
    durability: 'process crash',
    ping: () => transactions.run((tx) => tx.step()),
    close: async () => transactions.close(),
    crash: () => transactions.cutAll(),
    snapshot() {
      const goBack = Object.values(tables).map((table) => table.snapshot());
      const numbers = { ...identities };
      const snapshot = { takenAt: options.clock.now().toISOString() };
      snapshots.set(snapshot, () => {
        for (const each of goBack) each();
        Object.assign(identities, numbers);
      });
      return snapshot;
    },
    restore(snapshot) {
      const goBack = snapshots.get(snapshot);
      if (goBack === undefined) throw new AppError('internal', 'the snapshot is of another store');
      transactions.cutAll();
      goBack();
    },
    dump: () => dumpOf(tables),
  };
}
