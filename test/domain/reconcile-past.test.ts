import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { baseOfCreate } from '../../src/domain/advance.ts';
import { put, threatValues } from '../../src/domain/values.ts';
import {
  baseOf,
  changeFor,
  chosen,
  issueOf,
  LINK,
  linked,
  linkedByHand,
  MODEL,
  opOf,
  recorded,
  SHAPE,
  sidesOf,
  stepOf,
  stepsOf,
  synced,
  threatOf,
  trackerStatus,
  withIssue,
  withThreat,
  written,
  type World,
} from './world.ts';

/** The write of this world was sent and not answered; the issue does not show it. */
function unanswered(world: World): World {
  return { ...world, ops: [...world.ops, opOf(world, `op-${world.ops.length}`)] };
}

/** What that write changed, arriving after all. */
function arrived(world: World, from: World): World {
  return { ...world, issue: written(world.issue, changeFor(from)) };
}

describe('a write without an answer', () => {
  const changed = withThreat(linked(), { title: 'First title', description: 'First words' }, 'mitigated');
  const sent = unanswered(changed);

  it('is written again while the issue does not show it', () => {
    assert.deepEqual(stepsOf(sent), stepsOf(changed));
  });

  it('is ours, not an edit, when it arrived late', () => {
    const late = arrived(sent, changed);
    assert.ok(stepsOf(late).every((step) => step.kind === 'agree'));
    assert.equal(synced(late).threat.status, 'mitigated');
    assert.deepEqual(synced(late).link.fields, {});
  });

  it('is the past from then on, also after its op has ended', () => {
    const settled = { ...synced(arrived(sent, changed)), ops: [] };
    assert.deepEqual(stepsOf(settled), []);
    const later = withThreat(settled, { title: 'Second title', description: 'Second words' }, 'accepted');
    const kinds = stepsOf(later).map((step) => [step.field, step.kind]);
    assert.deepEqual(kinds, [
      ['status', 'push'],
      ['title', 'push'],
      ['block', 'push'],
    ]);
  });

  it('gives way to what the threat says by then, which is written again', () => {
    const newer = withThreat(sent, { title: 'Second title' }, 'identified');
    const late = arrived(newer, changed);
    assert.equal(stepOf(late, 'title')?.kind, 'push');
    assert.equal(stepOf(late, 'status')?.kind, 'push', 'a closing that arrived late is undone, not followed');
    assert.deepEqual(stepsOf(synced(late)), []);
    assert.equal(synced(late).threat.status, 'identified');
    assert.equal(synced(late).issue.status.category, 'open');
  });

  it('loses nothing when the newer write came first and the older one after it', () => {
    const second = withThreat(sent, { title: 'Second title' }, 'accepted');
    const done = synced(second);
    const overtaken = { ...done, issue: written(done.issue, { title: sidesOf(changed).put.title ?? '' }) };
    assert.equal(stepOf(overtaken, 'title')?.kind, 'push');
    assert.equal(synced(overtaken).issue.title, done.issue.title);
    assert.equal(synced(overtaken).link.fields.title, undefined);
  });

  it('does not hide what a person wrote beside it', () => {
    const beside = withIssue(sent, { title: 'A person’s title' });
    assert.equal(stepOf(beside, 'title')?.kind, 'conflict');
    const other = withIssue(arrived(sent, changed), { status: trackerStatus('open') });
    assert.equal(stepOf(other, 'status')?.kind, 'push');
  });

  it('knows its label in the same way', () => {
    const dropping = withThreat(linked(), { category: { taxonomy: 'STRIDE', values: ['Spoofing'] } });
    const late = arrived(unanswered(dropping), dropping);
    assert.deepEqual(synced(late).link.fields, {});
    const back = withThreat(late, { category: { taxonomy: 'STRIDE', values: ['Tampering'] } });
    assert.deepEqual(changeFor(back).addLabels, ['stride-tampering']);
    assert.deepEqual(changeFor(back).removeLabels, ['stride-spoofing']);
  });
});

describe('an issue found by its mark', () => {
  it('has what was rendered for its past: an edit made in between is an edit, not ours to overwrite', () => {
    const before = linked();
    const after = withThreat(withIssue(before, { title: 'Edited at once' }), { description: 'New words' });
    assert.equal(stepOf(after, 'title')?.kind, 'release');
    assert.equal(stepOf(after, 'block')?.kind, 'push');
  });

  it('has the threat of its op for its past, not the one of its adoption', () => {
    const threat = threatOf();
    const { mapping } = linked();
    const payload = { threat: threatValues(threat, SHAPE), issue: put(threat, MODEL, mapping, SHAPE) };
    assert.deepEqual(baseOfCreate(payload, 4), { ...payload, mappingVersion: 4 });
  });
});

