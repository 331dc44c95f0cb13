import type { MappedStatus, Mapping } from './integration.ts';
import type { Issue, IssueChange, StatusCategory } from './issue.ts';
import {
  isOpen,
  isThreatStatus,
  type MitigationStatus,
  STATUSES,
  type Status,
  type SubjectStatus,
} from './threat.ts';

/**
 * A status in the issue's words: one of ours where the tracker says it exactly, `open` where it only says that there is
 * work, `dropped` where it was closed without being done and without saying why, `verified` where somebody has looked at
 * what was done.
 */
export type StatusWord = MappedStatus | 'open' | 'dropped';

export const DISPOSITIONS = ['accepted', 'transferred', 'avoided', 'false-positive'] as const;
/** Why an issue was closed without being done. */
export type Disposition = (typeof DISPOSITIONS)[number];

/** The label that says of an issue which was closed as done that somebody has looked at it since. */
const VERIFIED_LABEL = 'tm-verified';

/** The label that says why an issue was closed without being done. */
export function dispositionLabel(status: Disposition): string {
  return `tm-${status}`;
}

function isDisposition(word: string): word is Disposition {
  return DISPOSITIONS.some((each) => each === word);
}

/** A label may have said so: when it came or went, the history of the issue's status does not tell. */
export function mayComeByLabel(word: string | null, { status }: Pick<Mapping, 'status'>): boolean {
  return (
    word !== null && (isDisposition(word) || Object.values(status.byLabel).some((each) => each === word))
  );
}

/** Has somebody else said in a label why the issue is closed, after it was looked at so? `sent`: the status that we wrote meanwhile. */
export function wasLabelledMeanwhile(
  sent: string,
  before: readonly string[],
  after: readonly string[],
): boolean {
  return DISPOSITIONS.filter((each) => each !== sent)
    .map(dispositionLabel)
    .some((label) => hasLabel(after, label) && !hasLabel(before, label));
}

/** Labels are compared as trackers do: without regard to case. */
export function hasLabel(labels: readonly string[], wanted: string): boolean {
  return labels.some((label) => label.toLowerCase() === wanted.toLowerCase());
}

/**
 * What an issue says about the status: where it is closed, by its labels and its resolution; then by the mapping's ids and labels,
 * then by category.
 */
export function statusWordOf(issue: Pick<Issue, 'status' | 'labels'>, mapping: Mapping): StatusWord {
  const { category, id } = issue.status;
  const closed = category === 'done' || category === 'dropped';
  if (closed) {
    const disposition = DISPOSITIONS.find((each) => hasLabel(issue.labels, dispositionLabel(each)));
    const said = disposition ?? labelled(issue, mapping, isDisposition) ?? resolved(issue, mapping);
    if (said !== undefined) return said;
  }
  const byId = mapping.status.byId[id];
  const isDone = byId === undefined ? category === 'done' : closed && byId === 'mitigated';
  if (isDone && hasLabel(issue.labels, VERIFIED_LABEL)) return 'verified';
  if (byId !== undefined) return byId;
  const byLabel = closed ? undefined : labelled(issue, mapping, () => true);
  if (byLabel !== undefined) return byLabel;
  const words: Record<StatusCategory, StatusWord> = {
    open: 'open',
    active: 'mitigating',
    done: 'mitigated',
    dropped: 'dropped',
  };
  return words[category];
}

function labelled(
  { labels }: Pick<Issue, 'labels'>,
  mapping: Mapping,
  counts: (status: Status) => boolean,
): Status | undefined {
  const entries = Object.entries(mapping.status.byLabel);
  return entries.find(([label, status]) => counts(status) && hasLabel(labels, label))?.[1];
}

/** What the mapping makes of the resolution of a closed issue. */
function resolved({ status }: Pick<Issue, 'status'>, mapping: Mapping): Disposition | undefined {
  const { resolution } = status;
  if (resolution === undefined) return undefined;
  const entries = Object.entries(mapping.status.byResolution ?? {});
  return entries.find(([name]) => hasLabel([resolution], name))?.[1];
}

/**
 * Why an issue does not say `wanted` after a write: its resolution, which the tracker did not touch, says something else.
 * Undefined where that is not so: then somebody else was there.
 */
