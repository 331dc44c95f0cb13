import { AppError } from '../domain/errors.ts';
import { explain, type Explanation } from '../domain/explanation.ts';
import type { Integration } from '../domain/integration.ts';
import type { Link } from '../domain/link.ts';
import type { Situation } from '../domain/situation.ts';
import type { Threat } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Parts } from './parts.ts';
import { refusalOf } from './refusal.ts';
import { integrationOf } from './session.ts';
import type { Caller } from './use-cases.ts';

/** Why a threat and its issue are, or are not, in sync. */
export interface ExplainedPair extends Explanation {
  integrationId: string;
  threatId?: string;
  linkId?: string;
  issue?: NonNullable<Link['issue']>;
}

export interface ExplanationCases {
  link(caller: Caller, linkId: string): Promise<ExplainedPair>;
  /** Also of a threat that has no issue in that integration. */
  threat(caller: Caller, threatId: string, integrationId: string): Promise<ExplainedPair>;
}

/** "Why?", from what is stored; asks no tracker. */
export function explanationCases(parts: Parts): ExplanationCases {
  return {
    link: (caller, linkId) =>
      parts.store.tenant(caller.tenantId).transact(async (tx) => {
        const link = await tx.links.get(linkId);
        if (link === undefined) throw new AppError('not-found', `There is no link ${linkId}.`);
        const threat = link.role === 'parent' ? undefined : await tx.threats.get(link.threatId);
        const integration = await tx.integrations.get(link.integrationId);
        return told(parts, tx, { integrationId: link.integrationId, integration, threat, link });
      }),
    threat: (caller, threatId, integrationId) =>
      parts.store.tenant(caller.tenantId).transact(async (tx) => {
        const threat = await tx.threats.get(threatId);
        if (threat === undefined) throw new AppError('not-found', `There is no threat ${threatId}.`);
        const integration = await integrationOf(tx, integrationId);
        const link = await linkOf(tx, threatId, integrationId);
        return told(parts, tx, { integrationId, integration, threat, link });
      }),
  };
}

/** The living link of a threat, else the last that was ended. */
async function linkOf(tx: Tx, threatId: string, integrationId: string): Promise<Link | undefined> {
  const links = (await tx.links.ofThreats([threatId])).filter(
    (link) => link.integrationId === integrationId && link.role === 'threat',
  );
  return links.find(({ state }) => state !== 'detached') ?? links.at(-1);
}

interface Subject {
  integrationId: string;
  integration: Integration | undefined;
  threat: Threat | undefined;
  link: Link | undefined;
}

async function told(parts: Parts, tx: Tx, subject: Subject): Promise<ExplainedPair> {
  const { integrationId, link, threat } = subject;
  const explanation = explain(await gather(parts, tx, subject));
  return {
    integrationId,
    ...(threat === undefined ? {} : { threatId: threat.id }),
    ...(link === undefined ? {} : { linkId: link.id }),
    ...(link?.issue === undefined ? {} : { issue: link.issue }),
    ...explanation,
  };
}

async function gather(parts: Parts, tx: Tx, subject: Subject): Promise<Situation> {
  const { integration, integrationId, link, threat } = subject;
  const [due] = link === undefined ? [] : await tx.dirty.of(integrationId, [link.id]);
  const lastRun = await tx.runs.last(integrationId);
  const heldImport = threat && (await tx.heldImports.ofModel(threat.modelId));
  return {
    now: parts.clock.now().toISOString(),
    paused: parts.paused,
    retryLimit: parts.timings.retryLimit,
    isSynchronised:
      integration !== undefined && parts.providers.get(integration.provider)?.connect !== undefined,
    integration,
    threat,
    ...(heldImport === undefined ? {} : { heldImport }),
    link,
    lastRun,
    refusal:
      integration === undefined || threat === undefined
        ? undefined
        : await refusalOf(tx, integration, threat, link),
    due: due === undefined ? undefined : { at: due.dueAt, reason: due.reason },
    active: await tx.runs.active(integrationId),
    lastItem:
      lastRun === undefined || link === undefined ? undefined : await tx.runs.itemOf(lastRun.id, link.id),
    plan: await planOf(tx, subject),
    delivery:
      link?.issue === undefined ? undefined : await tx.deliveries.lastAbout(integrationId, link.issue.key),
    ops: link === undefined ? [] : await tx.ops.open([link.id]),
    conflicts: link === undefined ? [] : await conflictsOf(tx, link),
  };
}

async function conflictsOf(tx: Tx, link: Link): Promise<Situation['conflicts']> {
  const found = [];
  for (const state of Object.values(link.fields)) {
    if (state?.kind !== 'conflict') continue;
    const conflict = await tx.conflicts.get(state.conflictId);
    if (conflict !== undefined) found.push(conflict);
  }
  return found;
}

async function planOf(tx: Tx, { integrationId, link, threat }: Subject): Promise<Situation['plan']> {
  const plan = await tx.plans.last(integrationId);
  if (plan === undefined) return undefined;
  const item = plan.items.find((each) =>
    link === undefined
      ? each.threatId === threat?.id
      : each.linkId === link.id || each.id === `create:${link.threatId}`,
  );
  return { id: plan.id, createdAt: plan.createdAt, ...(item === undefined ? {} : { item }) };
}
