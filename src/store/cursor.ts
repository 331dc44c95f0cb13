import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Page, PageQuery } from '../ports/repositories.ts';

/** Where a listing by a time (or name) and then by id goes on. */
export const ByText = z.tuple([z.string().max(1000), z.uuid()]);
export const ByTime = z.tuple([z.iso.datetime(), z.uuid()]);
export const ByNumber = z.tuple([z.int()]);

/** What a cursor says. Throws `invalid-request` for anything that we did not write. */
export function readCursor<T>(schema: z.ZodType<T>, cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined;
  const read = schema.safeParse(jsonOf(cursor));
  if (read.success) return read.data;
  throw new AppError(
    'invalid-request',
    'The cursor is not one of ours. Leave it out to begin at the first page.',
  );
}

/** Make a page of one row more than was asked for: the extra one only says that there is a next page. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  query: PageQuery,
  item: (row: Row) => T,
  position: (row: Row) => readonly (string | number)[],
): Page<T> {
  const shown = rows.slice(0, query.limit);
  const items = shown.map(item);
  const last = shown.at(-1);
  if (rows.length <= query.limit || last === undefined) return { items };
  return { items, nextCursor: Buffer.from(JSON.stringify(position(last))).toString('base64url') };
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
