import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { Mapping } from '../../src/domain/integration.ts';
import { STATUS_CATEGORIES, type StatusCategory } from '../../src/domain/issue.ts';
import {
  dispositionLabel,
  DISPOSITIONS,
  hasLabel,
  pullStatus,
  putStatus,
  statusChange,
  statusWordOf,
  type StatusWord,
  wasLabelledMeanwhile,
} from '../../src/domain/status-words.ts';
import { isOpen, STATUSES, type Status } from '../../src/domain/threat.ts';
import { issueOf, trackerStatus, written } from './world.ts';

const WORDS: Record<StatusCategory, StatusWord> = {
  open: 'open',
  active: 'mitigating',
  done: 'mitigated',
  dropped: 'dropped',
};

function mappingWith(status: Partial<Mapping['status']>): Mapping {
  return { ...DEFAULT_MAPPING, status: { ...DEFAULT_MAPPING.status, ...status } };
}

const word = (category: StatusCategory, labels: readonly string[], mapping = DEFAULT_MAPPING, id?: string) =>
  statusWordOf({ status: trackerStatus(category, id), labels }, mapping);

describe('what an issue says about the status', () => {
  it('is its category, with whatever labels of people', () => {
    for (const category of STATUS_CATEGORIES)
      for (const labels of [[], ['bug'], ['accepted'], ['tm-'], ['tm-accepted-by-me']])
        assert.equal(word(category, labels), WORDS[category]);
  });

  it('is the disposition that a label names, but only once the issue is closed', () => {
    for (const disposition of DISPOSITIONS) {
      const labels = ['bug', dispositionLabel(disposition)];
      assert.deepEqual(
        STATUS_CATEGORIES.map((category) => word(category, labels)),
        ['open', 'mitigating', disposition, disposition],
      );
    }
  });

  it('knows labels without regard to case, as trackers do', () => {
    assert.equal(word('dropped', ['TM-Accepted']), 'accepted');
    assert.equal(
      word('open', ['In Progress'], mappingWith({ byLabel: { 'in progress': 'mitigating' } })),
      'mitigating',
    );
    assert.ok(hasLabel(['Threat-Model'], 'threat-model'));
  });

  it('is what the mapping says of the tracker’s status, before category and label', () => {
    const mapping = mappingWith({ byId: { '10003': 'analyzing' }, byLabel: { doing: 'mitigating' } });
    for (const category of STATUS_CATEGORIES)
      assert.equal(word(category, ['doing'], mapping, '10003'), 'analyzing', category);
  });

  it('is a disposition even where the mapping names the closed status: people said why', () => {
    const mapping = mappingWith({ byId: { '10004': 'mitigated' } });
    assert.equal(word('done', ['tm-transferred'], mapping, '10004'), 'transferred');
  });

  it('is what the mapping says of a label only while the issue is open', () => {
    const mapping = mappingWith({ byLabel: { doing: 'mitigating' } });
    assert.deepEqual(
      STATUS_CATEGORIES.map((category) => word(category, ['doing'], mapping)),
      ['mitigating', 'mitigating', 'mitigated', 'dropped'],
    );
  });
});

describe('what an issue should say', () => {
  it('is the status itself once it is closed', () => {
    for (const status of STATUSES)
      if (!isOpen(status))
        for (const active of [true, false]) assert.equal(putStatus(status, DEFAULT_MAPPING, active), status);
  });

  it('is only that there is work, where the tracker has no better word', () => {
    const open = ['identified', 'analyzing', 'mitigating'] as const;
    const said = (active: boolean, mapping = DEFAULT_MAPPING) =>
      open.map((status) => putStatus(status, mapping, active));
    assert.deepEqual(said(false), ['open', 'open', 'open']);
    assert.deepEqual(said(true), ['open', 'open', 'mitigating']);
    assert.deepEqual(said(false, mappingWith({ byLabel: { triage: 'analyzing' } })), [
      'open',
      'analyzing',
      'open',
    ]);
    assert.deepEqual(said(false, mappingWith({ toId: { mitigating: '3' } })), ['open', 'open', 'mitigating']);
  });
});

describe('what the threat becomes', () => {
  it('is nothing when an issue was closed without a reason', () => {
    for (const now of STATUSES) assert.equal(pullStatus('dropped', now, 'identified'), undefined);
  });

  it('is what an exact word says', () => {
    for (const said of STATUSES)
      for (const now of STATUSES) assert.equal(pullStatus(said, now, 'identified'), said);
  });

  it('is still open when it was, and back at work only if it had been', () => {
    for (const now of STATUSES) {
      assert.equal(pullStatus('open', now, 'mitigating'), isOpen(now) ? now : 'mitigating');
      assert.equal(pullStatus('open', now, 'analyzing'), isOpen(now) ? now : 'identified');
    }
  });
});

describe('writing a status', () => {
  const progress = mappingWith({ byLabel: { doing: 'mitigating', triage: 'analyzing' } });
  const board = mappingWith({
    byId: { '1': 'identified', '2': 'analyzing', '3': 'mitigating', '9': 'mitigated' },
    toId: { identified: '1', analyzing: '2', mitigating: '3', mitigated: '9' },
  });

  it('makes the issue say just that, whatever it said before', () => {
    const labels = fc.subarray(['bug', 'TM-ACCEPTED', 'tm-avoided', 'doing', 'triage']);
    const cases = fc.tuple(
      fc.constantFrom(DEFAULT_MAPPING, progress, board),
      fc.boolean(),
      fc.constantFrom(...STATUSES),
      fc.constantFrom(...STATUS_CATEGORIES),
      labels,
    );
    fc.assert(
      fc.property(cases, ([mapping, active, status, category, had]) => {
        const wanted = putStatus(status, mapping, active);
        const before = issueOf({ status: trackerStatus(category), labels: had });
        const after = written(before, statusChange(wanted, mapping));
        assert.equal(statusWordOf(after, mapping), wanted);
        assert.equal(after.labels.includes('bug'), had.includes('bug'));
      }),
    );
  });

  it('names the tracker’s own status where the mapping does', () => {
    assert.deepEqual(statusChange('analyzing', board).status, { category: 'open', id: '2' });
    assert.deepEqual(statusChange('accepted', board).status, { category: 'dropped' });
  });

  it('takes away the labels that would say something else, and no other', () => {
    const change = statusChange('mitigating', progress);
    assert.deepEqual(change.addLabels, ['doing']);
    assert.deepEqual(change.removeLabels.toSorted(), [
      'tm-accepted',
      'tm-avoided',
      'tm-false-positive',
      'tm-transferred',
      'tm-verified',
      'triage',
    ]);
  });

  it('brings back every status that a tracker can say exactly', () => {
    for (const status of STATUSES) {
      const said = putStatus(status, board, true);
      const shown = statusWordOf(written(issueOf(), statusChange(said, board)), board);
      const expected: Status = status;
      assert.equal(pullStatus(shown, 'identified', 'identified'), expected);
    }
  });
});

describe('a label that says why an issue is closed', () => {
  it('was put on by somebody else when it came between our look and our write, and is not what we wrote', () => {
    assert.equal(wasLabelledMeanwhile('transferred', [], ['tm-transferred', 'TM-Accepted']), true);
    assert.equal(
      wasLabelledMeanwhile('transferred', ['tm-accepted'], ['tm-accepted', 'tm-transferred']),
      false,
    );
    assert.equal(wasLabelledMeanwhile('transferred', [], ['tm-transferred', 'bug']), false);
    assert.equal(wasLabelledMeanwhile('open', [], ['tm-avoided']), true);
  });
});
