import type { Conflict } from '../domain/link.ts';
import type { ConflictQuery } from '../ports/conflicts.ts';
import type { Tx } from '../ports/repositories.ts';

const AT_ONCE = 200;

/** What waits for a person may be settled by a new rule or policy: look at it again. */
export async function lookAtConflicts(tx: Tx, integrationId: string): Promise<void> {
  for await (const page of openConflicts(tx, { integrationId }))
    await tx.dirty.mark(
      integrationId,
      page.map(({ linkId }) => ({ linkId, reason: 'resolution' })),
    );
}

/** The conflicts of an integration that wait for a person, oldest first, page by page. */
export async function* openConflicts(
  tx: Tx,
  wanted: Pick<ConflictQuery, 'integrationId' | 'field' | 'cause'>,
): AsyncGenerator<readonly Conflict[]> {
  let cursor: string | undefined;
  do {
    const place = cursor === undefined ? {} : { cursor };
    const page = await tx.conflicts.list({ ...wanted, state: 'open', limit: AT_ONCE, ...place });
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
