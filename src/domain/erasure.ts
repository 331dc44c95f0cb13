import { ERASABLE, erased } from './audit.ts';
import type { ChainedEntry } from './audit.ts';
import { ERASED } from './person.ts';
import type { Person } from './person.ts';

/** A row of any table, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** What becomes of one row. */
export interface Erasure {
  /** The columns that must change, with what they hold afterwards. */
  changes: Row;
  /** Columns that still name the person: they address something, or are settings that only an administrator changes. */
  left: readonly string[];
}

/** Plain columns that quote people. Every other plain column is a key, a counter, a time or a word of ours. */
const QUOTES: ReadonlySet<string> = new Set(['models.name', 'threats.title_lower']);
/** What somebody else sent, of no use once it was read. */
const BODIES: ReadonlySet<string> = new Set(['deliveries.body']);
/** Of an integration: what an administrator has set or connected. Erasing it would change what is written to the tracker. */
const SETTINGS: ReadonlySet<string> = new Set([
  'name',
  'config',
  'mapping',
  'filter',
  'bound',
  'parent',
  'namedParent',
]);
/** Members that say where something is, by which it is found again, or of what kind it is, in words of ours. */
const STRUCTURE: ReadonlySet<string> = new Set([
  'id',
  'key',
  'url',
  'repo',
  'path',
  'mark',
  'kind',
  'state',
  'field',
  'action',
  'outcome',
  'role',
  'trigger',
  'provider',
  'format',
  'presence',
  'severity',
  'status',
  'type',
  'code',
]);

/** A row of any table but the journal, without the person. */
export function eraseFromRow(table: string, row: Row, person: Person): Erasure {
  const changes: Record<string, unknown> = {};
  const left: string[] = [];
  for (const [column, value] of Object.entries(row)) {
    if (!mentions(value, person)) continue;
    const rest = cleaned(`${table}.${column}`, value, person);
    if (rest !== value) changes[column] = rest;
    if (mentions(rest, person)) left.push(column);
  }
  return { changes, left };
}

/**
 * An entry of the journal without the person. A value that names them goes as a whole, since the chain knows values by their
 * hashes; what else an entry says stays.
 */
export function eraseFromEntry(item: ChainedEntry, person: Person): ChainedEntry {
  let rest = item;
  for (const name of ERASABLE) {
    const value = item.entry[name];
    if (typeof value === 'string' && person.isIn(value)) rest = erased(rest, name);
  }
  return rest;
}

/** Is the person named anywhere in this value? */
export function mentions(value: unknown, person: Person): boolean {
  if (typeof value === 'string') return person.isIn(value);
  if (value instanceof Uint8Array) return person.isIn(textOf(value));
  if (Array.isArray(value)) return value.some((each) => mentions(each, person));
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, each]) => person.isIn(name) || mentions(each, person));
}

function cleaned(place: string, value: unknown, person: Person): unknown {
  if (typeof value === 'string') return QUOTES.has(place) ? person.without(value) : value;
  if (value instanceof Uint8Array) {
    const rest = BODIES.has(place) ? ERASED : person.without(textOf(value));
    return new TextEncoder().encode(rest);
  }
  return walk(value, person, place === 'integrations.doc' ? SETTINGS : new Set());
}

/** Every text in it without the person; of what the person has written themselves, no word is left. */
function walk(value: unknown, person: Person, kept: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return person.without(value);
  if (Array.isArray(value)) return value.map((each) => walk(each, person, new Set()));
  if (!isObject(value)) return value;
  const isTheirs = typeof value['author'] === 'string' && person.is(value['author']);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      if (kept.has(name) || STRUCTURE.has(name)) return [name, each];
      if (isTheirs && name === 'text') return [name, ERASED];
      return [name, walk(each, person, new Set())];
    }),
  );
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

/** Files are UTF-8; what is not is compared as far as it can be read. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
