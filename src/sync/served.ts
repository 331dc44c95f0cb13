import { AppError } from '../domain/errors.ts';
import type { Link } from '../domain/link.ts';
import {
  KEYED_FORMATS,
  mitigationOf,
  servedBy,
  type ServedMitigation,
  type Subject,
} from '../domain/mitigations.ts';
import type { Threat } from '../domain/threat.ts';
import type { Tx } from '../ports/repositories.ts';

/** What each of these links is about, by link id; one whose mitigation has left the model is missing. */
export async function subjectsOf(
  tx: Tx,
  links: readonly Link[],
  threats: ReadonlyMap<string, Threat>,
): Promise<ReadonlyMap<string, Subject>> {
  const models = new Map<string, readonly Threat[]>();
  const subjects = new Map<string, Subject>();
  for (const link of links) {
    const threat = threats.get(link.threatId);
    if (threat === undefined) continue;
    const subject =
      link.role === 'mitigation'
        ? servedBy(threat, link.mitigationKey, await siblings(threat, link.mitigationKey))
        : threat;
    if (subject !== undefined) subjects.set(link.id, subject);
  }
  return subjects;

  /** A model is read only for what several of its threats may share. */
  async function siblings(threat: Threat, key: string): Promise<readonly Threat[]> {
    if (threat.presence === 'present' && mitigationOf(threat, key)?.shared === false) return [threat];
    const known = models.get(threat.modelId) ?? (await tx.threats.ofModel(threat.modelId));
    models.set(threat.modelId, known);
    return known;
  }
}

/** A mitigation of a threat. Throws `not-found`, and `unprocessable` where its model gives mitigations no keys of their own. */
export async function mitigationNamed(tx: Tx, threat: Threat, key: string): Promise<ServedMitigation> {
  const model = await tx.models.get(threat.modelId);
  if (model !== undefined && !KEYED_FORMATS.includes(model.format))
    throw new AppError(
      'unprocessable',
      `"${model.name}" keeps mitigations as one text, without keys by which they could be known again: change the model itself.`,
    );
  const served = servedBy(threat, key, await tx.threats.ofModel(threat.modelId));
  if (served === undefined)
    throw new AppError('not-found', `The threat TM-${threat.number} has no mitigation "${key}".`);
  return served;
}
