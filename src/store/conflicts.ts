import { sql } from 'kysely';
import type { ExpressionBuilder, Selectable } from 'kysely';
import { AppError } from '../domain/errors.ts';
import type { Conflict } from '../domain/link.ts';
import type { ConflictQuery, Conflicts } from '../ports/conflicts.ts';
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
      const why = plainText(conflict.cause);
      const settled = settledAt(conflict);
      try {
        await trx
          .insertInto('conflicts')
          .values({
            tenant_id: tenantId,
            id: conflict.id,
            integration_id: conflict.integrationId,
            link_id: conflict.linkId,
            field: plainText(conflict.field),
            cause: why,
            state,
            first_seen_at: conflict.firstSeenAt,
            settled_at: settled,
            doc,
          })
          .onConflict((row) =>
            row.columns(['tenant_id', 'id']).doUpdateSet({ cause: why, state, settled_at: settled, doc }),
          )
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
    async many(ids) {
      const rows = await shown()
        .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
        .orderBy('first_seen_at')
        .orderBy('id')
        .execute();
      return rows.map(conflictOf);
    },
    async list(query) {
      const after = readCursor(ByTime, query.cursor);
      let wanted = shown().where(fits(query));
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
    async groups(query) {
      const rows = await trx
        .selectFrom('conflicts')
        .select((row) => [
          'integration_id',
          'field',
          'cause',
          row.fn.countAll<number>().as('count'),
          sql<Conflict>`(array_agg(doc order by first_seen_at, id))[1]`.as('doc'),
        ])
        .where('tenant_id', '=', tenantId)
        .where(fits({ ...query, state: 'open' }))
        .groupBy(['integration_id', 'field', 'cause'])
        .execute();
      return rows.map(({ integration_id, cause, count, doc }) => ({
        integrationId: integration_id,
        field: doc.field,
        cause,
        count,
        oldest: conflictOf({ state: 'open', doc }),
      }));
    },
  };
}

/** Since when nobody has to settle it any more. */
export function settledAt({ state, updatedAt }: Pick<Conflict, 'state' | 'updatedAt'>): string | null {
  return state === 'open' ? null : updatedAt;
}

/** The filters of a listing; none = all. */
function fits({ integrationId, field, cause, state, linkIds }: ConflictQuery) {
  return (row: ExpressionBuilder<Tables, 'conflicts'>) =>
    row.and([
      ...(integrationId === undefined ? [] : [row('integration_id', '=', integrationId)]),
      ...(field === undefined ? [] : [row('field', '=', plainText(field))]),
      ...(cause === undefined ? [] : [row('cause', '=', plainText(cause))]),
      ...(state === undefined ? [] : [row('state', '=', state)]),
      ...(linkIds === undefined ? [] : [sql<boolean>`link_id = any(${[...linkIds]}::uuid[])`]),
    ]);
}

function conflictOf(row: Pick<Selectable<Tables['conflicts']>, 'state' | 'doc'>): Conflict {
  return { ...row.doc, state: row.state };
}
