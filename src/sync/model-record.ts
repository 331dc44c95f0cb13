import { AppError } from '../domain/errors.ts';
import type { JournalEntry, NewEvent } from '../domain/event.ts';
import type { Rematch } from '../domain/rematch.ts';
import { rolledUp } from '../domain/roll-up.ts';
import { adopt, reimport, vanish } from '../domain/reimport.ts';
import type { FieldChange, Reimported } from '../domain/reimport.ts';
import type { Threat } from '../domain/threat.ts';
import type { Chance } from '../ports/clock.ts';
import type { Tx } from '../ports/repositories.ts';
import { rollUpRule } from './roll-up.ts';
import type { Caller, ImportReport } from './use-cases.ts';
import { signedBy } from './signed-by.ts';

/** Who imports into which model, and when. */
export interface Recording {
  caller: Caller;
  modelId: string;
  at: string;
  chance: Chance;
}

export type Recorded = Pick<ImportReport, 'kept' | 'fresh' | 'renamed' | 'gone' | 'returned' | 'changed'> & {
  /** Some row was written, be it only a display number. */
  wrote: boolean;
};

/**
 * Write what an import found: threats, journal, events, and a dirty mark for every link of a threat that changed.
 * An import that finds nothing new writes nothing. Throws `stale-version` when a threat was changed meanwhile.
 */
export async function record(
  tx: Tx,
  found: Rematch,
  { caller, modelId, at, chance }: Recording,
): Promise<Recorded> {
  const again = await rollUpAll(
    tx,
    [...found.kept, ...found.renamed, ...found.returned].map(({ known, incoming, key }) => ({
      known,
      again: reimport(known, incoming, key, at),
    })),
  );
  const gone = found.gone.map((each) => vanish(each, at));
  const written = [...again, ...gone].filter((each) => each.differs);
  for (const { threat } of written)
    if (!(await tx.threats.update(threat)))
      throw new AppError(
        'stale-version',
        `The threat "${threat.title}" was changed during the import. Import again.`,
      );
  const fresh = await tx.threats.insert(
    found.fresh.map((each) => adopt(each, { id: chance.uuid(), modelId }, at)),
  );
  const told = written.filter((each) => each.changes.length > 0);
  await tx.journal.add([
    ...fresh.map((each) => entry(caller, at, 'threat-added', each, { after: each.title })),
    ...told.flatMap((each) => each.changes.map((change) => journalOf(caller, at, each.threat, change))),
  ]);
  await tx.events.add(told.map(eventOf), at);
  await markLinks(tx, told);
  return {
    kept: found.kept.map((each) => each.known.id),
    fresh: fresh.map((each) => each.id),
    renamed: found.renamed.map(({ known, incoming }) => ({
      id: known.id,
      from: known.title,
      to: incoming.title,
    })),
    gone: gone.map((each) => each.threat.id),
    returned: found.returned.map((each) => each.known.id),
    changed: told
      .filter((each) => each.changes.every(({ field }) => field !== 'presence'))
      .map((each) => each.threat.id),
    wrote: written.length + fresh.length > 0,
  };
}

/** Where a source changed the mitigations of a threat and not its status, the status follows them. */
async function rollUpAll(
  tx: Tx,
  pairs: readonly { known: Threat; again: Reimported }[],
): Promise<readonly Reimported[]> {
  const ids = pairs.filter(asks).map(({ known }) => known.id);
  if (ids.length === 0) return pairs.map(({ again }) => again);
  const links = Map.groupBy(await tx.links.ofThreats(ids), (link) => link.threatId);
  const settled: Reimported[] = [];
  for (const pair of pairs) {
    const rule = asks(pair) ? await rollUpRule(tx, links.get(pair.known.id) ?? []) : undefined;
    settled.push(rule === undefined ? pair.again : rolled(pair, rule.gate));
  }
  return settled;
}

function asks({ again }: { again: Reimported }): boolean {
  const fields = again.changes.map(({ field }) => field);
  return fields.includes('mitigations') && !fields.includes('status');
}

function rolled({ known, again }: { known: Threat; again: Reimported }, gate: boolean): Reimported {
  const { threat, changes } = again;
  const status = rolledUp(threat.status, known.mitigations, threat.mitigations, gate);
  if (status === threat.status) return again;
  const change = { field: 'status', before: threat.status, after: status } as const;
  return { ...again, threat: { ...threat, status }, changes: [...changes, change] };
}

/** Wake every integration of the tenant: their links are dirty, or a new threat waits for an issue. */
export async function wakeAll(tx: Tx): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await tx.integrations.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    for (const each of page.items) await tx.integrations.wake(each.id);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

async function markLinks(tx: Tx, told: readonly Reimported[]): Promise<void> {
  if (told.length === 0) return;
  const links = await tx.links.ofThreats(told.map((each) => each.threat.id));
  for (const [integrationId, some] of Map.groupBy(links, (each) => each.integrationId))
    await tx.dirty.mark(
      integrationId,
      some.map((each) => ({ linkId: each.id, reason: 'threat' as const })),
    );
}

function eventOf({ threat, changes }: Reimported): NewEvent {
  const { id, modelId, key } = threat;
  const shown = changes.map(({ field, before, after }) => [field, { before, after }]);
  return {
    type: 'threat:updated',
    subject: id,
    data: { threatId: id, modelId, key, origin: 'model', fields: Object.fromEntries(shown) },
  };
}

function journalOf(caller: Caller, at: string, threat: Threat, change: FieldChange): JournalEntry {
  const { field, before, after } = change;
  if (field === 'presence')
    return entry(caller, at, after === 'missing' ? 'threat-missing' : 'threat-returned', threat, {});
  const shown = { before: wordOf(before), after: wordOf(after) };
  if (field === 'status' || field === 'title' || field === 'severity')
    return entry(caller, at, 'threat-changed', threat, { field, ...shown });
  return entry(caller, at, 'threat-changed', threat, {
    field: 'block',
    note: `the ${field} changed in the source`,
  });
}

function wordOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function entry(
  caller: Caller,
  at: string,
  action: string,
  threat: Threat,
  more: Pick<JournalEntry, 'field' | 'before' | 'after' | 'note'>,
): JournalEntry {
  return { at, ...signedBy(caller), action, threatId: threat.id, ...more };
}
