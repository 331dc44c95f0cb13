import {
  acceptanceOf,
  type AcceptanceTerms,
  endOfAcceptance,
  isCarried,
  wordsOfAcceptance,
} from '../domain/acceptance.ts';
import { type GivenThreat, termsOf } from '../domain/canonical.ts';
import { AppError } from '../domain/errors.ts';
import type { JournalEntry } from '../domain/event.ts';
import { contentHash } from '../domain/identity.ts';
import type { Conflict, KeptComment, Link } from '../domain/link.ts';
import type { MitigationStatus, Severity, Status, Threat, ThreatModel } from '../domain/threat.ts';
import type { Page, ThreatQuery, Tx } from '../ports/repositories.ts';
import { wakeAll } from './model-record.ts';
import type { Parts } from './parts.ts';
import { mitigationNamed } from './served.ts';
import { moveEntries, moveMitigation } from './threat-side.ts';
import type { Caller } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

const HISTORY = 100;

interface ThreatDetail {
  threat: Threat;
  model: ThreatModel;
  links: readonly Link[];
  comments: readonly KeptComment[];
  history: readonly JournalEntry[];
  conflicts: readonly Conflict[];
}

export interface ThreatPatch {
  status?: Status | undefined;
  severity?: Severity | undefined;
  title?: string | undefined;
  description?: string | undefined;
  justification?: string | undefined;
  /** Of an accepted or transferred risk, as a whole. */
  acceptance?: GivenThreat['acceptance'];
}

export interface ThreatCases {
  list(caller: Caller, query: ThreatQuery): Promise<Page<Threat>>;
  get(caller: Caller, id: string): Promise<ThreatDetail>;
  update(caller: Caller, id: string, patch: ThreatPatch, expectedVersion?: number): Promise<Threat>;
  /** Sets the status of a mitigation, in all threats that share it. Throws `unprocessable` where its model gives it no key. */
  updateMitigation(
    caller: Caller,
    id: string,
    key: string,
    status: MitigationStatus,
    expectedVersion?: number,
  ): Promise<Threat>;
}

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
        const conflicts = await tx.conflicts.list({ limit: 200, state: 'open', linkIds: ids });
        return {
          threat,
          model,
          links,
          comments: await tx.comments.ofLinks(ids),
          history: await tx.journal.ofThreat(id, HISTORY),
          conflicts: conflicts.items,
        };
      }),
    async update(caller, id, patch, expectedVersion) {
      const threat = await store
        .tenant(caller.tenantId)
        .transact((tx) => change(parts, tx, caller, { id, patch, expectedVersion }));
      parts.bus.wake();
      return threat;
    },
    async updateMitigation(caller, id, key, status, expectedVersion) {
      const threat = await store
        .tenant(caller.tenantId)
        .transact((tx) => changeMitigation(parts, tx, caller, { id, key, status, expectedVersion }));
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
  if (asked.expectedVersion !== undefined && asked.expectedVersion !== before.version)
    throw changedMeanwhile();
  const at = parts.clock.now().toISOString();
  const { status = before.status, severity, title, description, justification } = asked.patch;
  const { acceptance: _, ...kept } = before;
  const content = {
    ...kept,
    status,
    ...acceptanceOf(before, status, at, newTerms(asked.patch, status, at)),
    severity: severity ?? before.severity,
    title: title ?? before.title,
    description: description ?? before.description,
    ...(justification === undefined ? {} : { justification }),
    updatedAt: at,
  };
  const after: Threat = { ...content, contentHash: contentHash(content) };
  const fields = fieldsChanged(before, after);
  if (Object.keys(fields).length === 0) return before;
  if (!(await tx.threats.update(after))) throw changedMeanwhile();
  const links = await tx.links.ofThreats([after.id]);
  for (const link of links) await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'threat' }]);
  const integrations = await tx.integrations.list({ limit: 200 });
  for (const integration of integrations.items) await tx.integrations.wake(integration.id);
  const data = { threatId: after.id, modelId: after.modelId, key: after.key, origin: 'api', fields };
  await tx.events.add([{ type: 'threat:updated', subject: after.id, data }], at);
  await tx.journal.add(
    Object.entries(fields).map(([field, values]) => ({
      at,
      ...signedBy(caller),
      action: `threat-${field}-set`,
      threatId: after.id,
      before: values.before,
      after: values.after,
    })),
  );
  return { ...after, version: before.version + 1 };
}

/** The same for a mitigation: in all threats that share it. */
async function changeMitigation(
  parts: Parts,
  tx: Tx,
  caller: Caller,
  asked: { id: string; key: string; status: MitigationStatus; expectedVersion: number | undefined },
): Promise<Threat> {
  const before = await threatOf(tx, asked.id);
  if (asked.expectedVersion !== undefined && asked.expectedVersion !== before.version)
    throw changedMeanwhile();
  const { mitigation, serves } = await mitigationNamed(tx, before, asked.key);
  if (mitigation.status === asked.status) return before;
  const at = parts.clock.now().toISOString();
  const move = { key: asked.key, from: mitigation.status, to: asked.status, serves, at, origin: 'api' };
  const moved = await moveMitigation(tx, move);
  if (moved === undefined) throw changedMeanwhile();
  await tx.events.add(moved.events, at);
  await tx.journal.add([...moveEntries(move, signedBy(caller)), ...moved.entries]);
  await wakeAll(tx);
  return threatOf(tx, asked.id);
}

function changedMeanwhile(): AppError {
  return new AppError('stale-version', 'The threat was changed meanwhile: read it again.');
}

/** Throws `unprocessable` where there is nothing to accept, or it would be over by now. */
function newTerms({ acceptance }: ThreatPatch, status: Status, at: string): AcceptanceTerms | undefined {
  if (acceptance === undefined) return undefined;
  if (!isCarried(status))
    throw new AppError(
      'unprocessable',
      `A threat that is "${status}" is not accepted: set its status, too.`,
      {
        faults: [{ pointer: '/acceptance', detail: 'goes with status "accepted" or "transferred"' }],
      },
    );
  const terms = termsOf(acceptance);
  const end = endOfAcceptance({ status, acceptance: { ...terms, since: at } });
  if (end !== null && end <= at)
    throw new AppError('unprocessable', 'That acceptance would have ended already: name a later day.', {
      faults: [{ pointer: '/acceptance/expiresAt', detail: 'is not in the future' }],
    });
  return terms;
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
  const terms = { before: wordsOfAcceptance(before) ?? null, after: wordsOfAcceptance(after) ?? null };
  if (terms.before !== terms.after) changed['acceptance'] = terms;
  return changed;
}
