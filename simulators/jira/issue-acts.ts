/** What can happen to an issue, whoever does it: each act moves `updated`, leaves its change and tells the hooks. */
import { leaveEpic } from './hierarchy.ts';
import { effectsOf } from './effects.ts';
import type { Executed, Notice } from './notices.ts';
import { asWiki } from './rich.ts';
import type {
  Change,
  ChangeItem,
  Issue,
  IssueType,
  Named,
  Project,
  Rich,
  State,
  Status,
  User,
} from './state.ts';
import { newId } from './state.ts';
import type { Transition } from './workflows.ts';

/** What a person or a request sets; left out: stays as it is. */
export interface Edit {
  summary?: string;
  description?: Rich | null;
  labels?: readonly string[];
  priority?: Named | null;
  assignee?: User | null;
  reporter?: User;
  dueDate?: string | null;
  parent?: Issue | null;
  resolution?: Named | null;
  status?: Status;
  type?: IssueType;
  custom?: ReadonlyMap<string, unknown>;
}

export interface NewIssue extends Edit {
  type: IssueType;
  summary: string;
  properties?: ReadonlyMap<string, unknown>;
}

/** Makes an issue and all that belongs to it at once: `jira:issue_created`. */
export function createIssue(
  state: State,
  project: Project,
  creator: User,
  wish: NewIssue,
  flow: Notice['flow'] = 'Primary',
): Issue {
  const now = state.now();
  const issue: Issue = {
    id: String(newId(state)),
    key: `${project.key}-${project.nextNumber}`,
    formerKeys: [],
    project,
    type: wish.type,
    summary: wish.summary,
    description: wish.description ?? null,
    labels: sorted(wish.labels ?? []),
    priority: wish.priority === undefined ? (state.priorities[2] ?? null) : wish.priority,
    status: project.workflow.initial,
    resolution: null,
    resolutionDate: null,
    assignee: wish.assignee ?? null,
    reporter: wish.reporter ?? creator,
    creator,
    dueDate: wish.dueDate ?? null,
    parent: wish.parent ?? null,
    custom: wish.custom ?? new Map(),
    properties: wish.properties ?? new Map(),
    comments: [],
    remoteLinks: [],
    changes: [],
    created: now,
    updated: now,
  };
  project.nextNumber += 1;
  state.issues.set(issue.id, issue);
  index(state, issue);
  run(state, issue, 'description', issue.description);
  tell(state, issue, creator, { event: 'jira:issue_created', typeName: 'issue_created', flow });
  return issue;
}

/** Changes fields in one go; what is equal is no change, and nothing is said then. */
export function editIssue(
  state: State,
  issue: Issue,
  actor: User,
  edit: Edit,
  typeName = 'issue_updated',
): void {
  const items = itemsOf(state, issue, edit);
  if (items.length === 0) return;
  if (edit.description !== undefined && edit.description !== null)
    run(state, issue, 'description', edit.description);
  const { labels, custom, resolution, ...rest } = edit;
  Object.assign(issue, rest);
  if (labels !== undefined) issue.labels = sorted(labels);
  if (custom !== undefined) issue.custom = new Map([...issue.custom, ...custom]);
  if (resolution !== undefined) {
    issue.resolution = resolution;
    issue.resolutionDate = resolution === null ? null : state.now();
  }
  changed(state, issue, actor, items, typeName);
}

/** Walks one transition: the status, what its screen brought, and what its post function does. */
export function transitionIssue(
  state: State,
  issue: Issue,
  actor: User,
  by: Transition,
  edit: Edit = {},
): void {
  const byPostFunction = state.resolutions.find(({ name }) => name === by.resolution);
  const resolution = by.resolution === null ? null : byPostFunction;
  const closes = issue.status.category !== 'done' && by.to.category === 'done';
  editIssue(
    state,
    issue,
    actor,
    { ...(resolution === undefined ? {} : { resolution }), ...edit, status: by.to },
    closes ? 'issue_resolved' : 'issue_generic',
  );
}

/** Takes the issue away for ever. */
export function deleteIssue(state: State, issue: Issue, actor: User): void {
  for (const each of [...state.issues.values()].filter(({ parent }) => parent === issue)) {
    if (each.type.subtask) deleteIssue(state, each, actor);
    else each.parent = null;
  }
  leaveEpic(state, issue);
  state.issues.delete(issue.id);
  state.index.delete(issue.id);
  state.links = state.links.filter(({ inward, outward }) => inward !== issue && outward !== issue);
  tell(state, issue, actor, { event: 'jira:issue_deleted', typeName: 'issue_deleted', flow: 'Primary' });
}

/** Gives the issue a key in another project; id and properties stay, and the old key leads to it. */
export function moveIssue(state: State, issue: Issue, actor: User, target: Project): void {
  const from = issue.project;
  const key = `${target.key}-${target.nextNumber}`;
  target.nextNumber += 1;
  const items = [
    item('Key', '', null, issue.key, null, key),
    item('project', 'project', from.id, from.name, target.id, target.name),
  ];
  const same = target.workflow.statuses.find(({ name }) => name === issue.status.name);
  const status = same ?? target.workflow.initial;
  if (status !== issue.status)
    items.push(item('status', 'status', issue.status.id, issue.status.name, status.id, status.name));
  issue.formerKeys = [...issue.formerKeys, issue.key];
  issue.key = key;
  issue.project = target;
  issue.status = status;
  issue.type =
    target.issueTypes.find(({ name }) => name === issue.type.name) ?? target.issueTypes[1] ?? issue.type;
  changed(state, issue, actor, items, 'issue_moved');
}

