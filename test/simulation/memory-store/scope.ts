import type { MemoryTables } from './tables.ts';
import type { Transaction } from './transaction.ts';
import type { Moments } from './moments.ts';

/** Numbers that the database gives, never back: a transaction that is rolled back leaves a gap. */
interface Identities {
  outbox: number;
  journal: number;
  run_items: number;
  run_changes: number;
}

/** The whole store, as its parts see it. */
export interface Database {
  tables: MemoryTables;
  identities: Identities;
  moments: Moments;
  /** Ids of events and salts of the journal, which the database makes. */
  uuid(): string;
}

/** One transaction of one tenant. */
export interface Scope {
  db: Database;
  tx: Transaction;
  tenantId: string;
}
