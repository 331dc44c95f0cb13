import type { Issue, IssueChange, IssueWrite, Unwritten, WriteOutcome } from '../../domain/issue.ts';
import type { TrackerResponse } from '../../ports/tracker.ts';
import { changedMeanwhile, folded, isFresh } from '../shared/changed-meanwhile.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf, refusal, wordsAbout } from './answers.ts';
import { issueOf, PROPERTY } from './convert.ts';
import { isLabel, refusedFields, refusedLabels } from './draft.ts';
import type { OptionalField } from './draft.ts';
import { BODY_LIMIT, TITLE_LIMIT } from './limits.ts';
import { isHere, siteOf } from './project.ts';
import type { JiraProject } from './project.ts';
import { issuePath, readWire } from './read.ts';
import { walkTo } from './walk.ts';
import { JiraIssue } from './wire.ts';

type Update = Extract<IssueWrite, { kind: 'update' }>;
type Refused = Extract<WriteOutcome, { kind: 'refused' | 'stale' }>;

/** The body of a PUT. */
interface Patch {
  fields: { summary?: string; description?: unknown; priority?: { name: string } };
  labels: readonly ({ add: string } | { remove: string })[];
  /** To be kept in the issue's property; only where our block is new. */
  mark?: string;
}

/** Change only what is named, unless somebody changed just that since it was seen. */
export async function updateIssue(
  project: JiraProject,
  write: Update,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const now = await presentIssue(project, write, signal);
  if ('kind' in now) return now;
  if (changedMeanwhile(write, now, shownIn(project))) return { kind: 'stale' };
  const patch = patchOf(project, now, write.change);
  if ('kind' in patch) return patch;
  const refused = refusedLabels(write.change.addLabels ?? []);
  const unwritten: Unwritten[] = refused === undefined ? [] : [refused];
  let issue: Issue | undefined = now;
  if (!isEmpty(patch)) {
    const sent = await sendPatch(project, now.ref.id, patch, unwritten, attempt, signal);
    if (sent !== undefined && !('ref' in sent)) return sent;
    issue = sent;
  }
  const wanted = write.change.status;
  if (wanted !== undefined && !shows(now, wanted)) {
    const walked = await walkTo(project, now.ref.id, now.status, wanted, attempt, signal);
    if (walked.kind === 'stale' && isEmpty(patch)) return { kind: 'stale' };
    if (walked.kind === 'stale') unwritten.push(MOVED_MEANWHILE);
    if (walked.kind === 'stuck') unwritten.push(walked.unwritten);
    issue = undefined;
  }
  return {
    kind: 'written',
    issue: issue ?? (await readAgain(project, now.ref.id, signal)),
    ...(unwritten.length === 0 ? {} : { unwritten }),
  };
}

const MOVED_MEANWHILE: Unwritten = {
  field: 'status',
  code: 'conflict',
  reason: 'Somebody moved the issue at the same time; it is looked at again.',
};

function shows({ status }: Issue, wanted: NonNullable<IssueChange['status']>): boolean {
  return wanted.id === undefined ? status.category === wanted.category : status.id === wanted.id;
}

async function readAgain(project: JiraProject, id: string, signal: AbortSignal): Promise<Issue> {
  const wire = await readWire(project, id, signal);
  return issueOf(wire, project.markup, await siteOf(project, signal));
}

/** The issue as it is: what was seen if that is fresh, else read again. Jira has no conditional write. */
async function presentIssue(
  project: JiraProject,
  write: Update,
  signal: AbortSignal,
): Promise<Issue | Refused> {
  if (isFresh(write, project.clock)) return write.seen;
  const wire = await readWire(project, write.ref.id, signal);
  if (!(await isHere(project, wire.fields.project, signal)))
    return { kind: 'refused', code: 'moved', reason: `The issue has moved to ${wire.key}.` };
  return issueOf(wire, project.markup, await siteOf(project, signal));
}

function shownIn({ markup }: JiraProject) {
  return {
    title: (text: string) => markup.format.canonTitle(text),
    text: ({ block }: Issue) => JSON.stringify(block),
  };
}

function tooLong(reason: string): Refused {
  return { kind: 'refused', code: 'too-long', reason };
}

