import { AppError } from '../../../src/domain/errors.ts';
import { isOpen } from '../../../src/domain/threat.ts';
import type { ThreatModel } from '../../../src/domain/threat.ts';
import type { Models } from '../../../src/ports/repositories.ts';
import { ByText, readCursor } from '../../../src/store/cursor.ts';
import { plainText } from '../../../src/store/values.ts';
import { pageAfter, sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';

type ModelRow = Row<'models'>;

/** The threat models of one tenant. */
export function modelsOf({ db, tx, tenantId }: Scope): Models {
  const { models, threats, held_imports: heldImports } = db.tables;
  const find = (id: string) => models.get(tx, keyOf(tenantId, tx.uuid(id)));
  const threatsOf = (id: string) => threats.where(tx, 'model', keyOf(tenantId, id));
  const those = (fits: (row: ModelRow) => boolean): ThreatModel[] =>
    sorted(models.where(tx, 'tenant', tenantId).filter(fits), (row) => [row.id]).map(modelOf);

  return {
    async insert(model, file) {
      await tx.step();
      await models.insert(tx, {
        ...columnsOf(model),
        tenant_id: tenantId,
        id: tx.uuid(model.id),
        file: file === undefined ? null : new Uint8Array(file),
      });
    },
    async get(id) {
      await tx.step();
      const row = find(id);
      return row && modelOf(row);
    },
    async list(query) {
      const cursor = readCursor(ByText, query.cursor);
      await tx.step();
      const after = cursor && ([cursor[0], tx.uuid(cursor[1])] as const);
      return pageAfter(models.where(tx, 'tenant', tenantId), query, after, {
        place: (row) => [row.name, row.id],
        item: (row) => {
          const all = threatsOf(row.id);
          const open = all.filter((threat) => threat.presence === 'present' && isOpen(threat.status));
          return { ...modelOf(row), threats: all.length, open: open.length };
        },
      });
    },
    async update(model, file) {
      await tx.step();
      const next = { ...model, version: model.version + 1 };
      const row = find(model.id);
      const isSame = (now: ModelRow) => now.version === model.version;
      const columns = {
        ...columnsOf(next),
        ...(file !== undefined && { file: new Uint8Array(file) }),
      };
      const written =
        row !== undefined &&
        isSame(row) &&
        (await models.update(tx, row, (now) => ({ ...now, ...columns }), isSame)) !== undefined;
      if (written) return next;
      throw new AppError(
        'stale-version',
        'The threat model was changed meanwhile: read it again and repeat the change on what it is now.',
      );
    },
    async file(id) {
      await tx.step();
      const file = find(id)?.file ?? undefined;
      return file && new Uint8Array(file);
    },
    async byName(name, format) {
      await tx.step();
      return those((row) => row.name === plainText(name) && row.format === format);
    },
    async bySource(repo, path) {
      await tx.step();
      const wanted = repo === undefined ? null : plainText(repo);
      return those((row) => row.source_path === plainText(path) && row.source_repo === wanted);
    },
    async overlaps(keys, fingerprints) {
      await tx.step();
      const wanted = { keys: new Set(keys.map(plainText)), prints: new Set(fingerprints) };
      const matches = new Map<string, number>();
      for (const { model_id: id, key, fingerprint } of threats.where(tx, 'tenant', tenantId))
        if (wanted.keys.has(key) || wanted.prints.has(fingerprint))
          matches.set(id, (matches.get(id) ?? 0) + 1);
      const found = [...matches].map(([modelId, count]) => ({ modelId, matches: count }));
      return sorted(found, (each) => [-each.matches, each.modelId]);
    },
    async remove(id) {
      await tx.step();
      const row = find(id);
      if (row === undefined || !(await models.remove(tx, row))) return false;
      for (const threat of threatsOf(row.id)) await threats.remove(tx, threat);
      for (const held of heldImports.where(tx, 'model', keyOf(tenantId, row.id)))
        await heldImports.remove(tx, held);
      return true;
    },
  };
}

type Columns = Omit<ModelRow, 'tenant_id' | 'id' | 'file'>;

function columnsOf(model: ThreatModel): Columns {
  const { version, format, ...doc } = model;
  return {
    name: plainText(model.name),
    format,
    source_repo: model.source.repo === undefined ? null : plainText(model.source.repo),
    source_path: model.source.path === undefined ? null : plainText(model.source.path),
    version,
    doc: new Kept(doc),
  };
}

function modelOf(row: ModelRow): ThreatModel {
  return { ...row.doc.read(), format: row.format, version: row.version };
}
