import { advance } from '../domain/advance.ts';
import type { JournalEntry, NewEvent } from '../domain/event.ts';
import type { Issue } from '../domain/issue.ts';
import { conflictComment } from '../domain/issue-text.ts';
import type { FieldKey, KeptComment, Link, Op } from '../domain/link.ts';
import { isOurComment } from '../domain/mark.ts';
import type { Step } from '../domain/plan.ts';
import type { RunItem } from '../domain/run.ts';
import type { Dirty, Tx } from '../ports/repositories.ts';
import { commentOp } from './comments.ts';
import { recordConflicts } from './record-conflicts.ts';
import type { Decided } from './gather.ts';
import { withEffectiveBase } from './gather.ts';
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
      ...done.link,
      issue: { ...done.issue.ref, url: done.issue.url },
      shown: shownOf(done.issue),
      syncedAt: at,
      ...(done.link?.failures === undefined ? { failures: 0 } : {}),
    };
    if (!(await tx.links.update(link))) throw new MovedMeanwhile();
    const events = await pullThreat(work, tx, decided, done.steps, at);
    if (done.op !== undefined) await tx.ops.update({ ...done.op, state: 'done', settledAt: at });
    await settleOps(work, tx, decided.pair.ops);
    const questions = conflicts.fresh.map((field) =>
      commentOp(work, link, `conflict:${field}`, conflictComment(fieldTitle(field))),
    );
    for (const op of questions) await tx.ops.insert(op);
    await tx.journal.add(done.steps.map((step) => entryOf(work, decided, step, at)));
    await tx.events.add([...events, ...conflicts.events], at);
    await keepComments(tx, link.id, done.issue);
    if (done.item !== undefined) await tx.runs.addItems([itemOf(work, decided, done, at)]);
    if (taken !== undefined) await tx.dirty.clear(link.integrationId, [taken]);
    const again = done.againAt ?? quietTime(work, link);
    if (again !== undefined)
      await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: again.reason, dueAt: again.at }]);
    return questions;
  });
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

async function pullThreat(
  work: Work,
  tx: Tx,
  decided: Decided,
  steps: readonly Step[],
  at: string,
): Promise<NewEvent[]> {
  const step = steps.find((each) => each.kind === 'pull');
  if (step === undefined) return [];
  const { threat, link } = decided.pair;
  if (!(await tx.threats.update({ ...threat, status: step.to, updatedAt: at }))) throw new MovedMeanwhile();
  const others = (await tx.links.ofThreats([threat.id])).filter((other) => other.id !== link.id);
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
    fields: { status: { before: step.from, after: step.to } },
  };
  return [{ type: 'threat:updated', subject: threat.id, data }];
}

/** Writes whose settle window is over have shown by now whether they arrived; within it a late one is still ours. */
export async function settleOps(work: Work, tx: Tx, ops: readonly Op[]): Promise<void> {
  const at = nowOf(work);
  const settleMs = work.session.connection.capabilities.settleMs * work.parts.timings.settleFactor;
  for (const op of ops) {
    if (op.kind !== 'update' || Date.parse(op.createdAt) + settleMs > Date.parse(at)) continue;
    await tx.ops.update({ ...op, state: 'done', settledAt: at });
  }
}

function entryOf(work: Work, decided: Decided, step: Step, at: string): JournalEntry {
  const { link, threat } = decided.pair;
  const head = {
    at,
    actor: 'sync',
    runId: work.run.id,
    integrationId: link.integrationId,
    linkId: link.id,
    threatId: threat.id,
    field: step.field,
  };
  const name = step.field.startsWith('label:') ? 'label' : step.field;
  switch (step.kind) {
    case 'push':
      return { ...head, action: `${name}-pushed`, before: step.from, after: step.to };
    case 'pull':
      return { ...head, action: `${name}-pulled`, before: step.from, after: step.to };
    case 'agree':
      return { ...head, action: `${name}-agreed`, after: step.issue };
    case 'release':
      return { ...head, action: `${name}-released`, before: step.threat, after: step.issue };
    case 'leave':
      return { ...head, action: `${name}-left`, after: step.issue };
    case 'conflict':
      return { ...head, action: `${name}-conflict`, before: step.threat, after: step.issue };
    case 'stuck':
      return { ...head, action: `${name}-stuck`, after: step.to, note: step.reason };
    case 'withdraw':
      return { ...head, action: `${name}-withdrawn` };
    case 'question':
      return { ...head, action: `${name}-question`, after: step.issue };
  }
}

function itemOf(work: Work, decided: Decided, done: Done, at: string): RunItem {
  const { link, threat } = decided.pair;
  return {
    runId: work.run.id,
    linkId: link.id,
    threatId: threat.id,
    issueKey: done.issue.ref.key,
    outcome: done.item?.outcome ?? 'skipped',
    fields: done.steps.map((step) => step.field),
    ...(done.item?.reason === undefined ? {} : { reason: done.item.reason }),
    at,
  };
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
