import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mapping } from '../../src/domain/integration.ts';
import type { Threat } from '../../src/domain/threat.ts';
import {
  AT,
  baseOf,
  changeFor,
  chosen,
  linked,
  recorded,
  sidesOf,
  stepOf,
  stepsOf,
  synced,
  threatOf,
  trackerStatus,
  withIssue,
  withThreat,
  type World,
} from './world.ts';
import { reconcile } from '../../src/domain/reconcile.ts';

const EDITED = { kind: 'present', mark: 'mark', text: 'My own words' } as const;
const closed = (world: World, ...labels: string[]) =>
  withIssue(world, { status: trackerStatus('dropped'), labels: [...world.issue.labels, ...labels] });
const completed = (world: World) => withIssue(world, { status: trackerStatus('done') });
const reopened = (world: World) => withIssue(world, { status: trackerStatus('open') });

describe('an issue that we have just created', () => {
  it('agrees with its threat, whatever the threat says', () => {
    const statuses: Threat['status'][] = ['identified', 'analyzing', 'mitigating', 'mitigated', 'accepted'];
    for (const status of statuses) assert.deepEqual(stepsOf(linked(threatOf({}, status))), [], status);
  });

  it('stays as it is when the threat moves between words that the tracker cannot tell apart', () => {
    const world = withThreat(linked(), {}, 'analyzing');
    assert.equal(stepOf(world, 'status')?.kind, 'agree');
    assert.deepEqual(changeFor(world), {});
    assert.deepEqual(stepsOf(synced(world)), []);
  });
});

describe('closing and reopening', () => {
  it('writes nothing but the status when only the status of the threat changed', () => {
    assert.deepEqual(changeFor(withThreat(linked(), {}, 'mitigated')), { status: { category: 'done' } });
  });

  it('says by a label why a risk is not worked on', () => {
    assert.deepEqual(changeFor(withThreat(linked(), {}, 'accepted')), {
      status: { category: 'dropped' },
      addLabels: ['tm-accepted'],
    });
  });

  it('takes a completed issue for a mitigated threat', () => {
    assert.equal(synced(completed(linked())).threat.status, 'mitigated');
  });

  it('returns a reopened threat to work if it was in work before, else to the beginning', () => {
    const cases = [
      ['identified', 'identified'],
      ['analyzing', 'identified'],
      ['mitigating', 'mitigating'],
    ] as const;
    for (const [was, becomes] of cases) {
      const open = synced(withThreat(linked(), {}, was));
      const byPeople = synced(completed(open));
      const byUs = synced(withThreat(open, {}, 'mitigated'));
      for (const done of [byPeople, byUs]) {
        assert.deepEqual([done.threat.status, done.issue.status.category], ['mitigated', 'done']);
        assert.equal(synced(reopened(done)).threat.status, becomes, was);
      }
    }
  });

  it('returns a reopened threat to work that began while the issue was being closed', () => {
    const world = withThreat(completed(linked(threatOf(), { status: 'issue' })), {}, 'mitigating');
    const done = synced(world);
    assert.equal(done.threat.status, 'mitigated');
    assert.equal(synced(reopened(done)).threat.status, 'mitigating');
  });
});

describe('an issue closed without being done', () => {
  it('never accepts a risk without a label that says so: the status waits, nothing moves', () => {
    const world = synced(closed(linked()));
    assert.equal(world.threat.status, 'identified');
    assert.deepEqual(world.link.fields.status, { kind: 'needs-answer', since: AT, value: 'dropped' });
    assert.deepEqual(baseOf(world, 'status'), { threat: 'identified', issue: 'open' });
    assert.deepEqual(stepsOf(world), [], 'asked once');
  });

  it('lets the other fields go on', () => {
    const world = withThreat(synced(closed(linked())), { title: 'Another title' });
    assert.equal(stepOf(world, 'title')?.kind, 'push');
    assert.equal(stepOf(world, 'status'), undefined);
  });

  it('is answered by a disposition label, by completing it, or by reopening it', () => {
    const asked = synced(closed(linked()));
    const labelled = synced(closed(asked, 'tm-accepted'));
    assert.equal(labelled.threat.status, 'accepted');
    assert.equal(synced(completed(asked)).threat.status, 'mitigated');
    const back = synced(reopened(asked));
    assert.equal(back.threat.status, 'identified');
    for (const world of [labelled, back]) assert.equal(world.link.fields.status, undefined);
  });

  it('is no question when the closing was ours', () => {
    const world = synced(withThreat(linked(), {}, 'false-positive'));
    assert.equal(world.issue.status.category, 'dropped');
    assert.deepEqual(stepsOf(world), []);
  });

  it('does not accept a risk even where the issue wins every conflict', () => {
    const world = synced(closed(withThreat(linked(threatOf(), { status: 'issue' }), {}, 'mitigated')));
    assert.equal(world.threat.status, 'mitigated');
    assert.equal(world.link.fields.status?.kind, 'needs-answer');
  });
});

