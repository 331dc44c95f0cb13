import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MITIGATION_STATUSES } from '../../src/domain/threat.ts';
import type { MitigationStatus } from '../../src/domain/threat.ts';
import { threatComposer } from '../../src/sources/threat-composer/index.ts';
import { bytesOf, parse, textOf } from './samples.ts';

const ID = '0d1f2a9e-52f4-4d55-9c11-0c5b8d7f1a10';
const WORKSPACE = JSON.stringify(
  {
    schema: 1,
    applicationInfo: { name: 'Portal' },
    threats: [{ id: ID, numericId: 7, status: 'threatIdentified' }],
    mitigations: [
      { id: 'm1', content: 'One', status: 'mitigationIdentified' },
      { id: 'm2', content: 'Two' },
      { id: 'm3', content: 'Three', status: 'mitigationResolved' },
    ],
    mitigationLinks: ['m1', 'm2', 'm3'].map((mitigationId) => ({ mitigationId, linkedId: ID })),
  },
  null,
  2,
);
const SAME = { m1: 'proposed', m2: 'proposed', m3: 'done' } as const;

function statuses(bytes: Uint8Array) {
  return parse(bytes).threats[0]?.mitigations.map(({ status }) => status);
}

function written(mitigations: Record<string, MitigationStatus>, from: Uint8Array = bytesOf(WORKSPACE)) {
  return threatComposer.patch(from, [{ key: ID, status: 'identified', mitigations }]).bytes;
}

describe('writing mitigations of Threat Composer', () => {
  it('changes nothing where their statuses are what they were, or have no word', () => {
    assert.equal(textOf(written(SAME)), WORKSPACE);
    assert.equal(textOf(written({ m1: 'unknown' })), WORKSPACE);
  });

  it('writes each once, notes what was verified, and reads it back', () => {
    const known = MITIGATION_STATUSES.filter((each) => each !== 'unknown');
    for (const m1 of known)
      for (const m3 of known) {
        const wanted = { m1, m2: 'in-progress', m3 } as const;
        const once = written(wanted);
        assert.deepEqual(statuses(once), [m1, 'in-progress', m3]);
        assert.equal(textOf(written(wanted, once)), textOf(once), 'written only once');
        assert.deepEqual(statuses(written(SAME, once)), ['proposed', 'proposed', 'done']);
      }
  });
});
