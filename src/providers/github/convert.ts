import { createHash } from 'node:crypto';
import type { Issue, IssueComment, IssueRef, ManagedBlock, TrackerStatus } from '../../domain/issue.ts';
import type { TextFormat } from '../../ports/tracker.ts';
import { findBlock } from '../shared/managed-block.ts';
import type { GithubComment, GithubIssue, GraphqlIssue } from './wire.ts';

const CLOSED: Readonly<Record<string, TrackerStatus>> = {
  completed: { category: 'done', id: 'closed/completed', name: 'Closed as completed' },
  not_planned: { category: 'dropped', id: 'closed/not_planned', name: 'Closed as not planned' },
  duplicate: { category: 'dropped', id: 'closed/duplicate', name: 'Closed as duplicate' },
};
const OPEN: TrackerStatus = { category: 'open', id: 'open', name: 'Open' };
const DONE: TrackerStatus = { category: 'done', id: 'closed/completed', name: 'Closed as completed' };

/** A close without a reason (old servers and old issues) counts as completed, as GitHub itself shows it. */
export function statusOf(state: string, reason: string | null | undefined): TrackerStatus {
  return state === 'open' ? OPEN : (CLOSED[reason ?? 'completed'] ?? DONE);
}

/** `state` and `state_reason` of a status; undefined = GitHub has no such status. */
export function stateOf(status: {
  category: TrackerStatus['category'];
  id?: string;
}): { state: 'open' } | { state: 'closed'; state_reason: string } | undefined {
  const id =
    status.id ??
    { open: 'open', active: 'open', done: DONE.id, dropped: 'closed/not_planned' }[status.category];
  if (id === 'open') return { state: 'open' };
  const reason = id.replace(/^closed\//, '');
  return id.startsWith('closed/') && reason in CLOSED ? { state: 'closed', state_reason: reason } : undefined;
}

function blockOf(body: string | null | undefined, format: TextFormat): ManagedBlock {
  const found = findBlock(body ?? '');
  if (found.kind !== 'present') return found;
  return { kind: 'present', mark: found.mark, text: format.canonBlock(found.text) };
}

/** Second precision is too coarse for a version: two edits in one second differ in what they show. */
function versioned(issue: Omit<Issue, 'version'>): Issue {
  const { title, body, status, assignees, dueDate, updatedAt } = issue;
  const labels = issue.labels.toSorted();
  const shown = JSON.stringify([updatedAt, title, body, status.id, labels, assignees, dueDate ?? null]);
  return { ...issue, version: createHash('sha256').update(shown).digest('hex').slice(0, 24) };
}

export function refOf(issue: { node_id: string; number: number }): IssueRef {
  return { id: issue.node_id, key: String(issue.number) };
}

/** A REST issue in our words. */
export function issueOf(wire: GithubIssue, format: TextFormat, comments?: readonly IssueComment[]): Issue {
  return versioned({
    ref: refOf(wire),
    url: wire.html_url,
    title: wire.title,
    body: wire.body ?? '',
    block: blockOf(wire.body, format),
    status: statusOf(wire.state, wire.state_reason),
    labels: wire.labels,
    assignees: (wire.assignees ?? []).map((account) => account.login),
    ...(wire.milestone?.due_on ? { dueDate: wire.milestone.due_on.slice(0, 10) } : {}),
    authorId: wire.user ? String(wire.user.id) : '',
    createdAt: wire.created_at,
    updatedAt: wire.updated_at,
    ...(comments ? { comments } : {}),
  });
}

export function commentOf(wire: GithubComment): IssueComment {
  return {
    id: String(wire.id),
    author: wire.user?.login ?? 'ghost',
    text: wire.body ?? '',
    createdAt: wire.created_at,
    updatedAt: wire.updated_at,
  };
}

/** GraphQL leaves out what REST ends the login of an App's account with. */
function loginOf(author: NonNullable<GraphqlIssue['author']>): string {
  const { __typename: kind, login } = author;
  return kind === 'Bot' && !login.endsWith('[bot]') ? `${login}[bot]` : login;
}

/** A GraphQL issue in our words. A partial one keeps no verdict on its text: its block is `unknown`. */
export function issueOfGraphql(wire: GraphqlIssue, format: TextFormat, partial: boolean): Issue {
  const comments = wire.comments?.nodes.map((node): IssueComment => ({
    id: String(node.databaseId),
    author: node.author ? loginOf(node.author) : 'ghost',
    text: node.body,
    createdAt: node.createdAt,
    updatedAt: node.updatedAt,
  }));
  return versioned({
    ref: { id: wire.id, key: String(wire.number) },
    url: wire.url,
    title: wire.title,
    body: wire.body ?? '',
    block: partial ? { kind: 'unknown' } : blockOf(wire.body, format),
    status: statusOf(wire.state.toLowerCase(), wire.stateReason?.toLowerCase()),
    labels: wire.labels?.nodes.map((label) => label.name) ?? [],
    assignees: wire.assignees?.nodes.map((account) => account.login) ?? [],
    ...(wire.milestone?.dueOn ? { dueDate: wire.milestone.dueOn.slice(0, 10) } : {}),
    authorId: wire.author?.databaseId == null ? '' : String(wire.author.databaseId),
    createdAt: wire.createdAt,
    updatedAt: wire.updatedAt,
    ...(comments && !partial ? { comments } : {}),
  });
}

/** The issue as it is after its labels were changed, when nothing else was. */
export function withLabels(issue: Issue, labels: readonly string[]): Issue {
  return versioned({ ...issue, labels });
}