describe('what people took over', () => {
  const retitled = synced(withIssue(linked(), { title: 'Ours now' }));

  it('is a title that a person edited: from then on it is theirs', () => {
    assert.equal(retitled.link.fields.title?.kind, 'released');
    const later = withThreat(retitled, { title: 'A newer title of the model' });
    assert.equal(changeFor(later).title, undefined);
    assert.equal(synced(later).issue.title, 'Ours now');
  });

  it('stays theirs when both sides happen to say the same for a while', () => {
    const same = withThreat(retitled, { title: 'ignored' });
    const agreeing = synced(withIssue(same, { title: sidesOf(same).put.title ?? '' }));
    assert.deepEqual(stepsOf(agreeing), []);
    const later = withThreat(agreeing, { title: 'A newer title of the model' });
    assert.equal(stepOf(later, 'title'), undefined);
  });

  it('is a label that they removed: it is not put back', () => {
    const world = synced(withIssue(linked(), { labels: ['severity-high', 'theirs'] }));
    assert.deepEqual(stepsOf(world), []);
    assert.equal(world.link.fields['label:threat-model']?.kind, 'released');
    const changed = synced(withThreat(world, { description: 'Other words' }, 'mitigated'));
    assert.deepEqual(changed.issue.labels, ['severity-high', 'theirs']);
  });

  it('is a severity that they relabelled', () => {
    const relabelled = linked().issue.labels.map((label) => label.replace('severity-high', 'severity-low'));
    const world = synced(withIssue(linked(), { labels: relabelled }));
    const later = withThreat(world, { severity: 'critical' });
    const { addLabels, removeLabels } = changeFor(later);
    assert.deepEqual([addLabels, removeLabels], [undefined, undefined]);
  });

  it('is not a severity label that still is as we set it', () => {
    const { addLabels, removeLabels } = changeFor(withThreat(linked(), { severity: 'critical' }));
    assert.deepEqual([addLabels, removeLabels], [['severity-critical'], ['severity-high']]);
  });
});

describe('our block', () => {
  const edited = withIssue(linked(), { block: EDITED });

  it('stays as a person edited it, and says so once', () => {
    const world = synced(edited);
    assert.deepEqual(world.issue.block, EDITED);
    assert.equal(world.link.fields.block?.kind, 'edited');
    assert.deepEqual(stepsOf(world), []);
  });

  it('is a conflict when the threat changes after the edit, and nothing is overwritten', () => {
    const world = withThreat(synced(edited), { description: 'New words' });
    assert.equal(stepOf(world, 'block')?.kind, 'conflict');
    const asked = synced(world);
    assert.deepEqual(asked.issue.block, EDITED);
    assert.deepEqual(baseOf(asked, 'block'), baseOf(linked(), 'block'));
  });

  it('is ours again when the person takes the edit back', () => {
    const back = withIssue(synced(edited), { block: linked().issue.block });
    assert.deepEqual(stepsOf(back), [{ kind: 'withdraw', field: 'block' }]);
    assert.equal(stepOf(withThreat(synced(back), { description: 'New' }), 'block')?.kind, 'push');
  });

  it('is never inserted again after its markers were deleted, whatever the policy', () => {
    for (const block of ['threat', 'issue', 'newest', 'ask'] as const) {
      const without = withIssue(linked(threatOf(), { block }), { block: { kind: 'absent' } });
      for (const world of [without, withThreat(without, { description: 'New words' })]) {
        const later = withThreat(synced(world), { description: 'Newer words' });
        for (const each of [world, later]) assert.equal(changeFor(each).block, undefined, block);
      }
    }
  });

  it('is left alone while its markers are damaged or its text is not known', () => {
    for (const block of [{ kind: 'damaged', why: 'two begins' }, { kind: 'unknown' }] as const) {
      const world = withIssue(withThreat(linked(), { description: 'New words' }), { block });
      assert.equal(stepOf(world, 'block'), undefined);
      assert.deepEqual(baseOf({ link: recorded(world) }, 'block'), baseOf(linked(), 'block'));
    }
  });
});

