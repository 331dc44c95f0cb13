import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Op } from '../../src/domain/link.ts';
import { changesOfArrivals, createChange } from '../../src/domain/run-change.ts';
import { undo } from '../../src/domain/undo.ts';
import { carriedOut, kept, onlyStep, RUN, runAndUndo, undone, UNDO } from './undo-world.ts';
import {
  AT,
  changeFor,
  linked,
  opOf,
  recorded,
  sidesOf,
  stepsOf,
  withIssue,
  withThreat,
  type World,
} from './world.ts';

describe('the undo of a create', () => {
  const world = linked();
  const op: Op = {
    ...opOf(world),
    kind: 'create',
    payload: { threat: world.link.base?.threat ?? {}, issue: world.link.base?.issue ?? {}, mark: 'mark' },
  };
  const change = createChange(op, AT);

  it('closes the issue as not planned and ends the link', () => {
    const step = onlyStep(undone(world, [change]));
    assert.ok(step.kind === 'push');
    assert.deepEqual([step.field, step.to, step.undo?.link], ['status', 'dropped', 'ends']);
    assert.deepEqual(changeFor(world, [step]).status, { category: 'dropped' });
  });

  it('counts what the same run wrote later as its own', () => {
    const before = withThreat(world, { title: 'Other words' });
    const { after, changes } = runAndUndo(before);
    const step = onlyStep(undone(after, [change, ...changes]));
    assert.ok(step.kind === 'push');
    assert.deepEqual(step.undo?.changes, [change.id, ...changes.map(({ id }) => id)]);
  });

  it('leaves an issue in which somebody has written since', () => {
    const { steps, left } = undone(withIssue(world, { title: 'Theirs' }), [change]);
    assert.deepEqual([steps, left.map(({ code }) => code)], [[], ['issue-changed']]);
    assert.match(left[0]?.message ?? '', /^The issue stays open\. .*"Theirs"/);
  });

  it('can be undone while nobody was there: the issue opens again, and the link comes back', () => {
    const { steps } = undone(world, [change]);
    const back = carriedOut(world, steps);
    const ended: World = { ...back, link: { ...back.link, state: 'detached' } };
    const again = undone(ended, kept(world, steps, UNDO), UNDO);
    const step = onlyStep(again);
    assert.ok(step.kind === 'push');
    assert.deepEqual([step.to, step.undo?.link], ['open', 'revives']);
    const forth = carriedOut(ended, again.steps);
    assert.deepEqual([forth.issue, forth.link.base], [world.issue, world.link.base]);
  });
});

describe('a write of an undo whose answer was lost', () => {
  const before = withThreat(linked(), {}, 'mitigated');
  const { after, back, decision } = runAndUndo(before);
  const [step] = decision.steps;
  assert.ok(step?.kind === 'push' && step.undo !== undefined);
  const op: Op = {
    ...opOf(after),
    runId: UNDO,
    payload: {
      threat: { status: step.threat },
      issue: { status: step.to },
      from: { status: step.from },
      undo: { status: step.undo },
      mark: 'mark',
    },
  };

  it('is recorded by whoever sees it first, and is nobody’s edit', () => {
    const seen = { ...after, issue: back.issue, ops: [op] };
    for (const steps of [stepsOf(seen), undone(seen, kept(before, stepsOf(before), RUN)).steps]) {
      assert.deepEqual(
        steps.map(({ kind }) => kind),
        ['restored'],
      );
      assert.deepEqual(recorded(seen, steps), back.link);
    }
    const [change] = changesOfArrivals([op], seen.link, sidesOf(seen).issue, AT);
    assert.deepEqual(
      [change?.runId, change?.before, change?.after],
      [UNDO, { threat: 'mitigated', issue: 'mitigated' }, { threat: 'mitigated', issue: 'open' }],
    );
  });

  it('is not written again over what somebody has done since, as the history tells', () => {
    const { threat, issue, put } = sidesOf(after);
    const sides = { link: after.link, threat, issue, put, ops: [op], overtaken: new Set([op.id]) };
    const { steps, left } = undo(RUN, kept(before, stepsOf(before), RUN), sides);
    assert.deepEqual([steps, left.map(({ code }) => code)], [[], ['issue-changed']]);
  });

  it('is written again by the undo while the issue does not show it', () => {
    const waiting = { ...after, ops: [op] };
    assert.deepEqual(stepsOf(waiting), []);
    assert.deepEqual(undone(waiting, kept(before, stepsOf(before), RUN)).steps, decision.steps);
  });
});
