import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chained, chainStart, erased, erasableIn, followChain } from '../../src/domain/audit.ts';
import type { ChainedEntry } from '../../src/domain/audit.ts';
import type { JournalEntry } from '../../src/domain/event.ts';

const START = chainStart('acme');

function chainOf(entries: readonly JournalEntry[]): ChainedEntry[] {
  const items: ChainedEntry[] = [];
  for (const [place, entry] of entries.entries()) {
    const salts = Object.fromEntries(erasableIn(entry).map((name) => [name, `salt-${place}-${name}`]));
    items.push(chained(items.at(-1) ?? START, entry, salts));
  }
  return items;
}

const entries: readonly JournalEntry[] = [
  { at: '2026-01-05T08:00:00.000Z', actor: 'ann', action: 'integration-created', after: '{"name":"x"}' },
  { at: '2026-01-05T08:01:00.000Z', actor: 'sync', action: 'issue-created', linkId: 'l1' },
  {
    at: '2026-01-05T08:02:00.000Z',
    actor: 'bob',
    action: 'threat-status-set',
    before: 'open',
    after: 'accepted',
  },
];
const items = chainOf(entries);

/** The items with the one in this place changed. */
const withAt = (place: number, change: (item: ChainedEntry) => ChainedEntry): ChainedEntry[] =>
  items.map((item, index) => (index === place ? change(item) : item));

describe('the chain of the audit log', () => {
  it('holds for what was written, whole or from a place on', () => {
    const last = items.at(-1);
    assert.deepEqual(followChain(START, items), { sequence: 3, hash: last?.hash });
    assert.deepEqual(followChain({ sequence: 1, hash: items[0]?.hash ?? '' }, items.slice(1)), {
      sequence: 3,
      hash: last?.hash,
    });
    assert.deepEqual(followChain(START, []), START);
  });

  it('does not care in which order an entry names its facts', () => {
    const turned = withAt(2, (item) => ({
      ...item,
      entry: {
        after: 'accepted',
        before: 'open',
        action: 'threat-status-set',
        actor: 'bob',
        at: item.entry.at,
      },
    }));
    assert.equal(followChain(START, turned).sequence, 3);
    assert.ok(!('reason' in followChain(START, turned)));
  });

  for (const [what, broken, sequence, reason] of [
    [
      'a value was changed',
      withAt(1, (item) => ({ ...item, entry: { ...item.entry, linkId: 'l2' } })),
      2,
      /not what was written/,
    ],
    [
      'a person was replaced',
      withAt(0, (item) => ({ ...item, entry: { ...item.entry, actor: 'eve' } })),
      1,
      /not what was written/,
    ],
    [
      'a fact was added',
      withAt(0, (item) => ({ ...item, entry: { ...item.entry, note: 'x' } })),
      1,
      /not what was written/,
    ],
    [
      'facts were exchanged',
      withAt(2, (item) => ({ ...item, entry: { ...entries[1], ...item.entry, before: null } })),
      3,
      /not what was written/,
    ],
    ['an entry was taken out', [items[0], items[2]], 2, /entry 2 is missing/],
    ['the first was taken out', items.slice(1), 1, /entry 1 is missing/],
    ['an entry is there twice', [items[0], items[0]], 1, /twice/],
    [
      'an entry and its hash were made anew',
      withAt(1, (item) => chained(items[0] ?? START, { ...item.entry, linkId: 'l2' }, item.salts)),
      3,
      /the one before it was changed/,
    ],
    [
      'it is of another tenant',
      chainOf([]).concat(
        chained(chainStart('other'), { at: 'x', actor: 'ann', action: 'model-deleted' }, {}),
      ),
      1,
      /not what was written/,
    ],
  ] as const)
    it(`breaks where ${what}`, () => {
      const present: readonly (ChainedEntry | undefined)[] = broken;
      const end = followChain(
        START,
        present.filter((item) => item !== undefined),
      );
      assert.equal(end.sequence, sequence);
      assert.match('reason' in end ? end.reason : '', reason);
    });

  it('holds when a person was erased, of whom nothing is left', () => {
    const without = withAt(2, (item) => erased(erased(item, 'actor'), 'actor'));
    assert.ok(!('reason' in followChain(START, without)));
    const gone = without[2];
    assert.match(gone?.entry.actor ?? '', /^erased:[0-9a-f]{64}$/);
    assert.ok(!JSON.stringify(gone).includes('bob') && gone?.salts.actor === undefined);
    const forged = without.map((item) => ({
      ...item,
      entry: { ...item.entry, actor: `erased:${'0'.repeat(64)}` },
    }));
    assert.ok('reason' in followChain(START, forged));
  });
});
