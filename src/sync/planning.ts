import { granularityOf, type Integration } from '../domain/integration.ts';
import type { Plan, PlanCounts, PlanItem, SkipCode } from '../domain/plan.ts';
import { brakesFor, type RecentWork } from '../domain/brakes.ts';
import { filteredOut } from '../domain/filter.ts';
import { keyFingerprint } from '../domain/mark.ts';
import { homeOf, isMitigation, type Subject } from '../domain/mitigations.ts';
import type { ThreatModel } from '../domain/threat.ts';
import { put } from '../domain/values.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Decided, Pair } from './gather.ts';
import type { Session } from './session.ts';

const SKIPS: Partial<Record<Pair['link']['state'], { code: SkipCode; message: string }>> = {
  'issue-gone': {
    code: 'issue-gone',
    message:
      'Its issue was deleted in the tracker. Restore it there, or detach the link and bind another issue by hand.',
  },
  detached: { code: 'detached', message: 'A person detached it.' },
  quarantined: { code: 'quarantined', message: 'It failed too often or its mark is damaged.' },
  dormant: { code: 'dormant', message: 'Its integration or model is not bound any more.' },
  creating: { code: 'creating', message: 'Its issue is being created; the outcome is not known yet.' },
};

/** Why a threat that another integration links gets no second issue. */
export const ELSEWHERE: { code: SkipCode; message: string } = {
  code: 'linked-elsewhere',
  message: 'Another integration has an issue for it already (filter.alsoLinked is false).',
};

/** The plan's line for a link whose issue was found. */
export function itemOf(decided: Decided): PlanItem {
  const { pair, steps, issue } = decided;
  return {
    id: `link:${pair.link.id}`,
    action: steps.length === 0 ? 'none' : 'update',
    ...headOf(pair.subject ?? pair.threat),
    linkId: pair.link.id,
    issueKey: issue.ref.key,
    steps,
  };
}

/** The plan's line for a link whose issue was moved out of the project: it is let go. */
export function detachItem(
  { link, subject, threat }: Pick<Pair, 'link' | 'subject' | 'threat'>,
  movedTo: string,
): PlanItem {
  return {
    id: `link:${link.id}`,
    action: 'detach',
    ...headOf(subject ?? threat),
    linkId: link.id,
    ...(link.issue === undefined ? {} : { issueKey: link.issue.key }),
    steps: [],
    movedTo,
  };
}

/** The plan's line for a missing threat whose grace time is over: its issue is closed as not planned. */
export function closeItem(
  { link, subject, threat }: Pick<Pair, 'link' | 'subject' | 'threat'>,
  from: string,
): PlanItem {
  return {
    id: `link:${link.id}`,
    action: 'update',
    ...headOf(subject ?? threat),
    linkId: link.id,
    ...(link.issue === undefined ? {} : { issueKey: link.issue.key }),
    steps: [{ kind: 'push', field: 'status', threat: null, from, to: 'dropped' }],
  };
}

/** The plan's line for a link about whose issue nothing can be said or done. */
export function skippedItem(pair: Pair, reason?: string): PlanItem {
  const skip = SKIPS[pair.link.state] ?? {
    code: 'hidden' as const,
    message: reason ?? 'Its issue could not be read.',
  };
  return {
    id: `link:${pair.link.id}`,
    action: 'skip',
    ...headOf(pair.subject ?? pair.threat),
    linkId: pair.link.id,
    ...(pair.link.issue === undefined ? {} : { issueKey: pair.link.issue.key }),
    steps: [],
    skip:
      pair.link.stateReason === undefined
        ? skip
        : { ...skip, message: `${skip.message} ${pair.link.stateReason}` },
  };
}

