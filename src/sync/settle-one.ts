import { AppError } from '../domain/errors.ts';
import type { Conflict } from '../domain/link.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Parts } from './parts.ts';
import type { Caller } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

/** `seen` are the values the person was shown; absent = those of the record. */
export interface Choice {
  keep: 'threat' | 'issue';
  seen?: { threat: string | null; issue: string | null } | undefined;
}

/**
 * The choice is kept with the link; the worker carries it out if both sides still show what the person saw, else the
 * conflict stays. Throws `conflict-outdated` when they already do not.
 */
export async function settleOne(
  parts: Parts,
  tx: Tx,
  caller: Caller,
  id: string,
  choice: Choice,
): Promise<Conflict> {
  const conflict = await tx.conflicts.get(id);
  if (conflict === undefined) throw new AppError('not-found', `There is no conflict ${id}.`);
  const link = await tx.links.get(conflict.linkId);
  const state = link?.fields[conflict.field];
  if (conflict.state !== 'open' || link === undefined || state?.kind !== 'conflict')
    throw new AppError('conflict-outdated', 'This conflict is no longer open.');
  const { threat, issue } = conflict;
  const seen = choice.seen ?? { threat, issue };
  if (seen.threat !== threat || seen.issue !== issue)
    throw new AppError(
      'conflict-outdated',
      'A side has changed since the conflict was shown: look at it again.',
    );
  const at = parts.clock.now().toISOString();
  const chosen = { ...state, choice: { keep: choice.keep, threat, issue } };
  if (!(await tx.links.update({ ...link, fields: { ...link.fields, [conflict.field]: chosen } })))
    throw new AppError('conflict-outdated', 'The link has changed meanwhile: try again.');
  const resolved: Conflict = {
    ...conflict,
    resolution: { keep: choice.keep, by: caller.actor, at },
    updatedAt: at,
  };
  await tx.conflicts.save(resolved);
  await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'resolution' }]);
  await tx.integrations.wake(link.integrationId);
  await tx.journal.add([
    {
      at,
      ...signedBy(caller),
      action: 'conflict-resolved',
      integrationId: link.integrationId,
      linkId: link.id,
      threatId: link.threatId,
      field: conflict.field,
      before: threat,
      after: issue,
      note: `keep ${choice.keep}`,
    },
  ]);
  return resolved;
}
