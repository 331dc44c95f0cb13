import { causeOf, lastChangeOf } from '../domain/conflict-cause.ts';
import { uuidOf } from '../domain/identity.ts';
import type { NewEvent } from '../domain/event.ts';
import type { Conflict, FieldKey, Link } from '../domain/link.ts';
import type { Overwritten, Step } from '../domain/plan.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Decided } from './gather.ts';
import type { Work } from './work.ts';

/** So many entries of a threat's journal are looked through for its last change. */
const JOURNAL = 100;

/** What became of the conflict records of one link. */
export interface ConflictRecords {
  /** The open record of each field in conflict. */
  ids: ReadonlyMap<FieldKey, string>;
  /** Fields whose conflict is new: said once in the issue. */
  fresh: readonly FieldKey[];
  events: readonly NewEvent[];
}

/**
 * Keep one open record per (link, field). The same two values again are the same record; other values replace them in it;
 * a step that settles the field closes it, as resolved when a person, a rule or a policy chose, else as withdrawn.
 */
export async function recordConflicts(
  work: Work,
  tx: Tx,
  decided: Decided,
  steps: readonly Step[],
  at: string,
): Promise<ConflictRecords> {
  const { link } = decided.pair;
  const ids = new Map<FieldKey, string>();
  const fresh: FieldKey[] = [];
  const events: NewEvent[] = [];
  for (const step of steps) {
    if (step.kind === 'conflict') {
      const open = await tx.conflicts.open(link.id, step.field);
      if (open !== undefined && open.threat === step.threat && open.issue === step.issue) {
        ids.set(step.field, open.id);
        continue;
      }
      const isKept = open?.toldAt !== undefined;
      if (isKept) events.push(await close(tx, open, 'resolved', at));
      const changedBy = await changesOf(tx, decided, step.field);
      const conflict: Conflict =
        open === undefined || isKept
          ? { ...newConflict(work, decided, step, at), changedBy }
          : { ...withValues(open, step, at), changedBy };
      ids.set(step.field, conflict.id);
      await tx.conflicts.save(conflict);
      events.push(eventOf('conflict:detected', conflict));
      if (open === undefined) fresh.push(step.field);
      continue;
    }
    const open =
      link.fields[step.field]?.kind === 'conflict' ? await tx.conflicts.open(link.id, step.field) : undefined;
    const isSame = open !== undefined && shows(open, step);
    if (isSame && hasWinner(step) && step.kind !== 'push') {
      events.push(await close(tx, decidedBy(open, step, at), 'resolved', at));
      continue;
    }
    if (step.kind === 'agree' && step.over !== undefined) {
      const kept = overwritten(work, decided, step, step.over, at);
      if ((await tx.conflicts.get(kept.id)) === undefined) events.push(await close(tx, kept, 'resolved', at));
    }
    // Of a write it was kept when the write was told.
    if (step.kind === 'pull' && hasWinner(step))
      events.push(await close(tx, overruled(work, decided, step, at), 'resolved', at));
    if (open !== undefined) events.push(await close(tx, open, endOf(link, open, step), at));
  }
  return { ids, fresh, events };
}

function endOf(link: Link, open: Conflict, { field }: Step): 'resolved' | 'withdrawn' {
  const state = link.fields[field];
  const isChosen = state?.kind === 'conflict' && state.choice !== undefined;
  return isChosen || open.toldAt !== undefined ? 'resolved' : 'withdrawn';
}

async function close(
  tx: Tx,
  conflict: Conflict,
  state: 'resolved' | 'withdrawn',
  at: string,
): Promise<NewEvent> {
  const closed: Conflict = { ...conflict, state, updatedAt: at };
  await tx.conflicts.save(closed);
  return eventOf('conflict:resolved', closed);
}

/** Who changed the sides: the journal knows of the threat, the tracker's history of the issue. */
async function changesOf(
  tx: Tx,
  { issue, pair, authors }: Decided,
  field: FieldKey,
): Promise<NonNullable<Conflict['changedBy']>> {
  const threat = lastChangeOf(field, await tx.journal.ofThreat(pair.threat.id, JOURNAL));
  const theirs = authors?.get(field) ?? { at: issue.updatedAt, how: 'tracker' };
  return { ...(threat === undefined ? {} : { threat }), issue: theirs };
}

