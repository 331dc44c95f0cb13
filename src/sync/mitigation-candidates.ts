import type { Filter, Integration } from '../domain/integration.ts';
import { KEYED_FORMATS, mitigationsToDo, servedBy } from '../domain/mitigations.ts';
import type { Threat, ThreatModel } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Candidate } from './candidates.ts';

const PAGE = 500;

/** Threats that pass the filter and have a mitigation without an issue, as `Threats.withMitigationsToDo`. */
export async function threatsToDo(
  tx: Tx,
  integrationId: string,
  filter: Filter,
  isBound: boolean,
  most: number,
): Promise<readonly Threat[]> {
  const threats: Threat[] = [];
  const only = { formats: KEYED_FORMATS, isBound };
  while (threats.length < most) {
    const after = threats.at(-1)?.number ?? 0;
    const size = Math.min(PAGE, most);
    const page = await tx.threats.withMitigationsToDo(integrationId, filter, only, after, size);
    threats.push(...page);
    if (page.length < size) break;
  }
  return threats;
}

/** A threat whose mitigations are looked at. */
interface Home {
  threat: Threat;
  model: ThreatModel;
  elsewhere: boolean;
}

/**
 * The mitigations of these threats (by number) that are to be done and have no issue yet. One that several threats share
 * belongs to the first of them.
 */
export async function mitigationsOf(
  tx: Tx,
  { id }: Pick<Integration, 'id'>,
  homes: readonly Home[],
): Promise<readonly Candidate[]> {
  const keyed = homes.filter(({ model }) => KEYED_FORMATS.includes(model.format));
  const models = await sharedModels(tx, keyed);
  const threats = new Set([
    ...keyed.map(({ threat }) => threat.id),
    ...[...models.values()].flat().map((threat) => threat.id),
  ]);
  const modelOf = new Map([...models].flatMap(([model, each]) => each.map((threat) => [threat.id, model])));
  const taken = new Set<string>();
  for (const link of await tx.links.ofThreats([...threats]))
    if (link.role === 'mitigation' && link.integrationId === id) {
      taken.add(`${link.threatId} ${link.mitigationKey}`);
      taken.add(`${modelOf.get(link.threatId) ?? ''} ${link.mitigationKey}`);
    }
  return keyed.flatMap(({ threat, model, elsewhere }) =>
    mitigationsToDo(threat).flatMap(({ key, shared }): Candidate[] => {
      const place = `${shared ? model.id : threat.id} ${key}`;
      const subject = servedBy(threat, key, models.get(model.id) ?? [threat]);
      if (taken.has(place) || subject === undefined) return [];
      taken.add(place);
      return [{ subject, model, elsewhere }];
    }),
  );
}

/** All threats of the models in which something is shared. */
async function sharedModels(tx: Tx, homes: readonly Home[]): Promise<ReadonlyMap<string, readonly Threat[]>> {
  const models = new Map<string, readonly Threat[]>();
  for (const { threat, model } of homes)
    if (!models.has(model.id) && mitigationsToDo(threat).some(({ shared }) => shared))
      models.set(model.id, await tx.threats.ofModel(model.id));
  return models;
}
