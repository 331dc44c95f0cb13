import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromGiven, type GivenThreat, termsOf } from '../../src/domain/canonical.ts';

const LEAST: GivenThreat = {
  key: 'k',
  title: 'Forged callback',
  description: 'Somebody forges it.',
  status: 'identified',
  severity: 'high',
  category: { taxonomy: 'STRIDE', values: ['Spoofing'] },
  mitigations: [],
  references: ['CWE-345'],
  tags: ['payments'],
};
const RAW = { raw: { status: 'identified', severity: 'high' } };

describe('a threat in our own words', () => {
  it('arrives as it was given, with what it says kept beside it', () => {
    const given: GivenThreat = {
      ...LEAST,
      displayRef: '#3',
      score: 7.5,
      element: { id: 'e', name: 'API', kind: 'process', diagram: 'Main', outOfScope: true },
      mitigations: [{ key: 'm', title: 'Sign', description: 'With a key.', status: 'done', shared: true }],
      justification: 'Nobody calls it.',
      acceptance: { owner: 'Ada', reason: 'behind the VPN', expiresAt: '2026-06-01' },
    };
    assert.deepEqual(fromGiven(given), { ...given, ...RAW });
  });

  it('has no member that was left out or is undefined', () => {
    assert.deepEqual(fromGiven(LEAST), { ...LEAST, ...RAW });
    const missing = {
      ...LEAST,
      displayRef: undefined,
      score: undefined,
      element: undefined,
      justification: undefined,
      acceptance: undefined,
    };
    assert.deepEqual(fromGiven(missing), { ...LEAST, ...RAW });
  });

  it('keeps no undefined member of its element and its mitigations', () => {
    const element = { id: 'e', name: 'API', kind: 'process' };
    const mitigation = { key: 'm', title: 'Sign', status: 'proposed', shared: false } as const;
    const given: GivenThreat = {
      ...LEAST,
      element: { ...element, diagram: undefined, outOfScope: undefined },
      mitigations: [{ ...mitigation, description: undefined }],
    };
    assert.deepEqual(fromGiven(given), { ...LEAST, element, mitigations: [mitigation], ...RAW });
  });

  it('keeps a score of nothing and an element in scope, which say something', () => {
    const element = { id: 'e', name: 'API', kind: 'process', outOfScope: false };
    assert.deepEqual(fromGiven({ ...LEAST, score: 0, element }), { ...LEAST, score: 0, element, ...RAW });
  });
});

describe('the terms of an acceptance', () => {
  it('are those that were given', () => {
    assert.deepEqual(termsOf({ owner: undefined, reason: undefined, expiresAt: undefined }), {});
    assert.deepEqual(termsOf({ owner: 'Ada', reason: undefined }), { owner: 'Ada' });
    assert.deepEqual(termsOf({ reason: 'behind the VPN' }), { reason: 'behind the VPN' });
    assert.deepEqual(termsOf({ expiresAt: '2026-06-01' }), { expiresAt: '2026-06-01' });
  });
});
