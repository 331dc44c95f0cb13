import { DISPOSITIONS, dispositionLabel } from '../../src/domain/status-words.ts';
import { isOpen, STATUSES } from '../../src/domain/threat.ts';
import type { Threat } from '../../src/domain/threat.ts';
import type { Link } from '../../src/domain/link.ts';
import type { Change } from './history.ts';
import type { SeenIssue } from './profiles/profile.ts';
import { violated } from './stage.ts';
import type { End, Stage } from './stage.ts';

type EndOfTeam = End['teams'][number];

/** A link with its two sides as they are at the end. */
export interface Pair {
  link: Link;
  threat: Threat;
  issue: SeenIssue;
}

/** Lines, labels and titles of people are there for ever, or a record names what a write of ours went over. */
export function judgePeoplesWords(stage: Stage, { team, links, conflicts }: EndOfTeam): void {
  const issues = new Map(team.project.issues().map((issue) => [issue.key, issue]));
  for (const { key, line } of team.written) {
    const issue = issues.get(key);
    if (issue === undefined) continue;
    const isThere = issue.text.includes(line) || issue.labels.some((label) => label.toLowerCase() === line);
    const link = links.find((each) => each.issue?.id === issue.id);
    const isTold = conflicts.some(
      (each) => each.linkId === link?.id && each.field === 'block' && names(stage, each.issue ?? '', line),
    );
    if (!isThere && !isTold) violated(stage, 'I2', `"${line}" of people in issue ${key} is gone`);
  }
}

/** Some trackers keep no old texts: then the record says when and by whom, and where to look. */
function names({ tellsTexts }: Stage, record: string, line: string): boolean {
  return record.includes(line) || (!tellsTexts && record.startsWith('Edited at '));
}

/** Both sides say the same of the status, or a person was asked; and what they say is what somebody said last. */
export function judgeStatus(
  stage: Stage,
  { team, conflicts }: EndOfTeam,
  { link, threat, issue }: Pair,
): void {
  const waits = link.fields.status !== undefined;
  const agrees = issue.isOpen === isOpen(threat.status);
  if (!waits && !agrees)
    violated(
      stage,
      'I3',
      `${issue.key} is ${issue.isOpen ? 'open' : 'closed'} and its threat ${threat.status}`,
    );
  if (waits) return;
  const ofThreat = stage.history.of(team.index, 'threat', threat.id, 'status');
  const ofIssue = stage.history.of(team.index, 'issue', issue.key, 'status');
  const possible = maximalOf(ofThreat, ofIssue, carriedByUs);
  const maximal = maximalOf(ofThreat, ofIssue, carriedAt);
  if (maximal.length === 0) return;
  const isKept = possible.some((edit) =>
    edit.side === 'threat' ? edit.value === threat.status : edit.value.startsWith('open') === issue.isOpen,
  );
  const isTold = conflicts.some(({ linkId, field }) => linkId === link.id && field === 'status');
  if (!isKept && !isTold)
    violated(
      stage,
      'I2',
      `status: ${possible.map(({ side, value }) => `${side} ${value}`).join(', ')} ended as ${threat.status}`,
    );
  for (const edit of maximal) {
    const isFinal =
      edit.side === 'threat' ? edit.value === threat.status : edit.value.startsWith('open') === issue.isOpen;
    if (!isFinal && !isTold)
      violated(stage, 'I2', `status ${edit.value} of the ${edit.side} was lost without a word`);
  }
}

/**
 * Edits of people that nobody has had reason to replace: no later one on their own side, and none on the other side after
 * it had been carried there.
 */
function maximalOf(
  ofThreat: readonly Change[],
  ofIssue: readonly Change[],
  arrival: (edit: Change, other: readonly Change[]) => number,
): readonly Change[] {
  const sides = [ofThreat, ofIssue] as const;
  return sides.flatMap((own, index) => {
    const other = sides[1 - index] ?? [];
    const edit = own.findLast(({ by }) => by === 'person');
    if (edit === undefined) return [];
    if (isBack(edit, own, other)) return [];
    const isReplaced = other.some(
      (later) =>
        later.by === 'person' && later.sequence > arrival(edit, other) && later.sequence > edit.sequence,
    );
    return isReplaced ? [] : [edit];
  });
}

function carriedByUs(edit: Change, other: readonly Change[]): number {
  return other.find(({ by, sequence }) => by === 'engine' && sequence > edit.sequence)?.sequence ?? Infinity;
}

