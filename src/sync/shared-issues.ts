import type { Link } from '../domain/link.ts';
import { mitigationOf } from '../domain/mitigations.ts';
import type { Mention } from '../domain/parent.ts';
import type { Threat } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';

/** Of these threats' links: the issues of mitigations that they share and that stand under other threats, by key, by link id. */
export async function sharedIssues(
  tx: Tx,
  links: readonly Link[],
  threats: ReadonlyMap<string, Threat>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Mention>>> {
  const issues = new Map<string, readonly Link[]>();
  const found = new Map<string, ReadonlyMap<string, Mention>>();
  for (const link of links) {
    const threat = link.role === 'threat' ? threats.get(link.threatId) : undefined;
    if (threat?.mitigations.some(({ shared }) => shared) !== true) continue;
    const known = issues.get(threat.modelId) ?? (await mitigationLinks(tx, threat.modelId));
    issues.set(threat.modelId, known);
    const mentions = known.flatMap(({ integrationId, threatId, mitigationKey, issue }) => {
      const isTheirs = threatId !== threat.id && integrationId === link.integrationId;
      const isShared = mitigationOf(threat, mitigationKey)?.shared === true;
      return isTheirs && isShared && issue !== undefined
        ? [[mitigationKey, { key: issue.key, url: issue.url }] as const]
        : [];
    });
    if (mentions.length > 0) found.set(link.id, new Map(mentions));
  }
  return found;
}

/** The issue of a shared mitigation was made: the threats that share it name it in their text. */
export async function wakeSharers(tx: Tx, { integrationId, threatId, mitigationKey }: Link): Promise<void> {
  const home = await tx.threats.get(threatId);
  if (home === undefined || mitigationOf(home, mitigationKey)?.shared !== true) return;
  const model = await tx.threats.ofModel(home.modelId);
  const others = model.filter(
    (threat) => threat.id !== threatId && mitigationOf(threat, mitigationKey)?.shared === true,
  );
  const links = await tx.links.ofThreats(others.map(({ id }) => id));
  await tx.dirty.mark(
    integrationId,
    links
      .filter((link) => link.role === 'threat' && link.integrationId === integrationId)
      .map((link) => ({ linkId: link.id, reason: 'threat' })),
  );
}

async function mitigationLinks(tx: Tx, modelId: string): Promise<readonly Link[]> {
  const threats = await tx.threats.ofModel(modelId);
  const links = await tx.links.ofThreats(threats.map(({ id }) => id));
  return links.filter(
    ({ role, state }) => role === 'mitigation' && state !== 'detached' && state !== 'issue-gone',
  );
}
