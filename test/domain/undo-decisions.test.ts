import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldKey } from '../../src/domain/link.ts';
import type { CreateChange, FieldChange } from '../../src/domain/run-change.ts';
import { undo, type UndoSides } from '../../src/domain/undo.ts';

const AT = '2026-01-01T00:00:00.000Z';
const HEAD = { runId: 'run', linkId: 'l', at: AT };
const BASE = { threat: { status: 'identified' }, issue: { status: 'open' }, mappingVersion: 1 };

/** The run wrote this field of the issue, from `a` to `b`. */
function wrote(field: FieldKey, more: Partial<FieldChange & { side: 'issue' }> = {}): FieldChange {
  return {
    ...HEAD,
    id: `of-${field}`,
    kind: 'field',
    side: 'issue',
    field,
    before: { threat: 'b', issue: 'a' },
    after: { threat: 'b', issue: 'b' },
    past: { threat: 'a', issue: 'a' },
    ...more,
  };
}

/** Both sides as the run left them, but for what a test is about. */
function sidesOf(field: FieldKey, more: Partial<UndoSides> = {}): UndoSides {
  const both = { [field]: 'b' };
  return {
    link: { state: 'linked', stateSince: AT, base: BASE },
    threat: both,
    issue: both,
    put: both,
    ops: [],
    ...more,
  };
}

/** Why nothing is taken back. */
function refusal(change: FieldChange | CreateChange, sides: UndoSides): [string, string] {
  const { steps, left } = undo('run', [change], sides);
  assert.deepEqual([steps.length, left.length], [0, 1]);
  return [left[0]?.code ?? '', left[0]?.message ?? ''];
}

function linkThatIs(state: UndoSides['link']['state']): Partial<UndoSides> {
  return { link: { state, stateSince: AT, base: BASE } };
}

describe('a change that is not taken back', () => {
  it('says that its link is gone or at rest', () => {
    const ended = 'The link was ended since the run, and nothing is written to its issue any more.';
    const atRest = 'The link is dormant now, and only a linked one is written to.';
    for (const [state, message] of [
      ['detached', ended],
      ['dormant', atRest],
    ] as const)
      assert.deepEqual(refusal(wrote('title'), sidesOf('title', linkThatIs(state))), [
        'link-not-linked',
        message,
      ]);
    const ends = wrote('status', { link: 'ends' });
    assert.equal(refusal(ends, sidesOf('status', linkThatIs('dormant')))[1], atRest);
    const revives = wrote('status', { link: 'revives' });
    assert.equal(refusal(revives, sidesOf('status', linkThatIs('detached')))[1], ended);
  });

  it('says that the field cannot be read, or is not ours any more', () => {
    const unreadable = refusal(wrote('block'), sidesOf('block', { issue: {} }));
    assert.deepEqual(unreadable, [
      'field-unreadable',
      'Our part of the text cannot be read in the issue now.',
    ]);
    const notOurs = (field: FieldKey, more: Partial<UndoSides>) =>
      assert.deepEqual(refusal(wrote(field), sidesOf(field, more)), [
        'field-not-ours',
        `By its settings, the integration does not set the ${field} any more.`,
      ]);
    notOurs('severity', { issue: {} });
    notOurs('priority', { put: {} });
    assert.equal(undo('run', [wrote('severity')], sidesOf('severity', { put: {} })).steps.length, 1);
    assert.equal(undo('run', [wrote('priority')], sidesOf('priority')).steps.length, 1);
  });

  it('says which side was changed since, and to what, but does not repeat a text', () => {
    const of = (field: FieldKey) => refusal(wrote(field), sidesOf(field, { issue: { [field]: null } }));
    assert.deepEqual(of('title'), [
      'issue-changed',
      'Since the run the title of the issue was changed: it says nothing, and the run left "b".',
    ]);
    assert.deepEqual(of('block'), [
      'issue-changed',
      'Since the run our part of the text of the issue was changed.',
    ]);
    const both = refusal(wrote('title'), sidesOf('title', { threat: {}, issue: { title: 'c' } }));
    assert.deepEqual(both, ['both-changed', 'Since the run the title was changed on both sides.']);
  });

  it('says that what was not there before cannot be removed, where that is so', () => {
    for (const [field, name] of [
      ['title', 'the title'],
      ['block', 'our part of the text'],
      ['priority', 'the priority'],
    ] as const) {
      const made = wrote(field, { before: { threat: 'b', issue: null } });
      const message = `There was no such thing before the run, and ${name} cannot be removed.`;
      assert.deepEqual(refusal(made, sidesOf(field)), ['cannot-be-removed', message]);
    }
    for (const field of ['severity', 'label:x', 'status'] as const) {
      const made = wrote(field, { before: { threat: 'b', issue: null } });
      assert.equal(undo('run', [made], sidesOf(field)).steps.length, 1, field);
    }
  });

  it('was undone already, and says by which run', () => {
    const message = 'It was undone already, by run later.';
    const again = undo('run', [wrote('title', { undoneBy: 'later' })], sidesOf('title'));
    assert.deepEqual(again, { steps: [], left: [{ field: 'title', code: 'undone-already', message }] });
    const created: CreateChange = {
      ...HEAD,
      id: 'c',
      kind: 'create',
      created: { threat: {}, issue: {} },
      undoneBy: 'later',
    };
    assert.equal(undo('run', [created], sidesOf('status')).left[0]?.field, 'status');
  });

  it('lies under a write to the other side, and says so', () => {
    const first = wrote('status', { id: '1' });
    const second: FieldChange = {
      ...HEAD,
      id: '2',
      kind: 'field',
      side: 'threat',
      field: 'status',
      before: { threat: 'mitigated', issue: 'b' },
      after: { threat: 'identified', issue: 'b' },
      past: {},
    };
    const now = { threat: { status: 'identified' }, issue: { status: 'b' } };
    const { steps, left } = undo('run', [first, second], sidesOf('status', now));
    assert.deepEqual(
      steps.map((step) => step.kind),
      ['pull'],
    );
    const message =
      "An earlier change of the status on the issue's side stays: the run wrote the other side after it.";
    assert.deepEqual(left, [{ field: 'status', code: 'written-over', message }]);
  });
});

