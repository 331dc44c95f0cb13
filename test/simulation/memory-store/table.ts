import { keyOf } from './rows.ts';
import type { Transaction } from './transaction.ts';

type Row = Readonly<Record<string, unknown>>;

/** A table, by what the SQL store's schema says of it. */
export interface Shape<R, Index extends string> {
  name: string;
  key: (row: R) => string;
  /** Other keys that are one of a kind; undefined = the row is not among them. */
  uniques?: readonly ((row: R) => string | undefined)[];
  /** By what rows are looked for; undefined = the row is not among them. */
  indexes: readonly (readonly [Index, (row: R) => string | undefined])[];
  parents?: readonly { table: Parent; key: (row: R) => string }[];
  /** Its rows may be parents and may be removed: whoever adds a child keeps them from it. */
  canLoseParents?: boolean;
}

/** What a reference needs of the table that it points at. */
interface Parent {
  readonly name: string;
  readonly keepsLock: boolean;
  has(tx: Transaction, key: string): boolean;
}

/** What one transaction has written; null = removed. */
interface Draft<R> {
  rows: Map<string, R | null>;
  /** For each unique key, its values in the draft. */
  uniques: Map<string, string>[];
}

/**
 * The committed rows, and beside them each open transaction's own. Rows are never changed, only replaced, so that a
 * transaction costs what it writes. Every method that waits for a lock looks at the row again when it has it.
 */
export class Table<R extends Row, Index extends string> {
  readonly name: string;
  readonly keepsLock: boolean;
  readonly #shape: Shape<R, Index>;
  readonly #rows = new Map<string, R>();
  readonly #uniques: readonly { of: (row: R) => string | undefined; keys: Map<string, string> }[];
  readonly #indexes: ReadonlyMap<
    Index,
    { of: (row: R) => string | undefined; keys: Map<string, Set<string>> }
  >;
  /** Dropped when their transaction ends. (A WeakMap, which needs no dropping, makes the store slower.) */
  readonly #drafts = new Map<Transaction, Draft<R>>();

  constructor(shape: Shape<R, Index>) {
    this.name = shape.name;
    this.keepsLock = shape.canLoseParents === true;
    this.#shape = shape;
    this.#uniques = (shape.uniques ?? []).map((of) => ({ of, keys: new Map() }));
    this.#indexes = new Map(shape.indexes.map(([name, of]) => [name, { of, keys: new Map() }]));
  }

  get(tx: Transaction, key: string): R | undefined {
    const draft = this.#drafts.get(tx)?.rows.get(key);
    return draft === undefined ? this.#rows.get(key) : (draft ?? undefined);
  }

  has(tx: Transaction, key: string): boolean {
    return this.get(tx, key) !== undefined;
  }

  /** In no order. */
  where(tx: Transaction, name: Index, value: string): R[] {
    const index = this.#indexes.get(name);
    const draft = this.#drafts.get(tx)?.rows;
    const found: R[] = [];
    for (const key of index?.keys.get(value) ?? []) {
      const row = draft?.has(key) === true ? undefined : this.#rows.get(key);
      if (row !== undefined) found.push(row);
    }
    for (const row of draft?.values() ?? []) if (row !== null && index?.of(row) === value) found.push(row);
    return found;
  }

