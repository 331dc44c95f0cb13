import type { BlockDocument } from '../domain/block.ts';
import type { Issue } from '../domain/issue.ts';
import type { Link, Op } from '../domain/link.ts';
import { commentMark } from '../domain/mark.ts';
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
 * Send the comments that are open. One that an earlier run may have sent is looked for first, by its mark: a comment has
 * no idempotency key either.
 */
export async function sendComments(
  work: Work,
  issue: Issue,
  ops: readonly Op[],
  earlier: boolean,
): Promise<void> {
  for (const op of ops) {
    await work.lease.ensure();
    if (earlier && (await isThere(work, issue, op))) {
      await recording(work, (tx) => tx.ops.update({ ...op, state: 'done', settledAt: nowOf(work) }));
      continue;
    }
    const text = op.payload.comment?.text ?? '';
    const [outcome] = await work.session.tracker.write(
      [{ kind: 'comment', ref: issue.ref, mark: op.payload.mark, text }],
      work.signal,
    );
    const written = outcome?.kind === 'written';
    const refused = outcome?.kind === 'refused';
    await recording(work, async (tx) => {
      if (written || refused)
        await tx.ops.update({ ...op, state: written ? 'done' : 'abandoned', settledAt: nowOf(work) });
      else
        await tx.dirty.mark(op.integrationId, [
          {
            linkId: op.linkId,
            reason: 'settle',
            dueAt: later(work, work.session.connection.capabilities.settleMs),
          },
        ]);
    });
  }
}

async function isThere(work: Work, issue: Issue, op: Op): Promise<boolean> {
  const since = new Date(Date.parse(op.createdAt) - CLOCK_SLACK_MS).toISOString();
  const theirs = work.session.clock.translate(since);
  const found = await work.session.tracker.findComments(issue.ref, theirs, work.signal);
  return found.has(op.payload.mark);
}
