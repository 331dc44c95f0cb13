import { brakesFor } from '../domain/brakes.ts';
import { type Filter, granularityOf, type Integration } from '../domain/integration.ts';
import { homeOf, isMitigation, linkNames, nameOf } from '../domain/mitigations.ts';
import type { Plan, PlanItem } from '../domain/plan.ts';
import type { Threat, ThreatModel } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import { type Approval, approvedBy } from './approval.ts';
import { boundFilter, CHOOSE_MODELS } from './bound-filter.ts';
import { createIssues, type Wish } from './create-issues.ts';
import type { HeldBack } from './held-back.ts';
import { mitigationsOf, threatsToDo } from './mitigation-candidates.ts';
import { createItem, recentWork } from './planning.ts';
import { report } from './progress.ts';
import { sinceThen } from './since-then.ts';
import { later, type Work } from './work.ts';

/** Threats looked at in one plan, or at a time. */
const MOST = 5000;
const PAGE = 500;
/** Creates between two reports of progress, or as many as the tracker takes in one request. */
const BATCH = 10;

/** Something without an issue that shall get one. */
export interface Candidate extends Wish {
  /** Another integration has issues of its threat. */
  elsewhere: boolean;
}

/** What shall get an issue: threats first, then mitigations, whose issues may stand under those of threats. */
export async function findCandidates(
  tx: Tx,
  integration: Pick<Integration, 'id' | 'granularity'>,
  filter: Filter,
): Promise<readonly Candidate[]> {
  const granularity = granularityOf(integration);
  const fresh =
    granularity === 'mitigation'
      ? []
      : await withModels(tx, integration.id, await freshThreats(tx, integration.id, filter));
  const wishes = fresh.map(({ threat, ...rest }): Candidate => ({ subject: threat, ...rest }));
  if (granularity === 'threat') return wishes;
  const isBound = granularity === 'threat+mitigations';
  const known = await threatsToDo(tx, integration.id, filter, isBound, MOST);
  const bound = await withModels(tx, integration.id, known);
  const homes = [...bound.map((each) => (isBound ? { ...each, elsewhere: false } : each)), ...fresh];
  const byNumber = homes.toSorted((one, other) => one.threat.number - other.threat.number);
  return [...wishes, ...(await mitigationsOf(tx, integration, byNumber))];
}

/** Is there anything that waits for an issue? */
export async function hasCandidates(
  tx: Tx,
  integration: Pick<Integration, 'id' | 'granularity'>,
  filter: Filter,
): Promise<boolean> {
  const granularity = granularityOf(integration);
  if (granularity !== 'mitigation' && (await tx.threats.candidates(integration.id, filter, 0, 1)).length > 0)
    return true;
  if (granularity === 'threat') return false;
  const isBound = granularity === 'threat+mitigations';
  return (await threatsToDo(tx, integration.id, filter, isBound, 1)).length > 0;
}

async function freshThreats(tx: Tx, integrationId: string, filter: Filter): Promise<readonly Threat[]> {
  const threats: Threat[] = [];
  while (threats.length < MOST) {
    const page = await tx.threats.candidates(integrationId, filter, threats.at(-1)?.number ?? 0, PAGE);
    threats.push(...page);
    if (page.length < PAGE) break;
  }
  return threats;
}

async function withModels(
  tx: Tx,
  integrationId: string,
  threats: readonly Threat[],
): Promise<readonly { threat: Threat; model: ThreatModel; elsewhere: boolean }[]> {
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

/** Create what the filter and the brakes let through, some thousands at a time; answers what they hold back. */
export async function createCandidates(work: Work, approval: Approval | undefined): Promise<HeldBack> {
  for (;;) {
    const { held, isLast } = await createNext(work, approval);
    if (isLast) return held;
  }
}

/** `isLast`: there are no others, or another look would find the same. */
async function createNext(
  work: Work,
  approval: Approval | undefined,
): Promise<{ held: HeldBack; isLast: boolean }> {
  const { integration, tenantId } = work.session;
  const since = later(work, -work.parts.timings.brakeWindowMs);
  const known = await work.parts.store.tenant(tenantId).transact(async (tx) => {
    const filter = await boundFilter(tx, integration.filter);
    if (filter === undefined) return undefined;
    return {
      found: await findCandidates(tx, integration, filter),
      recent: await recentWork(tx, integration.id, since),
      filter,
    };
  });
  if (known === undefined) return { held: { items: [], reasons: [CHOOSE_MODELS] }, isLast: true };
  const session = { ...work.session, integration: { ...integration, filter: known.filter } };
  const wanted = known.found.map((each) => ({
    ...each,
    item: createItem(session, each, each.elsewhere),
  }));
  const creates = wanted.filter(({ item }) => item.action === 'create');
  if (approval !== undefined) return { held: await createApproved(work, creates, approval), isLast: true };
  const reasons = brakesOf(work, creates, known.recent);
  if (integration.state === 'new' || reasons.length > 0) {
    const held = { items: creates.map(({ item }) => item), reasons: reasons.map((each) => each.message) };
    return { held, isLast: true };
  }
  const unsure = new Set(integration.rewound?.unsure);
  const isUnsure = ({ subject }: Wish): boolean => unsure.has(nameOf(linkNames(subject)));
  const sure = creates.filter((each) => !isUnsure(each));
  await createInBatches(work, sure);
  const doubtful = creates.filter(isUnsure);
  return {
    held: { items: doubtful.map(({ item }) => item), reasons: doubtful.length === 0 ? [] : [MAYBE_THERE] },
    isLast: known.found.length < MOST || sure.length === 0 || work.writes.pausedUntil() !== undefined,
  };
}

/** Why an issue is not made without a yes although nothing else is in its way. */
const MAYBE_THERE =
  'Issues that were made before the database was put back may belong to these threats: bind them by hand, or approve the plan to make others.';

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
  await createAll(
    work,
    wishes.filter(({ subject }) => !isMitigation(subject)),
  );
  const mitigations = wishes.filter(({ subject }) => isMitigation(subject));
  await createAll(work, await withHomes(work, mitigations));
}

async function createAll(work: Work, wishes: readonly Wish[]): Promise<void> {
  const batch = Math.max(BATCH, work.session.connection.capabilities.writesPerRequest);
  for (let from = 0; from < wishes.length; from += batch) {
    if (work.writes.pausedUntil() !== undefined) return;
    await createIssues(work, wishes.slice(from, from + batch));
    await report(work);
  }
}

/** Those whose threats have an issue to stand under by now; the others wait for it. */
async function withHomes(work: Work, wishes: readonly Wish[]): Promise<readonly Wish[]> {
  const { integration, tenantId } = work.session;
  if (granularityOf(integration) !== 'threat+mitigations' || wishes.length === 0) return wishes;
  const ids = [...new Set(wishes.map(({ subject }) => homeOf(subject).id))];
  const links = await work.parts.store.tenant(tenantId).transact((tx) => tx.links.ofThreats(ids));
  const homes = new Set(
    links
      .filter(
        ({ role, state, integrationId }) =>
          role === 'threat' && state === 'linked' && integrationId === integration.id,
      )
      .map(({ threatId }) => threatId),
  );
  return wishes.filter(({ subject }) => homes.has(homeOf(subject).id));
}
