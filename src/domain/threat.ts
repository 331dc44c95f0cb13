/** What a threat is in every source and every tracker: the canonical model. */

import type { Acceptance, AcceptanceTerms } from './acceptance.ts';

export const STATUSES = [
  'identified',
  'analyzing',
  'mitigating',
  'mitigated',
  'accepted',
  'transferred',
  'avoided',
  'false-positive',
] as const;
export type Status = (typeof STATUSES)[number];

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unspecified'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const FORMATS = ['threat-dragon-v2', 'threat-composer', 'platform'] as const;
/** Where a model came from: a file format, or `platform` for one given in our own canonical words. */
export type Format = (typeof FORMATS)[number];

export const MITIGATION_STATUSES = [
  'proposed',
  'in-progress',
  'done',
  'verified',
  'rejected',
  'unknown',
] as const;
/** `done` is what was built; `verified` what somebody has looked at since. `unknown`: the source has no word for it. */
export type MitigationStatus = (typeof MITIGATION_STATUSES)[number];

/** What a threat or a mitigation has come to; no word means both. */
export type SubjectStatus = Status | MitigationStatus;

const OPEN: ReadonlySet<SubjectStatus> = new Set([
  'identified',
  'analyzing',
  'mitigating',
  'proposed',
  'in-progress',
  'unknown',
]);

/** True while somebody still has to do something about it. */
export function isOpen(status: SubjectStatus): boolean {
  return OPEN.has(status);
}

/** Whether a status is one of a threat. */
export function isThreatStatus(status: SubjectStatus): status is Status {
  return STATUSES.some((each) => each === status);
}

/** A status by its word; undefined = it is none. */
export function statusNamed(word: string | null | undefined): SubjectStatus | undefined {
  return [...STATUSES, ...MITIGATION_STATUSES].find((status) => status === word);
}

export interface Mitigation {
  key: string;
  title: string;
  description?: string;
  status: MitigationStatus;
  /** Linked to several threats of its model. */
  shared: boolean;
}

export interface ThreatElement {
  id: string;
  name: string;
  kind: string;
  diagram?: string;
  outOfScope?: boolean;
}

export interface Category {
  taxonomy: string;
  values: readonly string[];
}

/** What a source says about one threat: everything but what is ours (id, presence, merged status). */
export interface ThreatContent {
  /** Identity inside its model. */
  key: string;
  /** What people of that tool see: `#12`, `T-12`. */
  displayRef?: string;
  title: string;
  description: string;
  severity: Severity;
  score?: number;
  category: Category;
  element?: ThreatElement;
  mitigations: readonly Mitigation[];
  references: readonly string[];
  tags: readonly string[];
  justification?: string;
}

/** A threat as one file or platform shows it, before it meets what we know. */
export interface SourceThreat extends ThreatContent {
  status: Status;
  /** On what terms an accepted or transferred risk is carried, where the source says it. */
  acceptance?: AcceptanceTerms;
  /** The exact words of the file; written back only when the meaning changed. */
  raw: { status?: string; severity?: string };
  /** Where a copy may repeat ids: the id as the source has it, and the key that tells the copies apart. */
  copy?: { id: string; key: string };
}

/** A threat as we keep it. */
export interface Threat extends ThreatContent {
  /** Ours, a UUID, never changes. */
  id: string;
  modelId: string;
  /** Shown to people as `TM-<number>`; counts per tenant. */
  number: number;
  /** The agreed status: the source's if it changed since its own last import, else the one we accepted. */
  status: Status;
  /** What the source said at its last import: the base of the next one. */
  imported: {
    status: Status;
    rawStatus?: string;
    contentHash?: string;
    /** By the mitigation's key. */
    mitigations?: Readonly<Record<string, MitigationStatus>>;
    acceptance?: AcceptanceTerms;
  };
  /** Of an accepted or transferred risk: since when and on what terms. */
  acceptance?: Acceptance;
  contentHash: string;
  fingerprint: string;
  presence: 'present' | 'missing';
  missingSince?: string;
  /** Counts every change of the row: the compare-and-swap of the threat side. */
  version: number;
  updatedAt: string;
}

export interface ThreatModel {
  /** Ours, a UUID. */
  id: string;
  name: string;
  format: Format;
  source: { repo?: string; path?: string; revision?: string };
  importedAt: string;
  /** SHA-256 of the bytes last imported, hex; absent for platform models. */
  fileHash?: string;
  version: number;
  warnings: readonly Warning[];
}

/** Something odd in a source that did not stop the import. */
export interface Warning {
  code: string;
  where: string;
  message: string;
}
