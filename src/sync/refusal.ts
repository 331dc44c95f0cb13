import { filteredOut } from '../domain/filter.ts';
import { granularityOf, type Integration } from '../domain/integration.ts';
import type { Link } from '../domain/link.ts';
import type { Threat } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import { boundFilter, CHOOSE_MODELS } from './bound-filter.ts';
import { ELSEWHERE } from './planning.ts';

const PER_MITIGATION = {
  code: 'per-mitigation',
  message: 'The integration makes issues of mitigations, not of their threats (granularity is "mitigation").',
};

/** Why this integration makes no issue of a threat; undefined = it does, or has. With a link, only what the filter says. */
export async function refusalOf(
  tx: Tx,
  integration: Integration,
  threat: Threat,
  link: Link | undefined,
): Promise<{ code: string; message: string } | undefined> {
  const filter = await boundFilter(tx, integration.filter);
  if (filter === undefined) return { code: 'models-not-chosen', message: CHOOSE_MODELS };
  const out = filteredOut(threat, filter);
  if (out === undefined && link === undefined && granularityOf(integration) === 'mitigation')
    return PER_MITIGATION;
  if (out !== undefined || link !== undefined || filter.alsoLinked) return out;
  const elsewhere = await tx.threats.linkedElsewhere(integration.id, [threat.id]);
  return elsewhere.has(threat.id) ? ELSEWHERE : undefined;
}
