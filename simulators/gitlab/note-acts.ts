import { touch } from './issue-acts.ts';
import type { Account, Issue, Note, State } from './state.ts';
import { newId, stamp } from './state.ts';

/** Says something under an issue. */
export function addNote(
  state: State,
  issue: Issue,
  author: Account,
  {
    body,
    internal = false,
    createdAt = stamp(state),
  }: { body: string; internal?: boolean; createdAt?: string },
): Note {
  const note: Note = {
    id: newId(state),
    author,
    body,
    createdAt,
    updatedAt: createdAt,
    system: false,
    internal,
  };
  issue.notes.push(note);
  touch(state, issue);
  tell(state, issue, note, author, 'create');
  return note;
}

/** Changes what a note says; the same words again are no change. */
export function editNote(state: State, issue: Issue, note: Note, actor: Account, body: string): void {
  if (note.body === body) return;
  note.body = body;
  note.updatedAt = stamp(state);
  touch(state, issue);
  tell(state, issue, note, actor, 'update');
}

/** Takes a note away. No hook hears of it. */
export function deleteNote(state: State, issue: Issue, note: Note): void {
  issue.notes = issue.notes.filter((each) => each !== note);
  touch(state, issue);
}

function tell(state: State, issue: Issue, note: Note, actor: Account, action: string): void {
  state.notify({ kind: 'note', project: issue.project, actor, action, issue, note });
}
