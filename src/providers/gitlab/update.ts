import type { Issue, IssueChange, IssueWrite, Unwritten, WriteOutcome } from '../../domain/issue.ts';
import { changedMeanwhile, folded, isFresh } from '../shared/changed-meanwhile.ts';
import { replaceBlock } from '../shared/managed-block.ts';
import type { Attempt } from '../shared/write-each.ts';
import { dataOf } from './answers.ts';
import { issueOf, targetOf } from './convert.ts';
import { changedText, longerThanAllowed, missingLabels, wouldAct } from './judge.ts';
import { issuePath } from './project.ts';
import type { GitlabPlace } from './project.ts';
import { askIssue } from './read.ts';
import { GitlabIssue } from './wire.ts';

type Update = Extract<IssueWrite, { kind: 'update' }>;

interface Put {
  title?: string;
  description?: string;
  state_event?: 'close' | 'reopen';
  add_labels?: readonly string[];
  remove_labels?: readonly string[];
}

/** Change only what is named, in one request, unless somebody changed just that since it was seen. */
export async function updateIssue(
  place: GitlabPlace,
  write: Update,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const now = await presentIssue(place, write, signal);
  if (changedMeanwhile(write, now, shownIn(place))) return { kind: 'stale' };
  const planned = putOf(now, write.change);
  if ('kind' in planned) return planned;
  const { put, unwritten } = planned;
  const issue = Object.keys(put).length === 0 ? now : await sendPut(place, now, put, attempt, signal);
  const missing = missingLabels(issue, put.add_labels ?? []);
  const changed = put.description === undefined ? [] : changedText(issue, put.description);
  const all = [...unwritten, ...missing];
  return {
    kind: 'written',
    issue,
    ...(changed.length > 0 ? { warnings: changed } : {}),
    ...(all.length > 0 ? { unwritten: all } : {}),
  };
}

/** The issue as it is: what was seen if that is fresh, else read again. GitLab has no conditional write. */
async function presentIssue(place: GitlabPlace, write: Update, signal: AbortSignal): Promise<Issue> {
  if (isFresh(write, place.clock)) return write.seen;
  const answer = await askIssue(place, write.ref.key, signal);
  const wire = dataOf(answer, GitlabIssue, 'read the issue before writing', place.clock.now());
  return issueOf(wire, place.format);
}

/** A write sends the whole text, people's part as well. */
function shownIn({ format }: GitlabPlace) {
  return {
    title: (text: string) => format.canonTitle(text),
    text: ({ body }: Issue) => format.canonBlock(body),
  };
}

/** The smallest PUT and what GitLab cannot take of the change; an outcome when the text cannot be written. */
function putOf(
  now: Issue,
  change: IssueChange,
): { put: Put; unwritten: readonly Unwritten[] } | WriteOutcome {
  const put: Put = {};
  if (change.title !== undefined && change.title !== now.title) put.title = change.title;
  if (change.block !== undefined) {
    const description = replaceBlock(now.body, change.block);
    if (description === undefined)
      return {
        kind: 'refused',
        code: 'block-damaged',
        reason: 'The markers of our block are damaged; repair the issue by hand.',
      };
    if (description !== now.body) put.description = description;
  }
  const refused = longerThanAllowed(put.title, put.description) ?? wouldAct(put.description);
  if (refused !== undefined) return refused;
  const status = statusPut(now, change);
  return { put: { ...put, ...status.put, ...labelPut(now, change) }, unwritten: status.unwritten };
}

/** Labels as GitLab spells them: it tells `Bug` from `bug`, we do not. */
function labelPut(now: Issue, change: IssueChange): Put {
  const has = new Set(now.labels.map(folded));
  const surplus = new Set((change.removeLabels ?? []).map(folded));
  const missing = (change.addLabels ?? []).filter((label) => !has.has(folded(label)));
  const leaving = now.labels.filter((label) => surplus.has(folded(label)));
  return {
    ...(missing.length > 0 ? { add_labels: missing } : {}),
    ...(leaving.length > 0 ? { remove_labels: leaving } : {}),
  };
}

function statusPut(now: Issue, { status }: IssueChange): { put: Put; unwritten: readonly Unwritten[] } {
  if (status === undefined) return { put: {}, unwritten: [] };
  const target = targetOf(status);
  if (target === undefined) return { put: {}, unwritten: [unknownStatus(status.id ?? '')] };
  const isDropped = now.status.category === 'dropped' && status.id === undefined;
  if (target === now.status.id || (isDropped && status.category === 'dropped'))
    return { put: {}, unwritten: [] };
  return { put: { state_event: target === 'closed' ? 'close' : 'reopen' }, unwritten: [] };
}

function unknownStatus(id: string): Unwritten {
  return {
    field: 'status',
    code: 'needs-mapping',
    reason: `GitLab's API can set the statuses "opened" and "closed", not "${id}"; correct the status mapping of the integration.`,
  };
}

/** A duplicate forgets what it was a duplicate of only when it is reopened. */
async function sendPut(
  place: GitlabPlace,
  now: Issue,
  put: Put,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Issue> {
  const path = issuePath(place, now.ref.key);
  const send = async (json: Put): Promise<Issue> => {
    attempt.sent = true;
    const answer = await place.send({ method: 'PUT', path, json }, signal);
    const wire = dataOf(answer, GitlabIssue, 'change the issue', place.clock.now());
    attempt.done = true;
    return issueOf(wire, place.format);
  };
  if (put.state_event === 'close' && now.status.id !== 'opened') await send({ state_event: 'reopen' });
  return send(put);
}
