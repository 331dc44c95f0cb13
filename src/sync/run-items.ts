import type { RunItem } from '../domain/run.ts';
import type { Tx } from '../ports/repositories.ts';

const PAGE = 500;

/** All that a run says so far of single links and threats, oldest first. */
export async function itemsOfRun(tx: Tx, runId: string): Promise<readonly RunItem[]> {
  const items: RunItem[] = [];
  for (let cursor: string | undefined; ;) {
    const query = { limit: PAGE };
    const page = await tx.runs.items(runId, cursor === undefined ? query : { ...query, cursor });
    items.push(...page.items);
    if (page.nextCursor === undefined) return items;
    cursor = page.nextCursor;
  }
}