/**
 * People have changed it and changed it back before we looked: that is no edit. We have looked when we wrote, and perhaps at any
 * moment since at which both sides said the same.
 */
function isBack(edit: Change, own: readonly Change[], other: readonly Change[]): boolean {
  if (edit.field !== 'status') return false;
  const earlier = [...own, ...other].filter(({ sequence }) => sequence < edit.sequence);
  const ours = earlier.filter(({ by }) => by === 'engine');
  const seenAt = Math.max(0, ...ours.map(({ sequence }) => sequence));
  const agreed = earlier
    .map(({ sequence }) => sequence)
    .filter((moment) => moment > seenAt && isOpenAt(own, moment) === isOpenAt(other, moment));
  return [seenAt, ...agreed].some((moment) => {
    const before = own.findLast(({ sequence }) => sequence <= moment);
    if (before === undefined) return edit.side === 'threat' && edit.value === AT_FIRST;
    return meaningOf(before) === meaningOf(edit);
  });
}

/** Every threat and every issue is open at first. */
function isOpenAt(changes: readonly Change[], moment: number): boolean {
  const last = changes.findLast(({ sequence }) => sequence <= moment);
  return last === undefined || isOpenWord(last);
}

/** What every threat of a play begins with; nobody has said it, so the history does not tell it. */
const AT_FIRST = 'identified';

/** A label says why an issue is closed, the first of them where there are several; on an open one they say nothing. */
function meaningOf(change: Change): string {
  if (change.side === 'threat') return change.value;
  if (isOpenWord(change)) return 'open';
  return DISPOSITIONS.find((each) => change.value.includes(dispositionLabel(each))) ?? 'closed';
}

/** From when on the other side showed what the edit says; it may have done so all along. */
function carriedAt(edit: Change, other: readonly Change[]): number {
  const before = other.findLast(({ sequence }) => sequence < edit.sequence);
  if (before !== undefined && edit.field === 'status' && isOpenWord(before) === isOpenWord(edit))
    return edit.sequence;
  const agreed = other.find(
    (each) =>
      each.sequence > edit.sequence && edit.field === 'status' && isOpenWord(each) === isOpenWord(edit),
  );
  return Math.min(carriedByUs(edit, other), agreed?.sequence ?? Infinity);
}

function isOpenWord({ side, value }: Change): boolean {
  return side === 'issue' ? value.startsWith('open') : OPEN_STATUSES.some((status) => status === value);
}

const OPEN_STATUSES = STATUSES.filter(isOpen);

/** A title of people stays; one of the threat arrives unless people have taken the title over. */
export function judgeTitle(
  stage: Stage,
  { team, conflicts }: EndOfTeam,
  { link, threat, issue }: Pair,
): void {
  const ofIssue = stage.history.of(team.index, 'issue', issue.key, 'title');
  const ofThreat = stage.history.of(team.index, 'threat', threat.id, 'title');
  const last = ofIssue.findLast(({ by }) => by === 'person');
  const told = (value: string): boolean =>
    conflicts.some((each) => each.linkId === link.id && `${each.issue} ${each.threat}`.includes(value));
  if (last !== undefined) {
    const isReplaced = maximalOf(ofThreat, ofIssue, carriedByUs).every(({ side }) => side === 'threat');
    if (!isReplaced && !issue.title.includes(token(last.value)) && !told(token(last.value)))
      violated(stage, 'I2', `title "${last.value}" of people is gone: "${issue.title}"`);
    return;
  }
  const own = ofThreat.findLast(({ by }) => by === 'person');
  if (own !== undefined && link.fields.title === undefined && !issue.title.includes(token(own.value)))
    violated(stage, 'I3', `title ${own.value} of the threat never arrived at ${issue.key}: "${issue.title}"`);
}

/** What the threat says stands in our part of the issue, unless people wrote there. */
export function judgeText(
  stage: Stage,
  { team }: Pick<EndOfTeam, 'team'>,
  { link, threat, issue }: Pair,
): void {
  if (link.fields.block !== undefined || team.inside.some(({ key }) => key === issue.key)) return;
  const own = stage.history.of(team.index, 'threat', threat.id, 'text').findLast(({ by }) => by === 'person');
  if (own !== undefined && !issue.text.includes(own.value))
    violated(stage, 'I2', `text ${own.value} of the threat never arrived at ${issue.key}`);
}

/** What no other edit says. */
function token(value: string): string {
  return /Q\d+x\d+/.exec(value)?.[0] ?? value;
}
