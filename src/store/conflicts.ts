import type { Selectable } from 'kysely';
import { AppError } from '../domain/errors.ts';
import type { Conflict } from '../domain/link.ts';
import type { Conflicts } from '../ports/repositories.ts';
import { ByTime, pageOf, readCursor } from './cursor.ts';
import { isDoubled } from './failures.ts';
import type { Tables, Trx } from './schema.ts';
import { plainText } from './values.ts';

/** Disagreements that only a person can settle. */
export function conflictsOf(trx: Trx, tenantId: string): Conflicts {
  const shown = () =>
    trx
      .selectFrom('conflicts')
      .select(['id', 'state', 'first_seen_at', 'doc'])
      .where('tenant_id', '=', tenantId);

  return {
    async open(linkId, field) {
      const row = await shown()
        .where('link_id', '=', linkId)
        .where('field', '=', plainText(field))
        .where('state', '=', 'open')
        .executeTakeFirst();
      return row && conflictOf(row);
    },
    async save(conflict) {
      const { state, ...rest } = conflict;
      const doc = JSON.stringify(rest);
      try {
        await trx
          .insertInto('conflicts')
          .values({
            tenant_id: tenantId,
            id: conflict.id,
            integration_id: conflict.integrationId,
            link_id: conflict.linkId,
            field: plainText(conflict.field),
            state,
            first_seen_at: conflict.firstSeenAt,
            doc,
          })
          .onConflict((row) => row.columns(['tenant_id', 'id']).doUpdateSet({ state, doc }))
          .execute();
      } catch (cause) {
        if (!isDoubled(cause)) throw cause;
        throw new AppError('conflict', `Field ${conflict.field} of this link has an open conflict already.`, {
          cause,
        });
      }
    },
    async get(id) {
      const row = await shown().where('id', '=', id).executeTakeFirst();
      return row && conflictOf(row);
    },
    async list(query) {
      const after = readCursor(ByTime, query.cursor);
      let wanted = shown();
      if (query.integrationId !== undefined)
        wanted = wanted.where('integration_id', '=', query.integrationId);
      if (query.state !== undefined) wanted = wanted.where('state', '=', query.state);
      if (after !== undefined)
        wanted = wanted.where((row) =>
          row(row.refTuple('first_seen_at', 'id'), '>', row.tuple(after[0], after[1])),
        );
      const rows = await wanted
        .orderBy('first_seen_at')
        .orderBy('id')
        .limit(query.limit + 1)
        .execute();
      return pageOf(rows, query, conflictOf, (row) => [row.first_seen_at, row.id]);
    },
  };
}

function conflictOf(row: Pick<Selectable<Tables['conflicts']>, 'state' | 'doc'>): Conflict {
  return { ...row.doc, state: row.state };
}
