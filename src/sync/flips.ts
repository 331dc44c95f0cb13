import type { AsideCode } from '../domain/dead-letters.ts';
import { type Direction, isFoughtOver } from '../domain/flips.ts';
import { threatOf } from '../domain/link.ts';
import type { Dirty } from '../ports/repositories.ts';
import type { Decided } from './gather.ts';
import { later, nowOf, recording, type Work } from './work.ts';

/**
 * Set aside what somebody else's program writes back each time: both would go on for ever. Only a status can be fought over,
 * for every other field is people's once they have touched it. Answers the rest; a person who syncs by hand is not stopped.
 */
export async function stopFights(
  work: Work,
  decided: readonly Decided[],
  taken: ReadonlyMap<string, Dirty>,
): Promise<readonly Decided[]> {
  const turning = decided.filter((each) => turnOf(each) !== undefined);
  if (work.approved || turning.length === 0) return decided;
  const since = later(work, -work.parts.timings.brakeWindowMs);
  const written = await work.parts.store.tenant(work.session.tenantId).transact((tx) =>
    tx.journal.written(
      turning.map(({ pair }) => pair.link.id),
      'status',
      since,
    ),
  );
  const fought = turning.filter((each) => {
    const next = turnOf(each);
    return next !== undefined && isFoughtOver(written.get(each.pair.link.id) ?? [], next);
  });
  for (const each of fought) await setAside(work, each, taken.get(each.pair.link.id));
  return decided.filter((each) => !fought.includes(each));
}

function turnOf({ steps }: Decided): Direction | undefined {
  const kinds = steps.filter(({ field }) => field === 'status').map(({ kind }) => kind);
  if (kinds.includes('push')) return 'pushed';
  return kinds.includes('pull') ? 'pulled' : undefined;
}

async function setAside(work: Work, { pair }: Decided, taken: Dirty | undefined): Promise<void> {
  const at = nowOf(work);
  const { link } = pair;
  const code: AsideCode = 'fought-over';
  const stateReason =
    'Its status went back and forth more than three times within an hour: another program seems to write it, too. Nothing is written until somebody retries it.';
  await recording(work, async (tx) => {
    const lastError = { code, message: stateReason, at };
    if (!(await tx.links.update({ ...link, state: 'quarantined', stateSince: at, stateReason, lastError })))
      return;
    await tx.journal.add([
      {
        at,
        actor: 'sync',
        action: 'link-quarantined',
        runId: work.run.id,
        integrationId: link.integrationId,
        linkId: link.id,
        ...threatOf(link),
        note: stateReason,
      },
    ]);
    await tx.runs.addItems([
      {
        runId: work.run.id,
        linkId: link.id,
        ...threatOf(link),
        ...(link.issue === undefined ? {} : { issueKey: link.issue.key }),
        outcome: 'skipped',
        fields: ['status'],
        reason: { code, message: stateReason },
        at,
      },
    ]);
    if (taken !== undefined) await tx.dirty.clear(link.integrationId, [taken]);
  });
  work.tally.add('skipped');
}
