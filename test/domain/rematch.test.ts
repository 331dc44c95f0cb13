import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { heldBecause, looksLike } from '../../src/domain/import-guard.ts';
import { rematch, rematchByKey } from '../../src/domain/rematch.ts';
import type { Rematch } from '../../src/domain/rematch.ts';
import type { SourceThreat } from '../../src/domain/threat.ts';
import { copyOf, incoming, known } from './rematch-samples.ts';

/** What became of whom, by key. */
function summary(found: Rematch): Record<string, string[]> {
  return {
    kept: found.kept.map(pairOf),
    renamed: found.renamed.map(pairOf),
    returned: found.returned.map(pairOf),
    fresh: found.fresh.map((each) => each.key),
    gone: found.gone.map((each) => each.key),
  };
}
function pairOf({ known: one, incoming: other, key }: Rematch['kept'][number]): string {
  return `${one.key}>${other.key}=${key}`;
}
const NOTHING = { kept: [], renamed: [], returned: [], fresh: [], gone: [] };

describe('rematch', () => {
  it('recognises a threat by its key, whatever else changed', () => {
    const found = rematch([known({ key: 'a' })], [incoming({ key: 'a', title: 'Quite another title' })]);
    assert.deepEqual(summary(found), { ...NOTHING, kept: ['a>a=a'] });
  });

  it('recognises a threat with a new key by element, title and category, and takes the new key', () => {
    const found = rematch([known({ key: 'a', title: 'Same' })], [incoming({ key: 'b', title: 'same ' })]);
    assert.deepEqual(summary(found), { ...NOTHING, kept: ['a>b=b'] });
  });

  it('reports a similar title in the same place as renamed', () => {
    const before = known({ key: 'a', title: 'Forged callback marks an order as payed' });
    const after = incoming({ key: 'b', title: 'Forged callback marks an order as paid' });
    assert.deepEqual(summary(rematch([before], [after])), { ...NOTHING, renamed: ['a>b=b'] });
    const elsewhere = { ...after, element: { id: 'cell-2', name: 'Ledger', kind: 'store' } };
    assert.deepEqual(summary(rematch([before], [elsewhere])), { ...NOTHING, fresh: ['b'], gone: ['a'] });
  });

  it('never guesses between two candidates', () => {
    const title = 'Same title';
    const twoNew = rematch(
      [known({ key: 'a', title })],
      [incoming({ key: 'b', title }), incoming({ key: 'c', title })],
    );
    assert.deepEqual(summary(twoNew), { ...NOTHING, fresh: ['b', 'c'], gone: ['a'] });
    const twoOld = rematch(
      [known({ key: 'a', title }), known({ key: 'b', title })],
      [incoming({ key: 'c', title })],
    );
    assert.deepEqual(summary(twoOld), { ...NOTHING, fresh: ['c'], gone: ['a', 'b'] });
  });

  it('knows a missing threat again when it comes back', () => {
    const found = rematch([known({ key: 'a' }, { presence: 'missing' })], [incoming({ key: 'a' })]);
    assert.deepEqual(summary(found), { ...NOTHING, returned: ['a>a=a'] });
  });

  it('does not lose a missing threat a second time', () => {
    assert.deepEqual(summary(rematch([known({ key: 'a' }, { presence: 'missing' })], [])), NOTHING);
  });

  it('leaves the key to the threat that was there when a copy repeats its id, wherever the copy stands in the file', () => {
    const original = known({
      key: 'x',
      title: 'Threat x',
      element: { id: 'cell-1', name: 'One', kind: 'process' },
    });
    const files = [
      [copyOf('x', 'cell-1'), copyOf('x', 'cell-2')],
      [copyOf('x', 'cell-2'), copyOf('x', 'cell-1')],
    ];
    for (const file of files)
      assert.deepEqual(summary(rematch([original], file)), {
        ...NOTHING,
        kept: ['x>x#cell-1#0=x'],
        fresh: ['x#cell-2#0'],
      });
  });

  it('leaves the key in its element even when the original was edited and its copy was not', () => {
    const original = known({
      key: 'x',
      title: 'Threat x',
      element: { id: 'cell-1', name: 'One', kind: 'process' },
    });
    const found = rematch(
      [original],
      [
        copyOf('x', 'cell-2'),
        copyOf('x', 'cell-1', {
          title: 'Edited words',
          element: { id: 'cell-1', name: 'One', kind: 'process' },
        }),
      ],
    );
    assert.deepEqual(summary(found), { ...NOTHING, kept: ['x>x#cell-1#0=x'], fresh: ['x#cell-2#0'] });
  });

  it('keeps a copy under its long key when the original is deleted', () => {
    const original = known({ key: 'x', element: { id: 'cell-1', name: 'One', kind: 'process' } });
    const { key: longKey, ...copy } = copyOf('x', 'cell-2');
    const found = rematch([original, known({ ...copy, key: longKey })], [{ ...copy, key: 'x' }]);
    assert.deepEqual(summary(found), { ...NOTHING, kept: ['x#cell-2#0>x=x#cell-2#0'], gone: ['x'] });
  });

  it('takes the copy that still says the same for the original within one element', () => {
    const original = known({ key: 'x', title: 'Old words' });
    const element = original.element;
    assert.ok(element);
    const changed: SourceThreat = { ...copyOf('x', 'cell-1', { title: 'New words' }), element };
    const same: SourceThreat = {
      ...changed,
      key: 'x#cell-1#1',
      copy: { id: 'x', key: 'x#cell-1#1' },
      title: 'Old words',
    };
    const found = rematchByKey([original], [changed, same]);
    assert.deepEqual(
      found.map((each) => each.incoming.title),
      ['Old words'],
    );
  });

  it('gives every incoming threat one place, and every known one at most one', () => {
    const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
    const titles = fc.constantFrom('Forged callback', 'Forged callbacks', 'Replay');
    const threats = keys.chain((each) =>
      fc.tuple(...each.map((key) => fc.record({ key: fc.constant(key), title: titles }))),
    );
    fc.assert(
      fc.property(threats, threats, (before, after) => {
        const ours = before.map((each) => known(each));
        const found = rematch(ours, after.map(incoming));
        const matched = [...found.kept, ...found.renamed, ...found.returned];
        const placed = [...matched.map((each) => each.incoming.key), ...found.fresh.map((each) => each.key)];
        assert.deepEqual(placed.toSorted(), after.map((each) => each.key).toSorted());
        const used = [...matched.map((each) => each.known.key), ...found.gone.map((each) => each.key)];
        assert.deepEqual(used.toSorted(), ours.map((each) => each.key).toSorted());
      }),
    );
  });

  it('finds nothing new in the same file, in any order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 })),
        fc.infiniteStream(fc.nat()),
        (keys, chance) => {
          const order = keys
            .map((key) => ({ key, at: chance.next().value ?? 0 }))
            .toSorted((one, other) => one.at - other.at);
          const found = rematch(
            keys.map((key) => known({ key })),
            order.map(({ key }) => incoming({ key })),
          );
          assert.equal(found.kept.length, keys.length);
          assert.deepEqual({ ...summary(found), kept: [] }, NOTHING);
        },
      ),
    );
  });

  it('does not compare titles by the million', () => {
    const many = Array.from({ length: 1000 }, (_, index) => index);
    const found = rematch(
      many.map((index) => known({ key: `old-${index}`, title: `Old ${index}` })),
      many.map((index) => incoming({ key: `new-${index}`, title: `Old ${index + 5000}` })),
    );
    assert.equal(found.fresh.length, 1000);
  });
});

describe('the import guard', () => {
  it('holds an import that loses more than 30 % and more than five threats', () => {
    assert.equal(heldBecause(20, 6, 14), undefined);
    assert.match(heldBecause(19, 6, 13) ?? '', /6 of 19 threats/);
    assert.equal(heldBecause(6, 5, 1), undefined);
  });

  it('holds an import of nothing where there was something', () => {
    assert.match(heldBecause(1, 1, 0) ?? '', /holds no threat/);
    assert.equal(heldBecause(0, 0, 0), undefined);
  });

  it('takes a file for another model when it shares more than 30 % of its threats', () => {
    assert.equal(looksLike(3, 10), false);
    assert.equal(looksLike(4, 10), true);
    assert.equal(looksLike(0, 0), false);
  });
});
