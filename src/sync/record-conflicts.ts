import { uuidOf } from '../domain/identity.ts';
import type { NewEvent } from '../domain/event.ts';
import type { Conflict, FieldKey } from '../domain/link.ts';
import type { Step } from '../domain/plan.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Decided } from './gather.ts';
import type { Work } from './work.ts';

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
 * a step that settles the field closes it, as resolved when a person chose, else as withdrawn.
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
      const conflict = open === undefined ? newConflict(work, decided, step, at) : withValues(open, step, at);
      ids.set(step.field, conflict.id);
      if (open !== undefined && open.threat === step.threat && open.issue === step.issue) continue;
      await tx.conflicts.save(conflict);
      events.push(eventOf('conflict:detected', conflict));
      if (open === undefined) fresh.push(step.field);
      continue;
    }
    // Of a write it was kept when the write was told.
    if (hasLoser(step) && step.kind === 'pull') {
      const settled = overruled(work, decided, step, at);
      await tx.conflicts.save(settled);
      events.push(eventOf('conflict:resolved', settled));
    }
    const state = link.fields[step.field];
    if (state?.kind !== 'conflict') continue;
    const open = await tx.conflicts.open(link.id, step.field);
    if (open === undefined) continue;
    const closed: Conflict = {
      ...open,
      state: state.choice === undefined ? 'withdrawn' : 'resolved',
      updatedAt: at,
    };
    await tx.conflicts.save(closed);
    events.push(eventOf('conflict:resolved', closed));
  }
  return { ids, fresh, events };
}

/** Before a write that overrules an edit: the losing value is kept, or a crash right after the write would have lost it. */
export async function keepOverruled(
  work: Work,
  tx: Tx,
  decided: Decided,
  at: string,
): Promise<readonly NewEvent[]> {
  const events: NewEvent[] = [];
  for (const step of decided.steps.filter(hasLoser).filter(({ kind }) => kind === 'push')) {
    const kept = overruled(work, decided, step, at);
    if ((await tx.conflicts.get(kept.id)) !== undefined) continue;
    await tx.conflicts.save(kept);
    events.push(eventOf('conflict:resolved', kept));
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

function hasLoser(step: Step): step is Overruling {
  return (step.kind === 'push' || step.kind === 'pull') && step.wonBy !== undefined;
}

/** A policy has decided between two edits: the one that lost stays readable. */
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

function winnerOf({ wonBy = 'ask' }: Overruling): string {
  return wonBy === 'unfinished-write' ? 'a write that was not finished' : `policy ${wonBy}`;
}

function withValues(open: Conflict, step: ConflictStep, at: string): Conflict {
  return { ...open, base: step.base, threat: step.threat, issue: step.issue, updatedAt: at };
}

function causeOf(step: ConflictStep): string {
  const noPast = step.base.threat === null && step.base.issue === null;
  return noPast ? `${step.field}-differs-on-link` : `${step.field}-changed-on-both-sides`;
}

function eventOf(type: 'conflict:detected' | 'conflict:resolved', conflict: Conflict): NewEvent {
  const { id, integrationId, linkId, threatId, field, state, threat, issue } = conflict;
  return { type, subject: id, data: { integrationId, linkId, threatId, field, state, threat, issue } };
}
