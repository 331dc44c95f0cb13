import type { Issue } from '../domain/issue.ts';
import { statusWordOf } from '../domain/status-words.ts';
import type { Dirty } from '../ports/repositories.ts';
import type { Pair } from './gather.ts';
import { nowOf, recording, type Work } from './work.ts';

/**
 * The issue of a threat that stays missing is closed as not planned after the grace time, where the mapping says so. A
 * write without a known outcome needs no op here: closing what is closed is no change, and the next look decides again.
 */
export async function closeAfterGrace(
  work: Work,
  pair: Pair,
  issue: Issue,
  taken: Dirty | undefined,
): Promise<void> {
  const { link } = pair;
  if (work.session.integration.mapping.missing !== 'close' || link.closedByUs) return;
  const isOpen = issue.status.category === 'open' || issue.status.category === 'active';
  const graceEnds = Date.parse(link.stateSince) + work.parts.timings.graceMs;
  if (work.parts.clock.now().getTime() < graceEnds) {
    const dueAt = new Date(graceEnds).toISOString();
    await recording(work, async (tx) => {
      // First: a mark that is due already would stay due.
      if (taken !== undefined) await tx.dirty.clear(link.integrationId, [taken]);
      await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'threat', dueAt }]);
    });
    return;
  }
  if (!isOpen) return;
  await work.lease.ensure();
  const [outcome] = await work.session.tracker.write(
    [
      {
        kind: 'update',
        ref: issue.ref,
        seen: issue,
        seenAt: pair.readAt,
        change: { status: { category: 'dropped' } },
      },
    ],
    work.signal,
  );
  if (outcome?.kind !== 'written') return;
  const at = nowOf(work);
  await recording(work, async (tx) => {
    const shown = statusWordOf(outcome.issue ?? issue, work.session.integration.mapping);
    const base =
      link.base === undefined
        ? {}
        : {
            base: {
              ...link.base,
              issue: {
                ...link.base.issue,
                status: shown,
              },
            },
          };
    await tx.links.update({ ...link, ...base, closedByUs: true });
    await tx.journal.add([
      {
        at,
        actor: 'sync',
        action: 'status-pushed',
        runId: work.run.id,
        integrationId: link.integrationId,
        linkId: link.id,
        threatId: link.threatId,
        field: 'status',
        after: 'dropped',
        note: 'The threat stayed missing from its model for the grace time.',
      },
    ]);
  });
}
