import { shown } from './moments.ts';
import { sorted } from './order.ts';
import { Kept } from './rows.ts';
import type { MemoryTables } from './tables.ts';

/** Plain JSON: tables by name, rows by key, columns and members of documents by name; bytes as hex. */
export type Dump = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** A moment as `moments.ts` keeps it. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#\d+$/;

/** What is committed. Equal stores give equal text; two that differ only by places within a millisecond, too. */
export function dumpOf(tables: MemoryTables): Dump {
  const named = sorted(Object.values(tables), (table) => [table.name]);
  return Object.fromEntries(
    named.map((table) => [
      table.name,
      sorted([...table.committed()], ([key]) => [key]).map(([, row]) =>
        Object.fromEntries(membersOf(row).map(([column, value]) => [column, plain(value)])),
      ),
    ]),
  );
}

function plain(value: unknown): unknown {
  if (value instanceof Kept) return inOrder(value.read());
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'string' && MOMENT.test(value) ? shown(value) : value;
}

/** The same value, the members of its objects by name. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(membersOf(value).map(([name, member]) => [name, inOrder(member)]));
}

function membersOf(value: object): [string, unknown][] {
  return sorted(Object.entries(value), ([name]) => [name]);
}
