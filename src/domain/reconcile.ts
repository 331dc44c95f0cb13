import type { Mapping, Policy } from './integration.ts';
import type { Baseline, FieldKey, FieldState, FieldValues, Link, Op } from './link.ts';
import { judge } from './merge.ts';
import type { Step } from './plan.ts';
import { pullStatus, type StatusWord } from './status-words.ts';
import { isOpen, STATUSES, type Status } from './threat.ts';
import { isLabelKey, keysOf } from './values.ts';

/** All that a decision about one link may rest on. */
export interface Sides {
  link: Pick<Link, 'base' | 'fields' | 'lastOpenStatus'>;
  /** In threat words, now. */
  threat: FieldValues;
  /** In issue words, now; a missing key is unknown: no verdict, no base change. */
  issue: FieldValues;
  /** What the issue should show for the threat as it is now. */
  put: FieldValues;
  /** Writes whose outcome is not known: a value of theirs in the issue is ours, never an edit. */
  ops: readonly Op[];
  stuck?: StuckStatus;
  mapping: Pick<Mapping, 'version' | 'policies'>;
  /** A person asked for this run: what waits for approval may be written. */
  approved: boolean;
  /** When each side says that it last changed a field, ISO; only `newest` asks. */
  times?: { threat?: string; issue?: Partial<Record<FieldKey, string>> };
}

/** Closer than this, two clocks cannot say who was later. */
const NEWEST_MARGIN_MS = 2 * 60 * 1000;

/**
 * A write of the status without a known outcome, by a tracker that takes several calls for it, may have got stuck between the
 * old and the new one. `perhaps`: so long ago that people may have been there since.
 */
export type StuckStatus = 'no' | 'surely' | 'perhaps';

/** Steps lead through open statuses; on a closed issue the labels that say why go and come one by one. */
function isBetween(before: string | null, now: string | null): boolean {
  return now !== before && (isOpenWord(now) || !isOpenWord(before));
}

function isOpenWord(word: string | null): boolean {
  return word === 'open' || STATUSES.some((status) => status === word && isOpen(status));
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
  const base = effectiveBase(sides.link.base, sides.issue, sides.ops, sides.stuck);
  const steps: Step[] = [];
  for (const field of fieldsOf(sides.put, base)) {
    const issueNow = sides.issue[field];
    if (issueNow === undefined) continue;
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

/**
 * The baseline, corrected by writes whose outcome is unknown: where the issue shows what such a write sent, that write is
 * what we last agreed on, with the threat as it was then; a later value is then simply written again.
 */
export function effectiveBase(
  base: Baseline | undefined,
  issue: FieldValues,
  ops: readonly Op[],
  stuck: StuckStatus = 'no',
): Baseline | undefined {
  let effective = base;
  for (const op of ops) {
    if (op.kind !== 'update' || effective === undefined) continue;
    for (const field of keysOf(op.payload.issue)) {
      const sent = op.payload.issue[field];
      if (sent === undefined || sent !== issue[field] || sent === base?.issue[field]) continue;
      effective = {
        ...effective,
        threat: { ...effective.threat, [field]: op.payload.threat[field] ?? null },
        issue: { ...effective.issue, [field]: sent },
      };
    }
  }
  return stuck === 'no' ? effective : withStatusBetween(effective, issue, stuck);
}

/** What the threat says is to be written still; where the write surely is what the issue shows, that is nobody's edit. */
function withStatusBetween(
  base: Baseline | undefined,
  issue: FieldValues,
  stuck: 'surely' | 'perhaps',
): Baseline | undefined {
  if (base === undefined || issue.status === undefined) return base;
  if (!isBetween(base.issue.status ?? null, issue.status)) return base;
  const threat = { ...base.threat, status: null };
  return stuck === 'perhaps'
    ? { ...base, threat }
    : { ...base, threat, issue: { ...base.issue, status: issue.status } };
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
  return carryOut(f, choiceOf(f) ?? 'ask', sides);
}

function whenUnchanged(f: FieldSides, sides: Sides, released: boolean): Step | undefined {
  const waits = f.state?.kind === 'needs-mapping' && f.state.to === f.put;
  if ((waits || isRemapped(sides)) && !released && f.put !== f.issue.now)
    return isStuck(f, sides) ? undefined : push(f);
  // What the tracker could not take was begun: the way back is a write as well.
  if (f.state?.kind === 'needs-mapping' && f.put !== f.issue.now && !waits && !released) return push(f);
  if (f.arrived) return agree(f);
  const waited =
    f.state !== undefined && ['conflict', 'needs-answer', 'edited', 'needs-mapping'].includes(f.state.kind);
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
  if (choice !== undefined) return carryOut(f, choice, sides);
  const step = carryOut(f, winner(f, sides), sides);
  const isOverruled = step?.kind === 'push' || step?.kind === 'pull';
  return isOverruled ? { ...step, wonBy: policyOf(f.field, sides) } : step;
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

/** Who wins a field that both sides changed. Labels, severity and priority are people's once they touched them. */
function winner(f: FieldSides, sides: Sides): 'threat' | 'issue' | 'ask' {
  // A block whose markers people deleted is never inserted again.
  if (f.field === 'block' && f.issue.now === null) return 'issue';
  const policy = policyOf(f.field, sides);
  return policy === 'newest' ? newest(f.field, sides.times) : policy;
}

function policyOf(field: FieldKey, sides: Sides): Policy {
  return field === 'status' || field === 'title' || field === 'block'
    ? sides.mapping.policies[field]
    : 'issue';
}

function newest(field: FieldKey, times: Sides['times']): 'threat' | 'issue' | 'ask' {
  const threatAt = times?.threat;
  const issueAt = times?.issue?.[field];
  if (threatAt === undefined || issueAt === undefined) return 'ask';
  const gap = Date.parse(threatAt) - Date.parse(issueAt);
  if (Math.abs(gap) <= NEWEST_MARGIN_MS) return 'ask';
  return gap > 0 ? 'threat' : 'issue';
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
  const from = statusOf(f.threat.now);
  if (from === undefined || f.issue.now === null || !isWord(f.issue.now)) return undefined;
  const to = pullStatus(f.issue.now, from, sides.link.lastOpenStatus);
  if (to === undefined) {
    const asked = f.state?.kind === 'needs-answer' && f.state.value === f.issue.now;
    return asked ? undefined : { kind: 'question', field: 'status', issue: f.issue.now };
  }
  return from === to ? agree(f) : { kind: 'pull', field: 'status', from, to, issue: f.issue.now };
}

function statusOf(text: string | null): Status | undefined {
  return STATUSES.find((status) => status === text);
}

function isWord(text: string): text is StatusWord {
  return text === 'open' || text === 'dropped' || statusOf(text) !== undefined;
}
