import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { AppError } from '../../src/domain/errors.ts';
import type { Delivery } from '../../src/domain/event.ts';
import type { Filter, Integration } from '../../src/domain/integration.ts';
import type { Conflict, KeptComment, Link, Op } from '../../src/domain/link.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { NO_COUNTS } from '../../src/domain/run.ts';
import type { Run } from '../../src/domain/run.ts';
import type { Threat, ThreatModel } from '../../src/domain/threat.ts';
import { SEVERITIES, STATUSES } from '../../src/domain/threat.ts';
import type { Lease, Store } from '../../src/ports/store.ts';
import { aChange, aHeldImport } from './kept-fixtures.ts';
import type { Given } from './stage.ts';

/** Of a run that is not looked for. */
const RUN_ID = '99999999-9999-4999-8999-999999999999';
export const HOST = 'tracker.example';
export const SEALED = { credentials: 'sealed-credentials', webhookSecrets: ['sealed-hook'] };

/** ISO times in order: `at(1)` is a second after `at(0)`. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
}

export function tenantName(): string {
  return `tenant-${randomUUID()}`;
}

export function anIntegration(change: Partial<Integration> = {}): Integration {
  return {
    id: randomUUID(),
    name: 'Payments → GitHub',
    provider: 'github',
    config: { owner: 'o', repo: 'r' },
    mapping: {
      version: 1,
      status: { byId: {}, byLabel: {}, toId: {} },
      severity: { labels: {}, priorities: {} },
      policies: { status: 'ask', title: 'ask', block: 'ask' },
      missing: 'keep',
    },
    filter: aFilter(),
    limits: { creates: 50 },
    autoApply: false,
    allowPublic: false,
    allowOtherInstallation: false,
    enabled: true,
    state: 'new',
    stateSince: at(0),
    syncIntervalMinutes: 60,
    webhook: { kind: 'manual', todo: 'set PUBLIC_URL' },
    version: 1,
    createdAt: at(0),
    updatedAt: at(0),
    ...change,
  };
}

export function aFilter(change: Partial<Filter> = {}): Filter {
  return { severities: SEVERITIES, statuses: STATUSES, outOfScope: false, alsoLinked: false, ...change };
}

export function aModel(change: Partial<ThreatModel> = {}): ThreatModel {
  return {
    id: randomUUID(),
    name: 'Payments',
    format: 'threat-dragon-v2',
    source: { path: 'models/payments.json' },
    importedAt: at(0),
    version: 1,
    warnings: [],
    ...change,
  };
}

export type NewThreat = Omit<Threat, 'number' | 'version'>;

export function aThreat(modelId: string, change: Partial<NewThreat> = {}): NewThreat {
  const id = randomUUID();
  return {
    id,
    modelId,
    key: `key-${id}`,
    title: 'Someone reads the traffic',
    description: 'In plain text',
    severity: 'high',
    category: { taxonomy: 'STRIDE', values: ['Information disclosure'] },
    mitigations: [],
    references: [],
    tags: [],
    status: 'identified',
    imported: { status: 'identified' },
    contentHash: 'hash',
    fingerprint: `print-${id}`,
    presence: 'present',
    updatedAt: at(0),
    ...change,
  };
}

export function aLink(integrationId: string, change: Partial<Link> = {}): Link {
  return {
    id: randomUUID(),
    integrationId,
    threatId: randomUUID(),
    role: 'threat',
    mitigationKey: '',
    state: 'creating',
    stateSince: at(0),
    fields: {},
    lastOpenStatus: 'identified',
    closedByUs: false,
    failures: 0,
    version: 1,
    createdAt: at(0),
    ...change,
  };
}

/** A link bound to an issue. */
export function aBoundLink(integrationId: string, change: Partial<Link> = {}): Link {
  const id = randomUUID();
  const issue = { id: `issue-${id}`, key: '42', url: `https://${HOST}/42` };
  return aLink(integrationId, { state: 'linked', issue, ...change });
}

export function anOp(link: Link, change: Partial<Op> = {}): Op {
  return {
    id: randomUUID(),
    linkId: link.id,
    integrationId: link.integrationId,
    kind: 'create',
    runId: RUN_ID,
    epoch: 1,
    payload: { threat: { title: 'a' }, issue: { title: 'b', status: null }, mark: 'tmi:begin' },
    state: 'open',
    absences: 0,
    createdAt: at(0),
    ...change,
  };
}

