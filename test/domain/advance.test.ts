import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance } from '../../src/domain/advance.ts';
import type { FieldState, Link } from '../../src/domain/link.ts';
import type { Step } from '../../src/domain/plan.ts';
import type { Undoing } from '../../src/domain/undoing.ts';

const BEFORE = '2026-01-01T00:00:00.000Z';
const NOW = '2026-03-01T00:00:00.000Z';
const CONFLICT: FieldState = { kind: 'conflict', conflictId: 'c', since: BEFORE };
const LINK: Link = {
  id: 'l',
  integrationId: 'i',
  threatId: 't',
  role: 'threat',
  mitigationKey: '',
  state: 'linked',
  stateSince: BEFORE,
  base: {
    threat: { status: 'identified', title: 'Old' },
    issue: { status: 'open', title: 'Old' },
    mappingVersion: 1,
  },
  fields: {},
  lastOpenStatus: 'in-progress',
  closedByUs: false,
  failures: 0,
  version: 1,
  createdAt: BEFORE,
};
const { base: _, ...BARE } = LINK;

/** The link after one step, recorded now and with another mapping. */
function after(step: Step, link: Link = LINK): Link {
  return advance(link, [step], { at: NOW, mappingVersion: 2, conflictIds: new Map([['status', 'c']]) });
}

/** What the baselines say of the status. */
function bases({ base }: Link) {
  return [base?.threat.status, base?.issue.status];
}

/** The link of a threat that had this status when both sides last agreed. */
function since(status: string): Link {
  return { ...LINK, base: { threat: { status }, issue: {}, mappingVersion: 1 } };
}

function withState(state: FieldState): Link {
  return { ...LINK, fields: { status: state } };
}

describe('recording what was done', () => {
  it('leaves everything as it is where nothing was done', () => {
    const context = { at: NOW, mappingVersion: 2, conflictIds: new Map<never, string>() };
    assert.deepEqual(advance(LINK, [], context), LINK);
    assert.deepEqual(advance(BARE, [], context), BARE);
  });

  it('notes the mapping that it was done with, and moves only its own field', () => {
    const { base } = after({
      kind: 'push',
      field: 'status',
      threat: 'mitigated',
      from: 'open',
      to: 'closed',
    });
    assert.deepEqual(base, {
      threat: { status: 'mitigated', title: 'Old' },
      issue: { status: 'closed', title: 'Old' },
      mappingVersion: 2,
    });
  });

  it('begins the baselines of a link that has none', () => {
    const { base } = after({ kind: 'agree', field: 'status', threat: 'identified', issue: 'open' }, BARE);
    assert.deepEqual(base, {
      threat: { status: 'identified' },
      issue: { status: 'open' },
      mappingVersion: 2,
    });
  });

  it('ends a conflict of the field, and of no other', () => {
    const link: Link = { ...LINK, fields: { status: CONFLICT, title: CONFLICT } };
    for (const step of [
      { kind: 'withdraw', field: 'status' },
      { kind: 'agree', field: 'status', threat: 'identified', issue: 'open' },
    ] as const)
      assert.deepEqual(after(step, link).fields, { title: CONFLICT });
  });
});

describe('a field that both sides agree on', () => {
  const agree: Step = { kind: 'agree', field: 'title', threat: 'New', issue: 'New' };

  it('stays with people once it is theirs', () => {
    const released: FieldState = { kind: 'released', since: BEFORE };
    const { fields, base } = after(agree, { ...LINK, fields: { title: released } });
    assert.deepEqual([fields, base?.issue.title], [{ title: released }, 'New']);
  });
});

describe('a field whose edits are not followed', () => {
  const release = { kind: 'release', field: 'status', threat: 'identified', issue: 'closed' } as const;

  it('belongs to people from now on, if that was said', () => {
    const owned = after({ ...release, owned: true });
    assert.deepEqual(owned.fields, { status: { kind: 'released', since: NOW } });
    assert.deepEqual(bases(owned), ['identified', 'closed']);
    assert.deepEqual(after({ ...release, owned: false }).fields, {});
  });

  it('counts as edited, with its base where it was', () => {
    const left = after({ kind: 'leave', field: 'status', issue: 'closed' });
    assert.deepEqual(left.fields, { status: { kind: 'edited', since: NOW } });
    assert.deepEqual(bases(left), ['identified', 'open']);
  });
});

describe('a status taken from the issue', () => {
  const pull = {
    kind: 'pull',
    field: 'status',
    from: 'identified',
    to: 'mitigated',
    issue: 'closed',
  } as const;

  it('waits for somebody to verify it only where it has to', () => {
    assert.deepEqual(after({ ...pull, awaits: true }).fields, {
      status: { kind: 'awaits-verification', since: NOW },
    });
    const plain = after(pull, withState(CONFLICT));
    assert.deepEqual([plain.fields, bases(plain)], [{}, ['mitigated', 'closed']]);
  });
});