describe('a text that the tracker shows cut', () => {
  const long = 'A very long title '.repeat(20);

  it('is never an edit: each side has its own form of it in the past', () => {
    const world = linked(threatOf({ title: long }));
    assert.ok(world.issue.title.length <= SHAPE.titleLimit);
    assert.ok((baseOf(world, 'title').threat ?? '').length > SHAPE.titleLimit);
    assert.deepEqual(stepsOf(world), []);
  });

  it('costs no write when only what was cut off changed', () => {
    const world = withThreat(linked(threatOf({ title: long })), { title: `${long}, at the end` });
    assert.equal(stepOf(world, 'title')?.kind, 'agree');
    assert.equal(changeFor(world).title, undefined);
  });

  it('is a person’s edit when it shows something else than what was sent', () => {
    const pushed = synced(withThreat(linked(), { title: 'New title' }));
    const rewritten = withIssue(pushed, { title: 'Rewritten by somebody' });
    assert.equal(stepOf(rewritten, 'title')?.kind, 'release');
  });
});

describe('a threat and an issue that a person linked', () => {
  const theirs = issueOf({ title: 'Their title', labels: ['bug'] });
  const world = linkedByHand(threatOf(), theirs, { status: 'threat', title: 'threat', block: 'threat' });

  it('agree where they are equal, and differ for a person to see, whatever the policy', () => {
    const kinds = new Map(stepsOf(world).map((step) => [step.field, step.kind]));
    assert.equal(kinds.get('status'), 'agree');
    assert.equal(kinds.get('title'), 'conflict');
    assert.equal(kinds.get('severity'), 'conflict');
    assert.deepEqual(baseOf({ link: recorded(world) }, 'status'), { threat: 'identified', issue: 'open' });
    assert.equal(recorded(world).base?.issue.title, undefined, 'still no past');
  });

  it('get our block only when a person has approved the run', () => {
    assert.equal(stepOf(world, 'block'), undefined);
    const approved = { ...world, approved: true };
    assert.equal(stepOf(approved, 'block')?.kind, 'push');
    assert.equal(stepOf(synced(approved), 'block'), undefined);
  });

  it('stay asked until a person chooses', () => {
    const asked = synced(world);
    assert.equal(asked.issue.title, 'Their title');
    assert.equal(stepOf(asked, 'title')?.kind, 'conflict');
    assert.equal(stepOf(synced(asked), 'title')?.kind, 'conflict');
  });

  it('follow the choice of a person', () => {
    const asked = synced(world);
    const ours = synced(chosen(asked, 'title', 'threat'));
    assert.equal(ours.issue.title, sidesOf(asked).put.title);
    assert.equal(stepOf(ours, 'title'), undefined);
    const kept = synced(chosen(asked, 'title', 'issue'));
    assert.equal(kept.issue.title, 'Their title');
    assert.equal(stepOf(kept, 'title'), undefined);
    assert.equal(kept.link.fields.title?.kind, 'released');
  });

  it('follow the choice only with the two values that the person saw', () => {
    const moved = withThreat(chosen(synced(world), 'title', 'threat'), { title: 'Moved on' });
    assert.equal(stepOf(moved, 'title')?.kind, 'conflict');
  });

  it('follow a chosen status of either side', () => {
    const closed = linkedByHand(threatOf(), { ...theirs, status: trackerStatus('done') });
    const asked = synced(closed);
    assert.equal(synced(chosen(asked, 'status', 'issue')).threat.status, 'mitigated');
    assert.equal(synced(chosen(asked, 'status', 'threat')).issue.status.category, 'open');
  });

  it('close the conflict when people make them equal', () => {
    const asked = synced(world);
    const equal = withIssue(asked, { title: sidesOf(asked).put.title ?? '' });
    assert.equal(stepOf(equal, 'title')?.kind, 'agree');
    assert.equal(synced(equal).link.fields.title, undefined);
  });

  it('begin without a state of any field', () => {
    assert.deepEqual([LINK.base, LINK.fields], [undefined, {}]);
  });
});

describe('an issue closed without a reason that a person chose over the threat', () => {
  const dropped = { status: trackerStatus('dropped') };
  const both = withIssue(withThreat(linked(), {}, 'mitigating'), dropped);
  const byHand = linkedByHand(threatOf(), withIssue(linked(), dropped).issue);

  it('waits for an answer alone: it is no conflict again', () => {
    for (const world of [withThreat(both, {}, 'mitigated'), byHand]) {
      assert.equal(stepOf(world, 'status')?.kind, 'conflict');
      const asked = synced(chosen(synced(world), 'status', 'issue'));
      assert.equal(asked.link.fields.status?.kind, 'needs-answer');
      assert.deepEqual(stepsOf(asked), []);
      assert.equal(asked.threat.status, world.threat.status);
    }
  });

  it('is followed once it says why', () => {
    const asked = synced(chosen(synced(byHand), 'status', 'issue'));
    const answered = synced(withIssue(asked, { labels: [...asked.issue.labels, 'tm-accepted'] }));
    assert.equal(answered.threat.status, 'accepted');
    assert.deepEqual(stepsOf(answered), []);
  });

  it('is a conflict again when the threat moves on', () => {
    const asked = synced(chosen(synced(byHand), 'status', 'issue'));
    assert.equal(stepOf(withThreat(asked, {}, 'mitigated'), 'status')?.kind, 'conflict');
  });
});