/** Before a write that overrules an edit: the losing value is kept, or a crash right after the write would have lost it. */
export async function keepOverruled(
  work: Work,
  tx: Tx,
  decided: Decided,
  at: string,
): Promise<readonly NewEvent[]> {
  const events: NewEvent[] = [];
  for (const step of decided.steps) {
    if (step.kind !== 'push') continue;
    const { link } = decided.pair;
    const state = link.fields[step.field];
    const open = state?.kind === 'conflict' ? await tx.conflicts.open(link.id, step.field) : undefined;
    if (open !== undefined && shows(open, step)) {
      await tx.conflicts.save({ ...(hasWinner(step) ? decidedBy(open, step, at) : open), toldAt: at });
      continue;
    }
    if (!hasWinner(step)) continue;
    const kept = overruled(work, decided, step, at);
    if ((await tx.conflicts.get(kept.id)) !== undefined) continue;
    events.push(await close(tx, kept, 'resolved', at));
  }
  return events;
}

type ConflictStep = Extract<Step, { kind: 'conflict' }>;

function newConflict(work: Work, decided: Decided, step: ConflictStep, at: string): Conflict {
  const { link, threat } = decided.pair;
  return {
    id: work.parts.chance.uuid(),
    integrationId: link.integrationId,
    linkId: link.id,
    threatId: threat.id,
    field: step.field,
    base: step.base,
    threat: step.threat,
    issue: step.issue,
    cause: causeOf(step),
    state: 'open',
    firstSeenAt: at,
    updatedAt: at,
  };
}

type Overruling = Extract<Step, { kind: 'push' | 'pull' }>;
type Settling = Extract<Step, { kind: 'push' | 'pull' | 'release' }>;

/** Both sides had changed, and a policy or a rule said who wins. */
function hasWinner<S extends Step>(step: S): step is S & Settling {
  return (
    (step.kind === 'push' || step.kind === 'pull' || step.kind === 'release') && step.wonBy !== undefined
  );
}

function decidedBy(open: Conflict, step: Settling, at: string): Conflict {
  const keep = step.kind === 'push' ? ('threat' as const) : ('issue' as const);
  return { ...open, resolution: { keep, by: winnerOf(step), at } };
}

/** Is what the step decides about what the record holds? */
function shows({ threat, issue }: Conflict, step: Step): boolean {
  if (step.kind === 'push') return step.threat === threat && step.from === issue;
  if (step.kind === 'pull') return step.from === threat && step.issue === issue;
  return step.kind === 'release' && step.threat === threat && step.issue === issue;
}

/** A policy or a rule has decided between two edits: the one that lost stays readable. */
function overruled(work: Work, decided: Decided, step: Overruling, at: string): Conflict {
  const { link } = decided.pair;
  const sides =
    step.kind === 'push'
      ? { threat: step.threat, issue: step.from, keep: 'threat' as const }
      : { threat: step.from, issue: step.issue, keep: 'issue' as const };
  const base = { threat: link.base?.threat[step.field] ?? null, issue: link.base?.issue[step.field] ?? null };
  const { threat, issue, keep } = sides;
  return {
    ...newConflict(work, decided, { kind: 'conflict', field: step.field, base, threat, issue }, at),
    // A repeat of the same decision, as after a crash, is the same record.
    id: uuidOf(JSON.stringify([link.id, step.field, base, threat, issue, keep])),
    state: 'resolved',
    resolution: { keep, by: winnerOf(step), at },
  };
}

/** Our write has gone over it: what was lost stays readable. */
function overwritten(
  work: Work,
  decided: Decided,
  { field, threat }: Extract<Step, { kind: 'agree' }>,
  over: Overwritten,
  at: string,
): Conflict {
  const { opId, base, issue, by } = over;
  return {
    ...newConflict(work, decided, { kind: 'conflict', field, base, threat, issue }, at),
    id: uuidOf(JSON.stringify([opId, field])),
    changedBy: { issue: { at: over.at, how: 'tracker', ...(by === undefined ? {} : { by }) } },
    state: 'resolved',
    resolution: { keep: 'threat', by: winnerOf(over), at },
  };
}

function winnerOf({ wonBy = 'ask', rule = '' }: Pick<Settling, 'wonBy' | 'rule'>): string {
  if (wonBy === 'rule') return `rule ${rule}`;
  if (wonBy === 'crossed-write') return 'a write that was on its way';
  return wonBy === 'unfinished-write' ? 'a write that was not finished' : `policy ${wonBy}`;
}

/** Other values: whatever was decided about the ones before is void. */
function withValues(open: Conflict, step: ConflictStep, at: string): Conflict {
  const { resolution: _, ...rest } = open;
  const { base, threat, issue } = step;
  return { ...rest, base, threat, issue, cause: causeOf(step), updatedAt: at };
}

function eventOf(type: 'conflict:detected' | 'conflict:resolved', conflict: Conflict): NewEvent {
  const { id, integrationId, linkId, threatId, field, state, threat, issue } = conflict;
  return { type, subject: id, data: { integrationId, linkId, threatId, field, state, threat, issue } };
}
