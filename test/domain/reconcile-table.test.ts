import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance } from '../../src/domain/advance.ts';
import type { FieldKey, FieldState } from '../../src/domain/link.ts';
import { reconcile, type Sides } from '../../src/domain/reconcile.ts';
import { cases, expected, named, verdicts, type Case, type StepKind, type Value } from './patterns.ts';
import { AT, CONFLICT_ID, LINK } from './world.ts';

function sidesOf(each: Case, state?: FieldState): Sides {
  const { kind, threat, issue, put, rule } = each;
  const { policy, minutesLater } = rule;
  const threatAt = new Date(Date.parse(AT) + (minutesLater ?? 0) * 60_000).toISOString();
  const fields: Partial<Record<FieldKey, FieldState>> = state === undefined ? {} : { [kind]: state };
  return {
    link: {
      base: { threat: { [kind]: threat.before }, issue: { [kind]: issue.before }, mappingVersion: 1 },
      fields,
      lastOpenStatus: 'identified',
    },
    threat: { [kind]: threat.now },
    issue: { [kind]: issue.now },
    put: { [kind]: put },
    ops: [],
    mapping: { version: 1, policies: { status: policy, title: policy, block: policy } },
    approved: false,
    ...(minutesLater === undefined ? {} : { times: { threat: { [kind]: threatAt }, issue: { [kind]: AT } } }),
  };
}

/** What the step says of the two sides; where both had changed, it names the policy that decided: the losing value is kept. */
function valuesOf({ verdict, rule, threat, issue, put }: Case, step: StepKind): object {
  const won = verdict === 'conflict' ? { wonBy: rule.policy } : {};
  const now = { threat: threat.now, issue: issue.now };
  switch (step) {
    case 'push':
      return { threat: threat.now, from: issue.now, to: put, ...won };
    case 'pull':
      return { from: threat.now, to: issue.now, issue: issue.now, ...won };
    case 'release':
      return { ...now, owned: true };
    case 'leave':
      return { issue: issue.now };
    case 'conflict':
      return { ...now, base: { threat: threat.before, issue: issue.before } };
    case 'agree':
      return now;
    case 'stuck':
    case 'question':
    case 'withdraw':
    case 'restored':
      throw new Error(`The table has no ${step}.`);
  }
}

/** Where the baselines must be after the step, per side: the value now, what was put there, or where they were. */
function movedBase(
  { threat, issue, put }: Case,
  step: StepKind | undefined,
): { threat: Value; issue: Value } {
  switch (step) {
    case 'push':
      return { threat: threat.now, issue: put };
    case 'pull':
      return { threat: issue.now, issue: issue.now };
    case 'agree':
    case 'release':
      return { threat: threat.now, issue: issue.now };
    case 'leave':
    case 'stuck':
    case 'conflict':
    case 'question':
    case 'withdraw':
    case 'restored':
    case undefined:
      return { threat: threat.before, issue: issue.before };
  }
}

/** All partitions of five things, as strings in which each new value takes the next letter. */
function partitions(): string[] {
  let grown = [''];
  for (let length = 0; length < 5; length += 1)
    grown = grown.flatMap((text) =>
      'abcde'
        .split('')
        .slice(0, new Set(text.split('')).size + 1)
        .map((letter) => text + letter),
    );
  return grown;
}

describe('the table of two baselines, two values and what the issue should show', () => {
  it('names each of the 52 patterns once', () => {
    const listed = verdicts().flatMap(([, patterns]) => patterns);
    assert.equal(listed.length, 52);
    assert.deepEqual(listed.toSorted(), partitions().toSorted());
  });

  it('sorts the patterns by who differs from his past, and whether the issue shows what it should', () => {
    for (const [verdict, patterns] of verdicts())
      for (const pattern of patterns) {
        const [tBase, tNow, iBase, iNow, put] = pattern.split('');
        const [moved, edited] = [tBase !== tNow, iBase !== iNow];
        const differ = moved ? (edited ? 'conflict' : 'threat-changed') : 'issue-changed';
        assert.equal(verdict, moved || edited ? (put === iNow ? 'agreed' : differ) : 'unchanged', pattern);
      }
  });

  it('gives the step of every pattern, kind of field and policy', (t) => {
    let count = 0;
    for (const each of cases()) {
      const step = expected(each);
      assert.deepEqual(
        reconcile(sidesOf(each)),
        step === undefined ? [] : [{ kind: step, field: each.kind, ...valuesOf(each, step) }],
        named(each),
      );
      count += 1;
    }
    t.diagnostic(`${count} rows`);
    assert.equal(count, 5460);
  });

  it('moves the baselines of that step and no other', () => {
    for (const each of cases()) {
      const sides = sidesOf(each);
      const steps = reconcile(sides);
      const link = advance({ ...LINK, ...sides.link }, steps, {
        at: AT,
        mappingVersion: 1,
        conflictIds: new Map([[each.kind, CONFLICT_ID]]),
      });
      const base = { threat: link.base?.threat[each.kind], issue: link.base?.issue[each.kind] };
      assert.deepEqual(base, movedBase(each, expected(each)), named(each));
    }
  });

  it('never writes a field that people own, whatever the pattern', () => {
    for (const each of cases()) {
      const steps = reconcile(sidesOf(each, { kind: 'released', since: AT }));
      assert.ok(
        steps.every((step) => step.kind === 'agree'),
        named(each),
      );
    }
  });

  it('gives no step where the issue could not be read', () => {
    for (const each of cases()) assert.deepEqual(reconcile({ ...sidesOf(each), issue: {} }), [], named(each));
  });

  it('withdraws what a field waited for once neither side differs from its past', () => {
    const states: FieldState[] = [
      { kind: 'conflict', conflictId: CONFLICT_ID, since: AT },
      { kind: 'edited', since: AT },
      { kind: 'needs-answer', since: AT, value: 'dropped' },
    ];
    for (const each of cases())
      if (each.verdict === 'unchanged')
        for (const state of states)
          assert.deepEqual(
            reconcile(sidesOf(each, state)),
            [{ kind: 'withdraw', field: each.kind }],
            named(each),
          );
  });
});
