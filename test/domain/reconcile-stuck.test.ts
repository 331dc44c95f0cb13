import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance } from '../../src/domain/advance.ts';
import type { Link } from '../../src/domain/link.ts';
import type { Step } from '../../src/domain/plan.ts';
import { reconcile, type Sides } from '../../src/domain/reconcile.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LINK: Link = {
  id: 'l',
  integrationId: 'i',
  threatId: 't',
  role: 'threat',
  mitigationKey: '',
  state: 'linked',
  stateSince: AT,
  base: { threat: { status: 'identified' }, issue: { status: 'open' }, mappingVersion: 1 },
  fields: {},
  lastOpenStatus: 'identified',
  closedByUs: false,
  failures: 0,
  version: 1,
  createdAt: AT,
};

function sides(link: Link, change: Partial<Sides> = {}): Sides {
  return {
    link,
    threat: { status: 'mitigated' },
    issue: { status: 'open' },
    put: { status: 'mitigated' },
    ops: [],
    mapping: { version: 1, policies: { status: 'ask', title: 'issue', block: 'ask' } },
    approved: false,
    ...change,
  };
}

function recorded(link: Link, steps: readonly Step[], mappingVersion = 1): Link {
  return advance(link, steps, { at: AT, mappingVersion, conflictIds: new Map() });
}

const STUCK: Step = {
  kind: 'stuck',
  field: 'status',
  to: 'mitigated',
  shows: 'open',
  reason: 'no transition leads to Done',
};

describe('a value that the tracker cannot take as things are', () => {
  const stuck = recorded(LINK, [STUCK]);

  it('leaves what the write has come to as our own doing, and goes back from there', () => {
    const link = {
      ...LINK,
      base: { threat: { status: 'accepted' }, issue: { status: 'accepted' }, mappingVersion: 1 },
    };
    const halfway = recorded(link, [{ ...STUCK, to: 'open', shows: 'mitigated' }]);
    const now = { issue: { status: 'mitigated' } };
    const wanted = { ...now, threat: { status: 'identified' }, put: { status: 'open' } };
    assert.deepEqual(reconcile(sides(halfway, wanted)), [], 'nobody has edited it');
    const back = { ...now, threat: { status: 'accepted' }, put: { status: 'accepted' } };
    assert.equal(reconcile(sides(halfway, back))[0]?.kind, 'push');
  });

  it('moves no baseline and is not written again by itself', () => {
    assert.deepEqual(stuck.base?.issue, LINK.base?.issue);
    assert.deepEqual(reconcile(sides(stuck)), []);
  });

  it('is tried again by hand, with another mapping, and when the threat wants something else', () => {
    assert.equal(reconcile(sides(stuck, { approved: true }))[0]?.kind, 'push');
    const mapping = { version: 2, policies: { status: 'ask', title: 'issue', block: 'ask' } } as const;
    assert.equal(reconcile(sides(stuck, { mapping }))[0]?.kind, 'push');
    const other = { threat: { status: 'accepted' }, put: { status: 'accepted' } };
    assert.equal(reconcile(sides(stuck, other))[0]?.kind, 'push');
  });

  it('waits on when only a new mapping wanted it, and was itself recorded', () => {
    const remapped = {
      ...LINK,
      base: { threat: { status: 'mitigated' }, issue: { status: 'open' }, mappingVersion: 1 },
    };
    const mapping = { version: 2, policies: { status: 'ask', title: 'issue', block: 'ask' } } as const;
    assert.equal(reconcile(sides(remapped, { mapping }))[0]?.kind, 'push');
    const waiting = recorded(remapped, [STUCK], 2);
    assert.deepEqual(reconcile(sides(waiting, { mapping })), []);
    assert.equal(reconcile(sides(waiting, { mapping, approved: true }))[0]?.kind, 'push');
  });

  it('is forgotten when a person brings the issue there, or the threat goes back', () => {
    const there = reconcile(sides(stuck, { issue: { status: 'mitigated' } }));
    assert.deepEqual(
      there.map((step) => step.kind),
      ['agree'],
    );
    assert.deepEqual(recorded(stuck, there).fields, {});
    const back = reconcile(sides(stuck, { threat: { status: 'identified' }, put: { status: 'open' } }));
    assert.deepEqual(back, [{ kind: 'withdraw', field: 'status' }]);
  });
});

describe('a write of the status that takes several calls, and got stuck', () => {
  const closed = { threat: { status: 'transferred' }, issue: { status: 'transferred' }, mappingVersion: 1 };
  const link = { ...LINK, base: closed };
  // The threat became mitigated; GitHub can change the reason of a closed issue only by opening it first.
  const between = {
    threat: { status: 'mitigated' },
    issue: { status: 'open' },
    put: { status: 'mitigated' },
  };

  it('is written on: what it left behind is nobody’s edit', () => {
    const [on] = reconcile(sides(link, { ...between, stuck: 'surely' }));
    assert.deepEqual(on?.kind === 'push' && [on.from, on.to, on.wonBy], [
      'open',
      'mitigated',
      'unfinished-write',
    ]);
    assert.equal(reconcile(sides(link, between))[0]?.kind, 'conflict', 'without such a write it is one');
    const back = { ...between, threat: { status: 'transferred' }, put: { status: 'transferred' } };
    assert.equal(
      reconcile(sides(link, { ...back, stuck: 'surely' }))[0]?.kind,
      'push',
      'also when the threat went back',
    );
    assert.equal(reconcile(sides(link, back))[0]?.kind, 'pull');
  });

  it('may be followed by people after a while: then nobody is overruled without a word', () => {
    assert.equal(reconcile(sides(link, { ...between, stuck: 'perhaps' }))[0]?.kind, 'conflict');
  });

  it('does not explain what no step leads to', () => {
    const dropped = {
      threat: { status: 'mitigated' },
      issue: { status: 'dropped' },
      put: { status: 'mitigated' },
    };
    assert.notEqual(reconcile(sides(LINK, { ...dropped, stuck: 'surely' }))[0]?.kind, 'push');
  });
});