describe('a question that the issue leaves open', () => {
  const question = { kind: 'question', field: 'status', issue: 'closed' } as const;
  const fields = { status: { kind: 'needs-answer', since: NOW, value: 'closed' } };

  it('waits without moving a baseline', () => {
    const asked = after(question);
    assert.deepEqual([asked.fields, bases(asked)], [fields, ['identified', 'open']]);
  });

  it('makes the status past that a person has given up, also where the baselines are missing', () => {
    assert.deepEqual(bases(after({ ...question, chosenOver: 'in-progress' })), ['in-progress', 'open']);
    const bare = after({ ...question, chosenOver: 'in-progress' }, BARE);
    assert.deepEqual([bare.fields, bases(bare)], [fields, ['in-progress', null]]);
  });
});

describe('a value that the tracker could not take', () => {
  it('waits with its reason, and what the issue shows by then is our doing', () => {
    const stuck: Step = { kind: 'stuck', field: 'status', to: 'closed', shows: 'active', reason: 'no way' };
    const state = { kind: 'needs-mapping', since: NOW, to: 'closed', reason: 'no way' };
    const stopped = after(stuck);
    assert.deepEqual([stopped.fields, bases(stopped)], [{ status: state }, ['identified', 'active']]);
    assert.deepEqual(stopped.base?.issue.title, 'Old');
    assert.equal(after(stuck, BARE).base, undefined);
  });
});

describe('a conflict', () => {
  const conflict: Step = {
    kind: 'conflict',
    field: 'status',
    base: { threat: 'identified', issue: 'open' },
    threat: 'mitigated',
    issue: 'active',
  };

  it('is as old as when it was first seen', () => {
    assert.deepEqual(after(conflict).fields, { status: { ...CONFLICT, since: NOW } });
    assert.deepEqual(after(conflict, withState(CONFLICT)).fields, { status: CONFLICT });
    const edited = withState({ kind: 'edited', since: BEFORE });
    assert.deepEqual(after(conflict, edited).fields, { status: { ...CONFLICT, since: NOW } });
  });

  it('is not noted without a record of it', () => {
    assert.deepEqual(after({ ...conflict, field: 'title' }).fields, {});
  });
});

describe('taking back what a run did', () => {
  const past = { threat: 'accepted', issue: 'dropped' };
  const undo: Undoing = { runId: 'r', changes: ['1'], past, holds: true };
  const steps: Step[] = [
    { kind: 'push', field: 'status', threat: 'identified', from: 'closed', to: 'open', undo },
    { kind: 'pull', field: 'status', from: 'mitigated', to: 'identified', issue: 'open', undo },
    { kind: 'restored', field: 'status', threat: 'identified', issue: 'open', undo, runId: 'r' },
  ];

  it('gives the field its baselines of before, and holds it at what both sides show now', () => {
    const hold = { kind: 'hold', since: NOW, threat: 'identified', issue: 'open' };
    for (const step of steps) {
      const back = after(step);
      assert.deepEqual([back.fields, bases(back)], [{ status: hold }, ['accepted', 'dropped']], step.kind);
      assert.equal(back.base?.threat.title, 'Old');
      assert.deepEqual(bases(after(step, BARE)), ['accepted', 'dropped']);
    }
  });

  it('holds nothing where nothing would do it again', () => {
    const restored = { kind: 'restored', field: 'status', threat: null, issue: null, runId: 'r' } as const;
    const free = after({ ...restored, undo: { ...undo, holds: false } }, withState(CONFLICT));
    assert.deepEqual([free.fields, bases(free)], [{}, ['accepted', 'dropped']]);
  });

  it('leaves no baseline where there was none', () => {
    const { base } = after({
      kind: 'restored',
      field: 'status',
      threat: 'identified',
      issue: 'open',
      undo: { ...undo, past: {}, holds: false },
      runId: 'r',
    });
    assert.deepEqual(base, { threat: { title: 'Old' }, issue: { title: 'Old' }, mappingVersion: 2 });
  });
});

describe('where a reopened threat returns to', () => {
  const close: Step = { kind: 'push', field: 'status', threat: 'mitigated', from: 'open', to: 'closed' };
  const reopen = { kind: 'pull', field: 'status', to: 'identified', issue: 'open' } as const;
  it('is where both sides last agreed that it was open', () => {
    assert.equal(after(close).lastOpenStatus, 'identified');
    assert.equal(after(close, since('mitigated')).lastOpenStatus, 'in-progress');
    assert.equal(after(close, BARE).lastOpenStatus, 'in-progress');
  });

  it('is where the threat had moved on to when the issue won', () => {
    const lost = { ...reopen, to: 'mitigated', issue: 'closed' } as const;
    assert.equal(after({ ...lost, from: 'in-progress' }).lastOpenStatus, 'in-progress');
    assert.equal(after({ ...lost, from: 'accepted' }).lastOpenStatus, 'identified');
    assert.equal(after({ ...reopen, from: 'mitigated' }, since('mitigated')).lastOpenStatus, 'in-progress');
  });

  it('is no business of another field', () => {
    const retitled: Step = { kind: 'agree', field: 'title', threat: 'New', issue: 'New' };
    assert.equal(after(retitled).lastOpenStatus, 'in-progress');
  });
});
