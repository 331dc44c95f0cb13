import { eraseFromEntry, eraseFromRow, mentions } from '../domain/erasure.ts';
import type { Erasure, Row } from '../domain/erasure.ts';
import type { Person } from '../domain/person.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { RowKey, Upkeep } from '../ports/upkeep.ts';

interface Parts {
  store: Pick<Store, 'tenant' | 'dispatch'> & { upkeep: Upkeep };
  clock: Pick<Clock, 'now' | 'sleep'>;
}

/** How many rows of each table, by `table.column`. */
export type Places = ReadonlyMap<string, number>;

/** What an erasure found, or did. */
export interface ErasureReport {
  erased: Places;
  /** Where the person is named still: see `Erasure.left`. */
  left: Places;
}

const JOURNAL = 'journal';
const CHAIN_AT_ONCE = 500;
const NEVER = new AbortController().signal;
const PAUSE_MS = 500;
/** An entry is in its place within seconds, whoever puts it there. */
const PATIENCE = 60;

/** Counts where a person is named, and changes nothing. */
export async function findPerson(parts: Parts, tenantId: string, person: Person): Promise<ErasureReport> {
  return each(parts, tenantId, person, false);
}

/**
 * Erase a person from everything that is kept of a tenant, the journal included, whose chain holds. May end at any moment: the
 * next one goes on with what is left. What is still there afterwards is counted anew, and said.
 */
export async function erasePerson(parts: Parts, tenantId: string, person: Person): Promise<ErasureReport> {
  await chainAll(parts, tenantId);
  const { erased } = await each(parts, tenantId, person, true);
  const { erased: again, left } = await each(parts, tenantId, person, false);
  await record(parts, tenantId, erased);
  return { erased, left: added(again, left) };
}

async function each(
  { store }: Parts,
  tenantId: string,
  person: Person,
  isWritten: boolean,
): Promise<ErasureReport> {
  const erased = new Map<string, number>();
  const left = new Map<string, number>();
  for (const table of store.upkeep.tables) {
    let after: RowKey | undefined;
    do {
      let found: readonly Erasure[] = [];
      after = await store.upkeep.rewrite(tenantId, table, after, (rows) => {
        found = rows.map((row) =>
          table === JOURNAL ? ofJournal(row, person) : eraseFromRow(table, row, person),
        );
        return isWritten ? found.map(({ changes }) => changes) : [];
      });
      for (const { changes, left: stays } of found) {
        count(erased, table, Object.keys(changes));
        count(left, table, stays);
      }
    } while (after !== undefined);
  }
  let after: number | undefined = 0;
  do {
    let found: readonly { isChanged: boolean; isLeft: boolean }[] = [];
    after = await store.upkeep.rewriteChain(tenantId, after, (items) => {
      const rest = items.map((item) => eraseFromEntry(item, person));
      found = rest.map((item, place) => ({
        isChanged: item !== items[place],
        isLeft: mentions(item.entry, person),
      }));
      return isWritten ? rest : items;
    });
    for (const { isChanged, isLeft } of found) {
      if (isChanged) count(erased, JOURNAL, ['doc']);
      if (isLeft) count(left, JOURNAL, ['doc']);
    }
  } while (after !== undefined);
  return { erased, left };
}

/** Entries in their places are looked at by the chain; the others, and plain columns, are only told of. */
function ofJournal(row: Row, person: Person): Erasure {
  const columns = Object.keys(row).filter((column) => column !== 'doc' || row['sequence'] === null);
  return { changes: {}, left: columns.filter((column) => mentions(row[column], person)) };
}

/** An entry can be erased once it has its place. Who keeps the chain at this moment may be another process. */
async function chainAll({ store, clock }: Parts, tenantId: string): Promise<void> {
  for (let attempt = 0; attempt < PATIENCE; attempt += 1) {
    while ((await store.dispatch.chain(CHAIN_AT_ONCE)) > 0);
    if (!(await hasUnchained(store.upkeep, tenantId))) return;
    await clock.sleep(PAUSE_MS, NEVER);
  }
}

async function hasUnchained(upkeep: Upkeep, tenantId: string): Promise<boolean> {
  for (let after: RowKey | undefined; ;) {
    let waiting = 0;
    after = await upkeep.rewrite(tenantId, JOURNAL, after, (rows) => {
      waiting = rows.filter((row) => row['sequence'] === null).length;
      return [];
    });
    if (waiting > 0) return true;
    if (after === undefined) return false;
  }
}

/** That somebody was erased is told; who it was is not. */
async function record({ store, clock }: Parts, tenantId: string, erased: Places): Promise<void> {
  if (erased.size === 0) return;
  const rows = [...erased.values()].reduce((sum, rest) => sum + rest, 0);
  const note = `A person was erased from ${rows} places.`;
  await store
    .tenant(tenantId)
    .transact((tx) =>
      tx.journal.add([{ at: clock.now().toISOString(), actor: 'operator', action: 'person-erased', note }]),
    );
}

function count(into: Map<string, number>, table: string, columns: readonly string[]): void {
  for (const column of columns) {
    const place = `${table}.${column}`;
    into.set(place, (into.get(place) ?? 0) + 1);
  }
}

function added(one: Places, other: Places): Places {
  const sum = new Map(one);
  for (const [place, rows] of other) sum.set(place, (sum.get(place) ?? 0) + rows);
  return sum;
}