/** Does the field wait after the undo of a change with this past? */
function holds(past: FieldChange['past'], put: string | undefined): boolean | undefined {
  const sides = sidesOf('title', { put: put === undefined ? {} : { title: put } });
  const [step] = undo('run', [wrote('title', { past })], sides).steps;
  return step?.kind === 'push' ? step.undo?.holds : undefined;
}

describe('a change that is taken back', () => {
  it('holds its field unless the next run would find both sides agreed', () => {
    assert.equal(holds({ threat: 'b', issue: 'a' }, 'a'), false);
    assert.equal(holds({ threat: 'a', issue: 'a' }, 'a'), true);
    assert.equal(holds({ threat: 'b', issue: 'b' }, 'a'), true);
    assert.equal(holds({ threat: 'b', issue: 'a' }, 'b'), true);
    assert.equal(holds({ threat: 'b', issue: 'a' }, undefined), true);
  });

  it('ends or revives the link again, and then holds nothing', () => {
    for (const [link, fate, state] of [
      ['ends', 'revives', 'detached'],
      ['revives', 'ends', 'linked'],
    ] as const) {
      const [step] = undo('run', [wrote('status', { link })], sidesOf('status', linkThatIs(state))).steps;
      const undoing = { runId: 'run', changes: ['of-status'], past: { threat: 'a', issue: 'a' } };
      const head = { kind: 'push', field: 'status', threat: 'b', from: 'b', to: 'a' };
      assert.deepEqual(step, { ...head, undo: { ...undoing, holds: false, link: fate } });
    }
  });
});

describe('an issue that the run has made', () => {
  const created: CreateChange = {
    ...HEAD,
    id: 'c',
    kind: 'create',
    created: { threat: { status: 'b', block: 't' }, issue: { status: 'b', block: 't' } },
  };
  const values = { status: 'b', block: 't' };
  const now = { threat: values, issue: values, put: values };

  it('is closed as not planned, and its link ends', () => {
    const undoing = { runId: 'run', changes: ['c'], holds: false, link: 'ends' };
    const head = { kind: 'push', field: 'status', threat: 'b', from: 'b', to: 'dropped' };
    const past = { threat: 'identified', issue: 'open' };
    const { steps } = undo('run', [created], sidesOf('status', now));
    assert.deepEqual(steps, [{ ...head, undo: { ...undoing, past } }]);
    const bare = undo(
      'run',
      [created],
      sidesOf('status', { ...now, link: { state: 'linked', stateSince: AT } }),
    );
    const none = { threat: null, issue: null };
    assert.deepEqual(bare.steps, [{ ...head, undo: { ...undoing, past: none } }]);
  });

  it('stays where its link is gone, its text cannot be read, or somebody was there', () => {
    const message = 'The link is dormant now, and only a linked one is written to.';
    const atRest = refusal(created, sidesOf('status', { ...now, ...linkThatIs('dormant') }));
    assert.deepEqual(atRest, ['link-not-linked', message]);
    const unreadable = refusal(created, sidesOf('status', { ...now, issue: { status: 'b' } }));
    const cannot = 'The issue stays open. Our part of its text cannot be read now.';
    assert.deepEqual(unreadable, ['field-unreadable', cannot]);
    const edited = refusal(created, sidesOf('status', { ...now, issue: { status: 'b', block: 'x' } }));
    const changed = 'The issue stays open. Since the run our part of the text of the issue was changed.';
    assert.deepEqual(edited, ['issue-changed', changed]);
    const moved = { ...now, threat: { status: 'x', block: 't' }, put: { status: 'x', block: 't' } };
    assert.equal(refusal(created, sidesOf('status', moved))[0], 'threat-changed');
    const asBefore = { ...now, threat: { status: 'x', block: 't' } };
    assert.equal(undo('run', [created], sidesOf('status', asBefore)).steps.length, 1);
  });
});
