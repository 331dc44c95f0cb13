import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance } from '../../src/domain/advance.ts';
import { POLICIES, type Policy } from '../../src/domain/integration.ts';
import type { FieldKey, FieldState } from '../../src/domain/link.ts';
import type { Verdict } from '../../src/domain/merge.ts';
import type { Step } from '../../src/domain/plan.ts';
import { reconcile, type Sides } from '../../src/domain/reconcile.ts';
import { AT, CONFLICT_ID, LINK } from './world.ts';

/**
 * The 52 ways in which five values can be equal or not, in this order: the threat at its base and now, the issue at its base
 * and now, and what the issue should show for the threat. Equal letters are equal values.
 */
const PATTERNS: Record<Verdict, string> = {
  unchanged: 'aaaaa aaaab aabba aabbb aabbc',
  'issue-changed': 'aaaba aaabc aabab aabac aabca aabcb aabcd',
  agreed: 'aaabb aabaa aabcc abaaa ababb abacc abbaa abbbb abbcc abcaa abcbb abccc abcdd',
  'threat-changed': 'abaab abaac abbba abbbc abcca abccb abccd',
  conflict: `ababa ababc abaca abacb abacd abbab abbac abbca abbcb abbcd
             abcab abcac abcad abcba abcbc abcbd abcda abcdb abcdc abcde`,
};

const KINDS = ['status', 'title', 'block', 'severity', 'priority', 'label:tm'] as const;
type Kind = (typeof KINDS)[number];
type Value = string | null;
type StepKind = Step['kind'];

/** What a change that only people made comes to: the direction of each field. */
const FOLLOWED: Record<Kind, StepKind> = {
  status: 'pull',
  title: 'release',
  block: 'leave',
  severity: 'release',
  priority: 'release',
  'label:tm': 'release',
};

/** What a conflict comes to under each policy; nobody knows here when a side changed, so `newest` asks. */
const SETTLED: Record<Kind, Record<Policy, StepKind>> = {
  status: { threat: 'push', issue: 'pull', newest: 'conflict', ask: 'conflict' },
  title: { threat: 'push', issue: 'release', newest: 'conflict', ask: 'conflict' },
  block: { threat: 'push', issue: 'release', newest: 'conflict', ask: 'conflict' },
  severity: { threat: 'release', issue: 'release', newest: 'release', ask: 'release' },
  priority: { threat: 'release', issue: 'release', newest: 'release', ask: 'release' },
  'label:tm': { threat: 'release', issue: 'release', newest: 'release', ask: 'release' },
};

/** Values that are both a status of a threat and a word of an issue; what only an issue can say is tested elsewhere. */
const STATUS_OF: Record<string, string> = {
  a: 'mitigated',
  b: 'accepted',
  c: 'transferred',
  d: 'avoided',
  e: 'false-positive',
};

interface Case {
  pattern: string;
  verdict: Verdict;
  kind: Kind;
  policy: Policy;
  /** The letter whose value is absent, if any. */
  absent: string | undefined;
  threat: { before: Value; now: Value };
  issue: { before: Value; now: Value };
  put: Value;
}

/** Every pattern, with each of its values present or one of them absent, for every kind of field and every policy. */
function* cases(): Generator<Case> {
  for (const [verdict, patterns] of verdicts())
    for (const pattern of patterns)
      for (const kind of KINDS)
        for (const absent of [undefined, ...new Set(pattern.split(''))]) {
          const values = pattern.split('').map((letter) => valueOf(kind, letter, absent));
          const [tBase = null, tNow = null, iBase = null, iNow = null, put = null] = values;
          const threat = { before: tBase, now: tNow };
          const issue = { before: iBase, now: iNow };
          if (!canBe(kind, pattern, absent, put, threat)) continue;
          for (const policy of POLICIES) yield { pattern, verdict, kind, policy, absent, threat, issue, put };
        }
}

function verdicts(): [Verdict, string[]][] {
  const all: Verdict[] = ['unchanged', 'issue-changed', 'agreed', 'threat-changed', 'conflict'];
  return all.map((verdict) => [verdict, PATTERNS[verdict].split(/\s+/)]);
}

function valueOf(kind: Kind, letter: string, absent: string | undefined): Value {
  if (letter === absent) return null;
  if (kind === 'status') return STATUS_OF[letter] ?? null;
  return kind === 'label:tm' ? 'present' : `value ${letter}`;
}

/** A status and a title are never absent, a block only in the issue; a label is there or not. */
function canBe(
  kind: Kind,
  pattern: string,
  absent: string | undefined,
  put: Value,
  threat: Case['threat'],
): boolean {
  if (kind === 'status' || kind === 'title') return absent === undefined;
  if (kind === 'block') return put !== null && threat.before !== null && threat.now !== null;
  if (kind !== 'label:tm') return true;
  const letters = new Set(pattern.split('')).size;
  return letters === 1 || (letters === 2 && absent !== undefined);
}

function expected(each: Case): StepKind | undefined {
  const step = wanted(each);
  // The issue came to say what the threat says already, in other words: nothing to write.
  return step === 'pull' && each.threat.now === each.issue.now ? 'agree' : step;
}

function wanted({ verdict, kind, policy, issue }: Case): StepKind | undefined {
  const markersGone = kind === 'block' && issue.now === null;
  switch (verdict) {
    case 'unchanged':
      return undefined;
    case 'agreed':
      return 'agree';
    case 'threat-changed':
      return 'push';
    case 'issue-changed':
      return markersGone ? 'release' : FOLLOWED[kind];
    case 'conflict':
      return markersGone ? 'release' : SETTLED[kind][policy];
  }
}

function sidesOf(each: Case, state?: FieldState): Sides {
  const { kind, threat, issue, put, policy } = each;
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
  };
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
    case undefined:
      return { threat: threat.before, issue: issue.before };
  }
}

const named = ({ pattern, kind, policy, absent }: Case) =>
  `${pattern} of a ${kind} under ${policy}${absent === undefined ? '' : ` with ${absent} absent`}`;

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

  it('gives the step of every pattern, kind of field and policy', () => {
    let count = 0;
    for (const each of cases()) {
      const steps = reconcile(sidesOf(each));
      assert.deepEqual(
        steps.map((step) => step.kind),
        [expected(each)].filter((kind) => kind !== undefined),
        named(each),
      );
      count += 1;
    }
    assert.ok(count > 2500, `${count} rows`);
  });

  it('gives steps that name the values of their sides', () => {
    for (const each of cases()) {
      const [step] = reconcile(sidesOf(each));
      const { kind: field, threat, issue, put } = each;
      // Where both sides had changed, the step names the policy that decided: the losing value is kept.
      const won = each.verdict === 'conflict' ? { wonBy: each.policy } : {};
      if (step?.kind === 'push')
        assert.deepEqual(step, { kind: 'push', field, threat: threat.now, from: issue.now, to: put, ...won });
      if (step?.kind === 'pull')
        assert.deepEqual(step, {
          kind: 'pull',
          field,
          from: threat.now,
          to: issue.now,
          issue: issue.now,
          ...won,
        });
      if (step?.kind === 'conflict')
        assert.deepEqual(
          step,
          {
            kind: 'conflict',
            field,
            threat: threat.now,
            issue: issue.now,
            base: { threat: threat.before, issue: issue.before },
          },
          named(each),
        );
    }
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
