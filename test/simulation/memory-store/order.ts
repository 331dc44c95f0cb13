import { pageOf } from '../../../src/store/cursor.ts';
import type { Page, PageQuery } from '../../../src/ports/repositories.ts';

type Place = readonly (string | number)[];

/** From here on UTF-16 and UTF-8 sort differently. */
const HIGH = /[\ud800-\uffff]/;

/** The order of a database whose text sorts by its bytes (collation `C`), which for UTF-8 is that of code points. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  if (HIGH.test(one) && HIGH.test(other)) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return one < other ? -1 : 1;
}

function comparePlaces(one: Place, other: Place): number {
  for (const [index, left] of one.entries()) {
    const right = other[index];
    if (right === undefined) return 1;
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : compareText(String(left), String(right));
    if (order !== 0) return order;
  }
  return 0;
}

/** A copy, sorted by what `place` says of each row. */
export function sorted<R>(
  rows: readonly R[],
  place: (row: R) => Place,
  direction: 'up' | 'down' = 'up',
): R[] {
  const sign = direction === 'up' ? 1 : -1;
  return rows
    .map((row) => ({ row, at: place(row) }))
    .toSorted((one, other) => sign * comparePlaces(one.at, other.at))
    .map(({ row }) => row);
}

/** The page of a keyset listing that begins behind `after`. */
export function pageAfter<R, T>(
  rows: readonly R[],
  query: PageQuery,
  after: Place | undefined,
  listing: { place: (row: R) => Place; item: (row: R) => T; direction?: 'up' | 'down' },
): Page<T> {
  const { place, item, direction = 'up' } = listing;
  const sign = direction === 'up' ? 1 : -1;
  const left = after === undefined ? rows : rows.filter((row) => sign * comparePlaces(place(row), after) > 0);
  const page = sorted(left, place, direction).slice(0, query.limit + 1);
  return pageOf(page, query, item, place);
}
