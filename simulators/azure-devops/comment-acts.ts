import { cleanHtml, cleanMarkdown } from './html.ts';
import { newComment, touch } from './item-acts.ts';
import { execute } from './mentions.ts';
import type { Account, Comment, Format, State, WorkItem } from './state.ts';
import { stamp } from './state.ts';

/** Adds to the discussion; it is a revision of the work item, too. */
export function addComment(
  state: State,
  item: WorkItem,
  actor: Account,
  text: string,
  format: Format = 'html',
): Comment {
  const cleaned = format === 'html' ? cleanHtml(text) : cleanMarkdown(text);
  const comment = newComment(state, item, actor, cleaned.text, format);
  touch(state, item, actor, 'updated', comment);
  const { dangers } = cleaned;
  execute(state, item, actor, 'comment', { now: cleaned.text, before: '', format, dangers });
  return comment;
}

export function editComment(
  state: State,
  item: WorkItem,
  comment: Comment,
  actor: Account,
  text: string,
): void {
  const { format, text: before } = comment;
  const cleaned = format === 'html' ? cleanHtml(text) : cleanMarkdown(text);
  comment.text = cleaned.text;
  changed(state, item, comment, actor);
  const { dangers } = cleaned;
  execute(state, item, actor, 'comment', { now: cleaned.text, before, format, dangers });
}

export function deleteComment(state: State, item: WorkItem, comment: Comment, actor: Account): void {
  comment.isDeleted = true;
  changed(state, item, comment, actor);
}

/** The comment of that id, unless it was deleted. */
export function findComment(item: WorkItem, id: number): Comment | undefined {
  return item.comments.find((each) => each.id === id && !each.isDeleted);
}

function changed(state: State, item: WorkItem, comment: Comment, actor: Account): void {
  comment.version += 1;
  comment.modifiedBy = actor;
  comment.modifiedAt = stamp(state);
  touch(state, item, actor, 'updated');
}
