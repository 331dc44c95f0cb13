import type { Run } from '../domain/run.ts';
import { withJoined } from './run-record.ts';
import { recording, type Work } from './work.ts';

/** Keep how far the run is, and tell listeners at every tenth. */
export async function report(work: Work): Promise<void> {
  const { tally } = work;
  const before = tenths(work.run.progress.done, work.run.progress.total);
  const run: Run = {
    ...work.run,
    ...tally.soFar(),
    calls: work.session.calls(),
  };
  const crossed = tenths(run.progress.done, run.progress.total) > before;
  work.run = await recording(work, async (tx) => {
    const joined = await withJoined(tx, run);
    await tx.runs.update(joined);
    if (!crossed) return joined;
    const data = {
      integrationId: run.integrationId,
      runId: run.id,
      progress: run.progress,
      counts: run.counts,
    };
    await tx.events.add(
      [{ type: 'sync:progress', subject: run.id, data }],
      work.parts.clock.now().toISOString(),
    );
    return joined;
  });
}

function tenths(done: number, total: number): number {
  return total === 0 ? 0 : Math.floor((done / total) * 10);
}
