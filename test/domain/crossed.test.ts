import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterCrossing, crossedBy, fingerprintOf } from '../../src/domain/crossed.ts';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { PastChange, StatusCategory } from '../../src/domain/issue.ts';
import type { FieldValues, Op } from '../../src/domain/link.ts';

const SEEN_AT = '2026-11-22T10:00:00.000Z';
const LATER = '2026-11-22T10:00:05.000Z';
const READER = {
  mapping: DEFAULT_MAPPING,
  accountIds: ['bot'],
  labels: [],
  canonTitle: (text: string) => text.trim(),
};

function opOf(issue: FieldValues, from: FieldValues, payload: Partial<Op['payload']> = {}): Op {
  return {
    id: 'op',
    linkId: 'l',
    integrationId: 'i',
    kind: 'update',
    runId: 'r',
    epoch: 1,
    payload: {
      threat: { title: 'T', status: 'mitigated' },
      issue,
      from,
      mark: 'm',
      seen: { version: '7', updatedAt: SEEN_AT, text: fingerprintOf('seen') },
      ...payload,
    },
    state: 'open',
    absences: 0,
    createdAt: SEEN_AT,
  };
}

const title = (by: string, to: string | undefined, at = SEEN_AT): PastChange => ({
  field: 'title',
  by,
  at,
  ...(to === undefined ? {} : { to }),
});
const status = (by: string, category: StatusCategory): PastChange => ({
  field: 'status',
  by,
  at: LATER,
  to: { category, id: category },
});
const text = (by: string, at: string, told: { to?: string; words?: string } = {}): PastChange => ({
  field: 'text',
  by,
  at,
  ...told,
});

const RENAME = opOf({ title: 'ours' }, { title: 'seen' });

function lost(op: Op, history: readonly PastChange[]): (string | undefined)[] {
  return [...crossedBy(op, history, READER).values()].map(({ value }) => value);
}

describe('a write that went over somebody', () => {
  it('is told by what stands right before it, in the same second as well', () => {
    assert.deepEqual(lost(RENAME, [title('mona', 'theirs'), title('bot', 'ours')]), ['theirs']);
    assert.deepEqual(lost(RENAME, [title('mona', 'one'), title('ivy', 'two'), title('bot', 'ours')]), [
      'two',
    ]);
    assert.deepEqual(lost(RENAME, [title('mona', undefined, LATER), title('bot', 'ours', LATER)]), [
      undefined,
    ]);
  });

  it('is none where what stands before was seen, taken back, the same, or our own', () => {
    assert.deepEqual(lost(RENAME, [title('mona', 'seen'), title('bot', 'ours')]), []);
    assert.deepEqual(lost(RENAME, [title('mona', 'x'), title('mona', 'seen'), title('bot', 'ours')]), []);
    assert.deepEqual(lost(RENAME, [title('mona', 'ours'), title('bot', 'ours')]), []);
    assert.deepEqual(lost(RENAME, [title('bot', 'older'), title('bot', 'ours')]), []);
    assert.deepEqual(lost(RENAME, [title('mona', 'x'), title('bot', 'seen'), title('bot', 'ours')]), []);
  });

  it('is none where the write has not arrived, or somebody came after it', () => {
    assert.deepEqual(lost(RENAME, [title('mona', 'theirs')]), []);
    assert.deepEqual(lost(RENAME, [title('bot', 'ours'), title('mona', 'theirs')]), []);
  });

  it('of a status is told by its category or id', () => {
    const close = opOf({ status: 'mitigated' }, { status: 'open' });
    assert.deepEqual(lost(close, [status('mona', 'active'), status('bot', 'done')]), ['mitigating']);
    assert.deepEqual(
      lost(close, [status('mona', 'done'), status('mona', 'open'), status('bot', 'done')]),
      [],
    );
    assert.deepEqual(lost(close, [status('mona', 'dropped'), status('bot', 'done')]), []);
  });

  it('of a text is told by its fingerprint, and without words by the time', () => {
    const write = opOf({ block: 'ours' }, { block: 'was' });
    const ours = text('bot', LATER, { to: 'all of ours' });
    assert.deepEqual(lost(write, [text('mona', SEEN_AT, { to: 'theirs' }), ours]), ['theirs']);
    assert.deepEqual(lost(write, [text('mona', SEEN_AT, { to: 'seen\r\n' }), ours]), []);
    assert.deepEqual(lost(write, [text('mona', SEEN_AT), text('bot', LATER)]), []);
    assert.deepEqual(lost(write, [text('mona', LATER, { words: 'read' }), text('bot', LATER)]), ['read']);
  });
});

const sides = (policy: 'ask' | 'threat' | 'issue', shown = 'ours') => ({
  threat: { title: 'T' },
  issue: { title: shown },
  put: { title: 'ours' },
  mapping: { policies: { status: policy, title: policy, block: policy } },
  crossed: crossedBy(
    opOf({ title: 'ours' }, { title: 'seen' }, { past: { title: { threat: 'before', issue: 'seen' } } }),
    [title('mona', 'theirs'), title('bot', 'ours')],
    READER,
  ),
});

describe('after a crossing', () => {
  it('the edit is put back with the past of the write, unless the threat wins', () => {
    for (const policy of ['ask', 'issue'] as const) {
      const step = afterCrossing('title', sides(policy));
      assert.deepEqual(step?.kind === 'push' && [step.from, step.to, step.undo?.past], [
        'ours',
        'theirs',
        { threat: 'before', issue: 'seen' },
      ]);
    }
    const kept = afterCrossing('title', sides('threat'));
    assert.deepEqual(kept?.kind === 'agree' && [kept.issue, kept.over?.issue, kept.over?.wonBy], [
      'ours',
      'theirs',
      'threat',
    ]);
  });

  it('nothing is done where somebody has changed it since', () => {
    assert.equal(afterCrossing('title', sides('ask', 'newer')), undefined);
  });
});
