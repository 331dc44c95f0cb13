import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FieldState, needsAnswer, threatOf } from '../../src/domain/link.ts';

const since = '2026-01-01T00:00:00.000Z';

describe('a link', () => {
  it('belongs to a threat, to a mitigation of it, or as a parent to neither', () => {
    const of = { threatId: 't', mitigationKey: 'm' };
    assert.deepEqual(threatOf({ ...of, role: 'threat' }), { threatId: 't' });
    assert.deepEqual(threatOf({ ...of, role: 'mitigation' }), of);
    assert.deepEqual(threatOf({ ...of, role: 'parent' }), {});
  });

  it('needs the word of a person where one field asks or waits to be verified, and not for a conflict', () => {
    const asks: FieldState = { kind: 'needs-answer', since, value: 'closed' };
    const awaits: FieldState = { kind: 'awaits-verification', since };
    const others: FieldState[] = [
      { kind: 'conflict', conflictId: 'c', since },
      { kind: 'released', since },
      { kind: 'edited', since },
    ];
    for (const state of [asks, awaits]) {
      assert.equal(needsAnswer({ fields: { status: state } }), true);
      assert.equal(needsAnswer({ fields: { title: { kind: 'edited', since }, status: state } }), true);
    }
    for (const state of others) assert.equal(needsAnswer({ fields: { status: state } }), false, state.kind);
    assert.equal(needsAnswer({ fields: {} }), false);
  });
});
