import type { Op } from '../domain/link.ts';
import { type Step, undoingOf } from '../domain/plan.ts';
import { changesOfArrivals, changesOfSteps } from '../domain/run-change.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Decided } from './gather.ts';
import { withEffectiveBase } from './gather.ts';
import type { Work } from './work.ts';

/**
 * Keeps what these steps wrote, and what earlier writes turned out to have written, so that it can be undone; marks what
 * they took back. An undo that has arrived needs no op any more.
 */
export async function recordChanges(
  work: Work,
  tx: Tx,
  decided: Decided,
  done: { steps: readonly Step[]; op?: Op },
  at: string,
): Promise<void> {
  const { link, ops } = decided.pair;
  const runId = work.run.id;
  await tx.changes.add([
    ...changesOfArrivals(ops, link, decided.shown, at),
    ...changesOfSteps(done.steps, {
      runId,
      link: withEffectiveBase(decided),
      threat: decided.threat,
      shown: decided.shown,
      opId: done.op?.id,
      at,
    }),
  ]);
  for (const step of done.steps) {
    const undo = undoingOf(step);
    if (undo === undefined) continue;
    await tx.changes.markUndone(undo.changes, step.kind === 'restored' ? step.runId : runId);
  }
  const arrived = new Set(done.steps.flatMap((step) => (step.kind === 'restored' ? [step.field] : [])));
  for (const op of ops)
    if (Object.keys(op.payload.undo ?? {}).some((field) => [...arrived].some((each) => each === field)))
      await tx.ops.update({ ...op, state: 'done', settledAt: at });
}