describe('a conflict', () => {
  const both = withThreat(completed(linked()), {}, 'accepted');
  const asked = synced(both);

  it('moves neither side and neither baseline', () => {
    assert.deepEqual([asked.issue, asked.threat], [both.issue, both.threat]);
    assert.deepEqual(baseOf(asked, 'status'), baseOf(both, 'status'));
    assert.deepEqual(stepsOf(asked), stepsOf(both), 'the same conflict again');
    assert.deepEqual(synced(asked).link, asked.link);
  });

  it('is carried out as a person chose, seeing these two values', () => {
    const threatWins = synced(chosen(asked, 'status', 'threat'));
    assert.deepEqual(
      [threatWins.threat.status, threatWins.issue.labels.includes('tm-accepted')],
      ['accepted', true],
    );
    const issueWins = synced(chosen(asked, 'status', 'issue'));
    assert.deepEqual([issueWins.threat.status, issueWins.issue.status.category], ['mitigated', 'done']);
    for (const world of [threatWins, issueWins]) {
      assert.deepEqual(stepsOf(world), []);
      assert.equal(world.link.fields.status, undefined);
    }
  });

  it('is a conflict again when a side has moved since the person looked', () => {
    for (const keep of ['threat', 'issue'] as const) {
      const moved = withThreat(chosen(asked, 'status', keep), {}, 'transferred');
      assert.equal(stepOf(moved, 'status')?.kind, 'conflict');
      const state = synced(moved).link.fields.status;
      assert.ok(state?.kind === 'conflict' && state.choice === undefined, 'the choice is forgotten');
    }
  });

  it('goes away when the sides become equal, and when both are back at their base', () => {
    assert.equal(stepOf(withThreat(asked, {}, 'mitigated'), 'status')?.kind, 'agree');
    assert.equal(stepOf(reopened(withThreat(asked, {}, 'identified')), 'status')?.kind, 'withdraw');
  });

  it('becomes the other side’s change when one side is back at its base', () => {
    assert.equal(stepOf(reopened(asked), 'status')?.kind, 'push');
    assert.equal(stepOf(withThreat(asked, {}, 'identified'), 'status')?.kind, 'pull');
  });
});

describe('a mapping that changed', () => {
  const working: Mapping['status'] = { byId: {}, byLabel: { 'in progress': 'mitigating' }, toId: {} };
  const before = linked(threatOf({}, 'mitigating'));
  const after: World = { ...before, mapping: { ...before.mapping, version: 2, status: working } };

  it('writes what the issue should show by it, once', () => {
    assert.deepEqual(changeFor(after).addLabels, ['in progress']);
    assert.deepEqual(stepsOf(synced(after)), []);
    assert.equal(synced(after).link.base?.mappingVersion, 2);
  });

  it('is carried out also where a question has just gone away', () => {
    const asked = synced(closed(before));
    const back = reopened({ ...asked, mapping: after.mapping });
    assert.deepEqual(changeFor(back).addLabels, ['in progress']);
    assert.deepEqual(synced(back).link.fields, {});
    assert.deepEqual(stepsOf(synced(back)), []);
  });

  it('writes nothing into what people own', () => {
    const retitled = synced(withIssue(before, { title: 'Ours now' }));
    assert.deepEqual(stepsOf({ ...retitled, mapping: { ...retitled.mapping, version: 2 } }), []);
  });

  it('writes nothing while its version is the one of the baselines', () => {
    assert.deepEqual(stepsOf({ ...after, mapping: { ...after.mapping, version: 1 } }), []);
  });

  it('does not take a label away that is no longer configured', () => {
    const world = { ...before, shape: { ...before.shape, labels: ['another'] } };
    assert.deepEqual(changeFor(world), { addLabels: ['another'] });
    assert.ok(synced(world).issue.labels.includes('threat-model'));
  });

  it('takes away the label of a category that the threat no longer has', () => {
    const world = withThreat(before, { category: { taxonomy: 'STRIDE', values: ['Spoofing'] } });
    assert.deepEqual(changeFor(world).addLabels, ['stride-spoofing']);
    assert.deepEqual(changeFor(world).removeLabels, ['stride-tampering']);
  });
});

describe('reconcile', () => {
  it('is a function of what it is given: it changes nothing and remembers nothing', () => {
    const sides = sidesOf(withThreat(completed(linked()), { title: 'T' }, 'accepted'));
    const before = structuredClone(sides);
    const first = reconcile(sides);
    assert.deepEqual(reconcile(structuredClone(sides)), first);
    assert.deepEqual(sides, before);
  });
});
