import type { PlanItem } from '../domain/plan.ts';
import type { Dirty } from '../ports/repositories.ts';
import { sortAbsences } from './absences.ts';
import { settleCreates } from './adopt.ts';
import { apply } from './apply.ts';
import { brake } from './brake.ts';
import { createCandidates } from './candidates.ts';
import { createAgain as createIssuesAgain } from './create-again.ts';
import { sendComments } from './comments.ts';
import { ensureBound } from './connect.ts';
import { chunkSize, type Decided, decide, hasLeft, loadPairs, type Pair, readIssues } from './gather.ts';
import { recordThreatGone } from './missing.ts';
import { stopFights } from './flips.ts';
import { brakeCloses } from './grace.ts';
import { type HeldBack, together } from './held-back.ts';
import { mendHook } from './hooks.ts';
import type { Approval } from './approval.ts';
import { askQuestions } from './questions.ts';
import { BOUND_STATES, lookAtProject, markAll, markSetAside, readChanges } from './poll.ts';
import { judgeNewest } from './newest.ts';
import { parkIfAsked } from './parked.ts';
import { lookAtParents } from './parent-looks.ts';
import { remakeParents } from './parents.ts';
import { placeDecided } from './place-children.ts';
import { report } from './progress.ts';
import { lookForForgotten, restoreForgotten } from './forgotten.ts';
import { repairStates } from './repair.ts';
import { takeOver } from './takeover.ts';
import { tellEnded } from './tell-ended.ts';
import { recordUnchanged } from './unchanged.ts';
import { changedItem } from './unmet.ts';
import { later, mayWrite, nowOf, recording, type Work } from './work.ts';

export interface PassKind {
  /** Ask the tracker what has changed; without it, only what is known to be dirty is worked. */
  poll: boolean;
  /** Read every link. */
  full: boolean;
  /** What this run was approved by: only its steps are written. */
  approval?: Approval;
}

/** Once over an integration: what changed, what is dirty, what is new. Throws `Parked` when it goes on later. */
export async function pass(work: Work, kind: PassKind): Promise<HeldBack> {
  await lookAtProject(work);
  work.session = { ...work.session, integration: await ensureBound(work.parts, work.session, work.signal) };
  await mendHook(work.parts, work.session, kind.full, work.signal);
  await takeOver(work);
  await lookForForgotten(work);
  await restoreForgotten(work);
  if (kind.poll) await readChanges(work);
  const isAnotherTry = work.run.trigger === 'manual' && work.writes.isOpen;
  if (kind.full || isAnotherTry) await markAll(work);
  else if (work.run.trigger === 'manual') await markSetAside(work);
  const held = await workDirty(work, kind.approval);
  const creates = await createCandidates(work, kind.approval);
  return together(held, creates);
}

async function workDirty(work: Work, approval: Approval | undefined): Promise<HeldBack> {
  const items: PlanItem[] = [];
  const reasons: string[] = [];
  const integrationId = work.session.integration.id;
  const tenant = work.parts.store.tenant(work.session.tenantId);
  const chunk = chunkSize(work.session);
  for (;;) {
    parkIfAsked(work);
    await work.lease.ensure();
    const due = await tenant.transact((tx) => tx.dirty.due(integrationId, chunk, nowOf(work)));
    if (due.length === 0) return { items, reasons };
    work.tally.total = Math.max(work.tally.total, work.tally.done + due.length);
    const held = await workLinks(work, due, approval);
    items.push(...held.items);
    reasons.push(...held.reasons);
    await report(work);
  }
}