/** Copies an issue as Jira's "Clone" does: labels and entity properties come along, comments and status do not. */
export function cloneIssue(state: State, issue: Issue, actor: User): Issue {
  return createIssue(state, issue.project, actor, {
    type: issue.type,
    summary: `CLONE - ${issue.summary}`,
    description: issue.description,
    labels: issue.labels,
    priority: issue.priority,
    assignee: issue.assignee,
    dueDate: issue.dueDate,
    parent: issue.parent,
    custom: issue.custom,
    properties: issue.properties,
  });
}

/** Stores or, without a value, removes an entity property. It moves no `updated` and leaves no change. */
export function setProperty(state: State, issue: Issue, actor: User, key: string, value: unknown): void {
  const properties = new Map(issue.properties);
  if (value === undefined) properties.delete(key);
  else properties.set(key, value);
  issue.properties = properties;
  index(state, issue);
  const event = value === undefined ? 'issue_property_deleted' : 'issue_property_set';
  tell(state, issue, actor, { event, property: key, flow: 'Primary' });
}

/** Shows the search index the issue as it is now, after the lag. */
export function index(state: State, issue: Issue): void {
  const visibleAtMs = state.now().getTime() + state.indexLagMs();
  const seen = state.index.get(issue.id) ?? [];
  state.index.set(issue.id, [...seen, { visibleAtMs, issue: { ...issue } }]);
}

/** Does what a text makes happen. */
export function run(state: State, issue: Issue, where: Executed['where'], text: Rich | null): void {
  if (text === null) return;
  state.executed.push(...effectsOf(text).map((effect) => ({ ...effect, issueKey: issue.key, where })));
}

export function tell(state: State, issue: Issue, user: User, notice: Omit<Notice, 'issue' | 'user'>): void {
  state.notify({ ...notice, issue, user });
}

/** Notes what changed and tells it. */
function changed(
  state: State,
  issue: Issue,
  actor: User,
  items: readonly ChangeItem[],
  typeName: string,
): void {
  const change: Change = { id: String(newId(state)), author: actor, created: state.now(), items };
  issue.changes = [...issue.changes, change];
  issue.updated = change.created;
  index(state, issue);
  tell(state, issue, actor, { event: 'jira:issue_updated', typeName, change, flow: 'Primary' });
}

function itemsOf(state: State, issue: Issue, edit: Edit): ChangeItem[] {
  const items: ChangeItem[] = [];
  const named = (field: string, before: Named | null, after: Named | null | undefined): void => {
    if (after === undefined || before?.id === after?.id) return;
    items.push(
      item(field, field, before?.id ?? null, before?.name ?? null, after?.id ?? null, after?.name ?? null),
    );
  };
  const words = (field: string, before: string | null, after: string | null | undefined): void => {
    if (after !== undefined && before !== after) items.push(item(field, field, null, before, null, after));
  };
  const person = (field: string, before: User | null, after: User | null | undefined): void => {
    if (after === undefined || before === after) return;
    items.push(
      item(
        field,
        field,
        idOf(state, before),
        before?.displayName ?? null,
        idOf(state, after),
        after?.displayName ?? null,
      ),
    );
  };
  words('summary', issue.summary, edit.summary);
  if (
    edit.description !== undefined &&
    JSON.stringify(edit.description) !== JSON.stringify(issue.description)
  )
    items.push(
      item('description', 'description', null, textOf(issue.description), null, textOf(edit.description)),
    );
  if (edit.labels !== undefined) words('labels', issue.labels.join(' '), sorted(edit.labels).join(' '));
  named('priority', issue.priority, edit.priority);
  named('status', issue.status, edit.status);
  named('resolution', issue.resolution, edit.resolution);
  named('issuetype', issue.type, edit.type);
  person('assignee', issue.assignee, edit.assignee);
  person('reporter', issue.reporter, edit.reporter);
  words('duedate', issue.dueDate, edit.dueDate);
  words(
    'parent',
    issue.parent?.key ?? null,
    edit.parent === undefined ? undefined : (edit.parent?.key ?? null),
  );
  for (const [id, value] of edit.custom ?? []) {
    const before = JSON.stringify(issue.custom.get(id) ?? null);
    const after = JSON.stringify(value ?? null);
    if (before === after) continue;
    const name = state.customFields.find((each) => each.id === id)?.name ?? id;
    items.push(item(name, id, null, before, null, after));
  }
  return items;
}

function idOf({ flavour }: State, user: User | null): string | null {
  return (flavour === 'cloud' ? user?.accountId : user?.key) ?? null;
}

function textOf(text: Rich | null): string | null {
  return text === null ? null : asWiki(text);
}

function item(
  field: string,
  fieldId: string,
  from: string | null,
  fromText: string | null,
  to: string | null,
  toText: string | null,
): ChangeItem {
  return { field, fieldId, from, fromText, to, toText };
}

/** Labels are a set; Jira shows them in order. */
function sorted(labels: readonly string[]): string[] {
  return [...new Set(labels)].toSorted();
}
