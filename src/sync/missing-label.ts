import { hasLabel } from '../domain/status-words.ts';
import type { Decided } from './gather.ts';
import { Parked } from './parked.ts';
import { later, recording, type Work } from './work.ts';

const MISSING = 'tm-missing';

/**
 * Set or take the label that tells people about a threat that has left its model. Done before it is recorded: to set what is
 * set already changes nothing. False: what came of it is not known, or writes pause; the link is looked at again.
 */
export async function labelMissing(
  work: Work,
  { pair, issue }: Pick<Decided, 'pair' | 'issue'>,
  isMissing: boolean,
): Promise<boolean> {
  if (hasLabel(issue.labels, MISSING) === isMissing) return true;
  const until = work.writes.pausedUntil();
  if (until !== undefined) return lookAgain(work, pair, until);
  await work.lease.ensure();
  const change = isMissing ? { addLabels: [MISSING] } : { removeLabels: [MISSING] };
  const write = { kind: 'update', ref: issue.ref, seen: issue, seenAt: pair.readAt, change } as const;
  const [outcome] = await work.writes.send(work.session.tracker, [write], work.signal);
  if (outcome?.kind === 'later') throw new Parked('waiting', outcome.reason, outcome.resumeAt);
  // A tracker that refuses the label keeps the comment.
  if (outcome?.kind === 'written' || outcome?.kind === 'refused') return true;
  const settleMs = work.session.connection.capabilities.settleMs * work.parts.timings.settleFactor;
  return lookAgain(work, pair, later(work, settleMs));
}

async function lookAgain(work: Work, { link }: Decided['pair'], dueAt: string): Promise<false> {
  const { id, integrationId } = link;
  await recording(work, async (tx) => {
    await tx.dirty.clear(integrationId, await tx.dirty.of(integrationId, [id]));
    await tx.dirty.mark(integrationId, [{ linkId: id, reason: 'settle', dueAt }]);
  });
  return false;
}
