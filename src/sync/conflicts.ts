import { AppError } from '../domain/errors.ts';
import type { Conflict } from '../domain/link.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Parts } from './parts.ts';
import type { Caller, ConflictCases } from './use-cases.ts';

/** Disagreements that only a person can settle. */
export function conflictCases(parts: Parts): ConflictCases {
  return {
    list: (caller, query) => parts.store.tenant(caller.tenantId).transact((tx) => tx.conflicts.list(query)),
    async resolve(caller, id, choice) {
      const conflict = await parts.store
        .tenant(caller.tenantId)
        .transact((tx) => choose(parts, tx, caller, id, choice));
      parts.bus.wake();
      return conflict;
    },
  };
}

/**
 * The choice is kept with the link; the worker carries it out if both sides still show what the person saw, else the
 * conflict stays. Throws `conflict-outdated` when they already do not.
 */
async function choose(
  parts: Parts,
  tx: Tx,
  caller: Caller,
  id: string,
  choice: Parameters<ConflictCases['resolve']>[2],
): Promise<Conflict> {
  const conflict = await tx.conflicts.get(id);
  if (conflict === undefined) throw new AppError('not-found', `There is no conflict ${id}.`);
  const link = await tx.links.get(conflict.linkId);
  const state = link?.fields[conflict.field];
  if (conflict.state !== 'open' || link === undefined || state?.kind !== 'conflict')
    throw new AppError('conflict-outdated', 'This conflict is no longer open.');
  const seen = choice.seen ?? { threat: conflict.threat, issue: conflict.issue };
  if (seen.threat !== conflict.threat || seen.issue !== conflict.issue)
    throw new AppError(
      'conflict-outdated',
      'A side has changed since the conflict was shown: look at it again.',
    );
  const at = parts.clock.now().toISOString();
  const { threat, issue } = conflict;
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
      actor: caller.actor,
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
