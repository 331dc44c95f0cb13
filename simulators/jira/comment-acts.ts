import { index, run, tell } from './issue-acts.ts';
import type { Comment, Issue, Rich, State, User } from './state.ts';
import { newId } from './state.ts';

/** Says something under an issue; that moves the issue's `updated`. */
export function addComment(state: State, issue: Issue, author: User, body: Rich): Comment {
  const now = state.now();
  const comment: Comment = {
    id: String(newId(state)),
    author,
    updateAuthor: author,
    body,
    created: now,
    updated: now,
  };
  keep(state, issue, [...issue.comments, comment]);
  run(state, issue, 'comment', body);
  tell(state, issue, author, { event: 'comment_created', comment, flow: 'Primary' });
  return comment;
}

/** Changes what a comment says. */
export function editComment(state: State, issue: Issue, id: string, actor: User, body: Rich): Comment {
  const known = commentOf(issue, id);
  const comment = { ...known, body, updateAuthor: actor, updated: state.now() };
  keep(
    state,
    issue,
    issue.comments.map((each) => (each === known ? comment : each)),
  );
  run(state, issue, 'comment', body);
  tell(state, issue, actor, { event: 'comment_updated', comment, flow: 'Primary' });
  return comment;
}

/** Takes a comment away. */
export function deleteComment(state: State, issue: Issue, id: string, actor: User): void {
  const comment = commentOf(issue, id);
  keep(
    state,
    issue,
    issue.comments.filter((each) => each !== comment),
  );
  tell(state, issue, actor, { event: 'comment_deleted', comment, flow: 'Primary' });
}

/** The comment of that id; throws when there is none. */
function commentOf(issue: Issue, id: string): Comment {
  const found = issue.comments.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no comment ${id} under ${issue.key}`);
  return found;
}

function keep(state: State, issue: Issue, comments: readonly Comment[]): void {
  issue.comments = comments;
  issue.updated = state.now();
  index(state, issue);
}
