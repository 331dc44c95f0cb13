import type { Link } from './link.ts';
import type { Format, Mitigation, MitigationStatus, Severity, Threat } from './threat.ts';
import { contentHash } from './identity.ts';
import { SEVERITIES } from './threat.ts';

/** A mitigation with the threats of its model that it serves, by number; its issue stands under that of `threat`. */
export interface ServedMitigation {
  threat: Threat;
  mitigation: Mitigation;
  serves: readonly Threat[];
}

/** What an issue is about: a threat, or one mitigation. */
export type Subject = Threat | ServedMitigation;

export function isMitigation(subject: Subject): subject is ServedMitigation {
  return 'serves' in subject;
}

/** The threat itself, or the one under which a mitigation's issue stands. */
export function homeOf(subject: Subject): Threat {
  return isMitigation(subject) ? subject.threat : subject;
}

/** What a subject's mark is about; tells it apart in its model. */
export function subjectKey(subject: Subject): string {
  return isMitigation(subject)
    ? `mitigation:${JSON.stringify([subject.threat.key, subject.mitigation.key])}`
    : subject.key;
}

/** How a link names its subject. */
export function linkNames(subject: Subject): Pick<Link, 'threatId' | 'role' | 'mitigationKey'> {
  return isMitigation(subject)
    ? { threatId: subject.threat.id, role: 'mitigation', mitigationKey: subject.mitigation.key }
    : { threatId: subject.id, role: 'threat', mitigationKey: '' };
}

/** The same for the same subject, and for no other. */
export function nameOf({ threatId, role, mitigationKey }: ReturnType<typeof linkNames>): string {
  return JSON.stringify([threatId, role, mitigationKey]);
}

/** Formats whose mitigations have keys of their own. Keys that are made of a text are another's as soon as it is edited. */
export const KEYED_FORMATS: readonly Format[] = ['threat-composer', 'platform'];

const TO_DO: ReadonlySet<MitigationStatus> = new Set(['proposed', 'in-progress', 'unknown']);

/** Those that are still to be done; of several with one key the first counts. */
export function mitigationsToDo({ mitigations }: Pick<Threat, 'mitigations'>): readonly Mitigation[] {
  const first = new Map(mitigations.toReversed().map((each) => [each.key, each]));
  return [...first.values()].toReversed().filter(({ status }) => TO_DO.has(status));
}

export function mitigationOf(threat: Pick<Threat, 'mitigations'>, key: string): Mitigation | undefined {
  return threat.mitigations.find((each) => each.key === key);
}

/**
 * A mitigation as its model shows it now, for the threat it was first made an issue for; undefined = it has left the model.
 * A shared one stays as long as one of its threats does. `model`: all threats of the model.
 */
export function servedBy(
  threat: Threat,
  key: string,
  model: readonly Threat[],
): ServedMitigation | undefined {
  const present = model.filter(({ presence }) => presence === 'present');
  const home = present.find(({ id }) => id === threat.id);
  const own = home === undefined ? undefined : mitigationOf(home, key);
  if (own?.shared === false && home !== undefined) return { threat: home, mitigation: own, serves: [home] };
  const serves = present.filter((each) => mitigationOf(each, key)?.shared === true);
  const [first] = serves;
  const shared = own ?? (first && mitigationOf(first, key));
  return shared === undefined ? undefined : { threat: home ?? threat, mitigation: shared, serves };
}

/** All that an integration may have made issues of: the threats of a model, and their mitigations. */
export function subjectsOfModel(threats: readonly Threat[]): readonly Subject[] {
  return threats.flatMap((threat): Subject[] => [
    threat,
    ...threat.mitigations.flatMap(({ key }) => servedBy(threat, key, threats) ?? []),
  ]);
}

/** The threat with another status of one mitigation. */
export function withMitigationStatus(threat: Threat, key: string, status: MitigationStatus): Threat {
  const mitigations = threat.mitigations.map((each) => (each.key === key ? { ...each, status } : each));
  const next = { ...threat, mitigations };
  return { ...next, contentHash: contentHash(next) };
}

/** The highest of the threats that are served. */
export function severityOf(subject: Subject): Severity {
  if (!isMitigation(subject)) return subject.severity;
  const served = new Set(subject.serves.map(({ severity }) => severity));
  return SEVERITIES.find((severity) => served.has(severity)) ?? subject.threat.severity;
}

export function statusOf(subject: Subject): Threat['status'] | MitigationStatus {
  return isMitigation(subject) ? subject.mitigation.status : subject.status;
}
