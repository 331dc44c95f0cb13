import type { Policy } from '../../src/domain/integration.ts';
import type { Verdict } from '../../src/domain/merge.ts';
import type { Step } from '../../src/domain/plan.ts';

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
export type Value = string | null;
export type StepKind = Step['kind'];

/** What a change that only people made comes to: the direction of each field. */
const FOLLOWED: Record<Kind, StepKind> = {
  status: 'pull',
  title: 'release',
  block: 'leave',
  severity: 'release',
  priority: 'release',
  'label:tm': 'release',
};

type Winner = 'threat' | 'issue' | 'ask';

/** What decides when both sides changed: a policy, and for `newest` the minutes by which the threat's change was the later one. */
interface Rule {
  name: string;
  policy: Policy;
  minutesLater?: number;
  winner: Winner;
}
const RULES: readonly Rule[] = [
  { name: 'threat', policy: 'threat', winner: 'threat' },
  { name: 'issue', policy: 'issue', winner: 'issue' },
  { name: 'ask', policy: 'ask', winner: 'ask' },
  { name: 'newest, of times that nobody knows', policy: 'newest', winner: 'ask' },
  { name: 'newest, the threat later', policy: 'newest', minutesLater: 3, winner: 'threat' },
  { name: 'newest, the issue later', policy: 'newest', minutesLater: -3, winner: 'issue' },
  { name: 'newest, too close to say', policy: 'newest', minutesLater: 2, winner: 'ask' },
];

/** What a conflict comes to for each winner: labels, severity and priority are people's whatever the policy. */
const THEIRS = { threat: 'release', issue: 'release', ask: 'release' } as const;
const SETTLED: Record<Kind, Record<Winner, StepKind>> = {
  status: { threat: 'push', issue: 'pull', ask: 'conflict' },
  title: { threat: 'push', issue: 'release', ask: 'conflict' },
  block: { threat: 'push', issue: 'release', ask: 'conflict' },
  severity: THEIRS,
  priority: THEIRS,
  'label:tm': THEIRS,
};

/** Values that are both a status of a threat and a word of an issue; what only an issue can say is tested elsewhere. */
const STATUS_OF: Record<string, string> = {
  a: 'mitigated',
  b: 'accepted',
  c: 'transferred',
  d: 'avoided',
  e: 'false-positive',
};

/** One row of the table. */
export interface Case {
  pattern: string;
  verdict: Verdict;
  kind: Kind;
  rule: Rule;
  /** The letter whose value is absent, if any. */
  absent: string | undefined;
  threat: { before: Value; now: Value };
  issue: { before: Value; now: Value };
  put: Value;
}

/** Every pattern, with each of its values present or one of them absent, for every kind of field and every rule. */
export function* cases(): Generator<Case> {
  for (const [verdict, patterns] of verdicts())
    for (const pattern of patterns)
      for (const kind of KINDS)
        for (const absent of [undefined, ...new Set(pattern.split(''))]) {
          const values = pattern.split('').map((letter) => valueOf(kind, letter, absent));
          const [tBase = null, tNow = null, iBase = null, iNow = null, put = null] = values;
          const threat = { before: tBase, now: tNow };
          const issue = { before: iBase, now: iNow };
          if (!canBe(kind, pattern, absent, put, threat)) continue;
          for (const rule of RULES) yield { pattern, verdict, kind, rule, absent, threat, issue, put };
        }
}

/** The patterns that come to each verdict. */
export function verdicts(): [Verdict, string[]][] {
  const all: Verdict[] = ['unchanged', 'issue-changed', 'agreed', 'threat-changed', 'conflict'];
  return all.map((verdict) => [verdict, PATTERNS[verdict].split(/\s+/)]);
}

function valueOf(kind: Kind, letter: string, absent: string | undefined): Value {
  if (letter === absent) return null;
  if (kind === 'status') return STATUS_OF[letter] ?? null;
  return kind === 'label:tm' ? 'present' : `value ${letter}`;
}

/** A status is never absent, a block only in the issue; a label is there or not. */
function canBe(
  kind: Kind,
  pattern: string,
  absent: string | undefined,
  put: Value,
  threat: Case['threat'],
): boolean {
  if (kind === 'status') return absent === undefined;
  if (kind === 'block') return put !== null && threat.before !== null && threat.now !== null;
  if (kind !== 'label:tm') return true;
  const letters = new Set(pattern.split('')).size;
  return letters === 1 || (letters === 2 && absent !== undefined);
}

/** The step that the case must come to; undefined: nothing is to be done. */
export function expected(each: Case): StepKind | undefined {
  const step = wanted(each);
  // The issue came to say what the threat says already, in other words: nothing to write.
  return step === 'pull' && each.threat.now === each.issue.now ? 'agree' : step;
}

function wanted({ verdict, kind, rule, issue }: Case): StepKind | undefined {
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
      return markersGone ? 'release' : SETTLED[kind][rule.winner];
  }
}

/** The row in words. */
export const named = ({ pattern, kind, rule, absent }: Case): string =>
  `${pattern} of a ${kind} under ${rule.name}${absent === undefined ? '' : ` with ${absent} absent`}`;
