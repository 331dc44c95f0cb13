import { createIssues } from './create-issues.ts';
import type { Pair } from './gather.ts';
import { nowOf, recording, type Work } from './work.ts';

/** Create again the issues that surely do not exist; what has left its model meanwhile gets none. */
export async function createAgain(
  work: Work,
  pairs: readonly Pick<Pair, 'link' | 'subject' | 'model'>[],
): Promise<void> {
  const left = pairs.filter(({ subject }) => subject === undefined);
  if (left.length > 0)
    await recording(work, async (tx) => {
      const stateReason = 'The mitigation left its model before its issue was made.';
      for (const { link } of left)
        await tx.links.update({ ...link, state: 'quarantined', stateSince: nowOf(work), stateReason });
    });
  await createIssues(
    work,
    pairs.flatMap(({ link, subject, model }) => (subject === undefined ? [] : [{ link, subject, model }])),
  );
}
