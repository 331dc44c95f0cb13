import type { ColumnType } from 'kysely';
import type { Tables } from '../../../src/store/schema.ts';

/** A value kept as JSON text, as the column it stands for: what a caller changes later changes nothing here. */
export class Kept<T> {
  readonly #text: string;

  constructor(value: T) {
    this.#text = JSON.stringify(value);
  }

  /** A copy for each reader. */
  read(): T {
    return JSON.parse(this.#text);
  }
}

/** What a column of the SQL store holds: documents as `Kept`, what the database assigns as it is read. */
type Stored<Column> =
  Column extends ColumnType<infer Read, infer Inserted, unknown>
    ? [Inserted] extends [never]
      ? Read
      : [Inserted] extends [string]
        ? Kept<Read>
        : Exclude<Inserted, undefined>
    : Column;

/** A row of that table of the SQL store, column by column: a column added there is missed here by the compiler. */
export type Row<Name extends keyof Tables> = {
  readonly [Column in keyof Tables[Name]]: Stored<Tables[Name][Column]>;
};

/** Parts of a key, the tenant first; only the last part may hold text that we did not make. */
export function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join('\0');
}
