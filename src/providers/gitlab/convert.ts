import { createHash } from 'node:crypto';
import type { Issue, IssueComment, IssueRef, ManagedBlock, TrackerStatus } from '../../domain/issue.ts';
import type { TextFormat } from '../../ports/tracker.ts';
import { findBlock } from '../shared/managed-block.ts';
import type { GitlabIssue, GitlabNote } from './wire.ts';

export const OPEN: TrackerStatus = { category: 'open', id: 'opened', name: 'Open' };
/** GitLab closes without a reason: why it was not done is said by a label. */
export const CLOSED: TrackerStatus = { category: 'done', id: 'closed', name: 'Closed' };
const DUPLICATE: TrackerStatus = { category: 'dropped', id: 'closed/duplicate', name: 'Closed as duplicate' };

function statusOf(wire: GitlabIssue): TrackerStatus {
  const { state, _links: links } = wire;
  if (state === 'opened') return OPEN;
  return links?.closed_as_duplicate_of == null ? CLOSED : DUPLICATE;
}

/** How a status is reached; undefined = GitLab's API cannot set it. */
export function targetOf(status: {
  category: TrackerStatus['category'];
  id?: string;
}): 'opened' | 'closed' | undefined {
  const isClosed = status.category === 'done' || status.category === 'dropped';
  const id = status.id ?? (isClosed ? CLOSED.id : OPEN.id);
  return id === 'opened' || id === 'closed' ? id : undefined;
}

function blockOf(description: string | null | undefined, format: TextFormat): ManagedBlock {
  if (description === undefined) return { kind: 'unknown' };
  const found = findBlock(description ?? '');
  if (found.kind !== 'present') return found;
  return { kind: 'present', mark: found.mark, text: format.canonBlock(found.text) };
}

/** The API shows milliseconds; two edits within one differ in what they show. */
function versionOf(issue: Omit<Issue, 'version'>, notes: number): string {
  const { title, body, status, assignees, dueDate, updatedAt } = issue;
  const labels = issue.labels.toSorted();
  const shown = [updatedAt, title, body, status.id, labels, assignees, dueDate ?? null, notes];
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 24);
}

/** `id` is unique in the whole GitLab and never changes; `iid` counts within a project. */
export function refOf(wire: { id: number; iid: number }): IssueRef {
  return { id: String(wire.id), key: String(wire.iid) };
}

/** An issue in our words. */
export function issueOf(wire: GitlabIssue, format: TextFormat, comments?: readonly IssueComment[]): Issue {
  const issue: Omit<Issue, 'version'> = {
    ref: refOf(wire),
    url: wire.web_url,
    title: wire.title,
    body: wire.description ?? '',
    block: blockOf(wire.description, format),
    status: statusOf(wire),
    labels: wire.labels,
    assignees: (wire.assignees ?? []).map((account) => account.name ?? account.username),
    ...(wire.due_date == null ? {} : { dueDate: wire.due_date }),
    authorId: wire.author == null ? '' : String(wire.author.id),
    createdAt: wire.created_at,
    updatedAt: wire.updated_at,
    ...(comments === undefined ? {} : { comments }),
  };
  return { ...issue, version: versionOf(issue, wire.user_notes_count ?? 0) };
}

/** Is it an issue, and none of the other work items that share the API: incidents, tasks, test cases? */
export function isIssue(wire: Pick<GitlabIssue, 'issue_type'>): boolean {
  return wire.issue_type == null || wire.issue_type === 'issue';
}

/** GraphQL shows no fractions of a second: the same comment must look the same by both ways. */
function wholeSecond(time: string): string {
  return time.replace(/\.\d+Z$/, '.000Z');
}

export function commentOf(wire: GitlabNote): IssueComment {
  return {
    id: String(wire.id),
    author: wire.author?.username ?? 'ghost',
    text: wire.body ?? '',
    createdAt: wholeSecond(wire.created_at),
    updatedAt: wholeSecond(wire.updated_at),
  };
}
