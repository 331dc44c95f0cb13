import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import { AppError } from '../domain/errors.ts';
import { STATUSES, isOpen } from '../domain/threat.ts';
import type { ThreatModel } from '../domain/threat.ts';
import type { Models } from '../ports/repositories.ts';
import { ByText, pageOf, readCursor } from './cursor.ts';
import type { Tables, Trx } from './schema.ts';
import { plainText } from './values.ts';

const SHOWN = ['id', 'name', 'format', 'version', 'doc'] as const;
const OPEN = STATUSES.filter((status) => isOpen(status));

/** The threat models of one tenant. */
export function modelsOf(trx: Trx, tenantId: string): Models {
  const shown = () => trx.selectFrom('models').select(SHOWN).where('tenant_id', '=', tenantId);

  return {
    async insert(model, file) {
      await trx
        .insertInto('models')
        .values({ ...columnsOf(model), tenant_id: tenantId, id: model.id, file: file ?? null })
        .execute();
    },
    async get(id) {
      const row = await shown().where('id', '=', id).executeTakeFirst();
      return row && modelOf(row);
    },
    async list(query) {
      const after = readCursor(ByText, query.cursor);
      let wanted = shown().select((row) =>
        row
          .selectFrom('threats')
          .select([
            sql<{ threats: number; open: number }>`json_build_object(
              'threats', count(*),
              'open', count(*) filter (where presence = 'present' and status = any(${OPEN}::text[])))`.as(
              'counted',
            ),
          ])
          .where('threats.tenant_id', '=', tenantId)
          .whereRef('threats.model_id', '=', 'models.id')
          .as('counted'),
      );
      if (after !== undefined)
        wanted = wanted.where((row) => row(row.refTuple('name', 'id'), '>', row.tuple(after[0], after[1])));
      const rows = await wanted
        .orderBy('name')
        .orderBy('id')
        .limit(query.limit + 1)
        .execute();
      return pageOf(
        rows,
        query,
        (row) => ({ ...modelOf(row), threats: row.counted?.threats ?? 0, open: row.counted?.open ?? 0 }),
        (row) => [row.name, row.id],
      );
    },
    async update(model, file) {
      const next = { ...model, version: model.version + 1 };
      const written = await trx
        .updateTable('models')
        .set({ ...columnsOf(next), ...(file !== undefined && { file }) })
        .where('tenant_id', '=', tenantId)
        .where('id', '=', model.id)
        .where('version', '=', model.version)
        .returning('id')
        .executeTakeFirst();
      if (written !== undefined) return next;
      throw new AppError(
        'stale-version',
        'The threat model was changed meanwhile: read it again and repeat the change on what it is now.',
      );
    },
    async file(id) {
      const row = await trx
        .selectFrom('models')
        .select('file')
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.file ?? undefined;
    },
    async byName(name, format) {
      const rows = await shown()
        .where('name', '=', plainText(name))
        .where('format', '=', format)
        .orderBy('id')
        .execute();
      return rows.map(modelOf);
    },
    async bySource(repo, path) {
      const rows = await shown()
        .where('source_path', '=', plainText(path))
        .where('source_repo', 'is not distinct from', repo === undefined ? null : plainText(repo))
        .orderBy('id')
        .execute();
      return rows.map(modelOf);
    },
    async overlaps(keys, fingerprints) {
      const found = await sql<{ model_id: string; matches: number }>`
        select model_id, count(*) as matches from threats
        where tenant_id = ${tenantId}
          and (key = any(${keys.map(plainText)}::text[]) or fingerprint = any(${[...fingerprints]}::text[]))
        group by model_id order by matches desc, model_id`.execute(trx);
      return found.rows.map((row) => ({ modelId: row.model_id, matches: row.matches }));
    },
    async remove(id) {
      const removed = await trx
        .deleteFrom('models')
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst();
      return removed !== undefined;
    },
  };
}

type Columns = Omit<Insertable<Tables['models']>, 'tenant_id' | 'id' | 'file'>;

function columnsOf(model: ThreatModel): Columns {
  const { version, format, ...doc } = model;
  return {
    name: plainText(model.name),
    format,
    source_repo: model.source.repo === undefined ? null : plainText(model.source.repo),
    source_path: model.source.path === undefined ? null : plainText(model.source.path),
    version,
    doc: JSON.stringify(doc),
  };
}

function modelOf(row: Pick<Selectable<Tables['models']>, 'format' | 'version' | 'doc'>): ThreatModel {
  return { ...row.doc, format: row.format, version: row.version };
}
