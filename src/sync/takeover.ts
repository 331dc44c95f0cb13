import { granularityOf } from '../domain/integration.ts';
import { type Link, threatOf } from '../domain/link.ts';
import type { Tx } from '../ports/repositories.ts';
import { boundFilter } from './bound-filter.ts';
import { keysOfFields } from '../domain/values.ts';
import { nowOf, recording, type Work } from './work.ts';

/**
 * Links that a deleted integration left on this very project go on here, with their past: a second integration on a
 * repository must not make every issue a second time. What changed meanwhile on either side is found by the baselines.
 */
export async function takeOver(work: Work): Promise<void> {
  const { integration } = work.session;
  if (integration.state === 'new') return;
  const at = nowOf(work);
  await recording(work, async (tx) => {
    const left = await ours(tx, work, await tx.links.tombstones(integration.id));
    for (const link of left) {
      const { stateReason: _, ...rest } = link;
      await tx.links.update({ ...rest, integrationId: integration.id, state: 'linked', stateSince: at });
      await moveConflicts(tx, link, integration.id);
    }
    await tx.dirty.mark(
      integration.id,
      left.map((link) => ({ linkId: link.id, reason: 'sweep' })),
    );
    await tx.journal.add(
      left.map((link) => ({
        at,
        actor: 'sync',
        action: 'link-taken-over',
        runId: work.run.id,
        integrationId: integration.id,
        linkId: link.id,
        ...threatOf(link),
        before: link.integrationId,
      })),
    );
  });
}

/** Only of threats whose model goes to this integration, and what it makes issues of. */
async function ours(tx: Tx, work: Work, links: readonly Link[]): Promise<readonly Link[]> {
  if (links.length === 0) return links;
  const { integration } = work.session;
  const filter = await boundFilter(tx, integration.filter);
  if (filter === undefined) return [];
  const threats = await tx.threats.many(links.map((link) => link.threatId));
  const goes = (modelId: string): boolean => filter.models === undefined || filter.models.includes(modelId);
  const ids = new Set(threats.filter(({ modelId }) => goes(modelId)).map((threat) => threat.id));
  const granularity = granularityOf(integration);
  return links.filter((link) => {
    if (link.role === 'parent') return integration.parent?.kind === 'model' && goes(link.threatId);
    const other = link.role === 'mitigation' ? 'threat' : 'mitigation';
    return granularity !== other && ids.has(link.threatId);
  });
}

async function moveConflicts(tx: Tx, link: Link, integrationId: string): Promise<void> {
  for (const field of keysOfFields(link.fields)) {
    const open = await tx.conflicts.open(link.id, field);
    if (open !== undefined) await tx.conflicts.save({ ...open, integrationId });
  }
}