  /** In no order. */
  all(tx: Transaction): R[] {
    const draft = this.#drafts.get(tx)?.rows;
    const found: R[] = [];
    for (const [key, row] of this.#rows) if (draft?.has(key) !== true) found.push(row);
    for (const row of draft?.values() ?? []) if (row !== null) found.push(row);
    return found;
  }

  async insert(tx: Transaction, row: R): Promise<void> {
    if (await this.insertUnlessDoubled(tx, row)) return;
    throw tx.refuse('23505', `duplicate key value violates a unique constraint of "${this.name}"`);
  }

  /** False: a row with one of its keys is there. Waits for whoever is about to make or to remove such a row. */
  async insertUnlessDoubled(tx: Transaction, row: R): Promise<boolean> {
    this.#requireText(tx, row);
    const key = this.#shape.key(row);
    for (const what of this.#locksOn(key, row)) {
      const waiting = tx.lock(what);
      if (waiting !== undefined) await waiting;
    }
    if (this.has(tx, key) || this.#isDoubled(tx, key, row)) return false;
    await this.#requireParents(tx, row);
    this.#put(tx, key, row);
    return true;
  }

  /** As `on conflict do update` of the primary key. */
  async upsert(tx: Transaction, row: R, change: (kept: R) => R): Promise<R> {
    const key = this.#shape.key(row);
    const waiting = tx.lock(keyOf(this.name, key));
    if (waiting !== undefined) await waiting;
    const kept = this.get(tx, key);
    if (kept !== undefined) return (await this.update(tx, kept, change)) ?? kept;
    await this.insert(tx, row);
    return row;
  }

  /** The row as it is when the lock is had; undefined = it is gone, or does not fit any more. */
  async lock(tx: Transaction, seen: R, fits: (row: R) => boolean = always): Promise<R | undefined> {
    const key = this.#shape.key(seen);
    const waiting = tx.lock(keyOf(this.name, key));
    if (waiting !== undefined) await waiting;
    const row = this.get(tx, key);
    return row !== undefined && fits(row) ? row : undefined;
  }

  /** Whether nobody else has the row, for `skip locked`. */
  isFree(tx: Transaction, row: R): boolean {
    return tx.mayLock(keyOf(this.name, this.#shape.key(row)));
  }

  /** Undefined: the row is gone, or does not fit any more. */
  async update(
    tx: Transaction,
    seen: R,
    change: (row: R) => R,
    fits: (row: R) => boolean = always,
  ): Promise<R | undefined> {
    const row = await this.lock(tx, seen, fits);
    if (row === undefined) return undefined;
    const key = this.#shape.key(row);
    const next = change(row);
    this.#requireText(tx, next);
    for (const what of [...this.#locksOn(key, row), ...this.#locksOn(key, next)]) {
      const waiting = tx.lock(what);
      if (waiting !== undefined) await waiting;
    }
    if (this.#isDoubled(tx, key, next))
      throw tx.refuse('23505', `duplicate key value violates a unique constraint of "${this.name}"`);
    await this.#requireParents(tx, next, row);
    this.#put(tx, key, next);
    return next;
  }

  /** False: the row is gone, or does not fit any more. */
  async remove(tx: Transaction, seen: R, fits: (row: R) => boolean = always): Promise<boolean> {
    const row = await this.lock(tx, seen, fits);
    if (row === undefined) return false;
    const key = this.#shape.key(row);
    const locks = this.#locksOn(key, row);
    if (this.keepsLock) locks.push(childLock(this.name, key));
    for (const what of locks) {
      const waiting = tx.lock(what);
      if (waiting !== undefined) await waiting;
    }
    this.#put(tx, key, null);
    return true;
  }

  commit(tx: Transaction): void {
    for (const [key, row] of this.#drafts.get(tx)?.rows ?? []) this.#keep(key, row);
  }

  drop(tx: Transaction): void {
    this.#drafts.delete(tx);
  }

  /** The committed rows by key. */
  committed(): ReadonlyMap<string, R> {
    return this.#rows;
  }

  /** The committed rows of now; answers how to get back to them. */
  snapshot(): () => void {
    const kept = new Map(this.#rows);
    return () => {
      this.#rows.clear();
      for (const { keys } of this.#uniques) keys.clear();
      for (const { keys } of this.#indexes.values()) keys.clear();
      for (const [key, row] of kept) this.#keep(key, row);
    };
  }

  /** The row's own lock, and one for each of its unique keys. */
  #locksOn(key: string, row: R): string[] {
    const locks = [keyOf(this.name, key)];
    for (const [index, unique] of this.#uniques.entries()) {
      const value = unique.of(row);
      if (value !== undefined) locks.push(keyOf(`${this.name} ${index}`, value));
    }
    return locks;
  }

  #isDoubled(tx: Transaction, key: string, row: R): boolean {
    const draft = this.#drafts.get(tx);
    return this.#uniques.some((unique, index) => {
      const value = unique.of(row);
      if (value === undefined) return false;
      const drafted = draft?.uniques[index]?.get(value);
      if (drafted !== undefined) return drafted !== key;
      const committed = unique.keys.get(value);
      return committed !== undefined && committed !== key && draft?.rows.has(committed) !== true;
    });
  }

  async #requireParents(tx: Transaction, row: R, before?: R): Promise<void> {
    for (const { table, key } of this.#shape.parents ?? []) {
      const parent = key(row);
      if (before !== undefined && key(before) === parent) continue;
      if (table.keepsLock) await tx.lock(childLock(table.name, parent), 'shared');
      if (!table.has(tx, parent))
        throw tx.refuse('23503', `a row of "${this.name}" refers to none of "${table.name}"`);
    }
  }

  #requireText(tx: Transaction, row: R): void {
    for (const value of Object.values(row))
      if (typeof value === 'string' && value.includes('\0'))
        throw tx.refuse('22021', `invalid byte sequence for a column of "${this.name}": 0x00`);
  }

  #put(tx: Transaction, key: string, row: R | null): void {
    let draft = this.#drafts.get(tx);
    if (draft === undefined) {
      tx.touch(this);
      draft = { rows: new Map(), uniques: this.#uniques.map(() => new Map<string, string>()) };
      this.#drafts.set(tx, draft);
    }
    const before = draft.rows.get(key);
    for (const [index, { of }] of this.#uniques.entries()) {
      const old = before === undefined || before === null ? undefined : of(before);
      const keys = draft.uniques[index];
      if (old !== undefined && keys?.get(old) === key) keys.delete(old);
      const value = row === null ? undefined : of(row);
      if (value !== undefined) keys?.set(value, key);
    }
    draft.rows.set(key, row);
  }

  #keep(key: string, row: R | null): void {
    const before = this.#rows.get(key);
    for (const { of, keys } of this.#uniques) {
      const old = before === undefined ? undefined : of(before);
      if (old !== undefined && keys.get(old) === key) keys.delete(old);
      const value = row === null ? undefined : of(row);
      if (value !== undefined) keys.set(value, key);
    }
    for (const { of, keys } of this.#indexes.values()) {
      const old = before === undefined ? undefined : of(before);
      const value = row === null ? undefined : of(row);
      if (old === value) continue;
      if (old !== undefined) leave(keys, old, key);
      if (value !== undefined) join(keys, value, key);
    }
    if (row === null) this.#rows.delete(key);
    else this.#rows.set(key, row);
  }
}

function always(): boolean {
  return true;
}

/** Shared by those who add a child, alone for who removes the parent. */
function childLock(table: string, key: string): string {
  return keyOf(`${table} child`, key);
}

function join(keys: Map<string, Set<string>>, value: string, key: string): void {
  const set = keys.get(value);
  if (set === undefined) keys.set(value, new Set([key]));
  else set.add(key);
}

function leave(keys: Map<string, Set<string>>, value: string, key: string): void {
  const set = keys.get(value);
  if (set?.delete(key) === true && set.size === 0) keys.delete(value);
}
