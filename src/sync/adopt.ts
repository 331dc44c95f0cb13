import type { AsideCode } from '../domain/dead-letters.ts';
import type { Issue } from '../domain/issue.ts';
import type { Link, Op } from '../domain/link.ts';
import { readMark } from '../domain/mark.ts';
import type { Dirty } from '../ports/repositories.ts';
import { bind } from './create.ts';
import { later, nowOf, recording, type Work } from './work.ts';

/** Looked for from this long before the intent on, because the tracker's clock is not ours. */
const CLOCK_SLACK_MS = 5 * 60 * 1000;

/** A link that may be being created, with its open ops. */
interface Unsettled {
  link: Link;
  ops: readonly Op[];
}

/**
 * Settle links whose create has no known outcome: an issue that carries their mark is adopted; absent in two listings,
 * the settle time apart, it is to be created again under the same mark. Answers the ids of those links.
 */
export async function settleCreates(
  work: Work,
  all: readonly Unsettled[],
  taken: ReadonlyMap<string, Dirty>,
): Promise<ReadonlySet<string>> {
  const pairs = all.filter(({ link }) => link.state === 'creating');
  const open = pairs.flatMap((pair) => {
    const op = pair.ops.find((each) => each.kind === 'create');
    return op === undefined ? [] : [{ pair, op }];
  });
  const again = new Set(
    pairs.filter((pair) => !open.some((each) => each.pair === pair)).map(({ link }) => link.id),
  );
  if (open.length > 0) {
    const found = await lookUp(
      work,
      open.map(({ op }) => op),
    );
    for (const { pair, op } of open) {
      const candidates = found.get(pair.link.id) ?? [];
      const [only] = candidates;
      if (candidates.length > 1) await quarantine(work, pair, candidates);
      else if (only !== undefined) await bind(work, { link: pair.link, op }, only, 'adopted');
      else if (await believedAbsent(work, op, taken.get(pair.link.id))) again.add(pair.link.id);
    }
  }
  return again;
}

/** Issues by the link their valid mark names, made by an account of ours. */
async function lookUp(work: Work, ops: readonly Op[]): Promise<ReadonlyMap<string, readonly Issue[]>> {
  const earliest = Math.min(...ops.map((op) => Date.parse(op.createdAt)));
  await work.lease.ensure();
  const marked = await work.session.tracker.findMarked(
    work.session.clock.translate(new Date(earliest - CLOCK_SLACK_MS).toISOString()),
    work.signal,
  );
  const accounts = work.session.integration.bound?.accountIds ?? [];
  const found = new Map<string, Issue[]>();
  for (const [text, issues] of marked) {
    const mark = readMark(text, work.markKey);
    if (mark === undefined) continue;
    const ours = issues.filter((issue) => accounts.includes(issue.authorId));
    found.set(mark.linkId, [...(found.get(mark.linkId) ?? []), ...ours]);
  }
  return found;
}

/** Counts this absence; true when it is the second, the settle time after the first. */
async function believedAbsent(work: Work, op: Op, taken: Dirty | undefined): Promise<boolean> {
  const settleMs = work.session.connection.capabilities.settleMs * work.parts.timings.settleFactor;
  const now = work.parts.clock.now().getTime();
  const first = op.lastAbsentAt === undefined ? undefined : Date.parse(op.lastAbsentAt);
  const believed = first !== undefined && now - first >= settleMs;
  const at = nowOf(work);
  await recording(work, async (tx) => {
    if (believed)
      return tx.ops.update({ ...op, state: 'abandoned', absences: op.absences + 1, settledAt: at });
    await tx.ops.update({ ...op, absences: op.absences + 1, lastAbsentAt: op.lastAbsentAt ?? at });
    if (taken !== undefined) await tx.dirty.defer(op.integrationId, op.linkId, later(work, settleMs));
  });
  return believed;
}

/** A cloned issue carries our mark too: which one is ours is for a person to say. The op stays, for the look after that. */
async function quarantine(work: Work, { link }: Unsettled, candidates: readonly Issue[]): Promise<void> {
  const at = nowOf(work);
  const keys = candidates.map((issue) => issue.ref.key).join(', ');
  const stateReason = `Several issues carry its mark (${keys}): delete all but one, or their marks, then retry it.`;
  const code: AsideCode = 'mark-doubled';
  const lastError = { code, message: stateReason, at };
  await recording(work, (tx) =>
    tx.links.update({ ...link, state: 'quarantined', stateSince: at, stateReason, lastError }),
  );
  work.tally.add('failed');
}
