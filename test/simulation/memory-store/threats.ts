import { endOfAcceptance } from '../../../src/domain/acceptance.ts';
import type { Filter } from '../../../src/domain/integration.ts';
import type { Threat } from '../../../src/domain/threat.ts';
import type { Threats } from '../../../src/ports/repositories.ts';
import { ByNumber, readCursor } from '../../../src/store/cursor.ts';
import { toDoOf } from '../../../src/store/to-do.ts';
import { plainText, searchText } from '../../../src/store/values.ts';
import { pageAfter, sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Transaction } from './transaction.ts';

type ThreatRow = Row<'threats'>;

/** The threats of one tenant. */
export function threatsOf({ db, tx, tenantId }: Scope): Threats {
  const { threats, links, models, tenants } = db.tables;
  const find = (id: string) => threats.get(tx, keyOf(tenantId, tx.uuid(id)));
  const all = () => threats.where(tx, 'tenant', tenantId);
  const linksOf = (threatId: string) => links.where(tx, 'threat', keyOf(tenantId, threatId));

  return {
    async insert(added) {
      if (added.length === 0) return [];
      await tx.step();
      const count = added.length;
      const counter = await tenants.upsert(tx, { tenant_id: tenantId, threats: count, events: 0 }, (now) => ({
        ...now,
        threats: now.threats + count,
      }));
      const first = counter.threats - count + 1;
      const numbered = added.map((threat, index) => ({ ...threat, number: first + index, version: 1 }));
      await tx.step();
      for (const threat of numbered)
        await threats.insert(tx, {
          ...columnsOf(tx, threat),
          tenant_id: tenantId,
          id: tx.uuid(threat.id),
          number: threat.number,
        });
      return numbered;
    },
    async get(id) {
      await tx.step();
      const row = find(id);
      return row && threatOf(row);
    },
    async many(ids) {
      await tx.step();
      return shownIn([...new Set(ids)].map(find).filter((row) => row !== undefined));
    },
    async ofModel(modelId) {
      await tx.step();
      return shownIn(threats.where(tx, 'model', keyOf(tenantId, tx.uuid(modelId))));
    },
    async list(query) {
      const after = readCursor(ByNumber, query.cursor);
      await tx.step();
      const modelId = query.modelId === undefined ? undefined : tx.uuid(query.modelId);
      const since = query.updatedSince === undefined ? undefined : tx.time(query.updatedSince);
      const search = query.search === undefined ? undefined : searchText(query.search);
      const rows = all().filter(
        (row) =>
          (modelId === undefined || row.model_id === modelId) &&
          (query.status === undefined || row.status === query.status) &&
          (query.severity === undefined || row.severity === query.severity) &&
          (query.presence === undefined || row.presence === query.presence) &&
          (since === undefined || row.updated_at >= since) &&
          (search === undefined || row.title_lower.includes(search)),
      );
      return pageAfter(rows, query, after, { place: byNumber, item: threatOf });
    },
    async update(threat) {
      await tx.step();
      const row = find(threat.id);
      const isSame = (now: ThreatRow) => now.version === threat.version;
      if (row === undefined || !isSame(row)) return false;
      const columns = columnsOf(tx, { ...threat, version: threat.version + 1 });
      return (await threats.update(tx, row, (now) => ({ ...now, ...columns }), isSame)) !== undefined;
    },
    async candidates(integrationId, filter, afterNumber, limit) {
      await tx.step();
      const id = tx.uuid(integrationId);
      const chosen = filter.models?.map((each) => tx.uuid(each));
      const rows = all().filter(
        (row) =>
          passes(row, filter, chosen, afterNumber) &&
          !linksOf(row.id).some((link) => link.integration_id === id),
      );
      return shownIn(sorted(rows, byNumber).slice(0, limit));
    },
    async withMitigationsToDo(integrationId, filter, only, afterNumber, limit) {
      await tx.step();
      const id = tx.uuid(integrationId);
      const chosen = filter.models?.map((each) => tx.uuid(each));
      const named = (row: ThreatRow) => linksOf(row.id).filter((link) => link.integration_id === id);
      const has = (rows: readonly ThreatRow[], key: string) =>
        rows.flatMap(named).some((link) => link.role === 'mitigation' && link.mitigation_key === key);
      const rows = all().filter((row) => {
        const model = models.get(tx, keyOf(tenantId, row.model_id));
        const isBound = () => named(row).some((link) => link.role === 'threat' && link.state === 'linked');
        const siblings = () => threats.where(tx, 'model', keyOf(tenantId, row.model_id));
        return (
          passes(row, filter, chosen, afterNumber) &&
          model !== undefined &&
          only.formats.some((format) => format === model.format) &&
          (!only.isBound || isBound()) &&
          (row.to_do.some((key) => !has([row], key)) || row.to_do_shared.some((key) => !has(siblings(), key)))
        );
      });
      return shownIn(sorted(rows, byNumber).slice(0, limit));
    },
    async accepted(until, limit) {
      await tx.step();
      const moment = tx.time(until);
      const rows = all().filter((row) => row.acceptance_ends_at !== null && row.acceptance_ends_at <= moment);
      return sorted(rows, byEnd).slice(0, limit).map(threatOf);
    },
    async linkedElsewhere(integrationId, threatIds) {
      await tx.step();
      const id = tx.uuid(integrationId);
      const isElsewhere = (link: Row<'links'>) => link.integration_id !== id && link.state !== 'detached';
      return new Set(
        threatIds.map((each) => tx.uuid(each)).filter((each) => linksOf(each).some(isElsewhere)),
      );
    },
  };
}

function passes(
  row: ThreatRow,
  filter: Filter,
  models: readonly string[] | undefined,
  afterNumber: number,
): boolean {
  return (
    row.presence === 'present' &&
    row.number > afterNumber &&
    filter.statuses.includes(row.status) &&
    filter.severities.includes(row.severity) &&
    (filter.outOfScope || !row.out_of_scope) &&
    models?.includes(row.model_id) !== false
  );
}

function shownIn(rows: readonly ThreatRow[]): Threat[] {
  return sorted(rows, byNumber).map(threatOf);
}

function byNumber(row: ThreatRow): [number] {
  return [row.number];
}

function byEnd(row: ThreatRow): [string, number] {
  return [row.acceptance_ends_at ?? '', row.number];
}

type Columns = Omit<ThreatRow, 'tenant_id' | 'id' | 'number'>;

function columnsOf(tx: Transaction, threat: Threat): Columns {
  const { version, number: _, status, severity, presence, ...doc } = threat;
  return {
    model_id: tx.uuid(threat.modelId),
    key: plainText(threat.key),
    fingerprint: threat.fingerprint,
    status,
    severity,
    presence,
    out_of_scope: threat.element?.outOfScope === true,
    title_lower: searchText(threat.title),
    ...toDoOf(threat),
    acceptance_ends_at: endOf(tx, threat),
    version,
    updated_at: tx.time(threat.updatedAt),
    doc: new Kept(doc),
  };
}

function endOf(tx: Transaction, threat: Threat): string | null {
  const end = endOfAcceptance(threat);
  return end === null ? null : tx.time(end);
}

function threatOf(row: ThreatRow): Threat {
  return {
    ...row.doc.read(),
    number: row.number,
    status: row.status,
    severity: row.severity,
    presence: row.presence,
    version: row.version,
  };
}
