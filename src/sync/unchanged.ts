import type { Dirty } from '../ports/repositories.ts';
import type { Decided } from './gather.ts';
import { keepComments, settleOps, shownOf } from './record.ts';
import { nowOf, recording, type Work } from './work.ts';

/** Pairs that agree: their marks go, and what people see of the issue is brought up to date. One transaction for all. */
export async function recordUnchanged(
  work: Work,
  decided: readonly Decided[],
  taken: ReadonlyMap<string, Dirty>,
): Promise<void> {
  if (decided.length === 0) return;
  const at = nowOf(work);
  await recording(work, async (tx) => {
    for (const each of decided) {
      const { pair, issue } = each;
      const shown = shownOf(issue);
      const moved = pair.link.issue?.key !== issue.ref.key || pair.link.issue.url !== issue.url;
      const stale = JSON.stringify(shown) !== JSON.stringify(pair.link.shown);
      const mended = pair.link.failures > 0 || pair.link.missingSince !== undefined;
      if (stale || moved || mended) {
        const { missingSince: _, ...link } = pair.link;
        await tx.links.update({
          ...link,
          shown,
          failures: 0,
          syncedAt: at,
          issue: { ...issue.ref, url: issue.url },
        });
      }
      await keepComments(tx, pair.link.id, issue);
      await settleOps(work, tx, each);
    }
    const marks = decided.flatMap(({ pair }) => taken.get(pair.link.id) ?? []);
    await tx.dirty.clear(work.session.integration.id, marks);
  });
  work.tally.add('unchanged', decided.length);
}
