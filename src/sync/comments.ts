import type { BlockDocument } from '../domain/block.ts';
import type { Issue } from '../domain/issue.ts';
import type { Link, Op } from '../domain/link.ts';
import { commentMark } from '../domain/mark.ts';
import type { Tx } from '../ports/repositories.ts';
import { later, nowOf, recording, type Work } from './work.ts';

/** Looked for from this long before the op on, because the tracker's clock is not ours. */
const CLOCK_SLACK_MS = 5 * 60 * 1000;

/** A comment of ours, told before it is sent. */
export function commentOp(work: Work, link: Link, reason: string, document: BlockDocument): Op {
  const id = work.parts.chance.uuid();
  return {
    id,
    linkId: link.id,
    integrationId: link.integrationId,
    kind: 'comment',
    runId: work.run.id,
    epoch: work.lease.current().epoch,
    payload: {
      threat: {},
      issue: {},
      mark: commentMark(id, work.markKey),
      comment: { reason, text: work.session.connection.format.comment(document) },
    },
    state: 'open',
    absences: 0,
    createdAt: nowOf(work),
  };
}

/**
 * Send the comments that are open. One that may have been sent before is looked for first, by its mark, twice and the settle
 * time apart: a comment has no idempotency key either, and may be on its way still.
 */
export async function sendComments(
  work: Work,
  issue: Issue,
  ops: readonly Op[],
  earlier: boolean,
): Promise<void> {
  for (const op of ops) {
    const until = work.writes.pausedUntil();
    if (until !== undefined) {
      const { linkId, integrationId } = op;
      await recording(work, (tx) =>
        tx.dirty.mark(integrationId, [{ linkId, reason: 'retry', dueAt: until }]),
      );
      continue;
    }
    await work.lease.ensure();
    if (earlier && (await isThere(work, issue, op))) {
      await recording(work, (tx) => tx.ops.update({ ...op, state: 'done', settledAt: nowOf(work) }));
      continue;
    }
    if (earlier && !(await isBelievedAbsent(work, op))) continue;
    const text = op.payload.comment?.text ?? '';
    const [outcome] = await work.writes.send(
      work.session.tracker,
      [{ kind: 'comment', ref: issue.ref, mark: op.payload.mark, text }],
      work.signal,
    );
    const written = outcome?.kind === 'written';
    const refused = outcome?.kind === 'refused';
    await recording(work, async (tx) => {
      if (written || refused)
        return tx.ops.update({ ...op, state: written ? 'done' : 'abandoned', settledAt: nowOf(work) });
      // What was sent just now is looked for twice again.
      const { lastAbsentAt: _, ...sentAgain } = op;
      await tx.ops.update(sentAgain);
      await tx.dirty.mark(op.integrationId, [settling(work, op)]);
    });
  }
}

/** Notes the first look that did not find it; true when that is the settle time ago. */
async function isBelievedAbsent(work: Work, op: Op): Promise<boolean> {
  const now = work.parts.clock.now().getTime();
  const first = op.lastAbsentAt === undefined ? undefined : Date.parse(op.lastAbsentAt);
  if (first !== undefined && now - first >= settleMsOf(work)) return true;
  const lastAbsentAt = op.lastAbsentAt ?? nowOf(work);
  await recording(work, async (tx) => {
    await tx.ops.update({ ...op, absences: op.absences + 1, lastAbsentAt });
    await tx.dirty.mark(op.integrationId, [settling(work, op)]);
  });
  return false;
}

function settling(work: Work, { linkId }: Op): Parameters<Tx['dirty']['mark']>[1][number] {
  return { linkId, reason: 'settle', dueAt: later(work, settleMsOf(work)) };
}

function settleMsOf({ parts, session }: Work): number {
  return session.connection.capabilities.settleMs * parts.timings.settleFactor;
}

async function isThere(work: Work, issue: Issue, op: Op): Promise<boolean> {
  const since = new Date(Date.parse(op.createdAt) - CLOCK_SLACK_MS).toISOString();
  const theirs = work.session.clock.translate(since);
  const found = await work.session.tracker.findComments(issue.ref, theirs, work.signal);
  return found.has(op.payload.mark);
}
