import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reconcile } from '../../src/domain/reconcile.ts';
import { rolledUp, rollUp } from '../../src/domain/roll-up.ts';
import {
  isOpen,
  MITIGATION_STATUSES,
  STATUSES,
  type MitigationStatus,
  type Status,
} from '../../src/domain/threat.ts';
import { fc } from '../properties.ts';
import {
  AT,
  linked,
  recorded,
  sidesOf,
  stepsOf,
  threatOf,
  trackerStatus,
  withIssue,
  withThreat,
  type World,
} from './world.ts';

function are(words: string): readonly { status: MitigationStatus }[] {
  return words
    .split(' ')
    .flatMap((word) => MITIGATION_STATUSES.filter((status) => status === word))
    .map((status) => ({ status }));
}

describe('what mitigations come to', () => {
  it('is told by those that were not rejected', () => {
    const table = [
      ['', 'identified', 'identified'],
      ['rejected rejected', 'identified', 'identified'],
      ['proposed unknown', 'identified', 'identified'],
      ['proposed in-progress', 'mitigating', 'mitigating'],
      ['proposed done', 'mitigating', 'mitigating'],
      ['unknown verified', 'mitigating', 'mitigating'],
      ['done done', 'mitigated', 'mitigating'],
      ['done verified', 'mitigated', 'mitigating'],
      ['verified verified', 'mitigated', 'mitigated'],
      ['done rejected', 'mitigated', 'mitigating'],
      ['verified rejected', 'mitigated', 'mitigated'],
    ] as const;
    for (const [words, open, gated] of table)
      assert.deepEqual([rollUp(are(words), false), rollUp(are(words), true)], [open, gated], words);
  });

  it('never depends on their order, and a gate never lets more through', () => {
    const some = fc.array(fc.constantFrom(...MITIGATION_STATUSES).map((status) => ({ status })));
    fc.assert(
      fc.property(some, fc.boolean(), (mitigations, gate) => {
        assert.equal(rollUp(mitigations.toReversed(), gate), rollUp(mitigations, gate));
        if (rollUp(mitigations, true) === 'mitigated') assert.equal(rollUp(mitigations, false), 'mitigated');
      }),
    );
  });
});

function after(status: Status, before: string, now: string, gate = false): Status {
  return rolledUp(status, are(before), are(now), gate);
}

describe('a threat whose mitigations change', () => {
  it('goes with them', () => {
    assert.equal(after('identified', 'proposed proposed', 'in-progress proposed'), 'mitigating');
    assert.equal(after('analyzing', 'proposed', 'done'), 'mitigated');
    assert.equal(after('analyzing', 'proposed', 'done', true), 'mitigating');
    assert.equal(after('mitigating', 'done', 'verified', true), 'mitigated');
    assert.equal(after('mitigated', 'done done', 'done in-progress'), 'mitigating');
    assert.equal(after('mitigated', 'done', 'proposed'), 'identified');
    assert.equal(after('mitigating', 'in-progress', 'proposed'), 'identified');
    assert.equal(after('mitigated', 'done', 'rejected'), 'identified', 'nothing mitigates it any more');
  });

  it('stays as people left it: looked at, mitigated before its mitigations were, or decided on', () => {
    assert.equal(after('analyzing', 'unknown', 'proposed'), 'analyzing');
    assert.equal(after('mitigating', 'proposed proposed', 'proposed'), 'mitigating', 'no other sum');
    assert.equal(after('mitigated', 'proposed proposed', 'done proposed'), 'mitigated');
    assert.equal(after('mitigated', 'done proposed', 'done done'), 'mitigated');
    for (const status of STATUSES)
      if (!isOpen(status) && status !== 'mitigated')
        for (const [one, other] of [['proposed', 'done'] as const, ['done', 'proposed'] as const])
          assert.equal(after(status, one, other), status);
  });

  it('is mitigated by them only when all of them are done, whatever happens in which order', () => {
    const moves = fc.array(
      fc.tuple(fc.nat({ max: 2 }), fc.constantFrom(...MITIGATION_STATUSES), fc.constantFrom(...STATUSES)),
    );
    fc.assert(
      fc.property(moves, fc.boolean(), (all, gate) => {
        let now = [...are('proposed proposed proposed')];
        let status: Status = 'identified';
        for (const [index, to] of all) {
          const next = now.with(index, { status: to });
          status = rolledUp(status, now, next, gate);
          now = next;
          assert.equal(status === 'mitigated', rollUp(now, gate) === 'mitigated');
        }
      }),
    );
  });
});

function over(world: World, hasOpenWork = true) {
  return { ...sidesOf(world), hasOpenWork };
}

function closed(world: World, ...labels: string[]): World {
  return withIssue(world, { status: trackerStatus('done'), labels: [...world.issue.labels, ...labels] });
}

describe('an issue closed as done over open mitigations', () => {
  it('is asked about once; the threat keeps its status, verified or not, with a gate or without', () => {
    for (const labels of [[], ['tm-verified']])
      for (const gate of [true, false]) {
        const world = closed(linked(threatOf()), ...labels);
        const steps = reconcile({ ...over(world), gate });
        const issue = labels.length === 0 ? 'mitigated' : 'verified';
        assert.deepEqual(steps, [{ kind: 'question', field: 'status', issue }]);
        const asked = { ...world, link: recorded(world, steps) };
        assert.deepEqual(asked.link.fields.status, { kind: 'needs-answer', since: AT, value: issue });
        assert.deepEqual(reconcile({ ...over(asked), gate }), []);
      }
  });

  it('is answered when the mitigations are done, by reopening it, or by a decision about the risk', () => {
    const world = closed(linked(threatOf()));
    const asked = { ...world, link: recorded(world, reconcile(over(world))) };
    const [done] = reconcile(over(withThreat(asked, {}, 'mitigated'), false));
    assert.equal(done?.kind, 'agree');
    const [back] = reconcile(over(withIssue(asked, { status: trackerStatus('open') })));
    assert.equal(back?.kind, 'withdraw');
    const [accepted] = reconcile(over(closed(asked, 'tm-accepted')));
    assert.deepEqual(accepted?.kind === 'pull' && accepted.to, 'accepted');
  });

  it('is no question where no mitigation is left', () => {
    const world = closed(linked(threatOf()));
    assert.deepEqual(reconcile(over(world, false)), stepsOf(world));
  });
});
