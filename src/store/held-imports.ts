import type { HeldContent } from '../domain/held-import.ts';
import type { HeldImports } from '../ports/held-imports.ts';
import { ByTime, pageOf, readCursor } from './cursor.ts';
import type { Trx } from './schema.ts';

/** Imports that wait for a yes. */
export function heldImportsOf(trx: Trx, tenantId: string): HeldImports {
  const shown = () =>
    trx.selectFrom('held_imports').select(['id', 'at', 'doc']).where('tenant_id', '=', tenantId);

  return {
    async hold(held, content) {
      await trx
        .deleteFrom('held_imports')
        .where('tenant_id', '=', tenantId)
        .where('model_id', '=', held.modelId)
        .execute();
      await trx
        .insertInto('held_imports')
        .values({
          tenant_id: tenantId,
          id: held.id,
          model_id: held.modelId,
          at: held.at,
          doc: JSON.stringify(held),
          file: content.kind === 'file' ? content.bytes : null,
          given: content.kind === 'model' ? JSON.stringify(content.model) : null,
        })
        .execute();
    },
    async get(id) {
      const row = await shown().where('id', '=', id).executeTakeFirst();
      return row?.doc;
    },
    async content(id): Promise<HeldContent | undefined> {
      const row = await trx
        .selectFrom('held_imports')
        .select(['file', 'given'])
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      if (row.file !== null) return { kind: 'file', bytes: row.file };
      return row.given === null ? undefined : { kind: 'model', model: row.given };
    },
    async ofModel(modelId) {
      const row = await shown().where('model_id', '=', modelId).executeTakeFirst();
      return row?.doc;
    },
    async list(query) {
      const after = readCursor(ByTime, query.cursor);
      let wanted = shown();
      if (after !== undefined)
        wanted = wanted.where((row) => row(row.refTuple('at', 'id'), '>', row.tuple(after[0], after[1])));
      const rows = await wanted
        .orderBy('at')
        .orderBy('id')
        .limit(query.limit + 1)
        .execute();
      return pageOf(
        rows,
        query,
        (row) => row.doc,
        (row) => [row.at, row.id],
      );
    },
    async remove(id) {
      const removed = await trx
        .deleteFrom('held_imports')
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .executeTakeFirst();
      return removed.numDeletedRows > 0n;
    },
  };
}
