import { granularityOf } from '../domain/integration.ts';
import type { Link } from '../domain/link.ts';
import type { Tx } from '../ports/repositories.ts';

/**
 * Whether the status of a threat with these links follows its mitigations: it does where an integration makes issues of
 * them. The strictest gate counts. Undefined = it does not.
 */
export async function rollUpRule(tx: Tx, links: readonly Link[]): Promise<{ gate: boolean } | undefined> {
  const ids = links.filter(({ state }) => state !== 'detached').map((link) => link.integrationId);
  let rule: { gate: boolean } | undefined;
  for (const id of new Set(ids)) {
    const integration = await tx.integrations.get(id);
    if (integration === undefined || granularityOf(integration) === 'threat') continue;
    rule = { gate: rule?.gate === true || integration.gate === true };
  }
  return rule;
}