/** The smallest PUT; an outcome when the change cannot be expressed. */
function patchOf(project: JiraProject, now: Issue, change: IssueChange): Patch | Refused {
  const { title, block, priority } = change;
  const patch: Patch = { fields: {}, labels: labelActs(now, change) };
  if (title !== undefined && title !== now.title) patch.fields.summary = title;
  if (title !== undefined && title.length > TITLE_LIMIT)
    return tooLong(`The title has ${String(title.length)} characters; Jira allows ${String(TITLE_LIMIT)}.`);
  if (priority !== undefined && priority !== now.priority) patch.fields.priority = { name: priority };
  if (block === undefined || isSame(project, now, block)) return patch;
  const replaced = project.markup.replace(now.body, block);
  if (replaced === undefined) return unreadable(now);
  if (replaced.length > BODY_LIMIT)
    return tooLong(
      `The text would have ${String(replaced.length)} characters with what people wrote; Jira allows ${String(BODY_LIMIT)}. Shorten the text outside our block.`,
    );
  patch.fields.description = replaced.description;
  const isNew = now.block.kind !== 'present' || now.block.mark !== block.mark;
  return isNew ? { ...patch, mark: block.mark } : patch;
}

function isSame(project: JiraProject, { block }: Issue, wanted: { mark: string; text: string }): boolean {
  if (block.kind !== 'present' || block.mark !== wanted.mark) return false;
  return block.text === project.markup.format.canonBlock(wanted.text);
}

function unreadable({ block }: Issue): Refused {
  if (block.kind === 'damaged')
    return {
      kind: 'refused',
      code: 'block-damaged',
      reason: `Our block is damaged: ${block.why}. Repair the issue by hand.`,
    };
  return {
    kind: 'refused',
    code: 'block-unreadable',
    reason: 'Our block holds something that we cannot read, such as a picture; take it out of the panel.',
  };
}

/** Each label by itself, so that people's stay. */
function labelActs(now: Issue, change: IssueChange): Patch['labels'] {
  const has = new Set(now.labels.map(folded));
  const missing = (change.addLabels ?? []).filter((label) => isLabel(label) && !has.has(folded(label)));
  const surplus = new Set((change.removeLabels ?? []).map(folded));
  return [
    ...missing.map((add) => ({ add })),
    ...now.labels.filter((label) => surplus.has(folded(label))).map((remove) => ({ remove })),
  ];
}

function isEmpty(patch: Patch): boolean {
  return Object.keys(patch.fields).length === 0 && patch.labels.length === 0;
}

/**
 * Send a PUT, and again without a priority or labels that Jira refuses. Answers the issue where Jira does: Cloud shows
 * it on request, Data Center says only 204.
 */
async function sendPatch(
  project: JiraProject,
  id: string,
  patch: Patch,
  unwritten: Unwritten[],
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Issue | Refused | undefined> {
  attempt.sent = true;
  const json = {
    ...(Object.keys(patch.fields).length === 0 ? {} : { fields: patch.fields }),
    ...(patch.labels.length === 0 ? {} : { update: { labels: patch.labels } }),
    ...(patch.mark === undefined ? {} : { properties: [{ key: PROPERTY, value: { mark: patch.mark } }] }),
  };
  const query = project.cloud ? { returnIssue: true } : {};
  const answer = await project.send({ method: 'PUT', path: issuePath(project, id), json, query }, signal);
  if (answer.status === 409) return { kind: 'stale' };
  const refused = answer.status === 400 ? refusedFields(project, answer.json)?.fields : undefined;
  const lighter = refused === undefined ? undefined : withoutFields(patch, refused);
  if (refused !== undefined && lighter !== undefined) {
    unwritten.push(...refused);
    if (isEmpty(lighter)) return readAgain(project, id, signal);
    return sendPatch(project, id, lighter, unwritten, attempt, signal);
  }
  if (answer.status === 400) return refusedBy(answer);
  if (answer.status !== 200 && answer.status !== 204) throw refusal(answer, 'change the issue');
  project.written.add(id);
  if (answer.status === 204) return undefined;
  const wire = dataOf(answer, JiraIssue, 'change the issue');
  attempt.done = true;
  return issueOf(wire, project.markup, await siteOf(project, signal));
}

function withoutFields(patch: Patch, refused: readonly Unwritten[]): Patch | undefined {
  const names = new Set<OptionalField>(refused.flatMap(({ field }) => (field === 'status' ? [] : [field])));
  const { priority, ...fields } = patch.fields;
  const lighter: Patch = {
    ...patch,
    fields: priority === undefined || names.has('priority') ? fields : patch.fields,
    labels: names.has('labels') ? [] : patch.labels,
  };
  const isLighter =
    lighter.labels.length < patch.labels.length || (names.has('priority') && priority !== undefined);
  return isLighter ? lighter : undefined;
}

function refusedBy(answer: TrackerResponse): Refused {
  const words = wordsAbout(answer.json) ?? `HTTP ${String(answer.status)}`;
  if (/exceed|too long|limit/i.test(words)) return tooLong(`Jira refused the text: ${words}.`);
  return { kind: 'refused', code: 'invalid', reason: `Jira refused the change: ${words}.` };
}
