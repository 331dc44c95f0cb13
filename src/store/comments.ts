import { sql } from 'kysely';
import type { Comments } from '../ports/repositories.ts';
import type { Trx } from './schema.ts';

/** The trackers' comments, kept with the threats. */
export function commentsOf(trx: Trx, tenantId: string): Comments {
  return {
    async replace(linkId, comments) {
      await trx
        .deleteFrom('comments')
        .where('tenant_id', '=', tenantId)
        .where('link_id', '=', linkId)
        .execute();
      if (comments.length === 0) return;
      await trx
        .insertInto('comments')
        .values(
          comments.map((comment) => ({
            tenant_id: tenantId,
            link_id: linkId,
            id: comment.id,
            created_at: comment.createdAt,
            doc: JSON.stringify({ ...comment, linkId }),
          })),
        )
        .execute();
    },
    async ofLinks(linkIds) {
      const rows = await trx
        .selectFrom('comments')
        .select('doc')
        .where('tenant_id', '=', tenantId)
        .where(sql<boolean>`link_id = any(${[...linkIds]}::uuid[])`)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map((row) => row.doc);
    },
  };
}
