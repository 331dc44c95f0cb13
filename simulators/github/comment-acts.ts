import { touch } from './issue-acts.ts';
import type { Account, Comment, Issue, Repository, State } from './state.ts';
import { newIds, stamp } from './state.ts';

/** Says something under an issue. */
export function addComment(state: State, issue: Issue, author: Account, body: string): Comment {
  const at = stamp(state);
  const comment: Comment = {
    ...newIds(state, 'IC'),
    author,
    body,
    createdAt: at,
    updatedAt: at,
    lastEditedAt: null,
  };
  issue.comments.push(comment);
  touch(state, issue);
  tell(state, issue, comment, author, 'created');
  return comment;
}

/** Changes what a comment says; the same words again are no change. */
export function editComment(
  state: State,
  issue: Issue,
  comment: Comment,
  actor: Account,
  body: string,
): void {
  if (comment.body === body) return;
  const changes = { body: { from: comment.body } };
  comment.body = body;
  comment.updatedAt = stamp(state);
  comment.lastEditedAt = comment.updatedAt;
  touch(state, issue);
  state.notify({
    event: 'issue_comment',
    action: 'edited',
    repository: issue.repository,
    sender: actor,
    issue,
    comment,
    changes,
  });
}

/** Takes a comment away. */
export function deleteComment(state: State, issue: Issue, comment: Comment, actor: Account): void {
  issue.comments = issue.comments.filter((each) => each !== comment);
  touch(state, issue);
  tell(state, issue, comment, actor, 'deleted');
}

/** The comment of that id and its issue. */
export function findComment(
  repository: Repository,
  id: number,
): { issue: Issue; comment: Comment } | undefined {
  for (const issue of repository.issues.values()) {
    const comment = issue.comments.find((each) => each.id === id);
    if (comment !== undefined) return { issue, comment };
  }
  return undefined;
}

function tell(state: State, issue: Issue, comment: Comment, sender: Account, action: string): void {
  state.notify({
    event: 'issue_comment',
    action,
    repository: issue.repository,
    sender,
    issue,
    comment,
  });
}
