import { AppError } from '../../../src/domain/errors.ts';
import type { Conflict } from '../../../src/domain/link.ts';
import type { ConflictQuery, Conflicts } from '../../../src/ports/conflicts.ts';
import type { Comments } from '../../../src/ports/repositories.ts';
import { ByTime, readCursor } from '../../../src/store/cursor.ts';
import { isDoubled } from '../../../src/store/failures.ts';
import { settledAt } from '../../../src/store/conflicts.ts';
import { plainText } from '../../../src/store/values.ts';
import { pageAfter, sorted } from './order.ts';
import { Kept, keyOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Scope } from './scope.ts';

type ConflictRow = Row<'conflicts'>;

/** Disagreements that only a person can settle. */
export function conflictsOf({ db, tx, tenantId }: Scope): Conflicts {
  const { conflicts } = db.tables;

  function fitting({ integrationId, field, cause, state, linkIds }: ConflictQuery): ConflictRow[] {
    const links = linkIds?.map((id) => tx.uuid(id));
    const rows =
      integrationId === undefined
        ? conflicts.where(tx, 'tenant', tenantId)
        : conflicts.where(tx, 'integration', keyOf(tenantId, tx.uuid(integrationId)));
    return rows.filter(
      (row) =>
        (state === undefined || row.state === state) &&
        (field === undefined || row.field === plainText(field)) &&
        (cause === undefined || row.cause === plainText(cause)) &&
        links?.includes(row.link_id) !== false,
    );
  }

  return {
    async open(linkId, field) {
      await tx.step();
      const wanted = plainText(field);
      const row = conflicts
        .where(tx, 'link', keyOf(tenantId, tx.uuid(linkId)))
        .find((each) => each.field === wanted && each.state === 'open');
      return row && conflictOf(row);
    },
    async save(conflict) {
      await tx.step();
      const { state, ...rest } = conflict;
      const doc = new Kept(rest);
      const why = plainText(conflict.cause);
      const settled = settledAt(conflict);
      const settled_at = settled === null ? null : tx.time(settled);
      const row = {
        tenant_id: tenantId,
        id: tx.uuid(conflict.id),
        integration_id: tx.uuid(conflict.integrationId),
        link_id: tx.uuid(conflict.linkId),
        field: plainText(conflict.field),
        cause: why,
        state,
        first_seen_at: tx.time(conflict.firstSeenAt),
        settled_at,
        doc,
      };
      try {
        await conflicts.upsert(tx, row, (now) => ({ ...now, cause: why, state, settled_at, doc }));
      } catch (cause) {
        if (!isDoubled(cause)) throw cause;
        throw new AppError('conflict', `Field ${conflict.field} of this link has an open conflict already.`, {
          cause,
        });
      }
    },
    async get(id) {
      await tx.step();
      const row = conflicts.get(tx, keyOf(tenantId, tx.uuid(id)));
      return row && conflictOf(row);
    },
    async many(ids) {
      await tx.step();
      const rows = [...new Set(ids)].map((id) => conflicts.get(tx, keyOf(tenantId, tx.uuid(id))));
      return sorted(
        rows.filter((row) => row !== undefined),
        byAge,
      ).map(conflictOf);
    },
    async list(query) {
      const cursor = readCursor(ByTime, query.cursor);
      await tx.step();
      const after = cursor && ([tx.time(cursor[0]), tx.uuid(cursor[1])] as const);
      return pageAfter(fitting(query), query, after, { place: byAge, item: conflictOf });
    },
    async groups(query) {
      await tx.step();
      const rows = sorted(fitting({ ...query, state: 'open' }), byAge);
      const groups = Map.groupBy(rows, (row) => keyOf(row.integration_id, row.field, row.cause));
      return [...groups.values()].flatMap((group) => {
        const [oldest] = group;
        if (oldest === undefined) return [];
        const conflict = conflictOf(oldest);
        const { field } = conflict;
        const { integration_id: integrationId, cause } = oldest;
        return [{ integrationId, field, cause, count: group.length, oldest: conflict }];
      });
    },
  };
}

/** The trackers' comments, kept with the threats. */
export function commentsOf({ db, tx, tenantId }: Scope): Comments {
  const { comments } = db.tables;
  const ofLink = (linkId: string) => comments.where(tx, 'link', keyOf(tenantId, tx.uuid(linkId)));
  return {
    async replace(linkId, kept) {
      await tx.step();
      for (const row of ofLink(linkId)) await comments.remove(tx, row);
      await tx.step();
      for (const comment of kept)
        await comments.insert(tx, {
          tenant_id: tenantId,
          link_id: tx.uuid(linkId),
          id: comment.id,
          created_at: tx.time(comment.createdAt),
          doc: new Kept({ ...comment, linkId }),
        });
    },
    async ofLinks(linkIds) {
      await tx.step();
      const rows = [...new Set(linkIds.map((id) => tx.uuid(id)))].flatMap(ofLink);
      return sorted(rows, (row) => [row.created_at, row.id]).map((row) => row.doc.read());
    },
  };
}

function byAge(row: ConflictRow): [string, string] {
  return [row.first_seen_at, row.id];
}

function conflictOf(row: ConflictRow): Conflict {
  return { ...row.doc.read(), state: row.state };
}
