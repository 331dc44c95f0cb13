import { AppError } from '../domain/errors.ts';
import type { Integration } from '../domain/integration.ts';
import type { Link } from '../domain/link.ts';
import { foreignMarkKey, keyFingerprint } from '../domain/mark.ts';
import { homeOf, isMitigation, subjectKey } from '../domain/mitigations.ts';
import { parentTitle } from '../domain/parent.ts';
import type { Plan, PlanItem } from '../domain/plan.ts';
import type { Tx } from '../ports/repositories.ts';
import { movedAway } from './absences.ts';
import { boundFilter, CHOOSE_MODELS } from './bound-filter.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import { chunkSize, decide, loadPairs, type Pair, readIssues } from './gather.ts';
import { closeAfterGraceItem } from './grace.ts';
import { isWanted, newestParents } from './parents.ts';
import type { Parts } from './parts.ts';
import { BOUND_STATES, refusePublic } from './poll.ts';
import { EARLIER_MS } from './connect.ts';
import { createItem, detachItem, itemOf, planOf, recentWork, skippedItem } from './planning.ts';
import { integrationOf, openSession, type Session } from './session.ts';
import { skippedThreats } from './skipped.ts';
import type { Caller } from './use-cases.ts';

/**
 * What a sync would do now: both sides are read, nothing is written to either. The plan is kept, and a sync may be
 * approved by its id. Throws `models-not-chosen`, `project-public` and whatever the tracker says.
 */
export async function planNow(
  parts: Parts,
  caller: Caller,
  integrationId: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Plan> {
  const tenant = parts.store.tenant(caller.tenantId);
  const integration = await tenant.transact((tx) => integrationOf(tx, integrationId));
  const session = await openSession(parts, caller.tenantId, integration);
  refusePublic(await session.tracker.project(signal), integration.allowPublic);
  const updates = await planLinks(parts, session, signal);
  const since = new Date(parts.clock.now().getTime() - parts.timings.brakeWindowMs).toISOString();
  const known = await tenant.transact(async (tx) => {
    const filter = await boundFilter(tx, integration.filter);
    if (filter === undefined) throw new AppError('models-not-chosen', CHOOSE_MODELS);
    return {
      filter,
      found: await findCandidates(tx, integration, filter),
      skipped: await skippedThreats(tx, integration, filter),
      recent: await recentWork(tx, integrationId, since),
    };
  });
  const planned = { ...session, integration: { ...integration, filter: known.filter } };
  const creates = known.found.map((each) => createItem(planned, each, each.elsewhere));
  const plan = planOf(integration, [...updates, ...creates, ...known.skipped], known.recent, {
    id: parts.chance.uuid(),
    at: parts.clock.now().toISOString(),
    perMinute: session.connection.capabilities.createsPerMinute,
  });
  const suggestions = creates.some((item) => item.action === 'create')
    ? await suggest(parts, session, known.found, signal)
    : [];
  const parents = await tenant.transact((tx) => parentsToMake(tx, integration, known.found, creates));
  const complete = { ...plan, suggestions, ...(parents.length === 0 ? {} : { parents }) };
  await tenant.transact((tx) => tx.plans.save(complete));
  return complete;
}

/** The parent issues that the creates would be put under, and that are not there yet. */
async function parentsToMake(
  tx: Tx,
  { id, parent }: Integration,
  found: readonly Candidate[],
  creates: readonly PlanItem[],
): Promise<NonNullable<Plan['parents']>> {
  if (parent?.kind !== 'model') return [];
  const wanted = new Set(creates.filter(({ action }) => action === 'create').map((item) => item.threatId));
  const models = new Map(
    found.filter(({ subject }) => wanted.has(homeOf(subject).id)).map(({ model }) => [model.id, model]),
  );
  const known = await newestParents(tx, id, [...models.keys()]);
  return [...models.values()]
    .filter((model) => isWanted(known.get(model.id), parent.since))
    .map((model) => ({ modelId: model.id, title: parentTitle(model) }));
}

/** Links are looked at in chunks: what is kept of each is its line of the plan. */
async function planLinks(parts: Parts, session: Session, signal: AbortSignal): Promise<PlanItem[]> {
  const tenant = parts.store.tenant(session.tenantId);
  const { bound, others } = await tenant.transact(async (tx) => ({
    bound: await tx.links.idsOf(session.integration.id, BOUND_STATES),
    others: await tx.links.idsOf(session.integration.id, ['creating', 'detached']),
  }));
  const ids = [...bound, ...others];
  const size = chunkSize(session);
  const items: PlanItem[] = [];
  for (let from = 0; from < ids.length; from += size) {
    const chunk = ids.slice(from, from + size);
    const loaded = (await tenant.transact((tx) => loadPairs(tx, chunk))).pairs;
    const pairs = await readIssues(
      session,
      loaded.filter(({ link }) => isRead(link)),
      () => parts.clock.now(),
      signal,
    );
    const readAt = parts.clock.now().toISOString();
    const rest = loaded.filter(({ link }) => !isRead(link)).map((pair) => skippedItem({ ...pair, readAt }));
    items.push(...pairs.map((pair) => linkItem(parts, session, pair)), ...rest);
  }
  return items;
}

function linkItem(parts: Parts, session: Session, pair: Pair): PlanItem {
  const to = movedAway(pair);
  if (to !== undefined) return detachItem(pair, to);
  if (pair.outcome?.kind !== 'found')
    return skippedItem(pair, pair.outcome?.kind === 'hidden' ? pair.outcome.reason : undefined);
  const closes = closeAfterGraceItem(parts, session.integration, pair);
  if (closes !== undefined) return closes;
  if (pair.link.state !== 'linked') return skippedItem(pair);
  return itemOf(decide(session, pair, pair.outcome.issue, true));
}

function isRead(link: Link): boolean {
  return link.issue !== undefined && BOUND_STATES.includes(link.state);
}

/** Issues that an earlier installation made for these threats: for a person to link, never taken. */
async function suggest(
  parts: Parts,
  session: Session,
  wanted: readonly Candidate[],
  signal: AbortSignal,
): Promise<Plan['suggestions']> {
  const since = new Date(parts.clock.now().getTime() - EARLIER_MS).toISOString();
  const marked = await session.tracker.findMarked(since, signal);
  const byKey = new Map(wanted.map(({ subject }) => [keyFingerprint(subjectKey(subject)), subject]));
  const suggestions: Plan['suggestions'][number][] = [];
  for (const [mark, issues] of marked) {
    const subject = byKey.get(foreignMarkKey(mark) ?? '');
    if (subject === undefined) continue;
    for (const issue of issues)
      suggestions.push({
        threatId: homeOf(subject).id,
        ...(isMitigation(subject) ? { mitigationKey: subject.mitigation.key } : {}),
        issueKey: issue.ref.key,
        url: issue.url,
        why: `It carries the mark of this ${isMitigation(subject) ? 'mitigation' : 'threat'} from an earlier installation.`,
      });
  }
  return suggestions;
}
