import { createHash } from 'node:crypto';
import type { JournalEntry } from './event.ts';

/**
 * What may name a person or quote one. Each is hashed by itself, with a salt of its own, before the entry is: it can be erased
 * later, and the chain still holds.
 */
export const ERASABLE = ['actor', 'before', 'after', 'note'] as const;
export type Erasable = (typeof ERASABLE)[number];

/** Random, one for each erasable value; gone with the value. */
export type Salts = Partial<Record<Erasable, string>>;

/** An entry of the journal in its place in the tenant's chain. `sequence` counts from 1 without gaps; `hash` is SHA-256, hex. */
export interface ChainedEntry<Entry extends object = JournalEntry> {
  sequence: number;
  entry: Entry;
  salts: Salts;
  hash: string;
}

/** Where a chain stands: after `sequence` entries, the last of which has this hash. */
export interface ChainHead {
  sequence: number;
  hash: string;
}

/** What is wrong with a chain, and where. */
export interface ChainFault {
  sequence: number;
  reason: string;
}

const ERASED = /^erased:[0-9a-f]{64}$/;

/** Before the first entry. A chain belongs to its tenant: entries of another one do not fit in. */
export function chainStart(tenantId: string): ChainHead {
  return { sequence: 0, hash: sha256(['threat-model-integration/audit/1', tenantId]) };
}

/** Which erasable values the entry has. */
export function erasableIn(entry: JournalEntry): readonly Erasable[] {
  return ERASABLE.filter((name) => typeof entry[name] === 'string');
}

/** The entry in the place after `head`. */
export function chained(head: ChainHead, entry: JournalEntry, salts: Salts): ChainedEntry {
  const sequence = head.sequence + 1;
  return { sequence, entry, salts, hash: hashOf(head, { sequence, entry, salts }) };
}

/** The entry with one value gone for good. What is left cannot be told from any other erased value of the same kind. */
export function erased(item: ChainedEntry, name: Erasable): ChainedEntry {
  const { [name]: salt, ...salts } = item.salts;
  const value = item.entry[name];
  if (typeof value !== 'string' || salt === undefined) return item;
  return { ...item, salts, entry: { ...item.entry, [name]: `erased:${sha256([salt, name, value])}` } };
}

/** Follows the chain from `head`. Answers where it ends, or the first entry that is not what it was. */
export function followChain(head: ChainHead, items: Iterable<ChainedEntry<object>>): ChainHead | ChainFault {
  let at = head;
  for (const item of items) {
    const { sequence, hash } = item;
    const due = at.sequence + 1;
    if (sequence > due) return { sequence: due, reason: `entry ${due} is missing` };
    if (sequence < due) return { sequence, reason: `entry ${sequence} is there twice, or out of its place` };
    if (hashOf(at, item) !== hash)
      return {
        sequence,
        reason: `entry ${sequence} is not what was written, or the one before it was changed`,
      };
    at = { sequence, hash };
  }
  return at;
}

function hashOf(head: ChainHead, { sequence, entry, salts }: Omit<ChainedEntry<object>, 'hash'>): string {
  const facts = Object.entries(entry)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, hidden(name, value, salts)])
    .toSorted(([one], [other]) => String(one).localeCompare(String(other), 'en'));
  return sha256([head.hash, sequence, facts]);
}

function hidden(name: string, value: unknown, salts: Salts): unknown {
  const erasable = ERASABLE.find((each) => each === name);
  if (erasable === undefined || typeof value !== 'string') return value;
  const salt = salts[erasable];
  if (salt !== undefined) return sha256([salt, name, value]);
  return ERASED.test(value) ? value.slice('erased:'.length) : value;
}

function sha256(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
