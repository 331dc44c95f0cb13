import type { JournalEntry } from './event.ts';
import type { Conflict, FieldKey, SideChange } from './link.ts';
import { type Rule, STATUS_WORDS } from './rules.ts';
import { STATUSES } from './threat.ts';

/** A field of an issue that was linked by hand: there is no past to say who changed it. */
const BY_HAND = 'linked-by-hand';

/** What two sides disagree about, the same for all that can be settled alike. Of a status it names both words. */
export function causeOf({
  field,
  base,
  threat,
  issue,
}: Pick<Conflict, 'field' | 'base' | 'threat' | 'issue'>): string {
  if (base.threat === null && base.issue === null) return BY_HAND;
  if (field === 'status') return `${threat ?? 'nothing'}-against-${issue ?? 'nothing'}`;
  if (field === 'title') return 'renamed-on-both-sides';
  return field === 'block' ? 'edited-in-the-issue' : 'changed-on-both-sides';
}

/** The same for people, in one sentence. */
export function wordsOfCause({
  field,
  cause,
  threat,
  issue,
}: Pick<Conflict, 'field' | 'cause' | 'threat' | 'issue'>): string {
  if (cause === BY_HAND)
    return `The issue was linked by hand, and its ${nameOf(field)} differs from the threat's.`;
  if (field === 'title') return 'The threat and the issue were renamed, differently.';
  if (field === 'block')
    return 'People edited our part of the text of the issue, and the threat has changed.';
  if (field !== 'status') return `The ${nameOf(field)} was changed on both sides, differently.`;
  const theirs =
    issue === 'dropped'
      ? 'was closed without being done and without saying why'
      : `says "${issue ?? 'nothing'}"`;
  return `The threat became "${threat ?? 'nothing'}", and the issue ${theirs}.`;
}

/** The rule that would settle all conflicts of this cause; undefined where only the single case can be judged. */
export function ruleOf(
  { field, cause, threat, issue }: Pick<Conflict, 'field' | 'cause' | 'threat' | 'issue'>,
  keep: 'threat' | 'issue',
): Rule | undefined {
  if (cause === BY_HAND) return undefined;
  if (field === 'title' || field === 'block') return { field, keep };
  const ours = STATUSES.find((status) => status === threat);
  const theirs = STATUS_WORDS.find((word) => word === issue);
  if (field !== 'status' || ours === undefined || theirs === undefined) return undefined;
  return { field, threat: ours, issue: theirs, keep };
}

/** The last change of a threat's field that the journal tells, newest entry first; undefined = not known. */
export function lastChangeOf(field: FieldKey, journal: readonly JournalEntry[]): SideChange | undefined {
  for (const { action, actor, at, field: changed } of journal) {
    if (action === 'threat-changed' && touches(changed, field)) return { at, by: actor, how: 'source' };
    if (touches(SET_BY_HAND[action], field)) return { at, by: actor, how: 'api' };
    if (action === 'acceptance-ended' && field === 'status') return { at, how: 'expiry' };
    if (action === 'status-pulled' && field === 'status') return { at, how: 'tracker' };
  }
  return undefined;
}

const SET_BY_HAND: Readonly<Record<string, FieldKey>> = {
  'threat-status-set': 'status',
  'threat-title-set': 'title',
  'threat-severity-set': 'severity',
  'threat-description-set': 'block',
};

/** Our text shows whatever the threat says but its status. */
function touches(changed: FieldKey | undefined, field: FieldKey): boolean {
  if (changed === undefined) return false;
  return changed === field || (field === 'block' && changed !== 'status');
}

function nameOf(field: FieldKey): string {
  if (field === 'block') return 'text';
  return field.startsWith('label:') ? `label "${field.slice('label:'.length)}"` : field;
}
