import type { HeldContent } from '../../../src/domain/held-import.ts';
import type { HeldImports } from '../../../src/ports/held-imports.ts';
import { ByTime, readCursor } from '../../../src/store/cursor.ts';
import { pageAfter } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Scope } from './scope.ts';

/** Imports that wait for a yes. */
export function heldImportsOf({ db, tx, tenantId }: Scope): HeldImports {
  const { held_imports: imports } = db.tables;
  const find = (id: string) => imports.get(tx, keyOf(tenantId, tx.uuid(id)));
  const ofModel = (id: string) => imports.where(tx, 'model', keyOf(tenantId, tx.uuid(id)));
  return {
    async hold(held, content) {
      await tx.step();
      for (const row of ofModel(held.modelId)) await imports.remove(tx, row);
      await tx.step();
      await imports.insert(tx, {
        tenant_id: tenantId,
        id: tx.uuid(held.id),
        model_id: tx.uuid(held.modelId),
        at: tx.time(held.at),
        doc: new Kept(held),
        file: content.kind === 'file' ? content.bytes : null,
        given: content.kind === 'model' ? new Kept(content.model) : null,
      });
    },
    async get(id) {
      await tx.step();
      return find(id)?.doc.read();
    },
    async content(id): Promise<HeldContent | undefined> {
      await tx.step();
      const row = find(id);
      if (row === undefined) return undefined;
      if (row.file !== null) return { kind: 'file', bytes: row.file };
      return row.given === null ? undefined : { kind: 'model', model: row.given.read() };
    },
    async ofModel(modelId) {
      await tx.step();
      return ofModel(modelId)[0]?.doc.read();
    },
    async list(query) {
      const cursor = readCursor(ByTime, query.cursor);
      await tx.step();
      const after = cursor && ([tx.time(cursor[0]), tx.uuid(cursor[1])] as const);
      return pageAfter(imports.where(tx, 'tenant', tenantId), query, after, {
        place: (row) => [row.at, row.id],
        item: (row) => row.doc.read(),
      });
    },
    async remove(id) {
      await tx.step();
      const row = find(id);
      return row === undefined ? false : imports.remove(tx, row);
    },
  };
}
