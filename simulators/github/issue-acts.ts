/** What can happen to an issue, whoever does it: each act moves `updated_at`, leaves its event and tells the hooks. */
import type {
  Account,
  Issue,
  IssueEvent,
  Label,
  Milestone,
  Repository,
  State,
  StateReason,
} from './state.ts';
import { newIds, stamp } from './state.ts';

export interface NewIssue {
  title: string;
  body: string | null;
  labels: readonly string[];
  assignees: readonly Account[];
  milestone?: Milestone | null;
  isPullRequest?: boolean;
}

/** Opens an issue: `opened`, then `labeled` and `assigned` once for each. */
export function openIssue(state: State, repository: Repository, author: Account, wish: NewIssue): Issue {
  const at = stamp(state);
  const issue: Issue = {
    ...newIds(state, wish.isPullRequest === true ? 'PR' : 'I'),
    repository,
    number: repository.nextNumber,
    title: wish.title,
    body: wish.body,
    author,
    state: 'open',
    stateReason: null,
    labels: [],
    assignees: [],
    milestone: wish.milestone ?? null,
    parent: null,
    comments: [],
    events: [],
    edits: [],
    isPullRequest: wish.isPullRequest ?? false,
    createdAt: at,
    updatedAt: at,
    lastEditedAt: null,
    closedAt: null,
    closedBy: null,
    bornAtMs: state.now().getTime(),
  };
  repository.nextNumber += 1;
  repository.issues.set(issue.number, issue);
  const labels = unique(wish.labels).map((name) => ensureLabel(state, repository, name));
  issue.labels.push(...labels);
  issue.assignees.push(...new Set(wish.assignees));
  if (issue.isPullRequest) return issue;
  tell(state, issue, author, 'opened');
  for (const label of labels) {
    remember(state, issue, { event: 'labeled', actor: author, label });
    tell(state, issue, author, 'labeled', { label });
  }
  for (const assignee of issue.assignees) {
    remember(state, issue, { event: 'assigned', actor: author, assignee });
    tell(state, issue, author, 'assigned', { assignee });
  }
  return issue;
}

/** Changes title and body in one edit; what is equal is no change. */
export function editIssue(
  state: State,
  issue: Issue,
  actor: Account,
  edit: { title?: string; body?: string | null },
): void {
  const changes: Record<string, unknown> = {};
  if (edit.title !== undefined && edit.title !== issue.title) {
    changes['title'] = { from: issue.title };
    remember(state, issue, { event: 'renamed', actor, rename: { from: issue.title, to: edit.title } });
    issue.title = edit.title;
  }
  if (edit.body !== undefined && (edit.body ?? '') !== (issue.body ?? '')) {
    changes['body'] = { from: issue.body ?? '' };
    if (issue.edits.length === 0)
      issue.edits.push({ editedAt: issue.createdAt, editor: issue.author, body: issue.body ?? '' });
    issue.body = edit.body;
    issue.lastEditedAt = stamp(state);
    issue.edits.push({ editedAt: issue.lastEditedAt, editor: actor, body: edit.body ?? '' });
  }
  if (Object.keys(changes).length === 0) return;
  touch(state, issue);
  tell(state, issue, actor, 'edited', { changes });
}

/** Closes an open issue, or reopens a closed one. The same state again changes nothing, not even the reason. */
export function setState(
  state: State,
  issue: Issue,
  actor: Account,
  to: 'open' | 'closed',
  reason?: StateReason | null,
): void {
  if (issue.state === to) return;
  issue.state = to;
  const closing = to === 'closed';
  issue.stateReason = closing ? (reason ?? 'completed') : 'reopened';
  issue.closedAt = closing ? stamp(state) : null;
  issue.closedBy = closing ? actor : null;
  remember(state, issue, {
    event: closing ? 'closed' : 'reopened',
    actor,
    stateReason: closing ? issue.stateReason : null,
  });
  touch(state, issue);
  tell(state, issue, actor, closing ? 'closed' : 'reopened');
}

/** The sub-issues of an issue, in any repository of its owner. */
export function childrenOf(state: State, issue: Issue): Issue[] {
  return state.repositories.flatMap((repository) =>
    [...repository.issues.values()].filter((each) => each.parent === issue),
  );
}

/** Puts an issue under another one, or under none: all of them have changed. Their `sub_issues` webhooks are not simulated. */
export function setParent(state: State, issue: Issue, parent: Issue | null): void {
  const former = issue.parent;
  if (former === parent) return;
  issue.parent = parent;
  for (const each of [issue, former, parent]) if (each !== null) touch(state, each);
}

