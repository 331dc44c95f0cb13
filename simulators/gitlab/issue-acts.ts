/** What can happen to an issue, whoever does it: each act moves `updated_at`, leaves its traces and tells the hooks. */
import { ensureLabel } from './project-acts.ts';
import type { Account, Issue, IssueType, Label, Notice, Project, State } from './state.ts';
import { newId, stamp } from './state.ts';
import { addSystemNote } from './system-notes.ts';
import { accountHookShape, hookTime, labelHookShape } from './payload-shapes.ts';

export interface NewIssue {
  title: string;
  description: string | null;
  labels?: readonly string[];
  assignees?: readonly Account[];
  confidential?: boolean;
  dueDate?: string | null;
  weight?: number | null;
  type?: IssueType;
  iid?: number;
  createdAt?: string;
}

/** Changes of one request; what is left out or equal stays. */
export interface Edit {
  title?: string;
  description?: string | null;
  labels?: readonly string[];
  assignees?: readonly Account[];
  confidential?: boolean;
  discussionLocked?: boolean;
  dueDate?: string | null;
  weight?: number | null;
  type?: IssueType;
}

type Changes = Record<string, { previous: unknown; current: unknown }>;

export function openIssue(state: State, project: Project, author: Account, wish: NewIssue): Issue {
  const at = wish.createdAt ?? stamp(state);
  const iid = wish.iid ?? project.nextIid;
  const issue: Issue = {
    id: newId(state),
    project,
    iid,
    title: wish.title.trim(),
    description: wish.description,
    author,
    state: 'opened',
    type: wish.type ?? 'issue',
    labels: [],
    assignees: [...new Set(wish.assignees ?? [])],
    notes: [],
    stateEvents: [],
    labelEvents: [],
    confidential: wish.confidential ?? false,
    discussionLocked: false,
    dueDate: wish.dueDate ?? null,
    weight: wish.weight ?? null,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    closedBy: null,
    movedToId: null,
    bornAtMs: state.now().getTime(),
  };
  project.nextIid = Math.max(project.nextIid, iid + 1);
  project.issues.set(iid, issue);
  setLabels(state, issue, author, wish.labels ?? []);
  tell(state, issue, author, 'open', {});
  return issue;
}

/** Does all changes of one request as one update, which hooks hear of once. */
export function editIssue(state: State, issue: Issue, actor: Account, edit: Edit): void {
  const changes: Changes = {};
  const before = issue.updatedAt;
  const note = (words: string): void => addSystemNote(state, issue, actor, words);
  const title = edit.title?.trim();
  if (title !== undefined && title !== issue.title) {
    changes['title'] = { previous: issue.title, current: title };
    note(`changed title from **${issue.title}** to **${title}**`);
    issue.title = title;
  }
  if (edit.description !== undefined && (edit.description ?? '') !== (issue.description ?? '')) {
    changes['description'] = { previous: issue.description, current: edit.description };
    note('changed the description');
    issue.description = edit.description;
  }
  if (edit.labels !== undefined) {
    const previous = issue.labels.map((label) => labelHookShape(issue.project, label));
    if (setLabels(state, issue, actor, edit.labels))
      changes['labels'] = {
        previous,
        current: issue.labels.map((label) => labelHookShape(issue.project, label)),
      };
  }
  if (edit.assignees !== undefined && !sameMembers(edit.assignees, issue.assignees)) {
    const current = [...new Set(edit.assignees)];
    changes['assignees'] = {
      previous: issue.assignees.map(accountHookShape),
      current: current.map(accountHookShape),
    };
    note(current.length === 0 ? 'removed assignee' : `assigned to ${current.map(mention).join(' and ')}`);
    issue.assignees = current;
  }
  if (edit.dueDate !== undefined && edit.dueDate !== issue.dueDate) {
    changes['due_date'] = { previous: issue.dueDate, current: edit.dueDate };
    note(edit.dueDate === null ? 'removed due date' : `changed due date to ${edit.dueDate}`);
    issue.dueDate = edit.dueDate;
  }
  if (edit.weight !== undefined && edit.weight !== issue.weight) {
    changes['weight'] = { previous: issue.weight, current: edit.weight };
    issue.weight = edit.weight;
  }
  if (edit.confidential !== undefined && edit.confidential !== issue.confidential) {
    changes['confidential'] = { previous: issue.confidential, current: edit.confidential };
    note(edit.confidential ? 'made the issue confidential' : 'made the issue visible to everyone');
    issue.confidential = edit.confidential;
  }
  if (edit.discussionLocked !== undefined && edit.discussionLocked !== issue.discussionLocked) {
    changes['discussion_locked'] = { previous: issue.discussionLocked, current: edit.discussionLocked };
    issue.discussionLocked = edit.discussionLocked;
  }
  if (edit.type !== undefined && edit.type !== issue.type) {
    changes['type'] = { previous: issue.type, current: edit.type };
    note(`changed type from ${issue.type} to ${edit.type}`);
    issue.type = edit.type;
  }
  if (Object.keys(changes).length === 0) return;
  touch(state, issue);
  changes['updated_at'] = { previous: hookTime(before), current: hookTime(issue.updatedAt) };
  tell(state, issue, actor, 'update', changes);
}

