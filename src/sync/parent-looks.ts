import type { Link, Op } from '../domain/link.ts';
import type { ThreatModel } from '../domain/threat.ts';
import type { Dirty } from '../ports/repositories.ts';
import { wakeChildren } from './children.ts';
import { recordAbsence, returned } from './missing.ts';
import { BOUND_STATES } from './poll.ts';
import { shownOf } from './record.ts';
import { nowOf, recording, type Work } from './work.ts';

/** The link of a parent, with its model where that is still there. */
export interface ParentPair {
  link: Link;
  model?: ThreatModel | undefined;
  ops: readonly Op[];
}

/**
 * Look at parents that are dirty: only whether they are there. Nothing is written to them, whatever people did; one that is
 * gone stays so, and its threats go on without it.
 */
export async function lookAtParents(
  work: Work,
  parents: readonly ParentPair[],
  taken: ReadonlyMap<string, Dirty>,
): Promise<void> {
  for (const { link, model } of parents) {
    const { issue } = link;
    const mark = taken.get(link.id);
    if (issue === undefined || model === undefined || !BOUND_STATES.includes(link.state)) {
      if (mark !== undefined) await recording(work, (tx) => tx.dirty.clear(link.integrationId, [mark]));
      continue;
    }
    await work.lease.ensure();
    const outcome = (await work.session.tracker.read([issue], work.signal)).get(issue.id);
    if (outcome?.kind === 'found') {
      const { ref, url } = outcome.issue;
      const isBack = link.state === 'issue-gone';
      const { missingSince: _, ...rest } = isBack ? returned(link, nowOf(work)) : link;
      await recording(work, async (tx) => {
        await tx.links.update({ ...rest, issue: { ...ref, url }, shown: shownOf(outcome.issue) });
        if (isBack) await wakeChildren(tx, link);
        if (mark !== undefined) await tx.dirty.clear(link.integrationId, [mark]);
      });
      continue;
    }
    const hidden = { kind: 'hidden' as const, reason: 'The tracker did not answer for it.' };
    if (link.state === 'issue-gone' && mark !== undefined)
      await recording(work, (tx) => tx.dirty.clear(link.integrationId, [mark]));
    else await recordAbsence(work, { link }, outcome ?? hidden, mark);
  }
}
