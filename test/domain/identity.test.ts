import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { contentHash, fileHash, fingerprint, normalise, uuidOf } from '../../src/domain/identity.ts';
import { similarity } from '../../src/domain/similarity.ts';
import { MITIGATION_STATUSES, SEVERITIES } from '../../src/domain/threat.ts';
import type { ThreatContent } from '../../src/domain/threat.ts';
import { incoming } from './rematch-samples.ts';

const text = fc.string({ unit: 'grapheme' });
const mitigation = fc.record({
  key: fc.string(),
  title: text,
  status: fc.constantFrom(...MITIGATION_STATUSES),
  shared: fc.boolean(),
});
const content: fc.Arbitrary<ThreatContent> = fc.record({
  key: fc.string({ minLength: 1 }),
  title: text,
  description: text,
  severity: fc.constantFrom(...SEVERITIES),
  category: fc.record({ taxonomy: text, values: fc.array(text) }),
  element: fc.record({ id: fc.string(), name: text, kind: text }),
  mitigations: fc.array(mitigation),
  references: fc.array(fc.string()),
  tags: fc.array(fc.string()),
});
const space = fc.constantFrom(' ', '\n', '\t', '\r\n', '  ', '\u00a0');

/** The same text with other white space around and between its words. */
function spacedOut(words: string, gap: string): string {
  return gap + words.replace(/\s+/gu, gap) + gap;
}

describe('normalise', () => {
  it('gives texts that people would call the same one spelling', () => {
    assert.equal(normalise('  Caf\u0065\u0301\n\tMENU '), 'café menu');
  });

  it('changes nothing when repeated', () => {
    fc.assert(fc.property(text, (words) => assert.equal(normalise(normalise(words)), normalise(words))));
  });
});

describe('contentHash', () => {
  it('does not see layout, order, keys, numbers, tags or where a diagram drew the element', () => {
    fc.assert(
      fc.property(content, space, (threat, gap) => {
        const shuffled: ThreatContent = {
          ...threat,
          key: 'another',
          displayRef: '#12',
          score: 7,
          title: spacedOut(threat.title, gap),
          description: spacedOut(threat.description, gap),
          category: { ...threat.category, values: threat.category.values.toReversed() },
          ...(threat.element && {
            element: { ...threat.element, id: 'moved', diagram: 'Other', outOfScope: true },
          }),
          mitigations: threat.mitigations
            .map((each) => ({ ...each, key: 'k', shared: !each.shared }))
            .toReversed(),
          references: [],
          tags: ['tag'],
        };
        assert.equal(contentHash(shuffled), contentHash(threat));
      }),
    );
  });

  it('sees every field that people read', () => {
    const threat = incoming({ key: 'a' });
    const edits: Partial<ThreatContent>[] = [
      { title: 'Other' },
      { title: threat.title.toUpperCase() },
      { description: 'Other' },
      { severity: 'low' },
      { category: { taxonomy: 'STRIDE', values: ['Spoofing'] } },
      { category: { taxonomy: 'CIA', values: ['Tampering'] } },
      { element: { id: 'cell-1', name: 'Other', kind: 'process' } },
      { element: { id: 'cell-1', name: 'Payments API', kind: 'store' } },
      { mitigations: [{ key: '1', title: 'Sign it', status: 'proposed', shared: false }] },
      { mitigations: [{ key: '1', title: 'Sign it', status: 'done', shared: false }] },
      { mitigations: [{ key: '1', title: 'Sign it', description: 'How', status: 'done', shared: false }] },
    ];
    const hashes = [threat, ...edits.map((edit) => ({ ...threat, ...edit }))].map(contentHash);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('does not see the status, which has a rule of its own', () => {
    assert.equal(
      contentHash(incoming({ key: 'a', status: 'mitigated' })),
      contentHash(incoming({ key: 'a' })),
    );
  });
});

describe('fingerprint', () => {
  it('survives a new key, another letter case and a rewritten description', () => {
    const one = incoming({ key: 'a', title: 'Forged  callback' });
    const other = incoming({ key: 'b', title: 'forged callback', description: 'New words', severity: 'low' });
    assert.equal(fingerprint(one), fingerprint(other));
  });

  it('differs between elements and between categories', () => {
    const one = incoming({ key: 'a' });
    const elsewhere = { ...one, element: { id: 'cell-2', name: 'Payments API', kind: 'process' } };
    const otherwise = { ...one, category: { taxonomy: 'STRIDE', values: ['Spoofing'] } };
    assert.equal(new Set([one, elsewhere, otherwise].map(fingerprint)).size, 3);
  });

  it('takes the name of an element that has no id', () => {
    const one = incoming({ key: 'a', element: { id: '', name: 'Ledger', kind: 'store' } });
    const other = incoming({ key: 'a', element: { id: '', name: 'Queue', kind: 'store' } });
    assert.notEqual(fingerprint(one), fingerprint(other));
  });
});

describe('fileHash', () => {
  it('is the SHA-256 of the bytes', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    assert.equal(fileHash(new Uint8Array()), empty);
  });
});

describe('similarity', () => {
  it('is symmetric, between 0 and 1, and 1 for equal texts', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const value = similarity(one, other);
        assert.equal(value, similarity(other, one));
        assert.ok(value >= 0 && value <= 1);
        assert.equal(similarity(one, one), 1);
      }),
    );
  });

  it('is the share of letter pairs in common, each counted as often as both have it', () => {
    assert.equal(similarity('night', 'nacht'), 0.25);
    assert.equal(similarity('ab', 'abc'), 2 / 3);
    assert.equal(similarity('abc', 'ab'), 2 / 3);
    assert.equal(similarity('aaaa', 'aa'), 0.5);
    assert.equal(similarity('aaaa', 'aaa'), 0.8);
  });

  it('is 0 where a title is too short for a pair', () => {
    assert.deepEqual([similarity('a', 'ab'), similarity('ab', 'a'), similarity('', 'a')], [0, 0, 0]);
  });

  it('calls a corrected title similar and another title not', () => {
    assert.ok(
      similarity('Forged callback marks an order as payed', 'Forged callback marks an order as paid') >= 0.85,
    );
    assert.ok(similarity('Forged callback marks an order as paid', 'Payment request is replayed') < 0.5);
  });
});

describe('uuidOf', () => {
  it('keeps a UUID and makes any other id always the same one', () => {
    assert.equal(uuidOf('0F8FAD5B-d9cb-469f-a165-70867728950e'), '0f8fad5b-d9cb-469f-a165-70867728950e');
    assert.match(uuidOf('model-42'), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(uuidOf('model-42'), uuidOf('model-42'));
    assert.notEqual(uuidOf('model-42'), uuidOf('model-43'));
  });

  it('does not keep a UUID with something before or after it', () => {
    const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
    for (const longer of [`x${id}`, `${id}0`]) {
      assert.equal(uuidOf(longer).length, id.length);
      assert.notEqual(uuidOf(longer), id);
    }
  });
});
