import type { ChainedEntry } from '../domain/audit.ts';
import type { Row } from '../domain/erasure.ts';

/** Where a table was left: the key of its last row, without the tenant. */
export type RowKey = readonly unknown[];

/**
 * What an operator does to everything of one tenant, table by table: beside the use cases, under the role that owns the tables.
 * Every call is one short transaction.
 */
export interface Upkeep {
  /** Every table that holds rows of tenants; those that others refer to come last. */
  readonly tables: readonly string[];
  /**
   * The next rows of a table in the order of its key, after `after`: what `change` answers for each, by column, is written to it.
   * They are locked meanwhile; `change` is asked again when the transaction is tried again. Answers where to go on; undefined =
   * that was all.
   */
  rewrite(
    tenantId: string,
    table: string,
    after: RowKey | undefined,
    change: (rows: readonly Row[]) => readonly Row[],
  ): Promise<RowKey | undefined>;
  /**
   * From now on no transaction of the tenant begins (`tenant-removed`), and none that had begun is going on. `isDeleting`: rows of
   * it have gone already.
   */
  closeTenant(tenantId: string): Promise<{ isDeleting: boolean }>;
  /** Deletes the next rows of a table of a tenant that is closed. Answers how many; `in-use`: other rows refer to them by now. */
  deleteSome(tenantId: string, table: string): Promise<number | 'in-use'>;
  /** The same for entries of the journal that have their place in the chain; one that is answered as it was stays. */
  rewriteChain(
    tenantId: string,
    after: number,
    change: (items: readonly ChainedEntry[]) => readonly ChainedEntry[],
  ): Promise<number | undefined>;
}
