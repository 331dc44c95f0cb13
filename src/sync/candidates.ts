import { brakesFor } from '../domain/brakes.ts';
import type { Filter } from '../domain/integration.ts';
import type { Plan, PlanItem } from '../domain/plan.ts';
import type { Threat, ThreatModel } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import { type Approval, approvedBy } from './approval.ts';
import { boundFilter, CHOOSE_MODELS } from './bound-filter.ts';
import { createIssues, type Wish } from './create-issues.ts';
import type { HeldBack } from './held-back.ts';
import { createItem, recentWork } from './planning.ts';
import { report } from './progress.ts';
import { sinceThen } from './since-then.ts';
import { later, type Work } from './work.ts';

/** Threats looked at in one plan; the rest follow in the next pass. */
const MOST = 5000;
const PAGE = 500;
/** Creates between two reports of progress, or as many as the tracker takes in one request. */
const BATCH = 10;

/** Threats without an issue that shall get one, with their models. */
export async function findCandidates(
  tx: Tx,
  integrationId: string,
  filter: Filter,
): Promise<readonly { threat: Threat; model: ThreatModel; elsewhere: boolean }[]> {
  const threats: Threat[] = [];
  while (threats.length < MOST) {
    const page = await tx.threats.candidates(integrationId, filter, threats.at(-1)?.number ?? 0, PAGE);
    threats.push(...page);
    if (page.length < PAGE) break;
  }
  const elsewhere = await tx.threats.linkedElsewhere(
    integrationId,
    threats.map((threat) => threat.id),
  );
  const models = new Map<string, ThreatModel>();
  for (const id of new Set(threats.map((threat) => threat.modelId))) {
    const model = await tx.models.get(id);
    if (model !== undefined) models.set(id, model);
  }
  return threats.flatMap((threat) => {
    const model = models.get(threat.modelId);
    return model === undefined ? [] : [{ threat, model, elsewhere: elsewhere.has(threat.id) }];
  });
}

/** Create what the filter and the brakes let through; answers what they hold back. */
export async function createCandidates(work: Work, approval: Approval | undefined): Promise<HeldBack> {
  const { integration, tenantId } = work.session;
  const since = later(work, -work.parts.timings.brakeWindowMs);
  const known = await work.parts.store.tenant(tenantId).transact(async (tx) => {
    const filter = await boundFilter(tx, integration.filter);
    if (filter === undefined) return undefined;
    return {
      found: await findCandidates(tx, integration.id, filter),
      recent: await recentWork(tx, integration.id, since),
      filter,
    };
  });
  if (known === undefined) return { items: [], reasons: [CHOOSE_MODELS] };
  const session = { ...work.session, integration: { ...integration, filter: known.filter } };
  const wanted = known.found.map((each) => ({
    ...each,
    item: createItem(session, each.threat, each.model, each.elsewhere),
  }));
  const creates = wanted.filter(({ item }) => item.action === 'create');
  if (approval !== undefined) return createApproved(work, creates, approval);
  const reasons = brakesOf(work, creates, known.recent);
  if (integration.state === 'new' || reasons.length > 0)
    return { items: creates.map(({ item }) => item), reasons: reasons.map((each) => each.message) };
  await createInBatches(work, creates);
  return { items: [], reasons: [] };
}

/** Only what was chosen and is still the same. What the plan does not know waits for the next run, without a word. */
async function createApproved(
  work: Work,
  creates: readonly (Wish & { item: PlanItem })[],
  approval: Approval,
): Promise<HeldBack> {
  await createInBatches(
    work,
    creates.filter(({ item }) => approvedBy(approval, item)),
  );
  const items = creates.map(({ item }) => item).filter((item) => !approvedBy(approval, item));
  const changed = items.filter(({ id }) => approval.chosen.has(id));
  return {
    items: [...changed, ...items.filter(({ id }) => approval.left.has(id))],
    reasons: changed.length === 0 ? [] : [sinceThen(approval.plan)],
  };
}

function brakesOf(
  work: Work,
  creates: readonly { item: PlanItem }[],
  recent: Parameters<typeof brakesFor>[1],
): Plan['brakes'] {
  const most = Math.max(work.session.integration.limits.creates, work.run.approval?.creates ?? 0);
  return brakesFor(
    creates.map(({ item }) => item),
    recent,
    most,
  );
}

async function createInBatches(work: Work, wishes: readonly Wish[]): Promise<void> {
  work.tally.total += wishes.length;
  const batch = Math.max(BATCH, work.session.connection.capabilities.writesPerRequest);
  for (let from = 0; from < wishes.length; from += batch) {
    await createIssues(work, wishes.slice(from, from + batch));
    await report(work);
  }
}
