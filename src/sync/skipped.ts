import { filteredOut } from '../domain/filter.ts';
import { type Filter, granularityOf, type Integration } from '../domain/integration.ts';
import { KEYED_FORMATS, mitigationsToDo } from '../domain/mitigations.ts';
import type { PlanItem } from '../domain/plan.ts';
import type { Threat } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';

const PAGE = 500;
/** Skipped threats shown in one plan. */
const MOST = 5000;

type Chosen = Pick<Integration, 'id' | 'granularity'>;

/** Threats without an issue that the filter keeps out, and mitigations that cannot have one: "why is mine not there?". */
export async function skippedThreats(tx: Tx, integration: Chosen, filter: Filter): Promise<PlanItem[]> {
  const items: PlanItem[] = [];
  for (const modelId of await modelsOf(tx, filter)) {
    const format = (await tx.models.get(modelId))?.format;
    const isKeyed = KEYED_FORMATS.some((each) => each === format);
    for (let cursor: string | undefined; items.length < MOST;) {
      const query = { limit: PAGE, modelId };
      const page = await tx.threats.list(cursor === undefined ? query : { ...query, cursor });
      const links = await tx.links.ofThreats(page.items.map((threat) => threat.id));
      const linked = new Set(
        links.filter((link) => link.integrationId === integration.id).map((link) => link.threatId),
      );
      for (const threat of page.items) {
        const skip = filteredOut(threat, filter);
        const left = skip === undefined ? withoutMitigations(threat, integration, isKeyed) : undefined;
        if (skip !== undefined && !linked.has(threat.id))
          items.push(lineOf(`create:${threat.id}`, threat, skip));
        if (left !== undefined) items.push(lineOf(`mitigations:${threat.id}`, threat, left));
      }
      if (page.nextCursor === undefined) break;
      cursor = page.nextCursor;
    }
  }
  return items;
}

type Skip = NonNullable<PlanItem['skip']>;

function lineOf(id: string, { id: threatId, title }: Threat, skip: Skip): PlanItem {
  return { id, action: 'skip', threatId, title, steps: [], skip };
}

/** Why no mitigation of a threat gets an issue; undefined = it is not asked for, or one does. */
function withoutMitigations(threat: Threat, integration: Chosen, isKeyed: boolean): Skip | undefined {
  const granularity = granularityOf(integration);
  if (granularity === 'threat') return undefined;
  if (!isKeyed && threat.mitigations.length > 0)
    return {
      code: 'no-mitigation-keys',
      message:
        'The format of its model keeps mitigations as one text, without keys by which they could be known again: they get no issues of their own.',
    };
  if (granularity === 'threat+mitigations' || mitigationsToDo(threat).length > 0) return undefined;
  return { code: 'no-mitigations', message: 'It has no mitigation that is to be done.' };
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