export function aConflict(link: Link, change: Partial<Conflict> = {}): Conflict {
  return {
    id: randomUUID(),
    integrationId: link.integrationId,
    linkId: link.id,
    threatId: link.threatId,
    field: 'status',
    base: { threat: 'identified', issue: 'open' },
    threat: 'accepted',
    issue: 'done',
    cause: 'both changed',
    state: 'open',
    firstSeenAt: at(0),
    updatedAt: at(0),
    ...change,
  };
}

export function aRun(integrationId: string, change: Partial<Run> = {}): Run {
  return {
    id: randomUUID(),
    integrationId,
    trigger: 'manual',
    state: 'queued',
    full: false,
    passes: 0,
    passesWanted: 1,
    progress: { done: 0, total: 0 },
    counts: NO_COUNTS,
    calls: 0,
    requestedBy: 'ann',
    createdAt: at(0),
    ...change,
  };
}

export function aPlan(integrationId: string, change: Partial<Plan> = {}): Plan {
  return {
    id: randomUUID(),
    integrationId,
    mappingVersion: 1,
    createdAt: at(0),
    items: [],
    counts: { create: 0, update: 0, pull: 0, conflict: 0, skip: 0, unchanged: 0 },
    estimatedCalls: 0,
    estimatedSeconds: 0,
    suggestions: [],
    brakes: [],
    ...change,
  };
}

export function aDelivery(integrationId: string, change: Partial<Omit<Delivery, 'verdict'>> = {}) {
  const id = randomUUID();
  const delivery: Omit<Delivery, 'verdict' | 'processedAt'> = {
    id,
    integrationId,
    provider: 'github',
    deliveryId: `guid-${id}`,
    event: 'issues',
    issueKeys: ['42'],
    receivedAt: at(0),
    headers: { 'x-github-event': 'issues' },
    body: new Uint8Array([0, 1, 2, 255]),
    ...change,
  };
  return delivery;
}

export function aComment(linkId: string, change: Partial<KeptComment> = {}): KeptComment {
  return {
    id: randomUUID(),
    linkId,
    author: 'Ann',
    text: 'done',
    createdAt: at(0),
    updatedAt: at(0),
    ...change,
  };
}

/** Store one integration and answer it. */
export async function settle(
  store: Store,
  tenantId: string,
  change: Partial<Integration> = {},
): Promise<Integration> {
  const integration = anIntegration(change);
  await store.tenant(tenantId).transact((tx) => tx.integrations.insert(integration, SEALED));
  return integration;
}

/** Put one of everything into a tenant, so that every table has a row of it. */
export async function furnish(
  store: Store,
  tenantId: string,
  change: Partial<Integration> = {},
): Promise<{ integration: Integration; link: Link }> {
  const integration = await settle(store, tenantId, change);
  const model = aModel();
  const link = aBoundLink(integration.id);
  const run = aRun(integration.id);
  await store.tenant(tenantId).transact(async (tx) => {
    await tx.models.insert(model, new Uint8Array([1]));
    await tx.threats.insert([aThreat(model.id, { id: link.threatId })]);
    await tx.heldImports.hold(aHeldImport(model), { kind: 'file', bytes: new Uint8Array([1]) });
    await tx.links.insert(link, HOST);
    await tx.ops.insert(anOp(link));
    await tx.dirty.mark(integration.id, [{ linkId: link.id, reason: 'issue' }]);
    await tx.events.add([{ type: 'integration:created', subject: integration.id, data: {} }], at(0));
    await tx.journal.add([{ at: at(0), actor: 'ann', action: 'created', integrationId: integration.id }]);
    await tx.runs.insert(run);
    await tx.runs.addItems([{ runId: run.id, outcome: 'skipped', fields: [], at: at(0) }]);
    await tx.changes.add([aChange(run.id, link)]);
    await tx.plans.save(aPlan(integration.id));
    await tx.conflicts.save(aConflict(link));
    await tx.comments.replace(link.id, [aComment(link.id)]);
    await tx.idempotency.begin('key', 'hash', at(0));
  });
  await store.dispatch.accept(aDelivery(integration.id), [link.issue?.id ?? '']);
  return { integration, link };
}

export function codeIs(code: string) {
  return (thrown: unknown) => thrown instanceof AppError && thrown.code === code;
}

/** Claim the one due integration of a tenant, giving back what others left due. */
export async function claimOf(given: Given, tenantId: string, leaseMs = 60_000): Promise<Lease> {
  for (;;) {
    const lease = await given().store.dispatch.claim('worker', leaseMs);
    assert.ok(lease !== undefined, `nothing of ${tenantId} is due`);
    if (lease.tenantId === tenantId) return lease;
    await given().store.dispatch.release(lease, null);
  }
}
