import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentHash } from '../../src/domain/identity.ts';
import { reimport } from '../../src/domain/reimport.ts';
import type { Mitigation, SourceThreat, Threat } from '../../src/domain/threat.ts';
import { incoming, known } from './rematch-samples.ts';

const LATER = '2026-02-02T00:00:00.000Z';
const SIGN: Mitigation = { key: 'm1', title: 'Sign it', status: 'proposed', shared: false };

/** The threat after its source was read again. */
function again(threat: Threat, now: Partial<SourceThreat> = {}) {
  return reimport(threat, incoming({ key: threat.key, ...now }), threat.key, LATER);
}

/** The threat with what a person has changed here since. */
function edited(threat: Threat, change: Partial<Threat>): Threat {
  const next = { ...threat, ...change };
  return { ...next, contentHash: contentHash(next) };
}

describe('what the source says of a threat', () => {
  it('is remembered beside the threat: its status in both words, its mitigations and its terms', () => {
    const acceptance = { owner: 'Ada' };
    const { imported } = known({ key: 'a', status: 'accepted', acceptance, mitigations: [SIGN] });
    const { contentHash: hash, ...said } = imported;
    assert.deepEqual(said, {
      status: 'accepted',
      rawStatus: 'Open',
      mitigations: { m1: 'proposed' },
      acceptance,
    });
    assert.equal(hash, contentHash(incoming({ key: 'a', mitigations: [SIGN] })));
  });

  it('is remembered without what it does not say', () => {
    const { imported } = known({ key: 'a', raw: {} });
    assert.deepEqual(Object.keys(imported).toSorted(), ['contentHash', 'status']);
  });

  it('is followed in silence where nobody is told: score, references and tags', () => {
    const first = known({ key: 'a', score: 5, references: ['CWE-1'], tags: ['old'] });
    const next = again(first, { score: 7, references: ['CWE-2'], tags: ['new'] });
    assert.deepEqual([next.threat.score, next.threat.references, next.threat.tags], [7, ['CWE-2'], ['new']]);
    assert.deepEqual([next.differs, next.changes], [true, []]);
    const gone = again(next.threat, { displayRef: '#1' }).threat;
    assert.ok(!('score' in gone));
    assert.ok(!('displayRef' in again(gone).threat));
  });

  it('is not told again when only its layout changed', () => {
    const { threat, changes } = again(known({ key: 'a', title: 'Forged  callback' }), {
      title: 'Forged callback',
    });
    assert.deepEqual(changes, []);
    assert.equal(threat.title, 'Forged  callback', 'the source says what it said');
  });

  it('is the same in another order of its members', () => {
    const first = known({ key: 'a', element: { id: 'e', name: 'API', kind: 'process' } });
    assert.equal(again(first, { element: { kind: 'process', name: 'API', id: 'e' } }).differs, false);
  });

  it('keeps a justification that it no longer repeats, and follows another one', () => {
    const first = known({ key: 'a', justification: 'Nobody calls it.' });
    assert.equal(again(first).threat.justification, 'Nobody calls it.');
    assert.equal(again(first, { justification: 'It is gone.' }).threat.justification, 'It is gone.');
    assert.ok(!('justification' in again(known({ key: 'a' })).threat));
  });

  it('moves an element in silence while it says the same, and is told when it names another', () => {
    const first = known({ key: 'a' });
    const moved = { id: 'cell-9', name: 'Payments API', kind: 'process' };
    const redrawn = again(first, { element: moved });
    assert.deepEqual([redrawn.threat.element, redrawn.changes], [moved, []]);
    const other = again(first, { element: { ...moved, name: 'Ledger' } });
    assert.deepEqual(
      other.changes.map(({ field }) => field),
      ['element'],
    );
  });

  it('takes its element away, but not one that a person has named here', () => {
    const { element: _, ...nowhere } = incoming({ key: 'a' });
    const gone = reimport(known({ key: 'a' }), nowhere, 'a', LATER);
    assert.ok(!('element' in gone.threat));
    assert.equal(gone.changes[0]?.after, null);
    const named = { id: '', name: 'Ledger', kind: 'store' };
    const ours = edited(gone.threat, { element: named });
    assert.deepEqual(reimport(ours, nowhere, 'a', LATER).threat.element, named);
  });
});

describe('the status of a mitigation', () => {
  const first = known({ key: 'a', mitigations: [SIGN] });
  const done = edited(first, { mitigations: [{ ...SIGN, status: 'done' }] });

  it('stays as people settled it while the source says of it what it said', () => {
    const { threat } = again(done, { title: 'New words', mitigations: [SIGN] });
    assert.deepEqual(threat.mitigations, [{ ...SIGN, status: 'done' }]);
  });

  it('is what the source says where that is new', () => {
    const { threat } = again(done, { mitigations: [{ ...SIGN, status: 'rejected' }] });
    assert.equal(threat.mitigations[0]?.status, 'rejected');
  });

  it('is what the source says of a mitigation that nobody knew', () => {
    const pin: Mitigation = { key: 'm2', title: 'Pin it', status: 'in-progress', shared: false };
    assert.deepEqual(again(known({ key: 'a' }), { mitigations: [pin] }).threat.mitigations, [pin]);
  });
});
