/** What people and programs write, with all that GitLab does because of it: quick actions, notifications, references. */
import type { Edit, NewIssue } from './issue-acts.ts';
import { editIssue, openIssue } from './issue-acts.ts';
import { referringWords } from './markdown-lines.ts';
import { addNote, editNote } from './note-acts.ts';
import type { QuickAction } from './quick-actions.ts';
import { takeQuickActions } from './quick-actions.ts';
import { execute } from './quick-effects.ts';
import type { Account, Issue, Note, Project, State } from './state.ts';
import { addSystemNote } from './system-notes.ts';

/** Opens an issue and runs the quick actions of its description. */
export function writeIssue(state: State, project: Project, author: Account, wish: NewIssue): Issue {
  const { text, actions } = taken(wish.description);
  const issue = openIssue(state, project, author, { ...wish, description: text });
  execute(state, issue, author, actions);
  call(state, issue, author, text);
  return issue;
}

/** Changes an issue and runs the quick actions of its new description, if it has one. */
export function rewriteIssue(state: State, issue: Issue, actor: Account, edit: Edit): void {
  const { description, ...rest } = edit;
  if (description === undefined) {
    editIssue(state, issue, actor, rest);
    return;
  }
  const { text, actions } = taken(description);
  const isNew = (text ?? '') !== (issue.description ?? '');
  editIssue(state, issue, actor, { ...rest, description: text });
  execute(state, issue, actor, actions);
  if (isNew) call(state, issue, actor, text);
}

/** Says something under an issue. Undefined: it was nothing but quick actions, so there is no note. */
export function writeNote(
  state: State,
  issue: Issue,
  author: Account,
  wish: { body: string; internal?: boolean; createdAt?: string },
): { note: Note | undefined; actions: readonly QuickAction[] } {
  const { text, actions } = takeQuickActions(wish.body);
  const note = text.trim() === '' ? undefined : addNote(state, issue, author, { ...wish, body: text });
  execute(state, issue, author, actions);
  if (note !== undefined) call(state, issue, author, text);
  return { note, actions };
}

export function rewriteNote(state: State, issue: Issue, note: Note, actor: Account, body: string): void {
  const { text, actions } = takeQuickActions(body);
  editNote(state, issue, note, actor, text);
  execute(state, issue, actor, actions);
  call(state, issue, actor, text);
}

function taken(description: string | null): { text: string | null; actions: QuickAction[] } {
  return description === null ? { text: null, actions: [] } : takeQuickActions(description);
}

/** Notifies everybody whom the text names, and leaves a note under every issue of the project that it refers to. */
function call(state: State, issue: Issue, by: Account, text: string | null): void {
  const words = referringWords(text ?? '');
  const { project, iid } = issue;
  for (const [, name = ''] of words.matchAll(/(?<![\w@])@([a-z0-9_][\w./-]*)/gi)) {
    const username = name.replace(/[./-]+$/, '');
    if (!isCallable(state, username)) continue;
    state.notifications.push({ username, by: by.username, project: project.path, iid });
  }
  for (const [, number = ''] of words.matchAll(/(?<![\w&#])#(\d+)\b/g)) {
    const target = project.issues.get(Number(number));
    const body = `mentioned in issue #${iid}`;
    if (target === undefined || target === issue || target.notes.some((note) => note.body === body)) continue;
    addSystemNote(state, target, by, body);
  }
}

/** A user, a group, or everybody. */
function isCallable(state: State, name: string): boolean {
  const wanted = name.toLowerCase();
  if (wanted === 'all' || state.accounts.has(wanted)) return true;
  return state.projects.some(({ path }) => path.toLowerCase().startsWith(`${wanted}/`));
}
