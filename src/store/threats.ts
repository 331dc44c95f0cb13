import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import { endOfAcceptance } from '../domain/acceptance.ts';
import type { Filter } from '../domain/integration.ts';
import type { Threat } from '../domain/threat.ts';
import type { Threats } from '../ports/repositories.ts';
import { ByNumber, pageOf, readCursor } from './cursor.ts';
import type { Tables, Trx } from './schema.ts';
import { toDoOf } from './to-do.ts';
import { plainText, searchText } from './values.ts';

const SHOWN = ['number', 'status', 'severity', 'presence', 'version', 'doc'] as const;
/** PostgreSQL takes at most 65,535 parameters in a statement. */
const ROWS_AT_ONCE = 1000;

/** The threats of one tenant. */
export function threatsOf(trx: Trx, tenantId: string): Threats {
  const shown = () => trx.selectFrom('threats').select(SHOWN).where('tenant_id', '=', tenantId);

  function passing(filter: Filter, afterNumber: number) {
    let wanted = shown()
      .where('presence', '=', 'present')
      .where('number', '>', afterNumber)
      .where(sql<boolean>`status = any(${[...filter.statuses]}::text[])`)
      .where(sql<boolean>`severity = any(${[...filter.severities]}::text[])`);
    if (!filter.outOfScope) wanted = wanted.where('out_of_scope', '=', false);
    if (filter.models !== undefined)
      wanted = wanted.where(sql<boolean>`model_id = any(${[...filter.models]}::uuid[])`);
    return wanted;
  }

  return {
    async insert(threats) {
      if (threats.length === 0) return [];
      const first = (await takeNumbers(trx, tenantId, threats.length)) + 1;
      const numbered = threats.map((threat, index) => ({ ...threat, number: first + index, version: 1 }));
      for (let start = 0; start < numbered.length; start += ROWS_AT_ONCE)
        await trx
          .insertInto('threats')
          .values(
            numbered.slice(start, start + ROWS_AT_ONCE).map((threat) => ({
              ...columnsOf(threat),
              tenant_id: tenantId,
              id: threat.id,
              number: threat.number,
            })),
          )
          .execute();
      return numbered;
    },
    async get(id) {
      const row = await shown().where('id', '=', id).executeTakeFirst();
      return row && threatOf(row);
    },
    async many(ids) {
      const rows = await shown()
        .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
        .orderBy('number')
        .execute();
      return rows.map(threatOf);
    },
    async ofModel(modelId) {
      const rows = await shown().where('model_id', '=', modelId).orderBy('number').execute();
      return rows.map(threatOf);
    },
    async list(query) {
      const after = readCursor(ByNumber, query.cursor);
      let wanted = shown();
      if (query.modelId !== undefined) wanted = wanted.where('model_id', '=', query.modelId);
      if (query.status !== undefined) wanted = wanted.where('status', '=', query.status);
      if (query.severity !== undefined) wanted = wanted.where('severity', '=', query.severity);
      if (query.presence !== undefined) wanted = wanted.where('presence', '=', query.presence);
      if (query.updatedSince !== undefined) wanted = wanted.where('updated_at', '>=', query.updatedSince);
      if (query.search !== undefined)
        wanted = wanted.where(sql<boolean>`strpos(title_lower, ${searchText(query.search)}) > 0`);
      if (after !== undefined) wanted = wanted.where('number', '>', after[0]);
      const rows = await wanted
        .orderBy('number')
        .limit(query.limit + 1)
        .execute();
      return pageOf(rows, query, threatOf, (row) => [row.number]);
    },
    async update(threat) {
      const written = await trx
        .updateTable('threats')
        .set(columnsOf({ ...threat, version: threat.version + 1 }))
        .where('tenant_id', '=', tenantId)
        .where('id', '=', threat.id)
        .where('version', '=', threat.version)
        .returning('id')
        .executeTakeFirst();
      return written !== undefined;
    },
    async candidates(integrationId, filter, afterNumber, limit) {
      const rows = await passing(filter, afterNumber)
        .where((row) =>
          row.not(
            row.exists(
              row
                .selectFrom('links')
                .select('links.id')
                .where('links.tenant_id', '=', tenantId)
                .where('links.integration_id', '=', integrationId)
                .whereRef('links.threat_id', '=', 'threats.id'),
            ),
          ),
        )
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map(threatOf);
    },
    async withMitigationsToDo(integrationId, filter, { formats, isBound }, afterNumber, limit) {
      const named = sql`from links where links.tenant_id = ${tenantId} and links.integration_id = ${integrationId}`;
      let wanted = passing(filter, afterNumber)
        .where(
          sql<boolean>`exists (select from models where models.tenant_id = ${tenantId}
            and models.id = threats.model_id and models.format = any(${[...formats]}::text[]))`,
        )
        .where(
          sql<boolean>`(exists (select from unnest(to_do) as mine where not exists (select ${named}
              and links.threat_id = threats.id and links.role = 'mitigation' and links.mitigation_key = mine))
            or exists (select from unnest(to_do_shared) as ours where not exists (select ${named}
              and links.role = 'mitigation' and links.mitigation_key = ours
              and links.threat_id in (select other.id from threats as other
                where other.tenant_id = ${tenantId} and other.model_id = threats.model_id))))`,
        );
      if (isBound)
        wanted = wanted.where(
          sql<boolean>`exists (select ${named} and links.threat_id = threats.id and links.role = 'threat'
            and links.state = 'linked')`,
        );
      const rows = await wanted.orderBy('number').limit(limit).execute();
      return rows.map(threatOf);
    },
    async accepted(until, limit) {
      const rows = await shown()
        .where('acceptance_ends_at', '<=', until)
        .orderBy('acceptance_ends_at')
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map(threatOf);
    },
    async linkedElsewhere(integrationId, threatIds) {
      const rows = await trx
        .selectFrom('links')
        .select('threat_id')
        .distinct()
        .where('tenant_id', '=', tenantId)
        .where('integration_id', '<>', integrationId)
        .where('state', '<>', 'detached')
        .where(sql<boolean>`threat_id = any(${[...threatIds]}::uuid[])`)
        .execute();
      return new Set(rows.map((row) => row.threat_id));
    },
  };
}

/** Reserve numbers for this transaction; answers the last one taken before. */
async function takeNumbers(trx: Trx, tenantId: string, count: number): Promise<number> {
  const counter = await trx
    .insertInto('tenants')
    .values({ tenant_id: tenantId, threats: count })
    .onConflict((row) =>
      row.column('tenant_id').doUpdateSet({ threats: sql<number>`tenants.threats + ${count}::bigint` }),
    )
    .returning('threats')
    .executeTakeFirstOrThrow();
  return counter.threats - count;
}

type Columns = Omit<Insertable<Tables['threats']>, 'tenant_id' | 'id' | 'number'>;

function columnsOf(threat: Threat): Columns {
  const { version, number: _, status, severity, presence, ...doc } = threat;
  return {
    model_id: threat.modelId,
    key: plainText(threat.key),
    fingerprint: threat.fingerprint,
    status,
    severity,
    presence,
    out_of_scope: threat.element?.outOfScope === true,
    title_lower: searchText(threat.title),
    ...toDoOf(threat),
    acceptance_ends_at: endOfAcceptance(threat),
    version,
    updated_at: threat.updatedAt,
    doc: JSON.stringify(doc),
  };
}

function threatOf(row: Pick<Selectable<Tables['threats']>, (typeof SHOWN)[number]>): Threat {
  return {
    ...row.doc,
    number: row.number,
    status: row.status,
    severity: row.severity,
    presence: row.presence,
    version: row.version,
  };
}
