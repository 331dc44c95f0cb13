import type { Op } from '../domain/link.ts';
import type { PlanItem } from '../domain/plan.ts';
import type { RunChange } from '../domain/run-change.ts';
import type { RunItem } from '../domain/run.ts';
import { apply } from './apply.ts';
import type { Approval } from './approval.ts';
import { brake } from './brake.ts';
import type { Decided } from './gather.ts';
import type { HeldBack } from './held-back.ts';
import { Parked, parkIfAsked } from './parked.ts';
import { lookAtProject } from './poll.ts';
import { report } from './progress.ts';
import { itemsOfRun } from './run-items.ts';
import { byLink, type Left, lookAtUndo } from './undo-look.ts';
import { nowOf, recording, type Work } from './work.ts';

/** Links looked at between two looks at the lease. */
const CHUNK = 100;
/** A link that changes at every try, or whose writes have no known outcome so often, is left as it is. */
const TRIES = 3;

type Changes = ReadonlyMap<string, readonly RunChange[]>;

/**
 * Take back what a run wrote, as far as nobody was there since. What was taken back is marked in the transaction that
 * records it, so that a run which goes on after a crash does the rest, and nothing twice. Throws `Parked` while the outcome
 * of a write is not known.
 */
export async function undoPass(work: Work, runId: string, approval: Approval | undefined): Promise<HeldBack> {
  await lookAtProject(work);
  const held: { items: PlanItem[]; reasons: string[] } = { items: [], reasons: [] };
  const tries = new Map<string, number>();
  for (;;) {
    const asks = new Set(held.items.map(({ linkId }) => linkId));
    const open = await openChanges(work, runId, tries);
    const ready = new Map([...open.ready].filter(([id]) => !asks.has(id)));
    if (ready.size === 0) {
      if (open.settledAt !== undefined)
        throw new Parked('waiting', 'What came of a write of the undo is not known yet.', open.settledAt);
      return { items: held.items, reasons: [...new Set(held.reasons)] };
    }
    for (const id of ready.keys()) tries.set(id, (tries.get(id) ?? 0) + 1);
    const braked = await brake(work, await look(work, runId, ready), approval);
    held.items.push(...braked.held.items);
    held.reasons.push(...braked.held.reasons);
    for (let from = 0; from < braked.go.length; from += CHUNK) {
      await apply(work, braked.go.slice(from, from + CHUNK), new Map());
      await report(work);
    }
  }
}

/** Hold these changes against both sides; what is left as it is, is told at once. */
async function look(work: Work, runId: string, changes: Changes): Promise<readonly Decided[]> {
  work.tally.total = Math.max(work.tally.total, work.tally.done + changes.size);
  const ids = [...changes.keys()];
  const decided: Decided[] = [];
  for (let from = 0; from < ids.length; from += CHUNK) {
    parkIfAsked(work);
    await work.lease.ensure();
    const chunk = new Map(ids.slice(from, from + CHUNK).map((id) => [id, changes.get(id) ?? []]));
    const seen = await lookAtUndo(work.parts, work.session, runId, chunk, work.signal);
    await tell(
      work,
      seen.left.filter(({ code }) => code !== 'written-over'),
    );
    decided.push(...seen.decided);
  }
  return decided;
}

/**
 * What is neither taken back nor told to stay: `ready` to be looked at now; `settledAt`: when the first of the others is,
 * whose write may still arrive.
 */
async function openChanges(
  work: Work,
  runId: string,
  tries: ReadonlyMap<string, number>,
): Promise<{ ready: Changes; settledAt: string | undefined }> {
  const known = await work.parts.store.tenant(work.session.tenantId).transact(async (tx) => {
    const open = (await tx.changes.ofRun(runId)).filter(({ undoneBy }) => undoneBy === undefined);
    const ops = await tx.ops.open([...new Set(open.map(({ linkId }) => linkId))]);
    return { open, ops, items: await itemsOfRun(tx, work.run.id) };
  });
  const told = new Set(known.items.filter(isFinal).flatMap(keysOf));
  const open = byLink(
    known.open.filter((each) => !told.has(each.linkId) && !told.has(keyOf(each.linkId, fieldOf(each)))),
  );
  const parked = Map.groupBy(
    known.items.filter(({ outcome }) => outcome === 'parked'),
    ({ linkId }) => linkId,
  );
  const given = [...open.keys()].filter(
    (id) => Math.max(tries.get(id) ?? 0, parked.get(id)?.length ?? 0) >= TRIES,
  );
  await tell(work, given.map(givenUp));
  const waits = new Map(known.ops.flatMap((op) => settlesAt(work, op)));
  const ready = [...open].filter(([id]) => !given.includes(id) && !waits.has(id));
  const others = [...waits].filter(([id]) => open.has(id) && !given.includes(id)).map(([, at]) => at);
  return { ready: new Map(ready), settledAt: others.toSorted()[0] };
}

/** Until when a write of an undo may still arrive unseen; none = it has been long enough. */
function settlesAt(work: Work, { linkId, payload, createdAt }: Op): [string, string][] {
  if (payload.undo === undefined) return [];
  const settleMs = work.session.connection.capabilities.settleMs * work.parts.timings.settleFactor;
  const at = new Date(Date.parse(createdAt) + settleMs).toISOString();
  return at > nowOf(work) ? [[linkId, at]] : [];
}

function givenUp(linkId: string): Pick<Left, 'linkId' | 'fields' | 'code' | 'message'> {
  return {
    linkId,
    fields: [],
    code: 'not-written',
    message: `It was tried ${TRIES} times, and each time the issue changed meanwhile or what came of the write was not known. Undo the run once more to try again.`,
  };
}

async function tell(work: Work, left: readonly Omit<Left, 'title'>[]): Promise<void> {
  if (left.length === 0) return;
  const at = nowOf(work);
  const items = left.map(({ linkId, threatId, mitigationKey, issueKey, fields, code, message }): RunItem => ({
    runId: work.run.id,
    linkId,
    ...(threatId === undefined ? {} : { threatId }),
    ...(mitigationKey === undefined ? {} : { mitigationKey }),
    ...(issueKey === undefined ? {} : { issueKey }),
    outcome: 'skipped',
    fields,
    reason: { code, message },
    at,
  }));
  await recording(work, (tx) => tx.runs.addItems(items));
  work.tally.add('skipped', items.length);
}

function isFinal({ outcome }: RunItem): boolean {
  return outcome === 'skipped' || outcome === 'failed';
}

function keysOf({ linkId, fields }: RunItem): string[] {
  if (linkId === undefined) return [];
  return fields.length === 0 ? [linkId] : fields.map((field) => keyOf(linkId, field));
}

function keyOf(linkId: string, field: string): string {
  return `${linkId} ${field}`;
}

function fieldOf(change: RunChange): string {
  return change.kind === 'field' ? change.field : 'status';
}
