import type { ChainedEntry } from '../domain/audit.ts';
import type { JournalEntry } from '../domain/event.ts';
import type { Direction } from '../domain/flips.ts';
import type { FieldKey } from '../domain/link.ts';

/** What was done and why; only ever added to. */
export interface Journal {
  add(entries: readonly JournalEntry[]): Promise<void>;
  ofThreat(threatId: string, limit: number): Promise<readonly JournalEntry[]>;
  /** The same, each `at` the time at which the database took it: clocks of processes differ. */
  takenOfThreat(threatId: string, limit: number): Promise<readonly JournalEntry[]>;
  /** Those that have their place in the tenant's chain, after that one and in its order. */
  chained(after: number, limit: number): Promise<readonly ChainedEntry[]>;
  /** How many links have entries of these actions since then; for the brakes. */
  count(integrationId: string, actions: readonly string[], since: string): Promise<number>;
  /** Which way a field of these links was written since then (actions `…-pushed`, `…-pulled`), by link, oldest first. */
  written(
    linkIds: readonly string[],
    field: FieldKey,
    since: string,
  ): Promise<ReadonlyMap<string, readonly Direction[]>>;
}
