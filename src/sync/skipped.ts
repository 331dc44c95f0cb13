import { filteredOut } from '../domain/filter.ts';
import type { Filter } from '../domain/integration.ts';
import type { PlanItem } from '../domain/plan.ts';
import type { Tx } from '../ports/repositories.ts';

const PAGE = 500;
/** Skipped threats shown in one plan. */
const MOST = 5000;

/** Threats without an issue that the filter keeps out, each with its reason: "why is mine not there?". */
export async function skippedThreats(tx: Tx, integrationId: string, filter: Filter): Promise<PlanItem[]> {
  const items: PlanItem[] = [];
  for (const modelId of await modelsOf(tx, filter)) {
    for (let cursor: string | undefined; items.length < MOST;) {
      const query = { limit: PAGE, modelId };
      const page = await tx.threats.list(cursor === undefined ? query : { ...query, cursor });
      const links = await tx.links.ofThreats(page.items.map((threat) => threat.id));
      const linked = new Set(
        links.filter((link) => link.integrationId === integrationId).map((link) => link.threatId),
      );
      for (const threat of page.items) {
        const skip = filteredOut(threat, filter);
        if (skip === undefined || linked.has(threat.id)) continue;
        items.push({
          id: `create:${threat.id}`,
          action: 'skip',
          threatId: threat.id,
          title: threat.title,
          steps: [],
          skip,
        });
      }
      if (page.nextCursor === undefined) break;
      cursor = page.nextCursor;
    }
  }
  return items;
}

async function modelsOf(tx: Tx, filter: Filter): Promise<readonly string[]> {
  if (filter.models !== undefined) return filter.models;
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await tx.models.list(cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor });
    ids.push(...page.items.map((model) => model.id));
    if (page.nextCursor === undefined) return ids;
    cursor = page.nextCursor;
  }
}
