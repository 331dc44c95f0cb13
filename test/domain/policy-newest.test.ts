import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reconcile } from '../../src/domain/reconcile.ts';
import { AT, linked, sidesOf, threatOf, trackerStatus, withIssue, withThreat } from './world.ts';

const T = Date.parse(AT);
const both = withThreat(
  withIssue(linked(threatOf(), { status: 'newest', title: 'newest' }), {
    status: trackerStatus('done'),
    title: 'Of the issue',
  }),
  { title: 'Of the threat' },
  'accepted',
);

function decided(threat?: number, issue?: number) {
  const steps = reconcile({
    ...sidesOf(both),
    times: {
      threat: threat === undefined ? {} : { status: new Date(threat).toISOString() },
      issue: issue === undefined ? {} : { status: new Date(issue).toISOString() },
    },
  });
  return steps.find((step) => step.field === 'status')?.kind;
}

describe('the policy newest', () => {
  it('takes the later side when the gap is over two minutes', () => {
    assert.equal(decided(T + 120_001, T), 'push');
    assert.equal(decided(T, T + 120_001), 'pull');
  });

  it('asks when the gap is smaller: two clocks cannot say', () => {
    assert.equal(decided(T + 120_000, T), 'conflict');
    assert.equal(decided(T, T + 120_000), 'conflict');
    assert.equal(decided(T, T), 'conflict');
  });

  it('asks when a side does not say when it changed this field', () => {
    assert.equal(decided(T + 600_000), 'conflict');
    assert.equal(decided(undefined, T), 'conflict');
    assert.equal(decided(), 'conflict');
  });

  it('does not take one field’s time for another’s', () => {
    const times = { threat: { status: AT, title: AT }, issue: { status: '2020-01-01T00:00:00.000Z' } };
    const title = reconcile({ ...sidesOf(both), times }).find((step) => step.field === 'title');
    assert.equal(title?.kind, 'conflict');
  });
});
