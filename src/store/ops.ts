import { sql } from 'kysely';
import type { Op } from '../domain/link.ts';
import type { Ops } from '../ports/repositories.ts';
import type { Trx } from './schema.ts';

/** Writes to a tracker, told before they were done. */
export function opsOf(trx: Trx, tenantId: string): Ops {
  return {
    async insert(op) {
      const { state, doc } = split(op);
      await trx
        .insertInto('ops')
        .values({ tenant_id: tenantId, id: op.id, link_id: op.linkId, state, created_at: op.createdAt, doc })
        .execute();
    },
    async update(op) {
      await trx
        .updateTable('ops')
        .set(split(op))
        .where('tenant_id', '=', tenantId)
        .where('id', '=', op.id)
        .execute();
    },
    async open(linkIds) {
      const rows = await trx
        .selectFrom('ops')
        .select(['state', 'doc'])
        .where('tenant_id', '=', tenantId)
        .where(sql<boolean>`link_id = any(${[...linkIds]}::uuid[])`)
        .where('state', '=', 'open')
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map((row) => ({ ...row.doc, state: row.state }));
    },
  };
}

function split(op: Op): { state: Op['state']; doc: string } {
  const { state, ...doc } = op;
  return { state, doc: JSON.stringify(doc) };
}
