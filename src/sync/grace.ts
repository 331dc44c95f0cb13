import type { Integration } from '../domain/integration.ts';
import type { Issue, WriteOutcome } from '../domain/issue.ts';
import { threatOf } from '../domain/link.ts';
import type { PlanItem } from '../domain/plan.ts';
import type { RunItem } from '../domain/run.ts';
import { statusWordOf } from '../domain/status-words.ts';
import type { Dirty } from '../ports/repositories.ts';
import type { Approval } from './approval.ts';
import { brakeItems } from './brake.ts';
import { hasLeft, type Pair } from './gather.ts';
import type { HeldBack } from './held-back.ts';
import type { Parts } from './parts.ts';
import { closeItem } from './planning.ts';
import { later, nowOf, recording, type Work } from './work.ts';

/** Issues that would be closed now are not closed many at once without a yes; everything else goes on. */
export async function brakeCloses(
  work: Work,
  pairs: readonly Pair[],
  approval: Approval | undefined,
): Promise<{ go: readonly Pair[]; held: HeldBack }> {
  const closes = pairs.flatMap((of) => {
    const item = closeAfterGraceItem(work.parts, work.session.integration, of);
    return item === undefined ? [] : [{ of, item, isChosen: false }];
  });
  const { held } = await brakeItems(work, closes, approval);
  const stopped = new Set(held.items.map(({ linkId }) => linkId));
  return { go: pairs.filter(({ link }) => !stopped.has(link.id)), held };
}

/** The plan's line for a missing threat whose grace time is over and whose issue is open still; undefined = nothing is closed. */
export function closeAfterGraceItem(
  { clock, timings }: Pick<Parts, 'clock' | 'timings'>,
  { mapping }: Pick<Integration, 'mapping'>,
  pair: Pair,
): PlanItem | undefined {
  const { link, outcome } = pair;
  if (link.state !== 'threat-gone' || !hasLeft(pair) || outcome?.kind !== 'found') return undefined;
  if (mapping.missing !== 'close' || link.closedByUs || !isOpen(outcome.issue)) return undefined;
  const isOver = clock.now().getTime() >= graceEndOf(timings, pair);
  return isOver ? closeItem(pair, statusWordOf(outcome.issue, mapping)) : undefined;
}

function isOpen({ status }: Issue): boolean {
  return status.category === 'open' || status.category === 'active';
}

function graceEndOf({ graceMs }: Parts['timings'], { link }: Pair): number {
  return Date.parse(link.stateSince) + graceMs;
}

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
  const graceEnds = graceEndOf(work.parts.timings, pair);
  if (work.parts.clock.now().getTime() < graceEnds) {
    const dueAt = new Date(graceEnds).toISOString();
    await recording(work, async (tx) => {
      // First: a mark that is due already would stay due.
      if (taken !== undefined) await tx.dirty.clear(link.integrationId, [taken]);
      await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'threat', dueAt }]);
    });
    return;
  }
  if (!isOpen(issue)) return;
  await work.lease.ensure();
  const [outcome] = await work.writes.send(
    work.session.tracker,
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
  if (outcome?.kind !== 'written') return notClosed(work, pair, outcome, taken);
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
        ...threatOf(link),
        field: 'status',
        after: 'dropped',
        note: `The ${link.role} stayed missing from its model for the grace time.`,
      },
    ]);
    await tx.runs.addItems([{ ...headOf(work, pair), outcome: 'pushed' }]);
  });
  work.tally.add('pushed');
}

/** It is tried again, the longest wait from now. */
async function notClosed(
  work: Work,
  pair: Pair,
  outcome: Exclude<WriteOutcome, { kind: 'written' }> | undefined,
  taken: Dirty | undefined,
): Promise<void> {
  const { integrationId, id: linkId } = pair.link;
  const code = outcome?.kind === 'refused' ? outcome.code : 'not-closed';
  const message =
    outcome === undefined || outcome.kind === 'stale'
      ? 'The issue changed meanwhile, or the tracker gave no outcome.'
      : outcome.reason;
  await recording(work, async (tx) => {
    if (taken !== undefined) await tx.dirty.clear(integrationId, [taken]);
    const dueAt = later(work, work.parts.timings.retryMaxMs);
    await tx.dirty.mark(integrationId, [{ linkId, reason: 'retry', dueAt }]);
    await tx.runs.addItems([{ ...headOf(work, pair), outcome: 'failed', reason: { code, message } }]);
  });
  work.tally.add('failed');
}

function headOf(work: Work, { link }: Pair): Omit<RunItem, 'outcome'> {
  return {
    runId: work.run.id,
    linkId: link.id,
    ...threatOf(link),
    ...(link.issue === undefined ? {} : { issueKey: link.issue.key }),
    fields: ['status'],
    at: nowOf(work),
  };
}
