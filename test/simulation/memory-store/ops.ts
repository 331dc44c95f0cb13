import type { Op } from '../../../src/domain/link.ts';
import type { Ops } from '../../../src/ports/repositories.ts';
import { sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';

/** Writes to a tracker, told before they were done. */
export function opsOf({ db, tx, tenantId }: Scope): Ops {
  const { ops } = db.tables;
  return {
    async insert(op) {
      await tx.step();
      await ops.insert(tx, {
        ...split(op),
        tenant_id: tenantId,
        id: tx.uuid(op.id),
        link_id: tx.uuid(op.linkId),
        created_at: tx.time(op.createdAt),
      });
    },
    async update(op) {
      await tx.step();
      const row = ops.get(tx, keyOf(tenantId, tx.uuid(op.id)));
      if (row !== undefined) await ops.update(tx, row, (now) => ({ ...now, ...split(op) }));
    },
    async open(linkIds) {
      await tx.step();
      const ids = new Set(linkIds.map((id) => tx.uuid(id)));
      const rows = [...ids].flatMap((id) => ops.where(tx, 'open', keyOf(tenantId, id)));
      return sorted(rows, (row) => [row.created_at, row.id]).map((row) => ({
        ...row.doc.read(),
        state: row.state,
      }));
    },
  };
}

function split(op: Op): Pick<Row<'ops'>, 'state' | 'doc'> {
  const { state, ...doc } = op;
  return { state, doc: new Kept(doc) };
}
