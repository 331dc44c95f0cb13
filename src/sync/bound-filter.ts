import type { Filter } from '../domain/integration.ts';
import type { Tx } from '../ports/repositories.ts';

const PAGE = 500;

/** What a second integration of a tenant must say before it creates anything. */
export const CHOOSE_MODELS =
  'This tenant has more than one integration: say in filter.models which threat models go to this one.';

/** A filter whose models are ids; undefined = the models must be chosen first. Names are looked up, unknown ones match nothing. */
export async function boundFilter(tx: Tx, filter: Filter): Promise<Filter | undefined> {
  if (filter.models === undefined) {
    const { items } = await tx.integrations.list({ limit: 2 });
    return items.length > 1 ? undefined : filter;
  }
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await tx.models.list(cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor });
    for (const model of page.items)
      if (filter.models.includes(model.id) || filter.models.includes(model.name)) ids.push(model.id);
    if (page.nextCursor === undefined) return { ...filter, models: ids };
    cursor = page.nextCursor;
  }
}
