import { afterCrossing, type Crossed } from './crossed.ts';
import { effectiveBase, type PastStatuses, type StuckStatus } from './effective-base.ts';
import { arrivedUndo, isHeld } from './hold.ts';
import type { Mapping } from './integration.ts';
import type { Baseline, FieldKey, FieldState, FieldValues, Link, Op } from './link.ts';
import { judge } from './merge.ts';
import type { Step } from './plan.ts';
import { pullStatus, type StatusWord } from './status-words.ts';
import { isThreatStatus, statusNamed, STATUSES } from './threat.ts';
import { isLabelKey, keysOf } from './values.ts';
import { whoWins, type FieldTimes } from './winner.ts';

/** All that a decision about one link may rest on. */
export interface Sides extends PastStatuses {
  link: Pick<Link, 'base' | 'fields' | 'lastOpenStatus'>;
  /** In threat words, now. */
  threat: FieldValues;
  /** In issue words, now; a missing key is unknown: no verdict, no base change. */
  issue: FieldValues;
  /** What the issue should show for the threat as it is now. */
  put: FieldValues;
  /** Writes whose outcome is not known: a value of theirs in the issue is ours, never an edit. */
  ops: readonly Op[];
  /** Edits that writes among them went over. */
  crossed?: ReadonlyMap<FieldKey, Crossed>;
  stuck?: StuckStatus;
  mapping: Pick<Mapping, 'version' | 'policies' | 'rules'>;
  /** A close as done counts only once it was verified. */
  gate?: boolean;
  /** Mitigations of the threat are still to be done in issues of their own. */
  hasOpenWork?: boolean;
  /** A person asked for this run: what waits for approval may be written. */
  approved: boolean;
  times?: FieldTimes;
}

interface FieldSides {
  field: FieldKey;
  threat: { now: string | null; before: string | null };
  issue: { now: string | null; before: string | null };
  put: string | null;
  state: FieldState | undefined;
  /** No past at all: linked by hand. */
  fresh: boolean;
  /** A write of unknown outcome turned out to be here: its past is not recorded yet. */
  arrived: boolean;
}

