import { granularityOf } from '../domain/integration.ts';
import type { Link } from '../domain/link.ts';
import type { ParentTarget } from '../domain/parent.ts';
import type { ThreatModel } from '../domain/threat.ts';
import { parentTargets, targetUnder } from './parents.ts';
import type { Work } from './work.ts';

/** An issue that may stand under another one. */
export interface Placeable {
  link: Link;
  model: ThreatModel;
}

/** What an issue stands under: the id of its threat, or of its model. */
export function underOf(
  { session }: Work,
  link: Pick<Link, 'role' | 'threatId'>,
  model: ThreatModel,
): string {
  const isBelow = link.role === 'mitigation' && granularityOf(session.integration) === 'threat+mitigations';
  return isBelow ? link.threatId : model.id;
}

/** What these issues can be put under now, by `underOf`. */
export async function targetsOf(
  work: Work,
  issues: readonly Placeable[],
): Promise<ReadonlyMap<string, ParentTarget>> {
  const isBelow = ({ link, model }: Placeable): boolean => underOf(work, link, model) === link.threatId;
  const models = new Map(issues.filter((each) => !isBelow(each)).map(({ model }) => [model.id, model]));
  const threats = new Set(issues.filter(isBelow).map(({ link }) => link.threatId));
  return new Map([
    ...(await parentTargets(work, [...models.values()])),
    ...(await threatTargets(work, [...threats])),
  ]);
}

/** The issues of these threats, by threat id, where they are linked. */
async function threatTargets(
  work: Work,
  threatIds: readonly string[],
): Promise<ReadonlyMap<string, ParentTarget>> {
  const { integration, tenantId } = work.session;
  if (threatIds.length === 0 || integration.state === 'new') return new Map();
  const links = await work.parts.store.tenant(tenantId).transact((tx) => tx.links.ofThreats(threatIds));
  const since = integration.parent?.since ?? integration.createdAt;
  const targets = new Map<string, ParentTarget>();
  for (const link of links) {
    if (link.role !== 'threat' || link.integrationId !== integration.id) continue;
    const target = await targetUnder(work, link, since);
    if (target !== undefined) targets.set(link.threatId, target);
  }
  return targets;
}
