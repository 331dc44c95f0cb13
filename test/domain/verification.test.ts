import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { Mapping } from '../../src/domain/integration.ts';
import { STATUSES } from '../../src/domain/threat.ts';
import { pullStatus, statusChange, statusWordOf } from '../../src/domain/status-words.ts';
import {
  AT,
  changeFor,
  chosen,
  issueOf,
  linked,
  linkedByHand,
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

const done = (world: World, ...labels: string[]) =>
  withIssue(world, { status: trackerStatus('done'), labels: [...world.issue.labels, ...labels] });
const reopened = (world: World) => withIssue(world, { status: trackerStatus('open') });
const gated = (world: World, gate = true): World => ({ ...world, gate });
const waiting = synced(done(gated(linked())));

describe('an issue that was verified', () => {
  const mapped: Mapping = {
    ...DEFAULT_MAPPING,
    status: { byId: { '30': 'verified', '40': 'mitigated', '50': 'accepted' }, byLabel: {}, toId: {} },
  };
  const word = (category: 'open' | 'active' | 'done' | 'dropped', id: string, ...labels: string[]) =>
    statusWordOf({ status: trackerStatus(category, id), labels }, mapped);

  it('is closed as done with the label, or has a status that the mapping calls so', () => {
    assert.equal(word('done', '1', 'TM-Verified'), 'verified');
    assert.equal(word('done', '40', 'tm-verified'), 'verified');
    assert.equal(word('done', '30'), 'verified');
  });

  it('is none while it is open, was dropped, or says why it was not done', () => {
    assert.equal(word('open', '1', 'tm-verified'), 'open');
    assert.equal(word('active', '1', 'tm-verified'), 'mitigating');
    assert.equal(word('dropped', '1', 'tm-verified'), 'dropped');
    assert.equal(word('done', '50', 'tm-verified'), 'accepted');
    assert.equal(word('done', '1', 'tm-verified', 'tm-avoided'), 'avoided');
  });

  it('mitigates its threat, gate or not, and is as good as closed for a threat that is mitigated', () => {
    for (const status of STATUSES) assert.equal(pullStatus('verified', status, 'identified'), 'mitigated');
    for (const gate of [true, false]) {
      const verified = synced(done(gated(linked(), gate), 'tm-verified'));
      assert.equal(verified.threat.status, 'mitigated');
      assert.deepEqual(stepsOf(verified), []);
      const closedByUs = synced(withThreat(gated(linked(), gate), {}, 'mitigated'));
      const looked = withIssue(closedByUs, { labels: [...closedByUs.issue.labels, 'tm-verified'] });
      assert.equal(stepOf(looked, 'status')?.kind, 'agree');
      assert.deepEqual(stepsOf(synced(looked)), []);
    }
  });

  it('loses the label when its status is written, and gets it by that word alone', () => {
    const change = statusChange('verified', mapped);
    assert.deepEqual([change.status, change.addLabels], [{ category: 'done' }, ['tm-verified']]);
    for (const status of [...STATUSES, 'open', 'dropped']) {
      const other = statusChange(status, mapped);
      assert.ok(other.removeLabels.includes('tm-verified'), status);
      const shows = written(issueOf({ labels: ['tm-verified'], status: trackerStatus('done') }), other);
      assert.notEqual(statusWordOf(shows, DEFAULT_MAPPING), 'verified', status);
    }
    const toId = { ...mapped, status: { ...mapped.status, toId: { verified: '30' } } };
    assert.deepEqual(statusChange('verified', toId).status, { category: 'done', id: '30' });
  });
});

describe('the gate', () => {
  it('lets nothing mitigate that is only done: the threat is worked on, and the wait is seen', () => {
    assert.equal(waiting.threat.status, 'mitigating');
    assert.deepEqual(waiting.link.fields.status, { kind: 'awaits-verification', since: AT });
    assert.deepEqual(stepsOf(waiting), [], 'said once');
    assert.deepEqual(changeFor(waiting), {}, 'the issue stays closed');
  });

  it('is silent where it is off', () => {
    const mitigated = synced(done(linked()));
    assert.deepEqual([mitigated.threat.status, mitigated.link.fields.status], ['mitigated', undefined]);
  });

  it('is passed by the label, and by a person who says so of the threat', () => {
    for (const passed of [done(waiting, 'tm-verified'), withThreat(waiting, {}, 'mitigated')]) {
      const after = synced(passed);
      assert.equal(after.threat.status, 'mitigated');
      assert.equal(after.link.fields.status, undefined);
      assert.deepEqual(changeFor(passed), {});
      assert.deepEqual(stepsOf(after), []);
    }
  });

  it('lets through what waits once it is switched off', () => {
    const after = synced(gated(waiting, false));
    assert.deepEqual([after.threat.status, after.link.fields.status], ['mitigated', undefined]);
  });

  it('waits on under another mapping: the issue is not opened for it', () => {
    const mapping = { ...waiting.mapping, version: waiting.mapping.version + 1 };
    assert.deepEqual(stepsOf({ ...waiting, mapping }), []);
  });

  it('ends by reopening the issue, and begins again with the next close', () => {
    const open = synced(reopened(waiting));
    assert.deepEqual([open.threat.status, open.link.fields.status], ['mitigating', undefined]);
    assert.equal(synced(done(open)).link.fields.status?.kind, 'awaits-verification');
  });

  it('opens the issue when a person finds that the threat is there still', () => {
    const found = withThreat(waiting, {}, 'identified');
    assert.deepEqual(changeFor(found).status, { category: 'open' });
    assert.equal(synced(found).link.fields.status, undefined);
  });

  it('holds where a person lets the issue win a conflict, and where the policy does', () => {
    const both = done(withThreat(gated(linked()), {}, 'accepted'));
    assert.equal(stepOf(both, 'status')?.kind, 'conflict');
    const policy = done(withThreat(gated(linked(threatOf(), { status: 'issue' })), {}, 'analyzing'));
    for (const world of [chosen(both, 'status', 'issue'), policy]) {
      const after = synced(world);
      assert.equal(after.threat.status, 'mitigating');
      assert.equal(after.link.fields.status?.kind, 'awaits-verification');
    }
  });

  it('asks nothing of an issue that was closed by us, nor of one that was found closed under a mitigated threat', () => {
    const ours = synced(withThreat(gated(linked()), {}, 'mitigated'));
    const found = gated(linkedByHand(threatOf({}, 'mitigated'), issueOf({ status: trackerStatus('done') })));
    for (const world of [ours, synced(found)]) {
      assert.equal(world.threat.status, 'mitigated');
      assert.equal(stepOf(world, 'status'), undefined);
    }
  });

  it('never mitigates a threat by an issue without a word of verification, whatever happens in which order', () => {
    const moves = fc.constantFrom<(world: World) => World>(done, reopened, synced, (world) =>
      withThreat(world, {}, 'analyzing'),
    );
    fc.assert(
      fc.property(
        fc.array(moves, { maxLength: 12 }),
        fc.constantFrom('ask', 'issue', 'threat'),
        (all, status) => {
          const end = all.reduce((world, move) => move(world), gated(linked(threatOf(), { status })));
          assert.notEqual(synced(end).threat.status, 'mitigated');
        },
      ),
    );
  });
});
