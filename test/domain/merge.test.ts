import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { judge, type Seen } from '../../src/domain/merge.ts';

/** Few values, so that equal ones are common. */
const value = fc.constantFrom('a', 'b', 'c', null);
const seen: fc.Arbitrary<Seen> = fc.record({ now: value, before: value });
const triple = fc.tuple(seen, seen, value);

const settled = (side: Seen) => ({ now: side.now, before: side.now });
const changed = ({ now, before }: Seen) => now !== before;

describe('judge', () => {
  it('sees no edit when the tracker only re-rendered what we wrote', () => {
    assert.equal(
      judge({ now: '**b**', before: '**b**' }, { now: '*b*', before: '*b*' }, '**b**'),
      'unchanged',
    );
  });

  it('does not compare the sides while neither has changed', () => {
    fc.assert(
      fc.property(value, value, value, (threat, issue, put) => {
        assert.equal(judge({ now: threat, before: threat }, { now: issue, before: issue }, put), 'unchanged');
      }),
    );
  });

  it('finds agreement exactly where a side changed and the issue shows what it should', (t) => {
    let count = 0;
    fc.assert(
      fc.property(triple, ([threat, issue, put]) => {
        count += 1;
        const agreed = (changed(threat) || changed(issue)) && put === issue.now;
        assert.equal(judge(threat, issue, put) === 'agreed', agreed);
      }),
    );
    t.diagnostic(`${count} cases`);
  });

  it('calls it a conflict only when both sides changed and differ', () => {
    fc.assert(
      fc.property(triple, ([threat, issue, put]) => {
        const conflict = changed(threat) && changed(issue) && put !== issue.now;
        assert.equal(judge(threat, issue, put) === 'conflict', conflict);
      }),
    );
  });

  it('blames a side only for its own change', () => {
    fc.assert(
      fc.property(triple, ([threat, issue, put]) => {
        const verdict = judge(threat, issue, put);
        if (verdict === 'threat-changed') assert.ok(changed(threat) && !changed(issue));
        if (verdict === 'issue-changed') assert.ok(changed(issue) && !changed(threat));
      }),
    );
  });

  it('is symmetric where the sides speak the same words', () => {
    const mirrored = {
      unchanged: 'unchanged',
      agreed: 'agreed',
      conflict: 'conflict',
      'threat-changed': 'issue-changed',
      'issue-changed': 'threat-changed',
    } as const;
    fc.assert(
      fc.property(seen, seen, (one, other) => {
        assert.equal(judge(other, one, other.now), mirrored[judge(one, other, one.now)]);
      }),
    );
  });

  it('has nothing to say once both pasts are the present', () => {
    fc.assert(
      fc.property(triple, ([threat, issue, put]) => {
        assert.equal(judge(settled(threat), settled(issue), put), 'unchanged');
      }),
    );
  });

  it('takes an absent value for a value', () => {
    assert.equal(judge({ now: 'a', before: 'a' }, { now: null, before: 'a' }, 'a'), 'issue-changed');
    assert.equal(judge({ now: null, before: 'a' }, { now: 'a', before: 'a' }, null), 'threat-changed');
    assert.equal(judge({ now: null, before: 'a' }, { now: null, before: 'a' }, null), 'agreed');
  });
});
