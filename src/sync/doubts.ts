import { AppError } from '../domain/errors.ts';
import type { Issue } from '../domain/issue.ts';
import type { Op } from '../domain/link.ts';
import { wasLabelledMeanwhile } from '../domain/status-words.ts';
import type { Decided } from './gather.ts';
import { lookBackAt } from './past-writes.ts';
import type { Work } from './work.ts';

/** `crossed`: a write has gone over an edit that nobody had seen. `unknown`: nobody can say yet whether it has. */
export type Doubt = { kind: 'crossed' } | { kind: 'unknown'; reason: string };

/**
 * Of updates that were written, by op: what may have been overwritten has no known outcome yet, and the next look at the issue
 * decides. Where a write tests the version it was decided on there is nothing to ask.
 */
export async function doubtsAbout(
  { session, signal }: Pick<Work, 'session' | 'signal'>,
  written: readonly { decided: Decided; op: Op; after: Issue | undefined }[],
): Promise<ReadonlyMap<string, Doubt>> {
  const doubts = new Map<string, Doubt>();
  if (session.connection.capabilities.updatesPerLookBack === undefined) return doubts;
  for (const { decided, op, after } of written)
    if (isLabelledMeanwhile(decided.issue, op, after)) doubts.set(op.id, { kind: 'crossed' });
  const asked = written.map(({ decided: { pair, issue }, op }) => ({ link: pair.link, issue, ops: [op] }));
  try {
    const told = await lookBackAt(session, asked, signal);
    for (const { op } of written)
      if ((told.get(op.linkId)?.crossed.size ?? 0) > 0) doubts.set(op.id, { kind: 'crossed' });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const reason = `It was written; whether it went over somebody's edit is not known yet: ${error.message}`;
    for (const { op } of written) doubts.set(op.id, { kind: 'unknown', reason });
  }
  return doubts;
}

/** Histories of the status say nothing of labels; the answer to the write does. */
function isLabelledMeanwhile({ labels }: Issue, { payload }: Op, after: Issue | undefined): boolean {
  const sent = payload.issue.status;
  return sent != null && after !== undefined && wasLabelledMeanwhile(sent, labels, after.labels);
}
