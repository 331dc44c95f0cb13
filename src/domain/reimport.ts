import { acceptanceOf } from './acceptance.ts';
import { contentHash, fingerprint } from './identity.ts';
import type { Mitigation, SourceThreat, Status, Threat, ThreatContent } from './threat.ts';

/** The fields of a threat whose change is worth a word; the others are kept up to date in silence. */
const TOLD_FIELDS = ['title', 'description', 'severity', 'category', 'element', 'mitigations'] as const;
type ToldField = (typeof TOLD_FIELDS)[number];

export interface FieldChange {
  field: ToldField | 'status' | 'presence';
  before: unknown;
  after: unknown;
}

/** A threat after its source was read again. */
export interface Reimported {
  threat: Threat;
  /** What people and trackers should hear of. */
  changes: readonly FieldChange[];
  /** The row differs, be it only in what nobody needs to hear of, such as a display number. */
  differs: boolean;
}

/**
 * A known threat with what its source says now. The source's value counts only where it changed since the source was
 * last read: an accepted change of ours survives the next import of an unchanged file.
 */
export function reimport(known: Threat, incoming: SourceThreat, key: string, at: string): Reimported {
  const hash = contentHash(incoming);
  const says = hash === (known.imported.contentHash ?? known.contentHash) ? known : incoming;
  const content = contentOf(known, incoming, says, key);
  const { missingSince: _, acceptance: __, ...kept } = known;
  const carried = carriedOf(known, incoming, at);
  const next: Threat = {
    ...withoutContent(kept),
    ...content,
    ...carried,
    imported: importedOf(incoming, hash),
    contentHash: contentHash(content),
    fingerprint: fingerprint(incoming),
    presence: 'present',
  };
  const differs = !same(next, known);
  return { threat: differs ? { ...next, updatedAt: at } : known, changes: changesOf(known, next), differs };
}

/** New terms renew an acceptance, also one that has ended meanwhile; an unchanged source says nothing new. */
function carriedOf(known: Threat, incoming: SourceThreat, at: string): Pick<Threat, 'status' | 'acceptance'> {
  const { acceptance: terms } = incoming;
  const isNew = terms !== undefined && !same(terms, known.imported.acceptance);
  const says = isNew || incoming.status !== known.imported.status;
  const status: Status = says ? incoming.status : known.status;
  return { status, ...acceptanceOf(known, status, at, says ? terms : undefined) };
}

/** A threat that its source no longer shows. */
export function vanish(known: Threat, at: string): Reimported {
  const threat: Threat = { ...known, presence: 'missing', missingSince: at, updatedAt: at };
  return { threat, changes: changesOf(known, threat), differs: true };
}

/** A threat seen for the first time. */
export function adopt(
  incoming: SourceThreat,
  ids: { id: string; modelId: string },
  at: string,
): Omit<Threat, 'number' | 'version'> {
  const { acceptance, status, raw: _raw, copy: _copy, ...content } = incoming;
  const hash = contentHash(incoming);
  return {
    ...content,
    ...ids,
    status,
    ...acceptanceOf(undefined, status, at, acceptance),
    imported: importedOf(incoming, hash),
    contentHash: hash,
    fingerprint: fingerprint(incoming),
    presence: 'present',
    updatedAt: at,
  };
}

function importedOf(incoming: SourceThreat, hash: string): Threat['imported'] {
  const { acceptance, raw, status } = incoming;
  const mitigations = Object.fromEntries(incoming.mitigations.map(({ key, status: state }) => [key, state]));
  return {
    status,
    ...(raw.status === undefined ? {} : { rawStatus: raw.status }),
    contentHash: hash,
    ...(incoming.mitigations.length === 0 ? {} : { mitigations }),
    ...(acceptance === undefined ? {} : { acceptance }),
  };
}

function withoutContent(
  threat: Omit<Threat, 'missingSince' | 'acceptance'>,
): Omit<Threat, keyof ThreatContent | 'missingSince' | 'acceptance'> {
  const { displayRef: _ref, score: _score, element: _element, justification: _why, ...rest } = threat;
  return rest;
}

/** The told fields from `says`; numbers, tags and the like always as the source shows them. */
function contentOf(known: Threat, incoming: SourceThreat, says: ThreatContent, key: string): ThreatContent {
  const justification = incoming.justification ?? known.justification;
  const element = says === known ? (incoming.element ?? known.element) : incoming.element;
  return {
    key,
    ...(incoming.displayRef === undefined ? {} : { displayRef: incoming.displayRef }),
    title: says.title,
    description: says.description,
    severity: says.severity,
    ...(incoming.score === undefined ? {} : { score: incoming.score }),
    category: says.category,
    ...(element === undefined ? {} : { element }),
    mitigations: says === known ? known.mitigations : mitigationsOf(known, incoming),
    references: incoming.references,
    tags: incoming.tags,
    ...(justification === undefined ? {} : { justification }),
  };
}

/** The source's mitigations; where it says of one what it said before, the status that we accepted since stays. */
function mitigationsOf(known: Threat, incoming: SourceThreat): readonly Mitigation[] {
  const before = new Map(Object.entries(known.imported.mitigations ?? {}));
  const accepted = new Map(known.mitigations.map(({ key, status }) => [key, status]));
  return incoming.mitigations.map((each) => ({
    ...each,
    status: (before.get(each.key) === each.status ? accepted.get(each.key) : undefined) ?? each.status,
  }));
}

function changesOf(before: Threat, after: Threat): FieldChange[] {
  const told = before.contentHash === after.contentHash ? [] : TOLD_FIELDS;
  return [...told, 'status' as const, 'presence' as const].flatMap((field) =>
    same(before[field], after[field])
      ? []
      : [{ field, before: before[field] ?? null, after: after[field] ?? null }],
  );
}

/** Equality of plain data: members in any order, an undefined one is the same as none. */
function same(left: unknown, right: unknown): boolean {
  return stable(left) === stable(right);
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}
