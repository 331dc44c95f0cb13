import { AppError } from '../domain/errors.ts';
import { type Link, threatOf } from '../domain/link.ts';
import { keysOfFields } from '../domain/values.ts';
import type { Parts } from './parts.ts';
import type { Caller } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

/**
 * A person ends the hold of a field after an undo; the next run does what the baselines say. Throws `conflict` for a field
 * that is not held, `stale-version` when the link is being worked on.
 */
export async function releaseField(
  parts: Parts,
  caller: Caller,
  linkId: string,
  field: string,
): Promise<Link> {
  const at = parts.clock.now().toISOString();
  const released = await parts.store.tenant(caller.tenantId).transact(async (tx) => {
    const link = await tx.links.get(linkId);
    if (link === undefined || link.state === 'detached')
      throw new AppError('not-found', `There is no link ${linkId}.`);
    const key = keysOfFields(link.fields).find((each) => each === field);
    if (key === undefined || link.fields[key]?.kind !== 'hold')
      throw new AppError('conflict', `"${field}" of this link is not held: read the link again.`);
    const { [key]: _, ...fields } = link.fields;
    if (!(await tx.links.update({ ...link, fields })))
      throw new AppError('stale-version', 'The link is being worked on: try again.');
    const { integrationId } = link;
    await tx.dirty.mark(integrationId, [{ linkId, reason: 'resolution' }]);
    await tx.integrations.wake(integrationId);
    const entry = { at, ...signedBy(caller), action: 'hold-released', integrationId, linkId, field: key };
    await tx.journal.add([{ ...entry, ...threatOf(link) }]);
    return { ...link, fields, version: link.version + 1 };
  });
  parts.bus.wake();
  return released;
}
