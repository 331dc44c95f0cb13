import { htmlUrl } from './shapes.ts';
import type { Issue, State, StateReason } from './state.ts';

interface CommentSnapshot {
  id: number;
  author: string;
  body: string;
  createdAt: string;
  updatedAt: string;
}

/** An issue as people see it; a copy, so it stays as it was. */
export interface IssueSnapshot {
  owner: string;
  repo: string;
  number: number;
  id: number;
  nodeId: string;
  url: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  stateReason: StateReason | null;
  labels: readonly string[];
  assignees: readonly string[];
  author: string;
  dueOn: string | null;
  /** The number of the issue it is under. */
  parent: number | null;
  comments: readonly CommentSnapshot[];
  createdAt: string;
  updatedAt: string;
}

export function snapshotOf(state: State, issue: Issue): IssueSnapshot {
  return {
    owner: issue.repository.owner.login,
    repo: issue.repository.name,
    number: issue.number,
    id: issue.id,
    nodeId: issue.nodeId,
    url: htmlUrl(state, issue),
    title: issue.title,
    body: issue.body ?? '',
    state: issue.state,
    stateReason: issue.stateReason,
    labels: issue.labels.map((label) => label.name),
    assignees: issue.assignees.map((account) => account.login),
    author: issue.author.login,
    dueOn: issue.milestone?.dueOn ?? null,
    parent: issue.parent?.number ?? null,
    comments: issue.comments.map(({ id, author, body, createdAt, updatedAt }) => ({
      id,
      author: author.login,
      body,
      createdAt,
      updatedAt,
    })),
    createdAt: issue.createdAt,
    updatedAt: issue.updatedAt,
  };
}