export function heldByResolution(
  wanted: string | null,
  before: Pick<Issue, 'status'>,
  after: Pick<Issue, 'status' | 'labels'>,
  mapping: Mapping,
): string | undefined {
  const { id, resolution } = after.status;
  const said = resolved(after, mapping);
  if (said === undefined || said === wanted || statusWordOf(after, mapping) !== said) return undefined;
  if (before.status.id !== id || before.status.resolution !== resolution) return undefined;
  return `The issue keeps "${resolution ?? ''}", which mapping.status.byResolution reads as "${said}". Change it in the tracker, or name another status to close with in mapping.status.toId.`;
}

/** What the issue of a mitigation says, in the words of threats. */
const LIKE: Readonly<Record<MitigationStatus, StatusWord>> = {
  proposed: 'identified',
  unknown: 'identified',
  'in-progress': 'mitigating',
  done: 'mitigated',
  verified: 'verified',
  rejected: 'dropped',
};

/** What an issue should say for this status. `showsActive`: the tracker has a status for work in progress. */
export function putStatus(subject: SubjectStatus, mapping: Mapping, showsActive: boolean): StatusWord {
  const status = isThreatStatus(subject) ? subject : LIKE[subject];
  if (status === 'open' || status === 'dropped' || status === 'verified' || !isOpen(status)) return status;
  if (mapping.status.toId[status] !== undefined) return status;
  if (Object.values(mapping.status.byLabel).includes(status)) return status;
  return status === 'mitigating' && showsActive ? status : 'open';
}

/**
 * The status after the issue came to say `word`; undefined when it says too little: closed without a reason must not
 * silently accept a risk. What is reopened returns to work if it was in work before. A threat stays a threat, and a
 * mitigation one.
 */
export function pullStatus(
  word: StatusWord,
  now: SubjectStatus,
  lastOpen: SubjectStatus,
): SubjectStatus | undefined {
  return isThreatStatus(now) ? pullThreat(word, now, lastOpen) : pullMitigation(word, now, lastOpen);
}

function pullThreat(word: StatusWord, now: Status, lastOpen: SubjectStatus): Status | undefined {
  if (word === 'dropped') return undefined;
  if (word === 'verified') return 'mitigated';
  if (word !== 'open') return word;
  if (isOpen(now)) return now;
  return lastOpen === 'mitigating' ? 'mitigating' : 'identified';
}

/** A mitigation that will not be done accepts no risk: its threats stay open. */
function pullMitigation(word: StatusWord, now: MitigationStatus, lastOpen: SubjectStatus): MitigationStatus {
  if (word === 'open' && isOpen(now)) return now;
  if (word === 'open') return lastOpen === 'in-progress' ? lastOpen : 'proposed';
  const said = SAID[word];
  return said === 'proposed' && now === 'unknown' ? now : said;
}

/** A mitigation's status by what its issue says exactly. */
const SAID: Readonly<Record<Exclude<StatusWord, 'open'>, MitigationStatus>> = {
  identified: 'proposed',
  analyzing: 'proposed',
  mitigating: 'in-progress',
  mitigated: 'done',
  verified: 'verified',
  accepted: 'rejected',
  transferred: 'rejected',
  avoided: 'rejected',
  'false-positive': 'rejected',
  dropped: 'rejected',
};

/** Labels of ours that say which status it is. */
export function statusLabels(mapping: Mapping): readonly string[] {
  return [...DISPOSITIONS.map(dispositionLabel), VERIFIED_LABEL, ...Object.keys(mapping.status.byLabel)];
}

/** The status and labels to write so that the issue says `word`. */
export function statusChange(
  word: string,
  mapping: Mapping,
): Required<Pick<IssueChange, 'status' | 'addLabels' | 'removeLabels'>> {
  const status = word === 'verified' ? word : STATUSES.find((each) => each === word);
  const id = status === undefined ? undefined : mapping.status.toId[status];
  const category = categoryOf(word);
  const own = Object.entries(mapping.status.byLabel);
  const label = id === undefined ? own.find(([, means]) => means === word)?.[0] : undefined;
  const wanted = closingLabel(word) ?? label;
  return {
    status: id === undefined ? { category } : { category, id },
    addLabels: wanted === undefined ? [] : [wanted],
    removeLabels: statusLabels(mapping).filter((name) => name !== wanted),
  };
}

/** The label that says what a closed issue means beyond its being closed. */
function closingLabel(word: string): string | undefined {
  if (word === 'verified') return VERIFIED_LABEL;
  return isDisposition(word) ? dispositionLabel(word) : undefined;
}

function categoryOf(word: string): StatusCategory {
  if (word === 'mitigated' || word === 'verified') return 'done';
  if (word === 'dropped' || isDisposition(word)) return 'dropped';
  return word === 'mitigating' ? 'active' : 'open';
}
