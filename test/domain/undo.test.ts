import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keysOf } from '../../src/domain/values.ts';
import { undo } from '../../src/domain/undo.ts';
import { carriedOut, kept, onlyStep, RUN, runAndUndo, undone, UNDO, values } from './undo-world.ts';
import {
  AT,
  baseOf,
  chosen,
  linked,
  linkedByHand,
  recorded,
  sidesOf,
  stepsOf,
  synced,
  threatOf,
  trackerStatus,
  withIssue,
  withThreat,
  type World,
} from './world.ts';

describe('the undo of a write to the issue', () => {
  const before = withThreat(linked(), {}, 'mitigated');
  const { after, back, changes, decision } = runAndUndo(before);

  it('writes what the issue said, and puts both baselines back', () => {
    const step = onlyStep(decision);
    assert.deepEqual([step.kind, step.field], ['push', 'status']);
    assert.deepEqual(values(after, 'status'), { threat: 'mitigated', issue: 'mitigated' });
    assert.deepEqual(values(back, 'status'), { threat: 'mitigated', issue: 'open' });
    assert.deepEqual(baseOf(back, 'status'), baseOf(before, 'status'));
  });

  it('holds the field: the next run would do it again', () => {
    const hold = { kind: 'hold', since: AT, threat: 'mitigated', issue: 'open' };
    assert.deepEqual(back.link.fields.status, hold);
    assert.deepEqual(stepsOf(back), []);
    const { status: _, ...released } = back.link.fields;
    const [again] = stepsOf({ ...back, link: { ...back.link, fields: released } });
    assert.deepEqual([again?.kind, again?.field], ['push', 'status']);
  });

  it('is over as soon as a side shows something else, by the baselines as they were', () => {
    const byThreat = withThreat(back, {}, 'accepted');
    assert.deepEqual(
      stepsOf(byThreat).map((step) => [step.kind, 'to' in step ? step.to : '']),
      [['push', 'accepted']],
    );
    assert.equal(recorded(byThreat).fields.status, undefined);
    const byIssue = withIssue(back, { status: trackerStatus('dropped') });
    assert.deepEqual(
      stepsOf(byIssue).map(({ kind }) => kind),
      ['conflict'],
    );
    const backAgain = withThreat(back, {}, 'identified');
    assert.deepEqual(
      stepsOf(backAgain).map(({ kind }) => kind),
      ['withdraw'],
    );
    assert.equal(recorded(backAgain).fields.status, undefined);
  });

  it('is not done twice', () => {
    const marked = changes.map((change) => ({ ...change, undoneBy: UNDO }));
    const again = undone(back, marked);
    assert.deepEqual([again.steps, again.left.map(({ code }) => code)], [[], ['undone-already']]);
    assert.match(again.left[0]?.message ?? '', /by run undo-run/);
  });

  it('leaves what somebody changed on either side, and says which', () => {
    const cases: [World, string][] = [
      [withThreat(after, {}, 'accepted'), 'threat-changed'],
      [withIssue(after, { status: trackerStatus('open') }), 'issue-changed'],
      [withIssue(withThreat(after, {}, 'accepted'), { status: trackerStatus('open') }), 'both-changed'],
    ];
    for (const [world, code] of cases) {
      const { steps, left } = undone(world, changes);
      assert.deepEqual([steps, left.map((each) => each.code)], [[], [code]]);
    }
    const [left] = undone(withThreat(after, {}, 'accepted'), changes).left;
    assert.equal(
      left?.message,
      'Since the run the status of the threat was changed: it says "accepted", and the run left "mitigated".',
    );
  });

  it('leaves a link that is not written to', () => {
    for (const state of ['threat-gone', 'quarantined', 'dormant', 'detached', 'issue-gone'] as const) {
      const { steps, left } = undone({ ...after, link: { ...after.link, state } }, changes);
      assert.deepEqual([steps, left.map(({ code }) => code)], [[], ['link-not-linked']], state);
    }
  });

  it('can be undone: both sides and both baselines are as the run left them, and nothing is held', () => {
    const again = undone(back, kept(after, decision.steps, UNDO), UNDO);
    const forth = carriedOut(back, again.steps);
    assert.deepEqual(values(forth, 'status'), values(after, 'status'));
    assert.deepEqual(forth.link.base, after.link.base);
    assert.deepEqual([forth.link.fields, stepsOf(forth)], [{}, []]);
  });
});

describe('the undo of a write to the threat', () => {
  const before = withIssue(linked(), { status: trackerStatus('done') });
  const { after, back, decision } = runAndUndo(before);

  it('sets the status of the threat back, holds it, and leaves the issue alone', () => {
    const step = onlyStep(decision);
    assert.equal(step.kind, 'pull');
    assert.deepEqual(values(after, 'status'), { threat: 'mitigated', issue: 'mitigated' });
    assert.deepEqual(values(back, 'status'), { threat: 'identified', issue: 'mitigated' });
    assert.deepEqual(back.issue, after.issue);
    assert.equal(back.link.fields.status?.kind, 'hold');
    assert.deepEqual(stepsOf(back), []);
  });

  it('can be undone', () => {
    const forth = carriedOut(back, undone(back, kept(after, decision.steps, UNDO), UNDO).steps);
    assert.deepEqual(values(forth, 'status'), values(after, 'status'));
    assert.deepEqual([forth.link.base, forth.link.fields, stepsOf(forth)], [after.link.base, {}, []]);
  });
});