/** Closes an open issue, or reopens a closed one; the same state again changes nothing. */
export function setState(state: State, issue: Issue, actor: Account, to: 'opened' | 'closed'): void {
  if (issue.state === to) return;
  const closing = to === 'closed';
  const changes: Changes = {
    state_id: { previous: closing ? 1 : 2, current: closing ? 2 : 1 },
    updated_at: { previous: hookTime(issue.updatedAt), current: hookTime(stamp(state)) },
  };
  issue.state = to;
  issue.closedAt = closing ? stamp(state) : null;
  issue.closedBy = closing ? actor : null;
  issue.stateEvents.push({
    id: newId(state),
    user: actor,
    createdAt: stamp(state),
    state: closing ? 'closed' : 'reopened',
  });
  touch(state, issue);
  tell(state, issue, actor, closing ? 'close' : 'reopen', changes);
}

/** Deletes the issue for ever. No hook hears of it. */
export function deleteIssue(state: State, issue: Issue): void {
  issue.project.issues.delete(issue.iid);
  state.links = state.links.filter(({ source, target }) => source !== issue && target !== issue);
}

/** The issue becomes a new one in the other project; the old one stays, closed, and says where it went. */
export function moveIssue(state: State, issue: Issue, actor: Account, target: Project): Issue {
  const moved = copyIssue(state, issue, actor, target);
  moved.author = issue.author;
  const from = `${issue.project.path}#${issue.iid}`;
  addSystemNote(state, moved, actor, `moved from ${from}`);
  addSystemNote(state, issue, actor, `moved to ${target.path}#${moved.iid}`);
  issue.movedToId = moved.id;
  setState(state, issue, actor, 'closed');
  return moved;
}

/** A second issue with the same words, and with those labels that the project has; the first one stays as it was. */
export function cloneIssue(state: State, issue: Issue, actor: Account, target: Project): Issue {
  const clone = copyIssue(state, issue, actor, target);
  addSystemNote(state, clone, actor, `cloned from ${issue.project.path}#${issue.iid}`);
  addSystemNote(state, issue, actor, `cloned to ${target.path}#${clone.iid}`);
  return clone;
}

function copyIssue(state: State, issue: Issue, actor: Account, target: Project): Issue {
  const copy = openIssue(state, target, actor, {
    title: issue.title,
    description: issue.description,
    labels: issue.labels
      .map(({ name }) => name)
      .filter((name) => target.labels.some((label) => label.name === name)),
    assignees: issue.assignees,
    confidential: issue.confidential,
    dueDate: issue.dueDate,
    weight: issue.weight,
    type: issue.type,
  });
  copy.notes.push(...issue.notes.map((each) => ({ ...each, id: newId(state) })));
  return copy;
}

/** Makes the labels exactly these; of scoped labels (`key::value`) only the last one of a key stays. Answers whether any changed. */
function setLabels(state: State, issue: Issue, actor: Account, names: readonly string[]): boolean {
  const wanted = state.enterprise ? lastOfEachScope(names) : [...new Set(names)];
  const gone = issue.labels.filter(({ name }) => !wanted.includes(name));
  const added = wanted
    .filter((name) => !issue.labels.some((label) => label.name === name))
    .map((name) => ensureLabel(state, issue.project, name));
  for (const label of gone) remember(state, issue, actor, label, 'remove');
  for (const label of added) remember(state, issue, actor, label, 'add');
  issue.labels = [...issue.labels.filter((label) => !gone.includes(label)), ...added];
  return gone.length + added.length > 0;
}

function lastOfEachScope(names: readonly string[]): string[] {
  const unique = [...new Set(names)];
  return unique.filter((name, index) => {
    const scope = scopeOf(name);
    return scope === undefined || !unique.slice(index + 1).some((other) => scopeOf(other) === scope);
  });
}

function scopeOf(name: string): string | undefined {
  const end = name.lastIndexOf('::');
  return end <= 0 ? undefined : name.slice(0, end);
}

/** The issue has changed now. */
export function touch(state: State, issue: Issue): void {
  issue.updatedAt = stamp(state);
}

function remember(state: State, issue: Issue, user: Account, label: Label, action: 'add' | 'remove'): void {
  issue.labelEvents.push({ id: newId(state), user, createdAt: stamp(state), label, action });
}

function sameMembers(some: readonly Account[], others: readonly Account[]): boolean {
  const wanted = new Set(some);
  return wanted.size === others.length && others.every((each) => wanted.has(each));
}

function mention({ username }: Account): string {
  return `@${username}`;
}

function tell(
  state: State,
  issue: Issue,
  actor: Account,
  action: string,
  changes: NonNullable<Notice['changes']>,
): void {
  state.notify({ kind: 'issue', project: issue.project, actor, action, issue, changes });
}