/** The plan's line for a threat or a mitigation without a link: an issue to create, or why not. */
export function createItem(
  session: Session,
  { subject, model }: { subject: Subject; model: Pick<ThreatModel, 'name' | 'source'> },
  elsewhere: boolean,
): PlanItem {
  const threat = homeOf(subject);
  const head = { ...headOf(subject), id: createId(subject), steps: [] };
  const out = filteredOut(threat, session.integration.filter);
  if (out !== undefined) return { ...head, action: 'skip', skip: out };
  if (elsewhere && !session.integration.filter.alsoLinked)
    return {
      ...head,
      action: 'skip',
      skip: ELSEWHERE,
    };
  return {
    ...head,
    action: 'create',
    fields: put(subject, model, session.integration.mapping, session.shape),
  };
}

function headOf(subject: Subject): Pick<PlanItem, 'threatId' | 'title' | 'mitigationKey'> {
  const threatId = homeOf(subject).id;
  return isMitigation(subject)
    ? { threatId, title: subject.mitigation.title, mitigationKey: subject.mitigation.key }
    : { threatId, title: subject.title };
}

function createId(subject: Subject): string {
  const id = `create:${homeOf(subject).id}`;
  return isMitigation(subject) ? `${id}:${keyFingerprint(subject.mitigation.key)}` : id;
}

/** What the journal calls a status that was written to one side. */
const TURNS = ['status-pushed', 'status-pulled', 'status-undone'];

/** What an integration did in the sliding hour, for its brakes. */
export async function recentWork(tx: Tx, integrationId: string, since: string): Promise<RecentWork> {
  const states = (await tx.links.counts(integrationId)).states;
  const { detached: _, ...living } = states;
  const links = Object.values(living).reduce((sum, count) => sum + count, 0);
  return {
    created: await tx.journal.count(integrationId, ['issue-created'], since),
    closed: await tx.journal.count(integrationId, [...TURNS, 'link-moved-away'], since),
    links,
  };
}

/**
 * Calls a plan costs: a look at the project and the changes, one per create and at most one more to put it under its parent,
 * one for each threat to ask how mitigations stand under it, two per update of a stale read.
 */
function estimateCalls(items: readonly PlanItem[], integration: Integration): number {
  const creates = items.filter((item) => item.action === 'create');
  const isBelow = granularityOf(integration) === 'threat+mitigations';
  const below = creates.filter(({ mitigationKey }) => isBelow && mitigationKey !== undefined);
  const homes = new Set(below.map(({ threatId }) => threatId)).size;
  const placed = integration.parent === undefined ? below.length : creates.length;
  const updates = items.filter((item) => item.steps.some((step) => step.kind === 'push')).length;
  return 2 + creates.length + placed + homes + 2 * updates;
}

/** Puts lines together to a plan. `perMinute`: how many contents the tracker lets us create, when it says so. */
export function planOf(
  integration: Integration,
  items: readonly PlanItem[],
  recent: RecentWork,
  made: { id: string; at: string; perMinute: number | undefined },
): Plan {
  const counts = countItems(items);
  const minutes = made.perMinute === undefined ? 0 : counts.create / made.perMinute;
  const estimatedCalls = estimateCalls(items, integration);
  return {
    id: made.id,
    integrationId: integration.id,
    mappingVersion: integration.mapping.version,
    createdAt: made.at,
    items,
    counts,
    estimatedCalls,
    estimatedSeconds: Math.ceil(minutes * 60 + estimatedCalls * 0.2),
    suggestions: [],
    brakes: brakesFor(items, recent, integration.limits.creates),
  };
}

function countItems(items: readonly PlanItem[]): PlanCounts {
  const counts: PlanCounts = { create: 0, update: 0, pull: 0, conflict: 0, skip: 0, unchanged: 0 };
  for (const item of items) {
    if (item.action === 'create') counts.create += 1;
    if (item.action === 'skip') counts.skip += 1;
    if (item.action === 'none') counts.unchanged += 1;
    if (item.steps.some((step) => step.kind === 'push')) counts.update += 1;
    if (item.steps.some((step) => step.kind === 'pull')) counts.pull += 1;
    if (item.steps.some((step) => step.kind === 'conflict')) counts.conflict += 1;
  }
  return counts;
}
