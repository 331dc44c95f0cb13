import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import { changeOf, type Push } from '../../src/domain/issue-change.ts';
import type { FieldKey } from '../../src/domain/link.ts';

const push = (field: FieldKey, from: string | null, to: string | null): Push => ({
  kind: 'push',
  field,
  threat: 'now',
  from,
  to,
});
const change = (pushes: readonly Push[], labels: readonly string[] = [], mapping = DEFAULT_MAPPING) =>
  changeOf(pushes, { labels }, mapping, 'the mark');

describe('the change of an issue', () => {
  it('is nothing without a push', () => {
    assert.deepEqual(change([], ['bug']), {});
  });

  it('names only what is pushed', () => {
    assert.deepEqual(change([push('title', 'Old', 'New')]), { title: 'New' });
    assert.deepEqual(change([push('block', 'Old', 'New')]), { block: { mark: 'the mark', text: 'New' } });
    assert.deepEqual(change([push('priority', 'P2', 'P1')]), { priority: 'P1' });
  });

  it('adds and removes one label of ours at a time', () => {
    assert.deepEqual(change([push('label:a', null, 'present')], ['b']), { addLabels: ['a'] });
    assert.deepEqual(change([push('label:a', 'present', null)], ['a', 'b']), { removeLabels: ['a'] });
  });

  it('replaces the severity labels that are there by the one that should be', () => {
    const labels = ['severity-high', 'severity-low', 'bug'];
    const both = change([push('severity', 'severity-high, severity-low', 'severity-low')], labels);
    assert.deepEqual(both, { addLabels: ['severity-low'], removeLabels: ['severity-high'] });
    assert.deepEqual(change([push('severity', 'severity-high', null)], labels), {
      removeLabels: ['severity-high'],
    });
  });

  it('removes only those dispositions that are there', () => {
    assert.deepEqual(change([push('status', 'accepted', 'open')], ['tm-accepted', 'bug']), {
      status: { category: 'open' },
      removeLabels: ['tm-accepted'],
    });
    assert.deepEqual(change([push('status', 'open', 'mitigated')], ['bug']), {
      status: { category: 'done' },
    });
  });

  it('never adds and removes the same label, in whatever case', () => {
    const mapping = {
      ...DEFAULT_MAPPING,
      status: { byId: {}, toId: {}, byLabel: { Doing: 'mitigating' as const } },
    };
    const pushes = [push('status', 'mitigating', 'open'), push('label:doing', null, 'present')];
    assert.deepEqual(change(pushes, ['doing'], mapping), {
      status: { category: 'open' },
      addLabels: ['doing'],
    });
  });

  it('never names a label of people', () => {
    const people = ['bug', 'accepted', 'severity', 'Team tm', 'stride'];
    const pushes = fc.subarray([
      push('status', 'accepted', 'open'),
      push('severity', 'severity-high', 'severity-low'),
      push('label:threat-model', 'present', null),
      push('title', 'Old', 'New'),
    ]);
    fc.assert(
      fc.property(
        pushes,
        fc.subarray([...people, 'tm-accepted', 'severity-high', 'threat-model']),
        (some, labels) => {
          const { addLabels = [], removeLabels = [] } = change(some, labels);
          assert.deepEqual(
            [...addLabels, ...removeLabels].filter((label) => people.includes(label)),
            [],
          );
        },
      ),
    );
  });
});