describe('the undo of a conflict that was settled', () => {
  it('brings both edits back, and releasing it asks again', () => {
    const both = withIssue(withThreat(linked(), {}, 'mitigated'), { status: trackerStatus('dropped') });
    const asked = { ...both, link: recorded(both) };
    const { back } = runAndUndo(chosen(asked, 'status', 'threat'));
    assert.deepEqual(values(back, 'status'), { threat: 'mitigated', issue: 'dropped' });
    assert.deepEqual(stepsOf(back), []);
    const released = { ...back, link: { ...back.link, fields: {} } };
    assert.deepEqual(
      stepsOf(released).map(({ kind }) => kind),
      ['conflict'],
    );
  });

  it('of two that were linked by hand brings back that they have no past', () => {
    const issue = linked().issue;
    const world = withIssue(linkedByHand(threatOf({ title: 'Other words' }), issue), {});
    const asked = { ...world, link: recorded(world) };
    const { back, after } = runAndUndo(chosen(asked, 'title', 'threat'));
    assert.notDeepEqual(values(after, 'title'), values(back, 'title'));
    assert.deepEqual(values(back, 'title'), values(asked, 'title'));
    assert.ok(!keysOf(back.link.base?.issue ?? {}).includes('title'));
    assert.equal(back.link.fields.title?.kind, 'hold');
    assert.deepEqual(stepsOf(back), []);
  });
});

describe('several changes of one field', () => {
  const first = withThreat(linked(), { title: 'Second title' });
  const second = withThreat(synced(first), { title: 'Third title' });
  const changes = [...kept(first, stepsOf(first), RUN), ...kept(second, stepsOf(second), 'later')].map(
    (change) => ({ ...change, runId: RUN }),
  );
  const titles = changes.filter((change) => change.kind === 'field' && change.field === 'title');

  it('are taken back together, to before the first', () => {
    const back = carriedOut(synced(second), undone(synced(second), titles).steps);
    assert.equal(back.issue.title, first.issue.title);
    assert.deepEqual(baseOf(back, 'title'), baseOf(linked(), 'title'));
  });

  it('on both sides are taken back as far as they lie on each other, and the rest is said', () => {
    const closed = withIssue(linked(), { status: trackerStatus('done') });
    const accepted = withThreat(synced(closed), {}, 'accepted');
    const mixed = [...kept(closed, stepsOf(closed), 'a'), ...kept(accepted, stepsOf(accepted), 'b')];
    const { steps, left } = undone(synced(accepted), mixed);
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ['push'],
    );
    assert.deepEqual(
      left.map(({ code }) => code),
      ['written-over'],
    );
  });
});

describe('what an undo cannot bring back', () => {
  const bare = linkedByHand(threatOf(), { ...linked().issue, block: { kind: 'absent' } });
  const approved = { ...bare, approved: true };

  it('stays with a reason: the sync takes no text of ours out of an issue', () => {
    const { changes, after } = runAndUndo(approved);
    const block = changes.filter((change) => change.kind === 'field' && change.field === 'block');
    const { steps, left } = undone(after, block);
    assert.deepEqual([steps, left.map(({ code }) => code)], [[], ['cannot-be-removed']]);
  });

  it('stays while the text cannot be read, and when the field is not ours any more', () => {
    const first = withThreat(linked(), { description: 'Other words', severity: 'low' });
    const { after, changes } = runAndUndo(first);
    const damaged = withIssue(after, { block: { kind: 'damaged', why: 'two begins' } });
    assert.deepEqual(
      undone(damaged, changes).left.map(({ field, code }) => [field, code]),
      [['block', 'field-unreadable']],
    );
    const label = withThreat(linked(), { category: { taxonomy: 'STRIDE', values: ['Spoofing'] } });
    const run = runAndUndo(label);
    const { issue, ...sides } = sidesOf(run.after);
    const { 'label:stride-spoofing': _, ...others } = issue;
    const { left } = undo(RUN, run.changes, { ...sides, link: run.after.link, issue: others });
    assert.ok(left.some((each) => each.field === 'label:stride-spoofing' && each.code === 'field-not-ours'));
  });
});

describe('severities', () => {
  it('come back as the labels that were there', () => {
    const before = withThreat(linked(threatOf({ severity: 'low' })), { severity: 'high' });
    const { back, after } = runAndUndo(before);
    assert.ok(after.issue.labels.includes('severity-high'));
    assert.deepEqual(back.issue.labels.toSorted(), before.issue.labels.toSorted());
  });
});
