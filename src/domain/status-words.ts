import type { Mapping } from './integration.ts';
import type { Issue, IssueChange, StatusCategory } from './issue.ts';
import { isOpen, STATUSES, type Status } from './threat.ts';

/**
 * A status in the issue's words: one of ours where the tracker says it exactly, `open` where it only says that there is
 * work, `dropped` where it was closed without being done and without saying why.
 */
export type StatusWord = Status | 'open' | 'dropped';

export const DISPOSITIONS = ['accepted', 'transferred', 'avoided', 'false-positive'] as const;
type Disposition = (typeof DISPOSITIONS)[number];

/** The label that says why an issue was closed without being done. */
export function dispositionLabel(status: Disposition): string {
  return `tm-${status}`;
}

function isDisposition(word: string): word is Disposition {
  return DISPOSITIONS.some((each) => each === word);
}

/** Labels are compared as trackers do: without regard to case. */
export function hasLabel(labels: readonly string[], wanted: string): boolean {
  return labels.some((label) => label.toLowerCase() === wanted.toLowerCase());
}

/** What an issue says about the status: by category, then by the mapping's ids and labels, then by disposition labels. */
export function statusWordOf(issue: Pick<Issue, 'status' | 'labels'>, mapping: Mapping): StatusWord {
  const { category, id } = issue.status;
  const closed = category === 'done' || category === 'dropped';
  if (closed) {
    const disposition = DISPOSITIONS.find((each) => hasLabel(issue.labels, dispositionLabel(each)));
    if (disposition !== undefined) return disposition;
  }
  const byId = mapping.status.byId[id];
  if (byId !== undefined) return byId;
  if (!closed) {
    const byLabel = Object.entries(mapping.status.byLabel).find(([label]) => hasLabel(issue.labels, label));
    if (byLabel !== undefined) return byLabel[1];
  }
  const words: Record<StatusCategory, StatusWord> = {
    open: 'open',
    active: 'mitigating',
    done: 'mitigated',
    dropped: 'dropped',
  };
  return words[category];
}

/** What an issue should say for a threat of this status. `showsActive`: the tracker has a status for work in progress. */
export function putStatus(status: Status, mapping: Mapping, showsActive: boolean): StatusWord {
  if (!isOpen(status)) return status;
  if (mapping.status.toId[status] !== undefined) return status;
  if (Object.values(mapping.status.byLabel).includes(status)) return status;
  return status === 'mitigating' && showsActive ? status : 'open';
}

/**
 * The threat's status after the issue came to say `word`; undefined when it says too little: closed without a reason
 * must not silently accept a risk. A reopened threat returns to work if it was in work before.
 */
export function pullStatus(word: StatusWord, now: Status, lastOpen: Status): Status | undefined {
  if (word === 'dropped') return undefined;
  if (word !== 'open') return word;
  if (isOpen(now)) return now;
  return lastOpen === 'mitigating' ? 'mitigating' : 'identified';
}

/** The status and labels to write so that the issue says `word`. */
export function statusChange(
  word: string,
  mapping: Mapping,
): Required<Pick<IssueChange, 'status' | 'addLabels' | 'removeLabels'>> {
  const status = STATUSES.find((each) => each === word);
  const id = status === undefined ? undefined : mapping.status.toId[status];
  const category = categoryOf(word);
  const own = Object.entries(mapping.status.byLabel);
  const label = id === undefined ? own.find(([, means]) => means === word)?.[0] : undefined;
  const wanted = isDisposition(word) ? dispositionLabel(word) : label;
  const ours = [...DISPOSITIONS.map(dispositionLabel), ...own.map(([name]) => name)];
  return {
    status: id === undefined ? { category } : { category, id },
    addLabels: wanted === undefined ? [] : [wanted],
    removeLabels: ours.filter((name) => name !== wanted),
  };
}

function categoryOf(word: string): StatusCategory {
  if (word === 'mitigated') return 'done';
  if (word === 'dropped' || isDisposition(word)) return 'dropped';
  return word === 'mitigating' ? 'active' : 'open';
}