async function workLinks(
  work: Work,
  due: readonly Dirty[],
  approval: Approval | undefined,
): Promise<HeldBack> {
  const taken = new Map(due.map((each) => [each.linkId, each]));
  const { pairs: loaded, parents } = await work.parts.store
    .tenant(work.session.tenantId)
    .transact((tx) => loadPairs(tx, [...taken.keys()]));
  await dropUnworkable(work, due, [...loaded, ...parents]);
  const again = await settleCreates(work, [...parents, ...loaded], taken);
  if (mayWrite(work)) await createAgain(work, loaded, parents, again);
  else await wait(work, [...again]);
  await lookAtParents(
    work,
    parents.filter(({ link }) => link.state !== 'creating'),
    taken,
  );
  const bound = loaded.filter(({ link }) => BOUND_STATES.includes(link.state));
  const pairs = await readIssues(work.session, bound, () => work.parts.clock.now(), work.signal);
  const absences = await sortAbsences(work, pairs, taken, approval);
  const closes = await brakeCloses(work, absences.present, approval);
  const workable = await repairStates(work, closes.go, taken, mayWrite(work));
  const decided = await judgeNewest(
    work,
    workable.flatMap((pair) =>
      pair.outcome?.kind === 'found' ? [decide(work.session, pair, pair.outcome.issue, work.approved)] : [],
    ),
  );
  const { go: free, held: braked } = await brake(work, decided, approval);
  const held = together(absences.held, closes.held, braked);
  await holdBack(work, held.items, approval);
  const go = await stopFights(work, free, taken);
  await recordUnchanged(
    work,
    go.filter((each) => each.steps.length === 0),
    taken,
  );
  await apply(
    work,
    go.filter((each) => each.steps.length > 0),
    taken,
  );
  if (mayWrite(work)) {
    await afterwards(work, go, taken);
    await placeDecided(work, go);
  }
  return held;
}

async function createAgain(
  work: Work,
  pairs: Awaited<ReturnType<typeof loadPairs>>['pairs'],
  parents: Awaited<ReturnType<typeof loadPairs>>['parents'],
  again: ReadonlySet<string>,
): Promise<void> {
  await remakeParents(
    work,
    parents.flatMap(({ link, model }) =>
      model !== undefined && again.has(link.id) ? [{ link, model }] : [],
    ),
  );
  await createIssuesAgain(
    work,
    pairs.filter(({ link }) => again.has(link.id)),
  );
}

/** Their marks wait, so that this pass does not meet them again; a confirmed run makes them due. */
async function wait(work: Work, linkIds: readonly string[]): Promise<void> {
  if (linkIds.length === 0) return;
  const dueAt = later(work, work.parts.timings.brakeWindowMs);
  const integrationId = work.session.integration.id;
  await recording(work, async (tx) => {
    for (const linkId of linkIds) await tx.dirty.defer(integrationId, linkId, dueAt);
  });
}

/** Comments that an earlier run may have sent, threats that have left their model, questions whose quiet time is over, acceptances that have ended. */
async function afterwards(
  work: Work,
  decided: readonly Decided[],
  taken: ReadonlyMap<string, Dirty>,
): Promise<void> {
  for (const each of decided) {
    const open = each.pair.ops.filter((op) => op.kind === 'comment');
    if (open.length > 0) await sendComments(work, each.issue, open, true);
    if (hasLeft(each.pair) && each.pair.link.state === 'linked')
      await recordThreatGone(work, each, taken.get(each.pair.link.id));
  }
  await askQuestions(work, decided);
  await tellEnded(work, decided);
}

/** Dirty marks of links that are detached or dormant, or whose threat was removed with its model. */
async function dropUnworkable(
  work: Work,
  due: readonly Dirty[],
  loaded: readonly Pick<Pair, 'link'>[],
): Promise<void> {
  const workable = new Set(
    loaded
      .filter(({ link }) => link.state === 'creating' || BOUND_STATES.includes(link.state))
      .map(({ link }) => link.id),
  );
  const rest = due.filter((each) => !workable.has(each.linkId));
  if (rest.length > 0) await recording(work, (tx) => tx.dirty.clear(work.session.integration.id, rest));
}

/**
 * Their marks wait, so that this pass does not meet them again; a confirmed run makes them due. What a person chose, and is
 * not the same any more, is named.
 */
async function holdBack(
  work: Work,
  items: readonly PlanItem[],
  approval: Approval | undefined,
): Promise<void> {
  if (items.length === 0) return;
  const dueAt = later(work, work.parts.timings.brakeWindowMs);
  const integrationId = work.session.integration.id;
  const run = { id: work.run.id, at: nowOf(work) };
  const unmet = approval === undefined ? [] : items.flatMap((item) => changedItem(approval, item, run) ?? []);
  await recording(work, async (tx) => {
    for (const { linkId } of items)
      if (linkId !== undefined) await tx.dirty.defer(integrationId, linkId, dueAt);
    await tx.runs.addItems(unmet);
  });
  work.tally.add('skipped', unmet.length);
}
