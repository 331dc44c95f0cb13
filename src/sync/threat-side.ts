import type { JournalEntry, NewEvent } from '../domain/event.ts';
import type { Link } from '../domain/link.ts';
import { mitigationOf, withMitigationStatus } from '../domain/mitigations.ts';
import { rolledUp } from '../domain/roll-up.ts';
import type { MitigationStatus, Threat } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import { rollUpRule } from './roll-up.ts';

/** Which mitigation comes to which status, in all threats that have it; `from` is what it was seen to be. */
export interface MitigationMove {
  key: string;
  from: MitigationStatus;
  to: MitigationStatus;
  serves: readonly Threat[];
  at: string;
  /** Where the change comes from: a provider, or `api`. */
  origin: string;
  /** Its own link is not told. */
  by?: Pick<Link, 'id' | 'integrationId'>;
}

/** What is to be told of a move, in the same transaction. */
interface Moved {
  events: readonly NewEvent[];
  entries: readonly JournalEntry[];
}

/**
 * Writes it, with what it makes of the threats, and wakes whatever else shows it; undefined = somebody has changed one of the
 * threats meanwhile.
 */
export async function moveMitigation(tx: Tx, move: MitigationMove): Promise<Moved | undefined> {
  const links = await tx.links.ofThreats(move.serves.map(({ id }) => id));
  const rule = await rollUpRule(tx, links);
  const events: NewEvent[] = [];
  const entries: JournalEntry[] = [];
  for (const seen of move.serves) {
    const threat = await tx.threats.get(seen.id);
    if (threat === undefined || mitigationOf(threat, move.key)?.status !== move.from) return undefined;
    const moved = withMitigationStatus(threat, move.key, move.to);
    const status =
      rule === undefined
        ? threat.status
        : rolledUp(threat.status, threat.mitigations, moved.mitigations, rule.gate);
    const next = { ...moved, status, updatedAt: move.at };
    if (!(await tx.threats.update(next))) return undefined;
    events.push(eventOf(threat, next, move));
    if (status !== threat.status) entries.push(rolledUpEntry(threat, status, move));
  }
  await wakeOthers(tx, links, move);
  return { events, entries };
}

function rolledUpEntry({ id, status }: Threat, after: Threat['status'], move: MitigationMove): JournalEntry {
  return {
    at: move.at,
    actor: 'sync',
    action: 'threat-rolled-up',
    threatId: id,
    field: 'status',
    before: status,
    after,
    note: `Its mitigation "${move.key}" is ${move.to} now.`,
  };
}

function eventOf(before: Threat, after: Threat, { origin, by }: MitigationMove): NewEvent {
  const status = { before: before.status, after: after.status };
  const data = {
    threatId: after.id,
    modelId: after.modelId,
    key: after.key,
    ...(by === undefined ? {} : { integrationId: by.integrationId }),
    origin,
    fields: {
      mitigations: { before: before.mitigations, after: after.mitigations },
      ...(status.before === status.after ? {} : { status }),
    },
  };
  return { type: 'threat:updated', subject: after.id, data };
}

/** The issues of the threats tell of it, and other integrations may have issues of it. */
async function wakeOthers(tx: Tx, links: readonly Link[], { key, by }: MitigationMove): Promise<void> {
  for (const link of links) {
    const shows = link.role === 'threat' || (link.role === 'mitigation' && link.mitigationKey === key);
    if (!shows || link.id === by?.id) continue;
    await tx.dirty.mark(link.integrationId, [{ linkId: link.id, reason: 'threat' }]);
    await tx.integrations.wake(link.integrationId);
  }
}

/** What the history of each threat says of it. */
export function moveEntries(
  { serves, key, from, to, at }: MitigationMove,
  signature: Pick<JournalEntry, 'actor' | 'requestId'>,
): JournalEntry[] {
  return serves.map(({ id }) => ({
    at,
    ...signature,
    action: 'mitigation-status-set',
    threatId: id,
    mitigationKey: key,
    before: from,
    after: to,
  }));
}
