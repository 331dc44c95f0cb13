import { AppError } from '../domain/errors.ts';
import { contentHash } from '../domain/identity.ts';
import type { Threat } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Parts } from './parts.ts';
import type { Caller, ThreatCases, ThreatPatch } from './use-cases.ts';

const HISTORY = 100;

/** Threats: listed, shown with both sides, changed by hand. */
export function threatCases(parts: Parts): ThreatCases {
  const { store } = parts;
  return {
    list: (caller, query) => store.tenant(caller.tenantId).transact((tx) => tx.threats.list(query)),
    get: (caller, id) =>
      store.tenant(caller.tenantId).transact(async (tx) => {
        const threat = await threatOf(tx, id);
        const model = await tx.models.get(threat.modelId);
        if (model === undefined) throw new AppError('not-found', `There is no threat ${id}.`);
        const links = await tx.links.ofThreats([id]);
        const ids = links.map((link) => link.id);
        const conflicts = (await tx.conflicts.list({ limit: 200, state: 'open' })).items;
        return {
          threat,
          model,
          links,
          comments: await tx.comments.ofLinks(ids),
          history: await tx.journal.ofThreat(id, HISTORY),
          conflicts: conflicts.filter((conflict) => conflict.threatId === id),
        };
      }),
    async update(caller, id, patch, expectedVersion) {
      const threat = await store
        .tenant(caller.tenantId)
        .transact((tx) => change(parts, tx, caller, { id, patch, expectedVersion }));
      parts.bus.wake();
      return threat;
    },
  };
}

async function threatOf(tx: Tx, id: string): Promise<Threat> {
  const threat = await tx.threats.get(id);
  if (threat === undefined) throw new AppError('not-found', `There is no threat ${id}.`);
  return threat;
}

/** The threat side of a merge moves by hand: a status here is a change like one in the file. */
async function change(
  parts: Parts,
  tx: Tx,
  caller: Caller,
  asked: { id: string; patch: ThreatPatch; expectedVersion: number | undefined },
): Promise<Threat> {
  const before = await threatOf(tx, asked.id);
  const stale = asked.expectedVersion !== undefined && asked.expectedVersion !== before.version;
  if (stale) throw new AppError('stale-version', 'The threat was changed meanwhile: read it again.');
  const at = parts.clock.now().toISOString();
  const { status, severity, title, description, justification } = asked.patch;
  const content = {
    ...before,
    status: status ?? before.status,
    severity: severity ?? before.severity,
    title: title ?? before.title,
    description: description ?? before.description,
    ...(justification === undefined ? {} : { justification }),
    updatedAt: at,
  };
  const after: Threat = { ...content, contentHash: contentHash(content) };
  const fields = fieldsChanged(before, after);
  if (Object.keys(fields).length === 0) return before;
  if (!(await tx.threats.update(after)))
    throw new AppError('stale-version', 'The threat was changed meanwhile: read it again.');
  const links = await tx.links.ofThreats([after.id]);
  for (const link of links) await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'threat' }]);
  const integrations = await tx.integrations.list({ limit: 200 });
  for (const integration of integrations.items) await tx.integrations.wake(integration.id);
  const data = { threatId: after.id, modelId: after.modelId, key: after.key, origin: 'api', fields };
  await tx.events.add([{ type: 'threat:updated', subject: after.id, data }], at);
  await tx.journal.add(
    Object.entries(fields).map(([field, values]) => ({
      at,
      actor: caller.actor,
      action: `threat-${field}-set`,
      threatId: after.id,
      before: values.before,
      after: values.after,
    })),
  );
  return { ...after, version: before.version + 1 };
}

function fieldsChanged(
  before: Threat,
  after: Threat,
): Record<string, { before: string | null; after: string | null }> {
  const changed: Record<string, { before: string | null; after: string | null }> = {};
  for (const field of ['status', 'severity', 'title', 'description', 'justification'] as const) {
    const values = { before: before[field] ?? null, after: after[field] ?? null };
    if (values.before !== values.after) changed[field] = values;
  }
  return changed;
}
