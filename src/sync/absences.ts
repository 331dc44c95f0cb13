import type { ReadOutcome } from '../domain/issue.ts';
import type { LinkState } from '../domain/link.ts';
import type { Dirty } from '../ports/repositories.ts';
import { type Approval, approvedBy } from './approval.ts';
import { brakeItems } from './brake.ts';
import type { Pair } from './gather.ts';
import type { HeldBack } from './held-back.ts';
import { disbelieve, recordAbsence, tooManyAbsent } from './missing.ts';
import { detachItem } from './planning.ts';
import type { Work } from './work.ts';

/** States that an absent issue changes nothing about. */
const RESTING: readonly LinkState[] = ['issue-gone', 'quarantined'];

/**
 * What becomes of links whose issue was not found where it was. Answers the other pairs, and what was held back: issues that
 * are in another project now are let go, but not many at once without a yes.
 */
export async function sortAbsences(
  work: Work,
  pairs: readonly Pair[],
  taken: ReadonlyMap<string, Dirty>,
  approval: Approval | undefined,
): Promise<{ present: readonly Pair[]; held: HeldBack }> {
  const absent = pairs.filter(
    ({ outcome, link }) => outcome?.kind !== 'found' && !RESTING.includes(link.state),
  );
  const present = pairs.filter((pair) => !absent.includes(pair));
  const { go, held } = await brakeDetaches(work, absent, approval);
  // Where an issue is now is proof that it was not lost: only the others can be too many.
  const lost = absent.filter(({ outcome }) => outcome?.kind !== 'moved');
  const isFoolish = tooManyAbsent(lost.length, pairs.length);
  if (isFoolish) await disbelieve(work, lost);
  for (const pair of isFoolish ? go.filter((each) => !lost.includes(each)) : go) {
    const outcome = pair.outcome ?? { kind: 'hidden' as const, reason: 'The tracker did not answer for it.' };
    if (outcome.kind !== 'found') await recordAbsence(work, pair, outcome, taken.get(pair.link.id));
  }
  return { present, held };
}

/** Where an issue is now that has left the project; undefined = it has not, or nothing is to be done about it. */
export function movedAway({
  outcome,
  link,
}: {
  outcome?: ReadOutcome;
  link: Pair['link'];
}): string | undefined {
  const isAway = outcome?.kind === 'moved' && !outcome.sameProject && !RESTING.includes(link.state);
  return isAway ? outcome.url : undefined;
}

/** An approved plan does not have to name them: they are no writes. One that names them and leaves them out keeps them. */
async function brakeDetaches(
  work: Work,
  absent: readonly Pair[],
  approval: Approval | undefined,
): Promise<{ go: readonly Pair[]; held: HeldBack }> {
  const detaches = absent.flatMap((of) => {
    const to = movedAway(of);
    return to === undefined ? [] : [{ of, item: detachItem(of, to), isChosen: false }];
  });
  const left = detaches.filter(({ item }) => approval?.left.has(item.id) === true);
  const asked = detaches.filter(({ item }) => approval !== undefined && approvedBy(approval, item));
  const rest = detaches.filter((each) => !left.includes(each) && !asked.includes(each));
  const { held } = await brakeItems(work, rest, undefined);
  const items = [...held.items, ...left.map(({ item }) => item)];
  const stopped = new Set(items.map(({ linkId }) => linkId));
  return {
    go: absent.filter(({ link }) => !stopped.has(link.id)),
    held: { items, reasons: held.reasons },
  };
}
