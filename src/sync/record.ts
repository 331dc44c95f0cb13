import { hasArrived } from '../domain/effective-base.ts';
import { acceptanceOf, type AcceptanceTerms, dayAfter } from '../domain/acceptance.ts';
import { advance } from '../domain/advance.ts';
import type { NewEvent } from '../domain/event.ts';
import type { Issue } from '../domain/issue.ts';
import { conflictComment } from '../domain/issue-text.ts';
import { type FieldKey, type KeptComment, type Link, type Op, threatOf } from '../domain/link.ts';
import { isOurComment } from '../domain/mark.ts';
import { isMitigation, type ServedMitigation } from '../domain/mitigations.ts';
import { type Step, undoingOf } from '../domain/plan.ts';
import type { RunItem } from '../domain/run.ts';
import { isThreatStatus } from '../domain/threat.ts';
import { keysOf } from '../domain/values.ts';
import type { Dirty, Tx } from '../ports/repositories.ts';
import { commentOp } from './comments.ts';
import { entryOf } from './journal-entry.ts';
import { recordChanges } from './record-changes.ts';
import { recordConflicts } from './record-conflicts.ts';
import type { Decided } from './gather.ts';
import { withEffectiveBase } from './gather.ts';
import { moveMitigation } from './threat-side.ts';
import { later, nowOf, recording, type Work } from './work.ts';

/** What was done about one decided pair. */
export interface Done {
  steps: readonly Step[];
  /** The issue after the write; the one that was read when nothing was written. */
  issue: Issue;
  /** The write's op, now settled. */
  op?: Op;
  /** The version the baselines keep, where pushes of a newer mapping were left out. */
  mappingVersion?: number;
  /** Changes of the link beside its fields: another state, a failure. */
  link?: Partial<Link>;
  item?: Pick<RunItem, 'outcome' | 'reason'>;
  /** Look again at this time instead of clearing the dirty mark. */
  againAt?: { at: string; reason: Dirty['reason'] };
}

/** Somebody changed the threat or the link since they were read: nothing was recorded, the link stays dirty. */
export class MovedMeanwhile extends Error {
  override readonly name = 'MovedMeanwhile';
}

/**
 * Link, baseline, threat, conflict, journal, outbox, run item and dirty mark move in one transaction under the lease.
 * Answers the new comments of ours that are now to be sent.
 */
export async function record(
  work: Work,
  decided: Decided,
  taken: Dirty | undefined,
  done: Done,
): Promise<readonly Op[]> {
  const at = nowOf(work);
  return recording(work, async (tx) => {
    const conflicts = await recordConflicts(work, tx, decided, done.steps, at);
    const advanced = advance(withEffectiveBase(decided), done.steps, {
      at,
      mappingVersion: done.mappingVersion ?? work.session.integration.mapping.version,
      conflictIds: conflicts.ids,
    });
    const { missingSince: _, ...found } = advanced;
    const link: Link = {
      ...found,
      ...fateOf(done.steps, at),
      ...done.link,
      issue: { ...done.issue.ref, url: done.issue.url },
      shown: shownOf(done.issue),
      syncedAt: at,
      ...(done.link?.failures === undefined ? { failures: 0 } : {}),
    };
    if (!(await tx.links.update(link))) throw new MovedMeanwhile();
    const events = await pullSubject(work, tx, decided, done.steps, at);
    if (done.op !== undefined) await tx.ops.update({ ...done.op, state: 'done', settledAt: at });
    await settleOps(work, tx, decided);
    await recordChanges(work, tx, decided, done, at);
    const questions = conflicts.fresh.map((field) =>
      commentOp(work, link, `conflict:${field}`, conflictComment(fieldTitle(field))),
    );
    for (const op of questions) await tx.ops.insert(op);
    await tx.journal.add(done.steps.map((step) => entryOf(work, decided, step, at)));
    await tx.events.add([...events, ...conflicts.events], at);
    await keepComments(tx, link.id, done.issue);
    if (done.item !== undefined) await tx.runs.addItems([itemOf(work, decided, done, at)]);
    if (taken !== undefined) await tx.dirty.clear(link.integrationId, [taken]);
    const again = done.againAt ?? afterCrossing(done.steps, at) ?? quietTime(work, link);
    if (again !== undefined)
      await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: again.reason, dueAt: again.at }]);
    return questions;
  });
}

/** An undo ends the link whose issue a run had created, or brings it back. */
function fateOf(
  steps: readonly Step[],
  at: string,
): Pick<Link, 'state' | 'stateSince' | 'stateReason'> | undefined {
  const step = steps.find((each) => undoingOf(each)?.link !== undefined);
  const undo = step && undoingOf(step);
  if (undo === undefined) return undefined;
  return undo.link === 'ends'
    ? {
        state: 'detached',
        stateSince: at,
        stateReason: `Run ${undo.runId}, which had created its issue, was undone.`,
      }
    : { state: 'linked', stateSince: at, stateReason: `The undo by run ${undo.runId} was undone.` };
}

/** Kept for people: how the issue looks. */
export function shownOf(issue: Issue): NonNullable<Link['shown']> {
  return {
    title: issue.title,
    status: issue.status.name,
    assignees: issue.assignees,
    labels: issue.labels,
    ...(issue.dueDate === undefined ? {} : { dueDate: issue.dueDate }),
  };
}

/** The tracker's comments are kept with the threat; ours are skipped. */
export async function keepComments(tx: Tx, linkId: string, issue: Issue): Promise<void> {
  if (issue.comments === undefined) return;
  const people = issue.comments.filter((comment) => !isOurComment(comment.text));
  const kept = await tx.comments.ofLinks([linkId]);
  if (sameComments(kept, people)) return;
  await tx.comments.replace(
    linkId,
    people.map((comment) => ({ ...comment, linkId })),
  );
}