/** Decide what must be done about one link. Empty once the sides agree; applied steps reconcile to nothing. */
export function reconcile(sides: Sides): Step[] {
  const base = effectiveBase(sides.link.base, sides.issue, sides.ops, sides.stuck, sides);
  const steps: Step[] = [];
  for (const field of fieldsOf(sides.put, base)) {
    const issueNow = sides.issue[field];
    const crossing = afterCrossing(field, sides);
    if (crossing !== undefined) {
      steps.push(crossing);
      continue;
    }
    if (issueNow === undefined) continue;
    const restored = arrivedUndo(field, issueNow, sides.link.base, sides.ops);
    if (restored !== undefined) {
      steps.push(restored);
      continue;
    }
    const fresh =
      asksForPast(field) && (base?.threat[field] === undefined || base.issue[field] === undefined);
    const step = decide(
      {
        field,
        threat: { now: sides.threat[field] ?? null, before: base?.threat[field] ?? null },
        issue: { now: issueNow, before: base?.issue[field] ?? null },
        put: sides.put[field] ?? null,
        state: sides.link.fields[field],
        fresh,
        arrived: base?.issue[field] !== sides.link.base?.issue[field],
      },
      sides,
    );
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

/** Labels and priorities may join the mapping of linked issues: without a past they were absent, and what people set is theirs. */
function asksForPast(field: FieldKey): boolean {
  return !isLabelKey(field) && field !== 'priority';
}

function fieldsOf(put: FieldValues, base: Baseline | undefined): FieldKey[] {
  const labels = keysOf({ ...base?.threat, ...base?.issue }).filter(isLabelKey);
  return [...new Set([...keysOf(put), ...labels])];
}

function decide(f: FieldSides, sides: Sides): Step | undefined {
  if (isHeld(f.state, { threat: f.threat.now, issue: f.issue.now })) return undefined;
  if (f.fresh) return decideFresh(f, sides);
  const verdict = judge(f.threat, f.issue, f.put);
  const released = f.state?.kind === 'released';
  switch (verdict) {
    case 'agreed':
      return agree(f);
    case 'unchanged':
      return whenUnchanged(f, sides, released);
    case 'threat-changed':
      return released || isStuck(f, sides) ? undefined : pushOn(f, sides);
    case 'issue-changed':
      return released ? undefined : follow(f, sides);
    case 'conflict':
      return released ? undefined : settle(f, sides);
  }
}

/** The tracker has said that it cannot take this value: only a person or another mapping makes a new try worth it. */
function isStuck(f: FieldSides, sides: Sides): boolean {
  return f.state?.kind === 'needs-mapping' && f.state.to === f.put && !sides.approved && !isRemapped(sides);
}

function isRemapped({ link, mapping }: Sides): boolean {
  return link.base !== undefined && link.base.mappingVersion !== mapping.version;
}

/** Linked by hand: what agrees gets a past, what differs is asked, our block waits for approval. */
function decideFresh(f: FieldSides, sides: Sides): Step | undefined {
  if (f.put === f.issue.now) return agree(f);
  if (f.field === 'block' && f.issue.now === null) return sides.approved ? push(f) : undefined;
  const choice = choiceOf(f);
  return choice === undefined ? conflict(f) : asChosen(f, choice, sides);
}

function whenUnchanged(f: FieldSides, sides: Sides, released: boolean): Step | undefined {
  if (f.state?.kind === 'awaits-verification') return sides.gate === true ? undefined : pull(f, sides);
  const waits = f.state?.kind === 'needs-mapping' && f.state.to === f.put;
  if ((waits || isRemapped(sides)) && !released && f.put !== f.issue.now)
    return isStuck(f, sides) ? undefined : push(f);
  // What the tracker could not take was begun: the way back is a write as well.
  if (f.state?.kind === 'needs-mapping' && f.put !== f.issue.now && !waits && !released) return push(f);
  if (f.arrived) return agree(f);
  const waited =
    f.state !== undefined &&
    ['conflict', 'hold', 'needs-answer', 'edited', 'needs-mapping'].includes(f.state.kind);
  return waited ? { kind: 'withdraw', field: f.field } : undefined;
}

/** Only the issue changed: the status follows it; our other fields become people's; an edited block stays as it is. */
function follow(f: FieldSides, sides: Sides): Step | undefined {
  if (f.field === 'status') return pull(f, sides);
  if (f.field === 'block' && f.issue.now !== null)
    return f.state?.kind === 'edited' ? undefined : { kind: 'leave', field: f.field, issue: f.issue.now };
  return release(f);
}

function settle(f: FieldSides, sides: Sides): Step | undefined {
  const choice = choiceOf(f);
  if (choice !== undefined) return asChosen(f, choice, sides);
  const { keep, ...by } = whoWins(f.field, f.threat.now, f.issue.now, sides);
  const step = carryOut(f, keep, sides);
  if (step?.kind === 'push' || step?.kind === 'pull') return { ...step, ...by };
  const isRuled = step?.kind === 'release' && by.wonBy === 'rule';
  return isRuled ? { ...step, wonBy: by.wonBy, rule: by.rule } : step;
}

/** A person has decided between the sides: should the one that is right say too little, the other is no longer asked about. */
function asChosen(f: FieldSides, keep: 'threat' | 'issue', sides: Sides): Step | undefined {
  const step = carryOut(f, keep, sides);
  return step?.kind === 'question' ? { ...step, chosenOver: f.threat.now } : step;
}

function carryOut(f: FieldSides, who: 'threat' | 'issue' | 'ask', sides: Sides): Step | undefined {
  switch (who) {
    case 'threat':
      return push(f);
    case 'issue':
      return f.field === 'status' ? pull(f, sides) : release(f);
    case 'ask':
      return conflict(f);
  }
}

/** What a person chose, while both sides still show what was seen. */
function choiceOf(f: FieldSides): 'threat' | 'issue' | undefined {
  const choice = f.state?.kind === 'conflict' ? f.state.choice : undefined;
  const stillSo = choice?.threat === f.threat.now && choice.issue === f.issue.now;
  return stillSo ? choice?.keep : undefined;
}

function agree(f: FieldSides): Step {
  return { kind: 'agree', field: f.field, threat: f.threat.now, issue: f.issue.now };
}

function push(f: FieldSides): Extract<Step, { kind: 'push' }> {
  return { kind: 'push', field: f.field, threat: f.threat.now, from: f.issue.now, to: f.put };
}

/** A write that got stuck is gone on with. Should people have been there meanwhile, what they left stays readable. */
function pushOn(f: FieldSides, { stuck = 'no' }: Sides): Step {
  const isUnfinished = stuck === 'surely' && f.field === 'status' && f.threat.before === null;
  return isUnfinished ? { ...push(f), wonBy: 'unfinished-write' } : push(f);
}

function release(f: FieldSides): Step {
  return { kind: 'release', field: f.field, threat: f.threat.now, issue: f.issue.now, owned: true };
}

function conflict(f: FieldSides): Step {
  return {
    kind: 'conflict',
    field: f.field,
    base: { threat: f.threat.before, issue: f.issue.before },
    threat: f.threat.now,
    issue: f.issue.now,
  };
}

function pull(f: FieldSides, sides: Sides): Step | undefined {
  const from = statusNamed(f.threat.now);
  if (from === undefined || f.issue.now === null || !isWord(f.issue.now)) return undefined;
  const isDone = isThreatStatus(from) && ['mitigated', 'verified'].includes(f.issue.now);
  const isTooSoon = isDone && sides.hasOpenWork === true;
  const to = isTooSoon ? undefined : pullStatus(f.issue.now, from, sides.link.lastOpenStatus);
  if (to === undefined) {
    const asked = f.state?.kind === 'needs-answer' && f.state.value === f.issue.now;
    return asked ? undefined : { kind: 'question', field: 'status', issue: f.issue.now };
  }
  const pulled = { kind: 'pull', field: 'status', from, issue: f.issue.now } as const;
  if (sides.gate === true && isDone && f.issue.now === 'mitigated')
    return { ...pulled, to: 'mitigating', awaits: true };
  return from === to ? agree(f) : { ...pulled, to };
}

function isWord(text: string): text is StatusWord {
  return ['open', 'dropped', 'verified', ...STATUSES].includes(text);
}