/** Makes the labels exactly these, one event for each that comes or goes. */
export function setLabels(state: State, issue: Issue, actor: Account, names: readonly string[]): void {
  const wanted = unique(names);
  for (const label of issue.labels.slice()) {
    if (wanted.some((name) => sameName(name, label.name))) continue;
    issue.labels = issue.labels.filter((each) => each !== label);
    remember(state, issue, { event: 'unlabeled', actor, label });
    touch(state, issue);
    tell(state, issue, actor, 'unlabeled', { label });
  }
  for (const name of wanted) {
    if (issue.labels.some((label) => sameName(name, label.name))) continue;
    const label = ensureLabel(state, issue.repository, name);
    issue.labels.push(label);
    remember(state, issue, { event: 'labeled', actor, label });
    touch(state, issue);
    tell(state, issue, actor, 'labeled', { label });
  }
}

/** Makes the assignees exactly these. */
export function setAssignees(state: State, issue: Issue, actor: Account, accounts: readonly Account[]): void {
  for (const assignee of issue.assignees.slice()) {
    if (accounts.includes(assignee)) continue;
    issue.assignees = issue.assignees.filter((each) => each !== assignee);
    remember(state, issue, { event: 'unassigned', actor, assignee });
    touch(state, issue);
    tell(state, issue, actor, 'unassigned', { assignee });
  }
  for (const assignee of new Set(accounts)) {
    if (issue.assignees.includes(assignee)) continue;
    issue.assignees.push(assignee);
    remember(state, issue, { event: 'assigned', actor, assignee });
    touch(state, issue);
    tell(state, issue, actor, 'assigned', { assignee });
  }
}

/** Puts the issue under a milestone, or under none. */
export function setMilestone(state: State, issue: Issue, actor: Account, milestone: Milestone | null): void {
  if (issue.milestone === milestone) return;
  issue.milestone = milestone;
  touch(state, issue);
  tell(state, issue, actor, milestone === null ? 'demilestoned' : 'milestoned');
}

/** Deletes the issue for ever; its number answers 410 from now on. */
export function deleteIssue(state: State, issue: Issue, actor: Account): void {
  issue.repository.issues.delete(issue.number);
  issue.repository.departed.set(issue.number, 'deleted');
  for (const each of childrenOf(state, issue)) each.parent = null;
  tell(state, issue, actor, 'deleted');
}

/** Moves the issue to another repository, where it is a new one; labels come along only where they exist there. */
export function transferIssue(state: State, issue: Issue, actor: Account, target: Repository): Issue {
  const moved: Issue = {
    ...issue,
    ...newIds(state, 'I'),
    repository: target,
    number: target.nextNumber,
    labels: target.labels.filter((label) => issue.labels.some((each) => sameName(each.name, label.name))),
    milestone: null,
    assignees: issue.assignees.slice(),
    comments: issue.comments.slice(),
    events: issue.events.slice(),
    edits: issue.edits.slice(),
    updatedAt: stamp(state),
    bornAtMs: state.now().getTime(),
  };
  target.nextNumber += 1;
  target.issues.set(moved.number, moved);
  issue.repository.issues.delete(issue.number);
  issue.repository.departed.set(issue.number, moved);
  for (const each of childrenOf(state, issue)) each.parent = moved;
  tell(state, issue, actor, 'transferred', { counterpart: moved });
  tell(state, moved, actor, 'opened', { counterpart: issue });
  return moved;
}

/** The repository's label of that name (case does not count), made when it is new. */
export function ensureLabel(state: State, repository: Repository, name: string, color = 'ededed'): Label {
  const known = repository.labels.find((label) => sameName(label.name, name));
  if (known !== undefined) return known;
  const label: Label = { ...newIds(state, 'LA'), name, color, description: null };
  repository.labels.push(label);
  return label;
}

/** Label names differ only by more than case. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The issue has changed now. */
export function touch(state: State, issue: Issue): void {
  issue.updatedAt = stamp(state);
}

function unique(names: readonly string[]): string[] {
  return names.filter((name, index) => names.findIndex((each) => sameName(each, name)) === index);
}

function remember(state: State, issue: Issue, event: Omit<IssueEvent, 'id' | 'nodeId' | 'createdAt'>): void {
  issue.events.push({ ...newIds(state, 'EV'), ...event, createdAt: stamp(state) });
}

function tell(
  state: State,
  issue: Issue,
  sender: Account,
  action: string,
  facts: { label?: Label; assignee?: Account; changes?: Record<string, unknown>; counterpart?: Issue } = {},
): void {
  if (issue.isPullRequest) return;
  state.notify({ event: 'issues', action, repository: issue.repository, sender, issue, ...facts });
}
