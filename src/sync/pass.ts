import { brakesFor, turnsStatus } from '../domain/brakes.ts';
import type { LinkState } from '../domain/link.ts';
import type { PlanItem } from '../domain/plan.ts';
import type { Dirty } from '../ports/repositories.ts';
import { settleCreates } from './adopt.ts';
import { apply } from './apply.ts';
import { createCandidates } from './candidates.ts';
import { createIssues } from './create-issues.ts';
import { sendComments } from './comments.ts';
import { ensureBound } from './connect.ts';
import { type Decided, decide, loadPairs, type Pair, readIssues } from './gather.ts';
import { disbelieve, recordAbsence, recordThreatGone, tooManyAbsent } from './missing.ts';
import type { HeldBack } from './held-back.ts';
import { mendHook } from './hooks.ts';
import { itemOf, recentWork } from './planning.ts';
import { type Approval, approvedBy } from './approval.ts';
import { askQuestions } from './questions.ts';
import { BOUND_STATES, lookAtProject, markAll, markSetAside, readChanges } from './poll.ts';
import { parkIfAsked } from './parked.ts';
import { lookAtParents } from './parent-looks.ts';
import { remakeParents } from './parents.ts';
import { placeDecided } from './place-children.ts';
import { report } from './progress.ts';
import { repairStates } from './repair.ts';
import { sinceThen } from './since-then.ts';
import { takeOver } from './takeover.ts';
import { recordUnchanged } from './unchanged.ts';
import { changedItem } from './unmet.ts';
import { later, nowOf, recording, type Work } from './work.ts';

/** States that an absent issue changes nothing about. */
const RESTING: readonly LinkState[] = ['issue-gone', 'quarantined'];
/** Links worked between two looks at the lease: about so many, in full requests. */
const CHUNK = 500;

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
  if (kind.poll) await readChanges(work);
  if (kind.full) await markAll(work);
  else if (work.run.trigger === 'manual') await markSetAside(work);
  const held = await workDirty(work, kind.approval);
  const creates = await createCandidates(work, kind.approval);
  return {
    items: [...held.items, ...creates.items],
    reasons: [...new Set([...held.reasons, ...creates.reasons])],
  };
}

async function workDirty(work: Work, approval: Approval | undefined): Promise<HeldBack> {
  const items: PlanItem[] = [];
  const reasons: string[] = [];
  const integrationId = work.session.integration.id;
  const tenant = work.parts.store.tenant(work.session.tenantId);
  const { readsPerRequest } = work.session.connection.capabilities;
  const chunk = Math.max(1, Math.floor(CHUNK / readsPerRequest)) * readsPerRequest;
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
  await remakeParents(
    work,
    parents.flatMap(({ link, model }) =>
      model !== undefined && again.has(link.id) ? [{ link, model }] : [],
    ),
  );
  await createIssues(
    work,
    loaded.filter(({ link }) => again.has(link.id)),
  );
  await lookAtParents(
    work,
    parents.filter(({ link }) => link.state !== 'creating'),
    taken,
  );
  const bound = loaded.filter(({ link }) => BOUND_STATES.includes(link.state));
  const pairs = await readIssues(work.session, bound, () => work.parts.clock.now(), work.signal);
  const present = await sortAbsences(work, pairs, taken);
  const workable = await repairStates(work, present, taken);
  const decided = workable.flatMap((pair) =>
    pair.outcome?.kind === 'found' ? [decide(work.session, pair, pair.outcome.issue, work.approved)] : [],
  );
  const { go, held } = await brake(work, decided, approval);
  await holdBack(work, held.items, approval);
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
  await afterwards(work, go, taken);
  await placeDecided(work, go);
  return held;
}

/** Comments that an earlier run may have sent, threats that have left their model, questions whose quiet time is over. */
async function afterwards(
  work: Work,
  decided: readonly Decided[],
  taken: ReadonlyMap<string, Dirty>,
): Promise<void> {
  for (const each of decided) {
    const open = each.pair.ops.filter((op) => op.kind === 'comment');
    if (open.length > 0) await sendComments(work, each.issue, open, true);
    if (each.pair.threat.presence === 'missing' && each.pair.link.state === 'linked')
      await recordThreatGone(work, each, taken.get(each.pair.link.id));
  }
  await askQuestions(work, decided);
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

async function sortAbsences(
  work: Work,
  pairs: readonly Pair[],
  taken: ReadonlyMap<string, Dirty>,
): Promise<readonly Pair[]> {
  const absent = pairs.filter(
    ({ outcome, link }) => outcome?.kind !== 'found' && !RESTING.includes(link.state),
  );
  if (tooManyAbsent(absent.length, pairs.length)) {
    await disbelieve(work, absent);
    return pairs.filter((pair) => !absent.includes(pair));
  }
  for (const pair of absent) {
    const outcome = pair.outcome ?? { kind: 'hidden' as const, reason: 'The tracker did not answer for it.' };
    if (outcome.kind !== 'found') await recordAbsence(work, pair, outcome, taken.get(pair.link.id));
  }
  return pairs.filter((pair) => !absent.includes(pair));
}

/** Hold back what a person must see first; everything else goes on. */
async function brake(
  work: Work,
  decided: readonly Decided[],
  approval: Approval | undefined,
): Promise<{ go: readonly Decided[]; held: HeldBack }> {
  const items = new Map(decided.map((each) => [each, itemOf(each)]));
  if (approval !== undefined) {
    const isApproved = (each: Decided): boolean => {
      const item = items.get(each);
      return each.steps.length === 0 || (item !== undefined && approvedBy(approval, item));
    };
    const held = decided.filter((each) => !isApproved(each)).flatMap((each) => items.get(each) ?? []);
    const changed = held.filter(({ id }) => !approval.left.has(id));
    const reasons = changed.length === 0 ? [] : [sinceThen(approval.plan)];
    return { go: decided.filter(isApproved), held: { items: held, reasons } };
  }
  const { integration, tenantId } = work.session;
  const since = later(work, -work.parts.timings.brakeWindowMs);
  const recent = await work.parts.store
    .tenant(tenantId)
    .transact((tx) => recentWork(tx, integration.id, since));
  const unasked = decided.filter((each) => !isChosen(each)).flatMap((each) => items.get(each) ?? []);
  const brakes = brakesFor(unasked, recent, integration.limits.creates);
  const writes = integration.state !== 'new';
  if (brakes.length === 0 && writes) return { go: decided, held: { items: [], reasons: [] } };
  const stopped = (each: Decided): boolean => {
    const item = items.get(each);
    if (each.steps.length === 0 || isChosen(each)) return false;
    return !writes || (item !== undefined && turnsStatus(item));
  };
  return {
    go: decided.filter((each) => !stopped(each)),
    held: {
      items: decided.filter(stopped).flatMap((each) => items.get(each) ?? []),
      reasons: brakes.map((each) => each.message),
    },
  };
}

/** A person has said what to do about the status: no brake asks again. */
function isChosen({ pair }: Decided): boolean {
  const state = pair.link.fields.status;
  return state?.kind === 'conflict' && state.choice !== undefined;
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