function sameComments(
  kept: readonly KeptComment[],
  now: readonly { id: string; text: string; updatedAt: string }[],
): boolean {
  return (
    kept.length === now.length &&
    now.every((comment) =>
      kept.some(
        (each) =>
          each.id === comment.id && each.text === comment.text && each.updatedAt === comment.updatedAt,
      ),
    )
  );
}

async function pullSubject(
  work: Work,
  tx: Tx,
  decided: Decided,
  steps: readonly Step[],
  at: string,
): Promise<readonly NewEvent[]> {
  const step = steps.find((each) => each.kind === 'pull');
  if (step === undefined) return [];
  const { threat, link, subject } = decided.pair;
  const { from, to } = step;
  if (from === to || subject === undefined) return [];
  if (isMitigation(subject)) return pullMitigation(work, tx, { link, subject }, step, at);
  if (!isThreatStatus(to)) return [];
  const { acceptance: _, ...rest } = threat;
  const carried = acceptanceOf(threat, to, at, termsOf(work, at));
  if (!(await tx.threats.update({ ...rest, status: to, ...carried, updatedAt: at })))
    throw new MovedMeanwhile();
  const others = (await tx.links.ofThreats([threat.id])).filter(
    (other) => other.id !== link.id && other.role === 'threat',
  );
  for (const other of others) {
    await tx.dirty.mark(other.integrationId, [{ linkId: other.id, reason: 'threat' }]);
    await tx.integrations.wake(other.integrationId);
  }
  const data = {
    threatId: threat.id,
    modelId: threat.modelId,
    key: threat.key,
    integrationId: link.integrationId,
    origin: work.session.integration.provider,
    fields: { status: { before: from, after: to } },
  };
  return [{ type: 'threat:updated', subject: threat.id, data }];
}

async function pullMitigation(
  work: Work,
  tx: Tx,
  { link, subject }: { link: Link; subject: ServedMitigation },
  { from, to }: Extract<Step, { kind: 'pull' }>,
  at: string,
): Promise<readonly NewEvent[]> {
  if (isThreatStatus(from) || isThreatStatus(to)) return [];
  const { mitigation, serves } = subject;
  const origin = work.session.integration.provider;
  const moved = await moveMitigation(tx, { key: mitigation.key, from, to, serves, at, origin, by: link });
  if (moved === undefined) throw new MovedMeanwhile();
  await tx.journal.add(moved.entries.map((entry) => ({ ...entry, runId: work.run.id })));
  return moved.events;
}

/** A tracker says who accepts a risk, and until when, of no acceptance; the integration may set an end. */
function termsOf({ session }: Work, at: string): AcceptanceTerms | undefined {
  const { acceptance } = session.integration;
  return acceptance === undefined ? undefined : { expiresAt: dayAfter(at, acceptance.maxDays) };
}

/**
 * Writes that the issue shows, or has shown, have arrived and cannot arrive again. So do those that were given up a settle
 * window ago, whether they arrived or not; until then a late one is still ours.
 */
export async function settleOps(
  work: Work,
  tx: Tx,
  decided: Pick<Decided, 'pair' | 'shown' | 'isPartial'>,
): Promise<void> {
  const at = nowOf(work);
  const { settleFactor, callMs } = work.parts.timings;
  const latestMs = callMs + work.session.connection.capabilities.settleMs * settleFactor;
  for (const op of decided.pair.ops) {
    // An undo leaves what a write went over to the next look.
    if (op.kind !== 'update' || (decided.isPartial === true && wentOver(op, decided))) continue;
    const isOver = Date.parse(op.createdAt) + latestMs <= Date.parse(at);
    if (isOver || hasArrivedWhole(op, decided) || wentOver(op, decided))
      await tx.ops.update({ ...op, state: 'done', settledAt: at });
  }
}

function hasArrivedWhole(op: Op, { pair, shown }: Pick<Decided, 'pair' | 'shown'>): boolean {
  return keysOf(op.payload.issue).every((field) => hasArrived(op, field, shown, pair.past));
}

/** The history has shown it arrive. */
function wentOver({ id }: Op, { pair }: Pick<Decided, 'pair'>): boolean {
  return [...(pair.past?.crossed.values() ?? [])].some(({ op }) => op.id === id);
}

function itemOf(work: Work, decided: Decided, done: Done, at: string): RunItem {
  const { link } = decided.pair;
  return {
    runId: work.run.id,
    linkId: link.id,
    ...threatOf(link),
    issueKey: done.issue.ref.key,
    outcome: done.item?.outcome ?? 'skipped',
    fields: done.steps.map((step) => step.field),
    ...(done.item?.reason === undefined ? {} : { reason: done.item.reason }),
    at,
  };
}

/** What was put back is an edit like any other, and where our write stands the threat may have moved on: look again. */
function afterCrossing(steps: readonly Step[], at: string): Done['againAt'] {
  const wasCrossed = steps.some(
    (step) => undoingOf(step)?.crossed === true || (step.kind === 'agree' && step.over !== undefined),
  );
  return wasCrossed ? { at, reason: 'retry' } : undefined;
}

/** People close first and label second: the question about a close without a reason waits. */
function quietTime(work: Work, link: Link): Done['againAt'] {
  const state = link.fields.status;
  if (state?.kind !== 'needs-answer' || state.askedAt !== undefined) return undefined;
  const at = Date.parse(state.since) + work.parts.timings.quietMs;
  return {
    at: at <= work.parts.clock.now().getTime() ? later(work, 0) : new Date(at).toISOString(),
    reason: 'question',
  };
}

function fieldTitle(field: FieldKey): string {
  return field === 'block' ? 'text kept by the sync' : field;
}
