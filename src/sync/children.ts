import type { Link } from '../domain/link.ts';
import type { Tx } from '../ports/repositories.ts';

/** A parent was made, or is back: the issues of its model's threats are looked at, and put under it where they never were. */
export async function wakeChildren(tx: Tx, parent: Pick<Link, 'integrationId' | 'threatId'>): Promise<void> {
  const threats = await tx.threats.ofModel(parent.threatId);
  const links = await tx.links.ofThreats(threats.map((threat) => threat.id));
  const children = links.filter(
    ({ integrationId, state, placed }) =>
      integrationId === parent.integrationId && state === 'linked' && placed === undefined,
  );
  await tx.dirty.mark(
    parent.integrationId,
    children.map((link) => ({ linkId: link.id, reason: 'threat' })),
  );
}
