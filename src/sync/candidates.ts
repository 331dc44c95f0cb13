import { brakesFor } from '../domain/brakes.ts';
import type { Filter } from '../domain/integration.ts';
import type { Plan, PlanItem } from '../domain/plan.ts';
import type { Threat, ThreatModel } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import { createIssues, type Wish } from './create-issues.ts';
import type { HeldBack } from './held-back.ts';
import { createItem, recentWork } from './planning.ts';
import { report } from './progress.ts';
import { later, type Work } from './work.ts';

/** Threats looked at in one plan; the rest follow in the next pass. */
const MOST = 5000;
const PAGE = 500;
/** Creates between two reports of progress, or as many as the tracker takes in one request. */
const BATCH = 10;

/** What a second integration of a tenant must say before it creates anything. */
export const CHOOSE_MODELS =
  'This tenant has more than one integration: say in filter.models which threat models go to this one.';

/** A filter whose models are ids; undefined = the models must be chosen first. Names are looked up, unknown ones match nothing. */
export async function boundFilter(tx: Tx, filter: Filter): Promise<Filter | undefined> {
  if (filter.models === undefined) {
    const { items } = await tx.integrations.list({ limit: 2 });
    return items.length > 1 ? undefined : filter;
  }
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await tx.models.list(cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor });
    for (const model of page.items)
      if (filter.models.includes(model.id) || filter.models.includes(model.name)) ids.push(model.id);
    if (page.nextCursor === undefined) return { ...filter, models: ids };
    cursor = page.nextCursor;
  }
}

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
export async function createCandidates(work: Work, plan: Plan | undefined): Promise<HeldBack> {
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
  const allowed = plan === undefined ? creates : creates.filter(({ item }) => isPlanned(plan, item));
  const reasons = plan === undefined ? brakesOf(work, creates, known.recent) : [];
  if (integration.state === 'new' || reasons.length > 0)
    return { items: creates.map(({ item }) => item), reasons: reasons.map((each) => each.message) };
  await createInBatches(work, allowed);
  return { items: [], reasons: [] };
}

function isPlanned(plan: Plan, item: PlanItem): boolean {
  return plan.items.some((each) => each.id === item.id && each.action === 'create');
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
