/** What people do and see at Jira, without HTTP: the other side of every test. */
import { findIssue } from './access.ts';
import * as comments from './comment-acts.ts';
import * as issues from './issue-acts.ts';
import type { Executed, Hook, HookDelivery } from './notices.ts';
import type { NewUser } from './people.ts';
import * as people from './people.ts';
import type { Post } from './post.ts';
import * as projects from './project-acts.ts';
import { isAdfDocument } from './adf.ts';
import type { IssueSnapshot } from './snapshot.ts';
import { snapshotOf } from './snapshot.ts';
import type { Issue, Named, Project, ProjectPermission, Rich, State, User } from './state.ts';
import { newId } from './state.ts';
import { shortestPath } from './paths.ts';

interface NewIssueByPerson {
  project: string;
  summary: string;
  /** A document or wiki markup; `Task` if no type is given. */
  description?: Rich;
  type?: string;
  labels?: readonly string[];
  priority?: string;
  assignee?: string;
  parent?: string;
  by?: string;
}

/** Each act is done by the user `by`, or by `mona`, whatever the permissions; it moves `updated` and tells the hooks. */
export interface JiraWorld {
  /** What `/ex/jira/{cloudId}` wants. */
  cloudId: string;
  addUser(user: NewUser): { accountId: string; key: string };
  /** An OAuth app and one person's grant; its access token comes from `/oauth/token`. */
  addOAuthApp(app: {
    clientId: string;
    clientSecret: string;
    user: string;
    refreshToken: string;
    scopes?: readonly string[];
  }): void;
  revokeGrant(clientId: string): void;
  /** Of an API token, personal access token or access token. */
  revokeToken(value: string): void;
  /** Somebody solved the CAPTCHA. */
  unlock(user: string): void;
  addProject(project: projects.NewProject): {
    id: string;
    issueTypes: Readonly<Record<string, string>>;
    fields: Readonly<Record<string, string>>;
  };
  addField(project: string, field: projects.NewField): { id: string };
  hideField(project: string, field: string): void;
  /** Puts a custom field on the screen of every transition of that name, where it must be filled in. */
  askOnTransition(project: string, transition: string, field: string): void;
  archive(project: string): void;
  renameProject(project: string, key: string): void;
  setPublic(project: string, isPublic: boolean): void;
  /** All permissions at once; an empty list takes every right away. */
  setPermissions(project: string, user: string, permissions: readonly ProjectPermission[]): void;
  openIssue(issue: NewIssueByPerson): IssueSnapshot;
  editSummary(key: string, summary: string, by?: string): void;
  editDescription(key: string, description: Rich | null, by?: string): void;
  /** Walks the workflow, hop by hop, until the status of that name; `resolution` where a screen asks for one. */
  setStatus(key: string, status: string, options?: { resolution?: string; by?: string }): void;
  addLabel(key: string, label: string, by?: string): void;
  removeLabel(key: string, label: string, by?: string): void;
  setPriority(key: string, priority: string | null, by?: string): void;
  assign(key: string, user: string | null, by?: string): void;
  setDueDate(key: string, day: string | null, by?: string): void;
  /** Puts it under another issue, or under none; on Data Center an epic. */
  setParent(key: string, parent: string | null, by?: string): void;
  /** Changes the issue type. */
  convert(key: string, type: string, by?: string): void;
  /** Answers the comment's id. */
  comment(key: string, body: Rich, by?: string): string;
  editComment(key: string, id: string, body: Rich, by?: string): void;
  deleteComment(key: string, id: string, by?: string): void;
  deleteIssue(key: string, by?: string): void;
  /** Answers the issue under its new key. */
  moveIssue(key: string, project: string, by?: string): IssueSnapshot;
  cloneIssue(key: string, by?: string): IssueSnapshot;
  /** The issue as it is now, by id, key or former key; throws when there is none. */
  issue(key: string): IssueSnapshot;
  /** All issues of a project, oldest first. */
  issues(project: string): IssueSnapshot[];
  /** Everything that texts made happen so far. */
  executed(): readonly Executed[];
  hooks(): readonly HookSnapshot[];
  /** Webhook deliveries that failed are tried again after minutes: sends those due by the simulator's clock. */
  retryWebhooks(): number;
}

interface HookSnapshot extends Pick<Hook, 'id' | 'kind' | 'name' | 'url' | 'events' | 'jql' | 'enabled'> {
  deliveries: readonly HookDelivery[];
}

const ANYBODY = 'mona';

export function newWorld(state: State, post: Post): JiraWorld {
  const projectAt = (key: string): Project => {
    const found = projects.findProject(state, key);
    if (found === undefined) throw new Error(`there is no project ${key}`);
    return found;
  };
  const issueAt = (key: string): Issue => {
    const found = findIssue(state, key);
    if (found === undefined) throw new Error(`there is no issue ${key}`);
    return found;
  };
  const actor = (by: string | undefined): User => people.userOf(state, by ?? ANYBODY);
  const edit = (key: string, by: string | undefined, change: issues.Edit): void =>
    issues.editIssue(state, issueAt(key), actor(by), change);

  return {
    cloudId: state.cloudId,
    addUser(wish) {
      const { accountId, key } = people.addUser(state, wish);
      return { accountId, key };
    },
    addOAuthApp({ user, scopes, ...app }) {
      const usual = [
        'read:jira-work',
        'write:jira-work',
        'read:jira-user',
        'manage:jira-webhook',
        'offline_access',
      ];
      state.grants.push({
        ...app,
        user: people.userOf(state, user),
        scopes: scopes ?? usual,
        revoked: false,
      });
    },
    revokeGrant(clientId) {
      for (const each of state.grants) if (each.clientId === clientId) each.revoked = true;
      for (const each of state.credentials) if (each.clientId === clientId) each.revoked = true;
    },
    revokeToken(value) {
      for (const each of state.credentials) if (each.value === value) each.revoked = true;
    },
    unlock(name) {
      people.userOf(state, name).failedLogins = 0;
    },
    addProject(wish) {
      const project = projects.addProject(state, wish);
      const types = project.issueTypes.map(({ id, name }) => [name, id]);
      const fields = state.customFields
        .filter(({ id }) => project.screen.has(id))
        .map(({ id, name }) => [name, id]);
      return { id: project.id, issueTypes: Object.fromEntries(types), fields: Object.fromEntries(fields) };
    },
    addField: (key, wish) => ({ id: projects.addField(state, projectAt(key), wish).id }),
    askOnTransition(key, transition, field) {
      const { workflow } = projectAt(key);
      workflow.transitions = workflow.transitions.map((each) =>
        each.name === transition
          ? { ...each, screen: [...each.screen, field], required: [...each.required, field] }
          : each,
      );
    },
    hideField(key, field) {
      projectAt(key).screen.delete(field);
    },
    archive(key) {
      projectAt(key).archived = true;
    },
    renameProject(key, to) {
      const project = projectAt(key);
      project.formerKeys.push(project.key);
      project.key = to;
      for (const issue of [...state.issues.values()].filter((each) => each.project === project)) {
        issue.formerKeys = [...issue.formerKeys, issue.key];
        issue.key = `${to}-${issue.key.split('-')[1]}`;
        issues.index(state, issue);
      }
    },
    setPublic(key, isPublic) {
      projectAt(key).isPublic = isPublic;
    },
    setPermissions: (key, user, permissions) =>
      projects.grant(projectAt(key), people.userOf(state, user), permissions),
    openIssue(wish) {
      const project = projectAt(wish.project);
      const issue = issues.createIssue(state, project, actor(wish.by), {
        type: typeAt(project, wish.type ?? 'Task'),
        summary: wish.summary,
        description: wish.description === undefined ? null : checked(wish.description),
        labels: wish.labels ?? [],
        ...(wish.priority === undefined ? {} : { priority: named(state.priorities, wish.priority) }),
        assignee: wish.assignee === undefined ? null : actor(wish.assignee),
        parent: wish.parent === undefined ? null : issueAt(wish.parent),
      });
      return snapshotOf(state, issue);
    },
    editSummary: (key, summary, by) => edit(key, by, { summary }),
    editDescription: (key, text, by) => edit(key, by, { description: text === null ? null : checked(text) }),
    setStatus(key, status, { resolution, by } = {}) {
      const issue = issueAt(key);
      for (const hop of shortestPath(issue, status)) {
        const given = hop.screen.includes('resolution') ? (resolution ?? 'Done') : undefined;
        const chosen = given === undefined ? {} : { resolution: named(state.resolutions, given) };
        issues.transitionIssue(state, issue, actor(by), hop, chosen);
      }
    },
    addLabel: (key, label, by) => edit(key, by, { labels: [...issueAt(key).labels, label] }),
    removeLabel: (key, label, by) =>
      edit(key, by, { labels: issueAt(key).labels.filter((each) => each !== label) }),
    setPriority: (key, name, by) =>
      edit(key, by, { priority: name === null ? null : named(state.priorities, name) }),
    assign: (key, name, by) => edit(key, by, { assignee: name === null ? null : actor(name) }),
    setDueDate: (key, dueDate, by) => edit(key, by, { dueDate }),
    setParent(key, to, by) {
      const parent = to === null ? null : issueAt(to);
      const epicLink = state.customFields.find(({ type }) => type === 'epic-link');
      if (epicLink === undefined || issueAt(key).type.subtask) return edit(key, by, { parent });
      const custom = new Map([...issueAt(key).custom, [epicLink.id, parent?.key ?? null]]);
      return edit(key, by, { custom });
    },
    convert: (key, type, by) => edit(key, by, { type: typeAt(issueAt(key).project, type) }),
    comment: (key, body, by) => comments.addComment(state, issueAt(key), actor(by), checked(body)).id,
    editComment(key, id, body, by) {
      comments.editComment(state, issueAt(key), id, actor(by), checked(body));
    },
    deleteComment: (key, id, by) => comments.deleteComment(state, issueAt(key), id, actor(by)),
    deleteIssue: (key, by) => issues.deleteIssue(state, issueAt(key), actor(by)),
    moveIssue(key, project, by) {
      const issue = issueAt(key);
      issues.moveIssue(state, issue, actor(by), projectAt(project));
      return snapshotOf(state, issue);
    },
    cloneIssue(key, by) {
      const issue = issueAt(key);
      const clone = issues.cloneIssue(state, issue, actor(by));
      const type = { id: '10001', name: 'Cloners', inward: 'is cloned by', outward: 'clones' };
      state.links.push({ id: String(newId(state)), type, inward: issue, outward: clone });
      return snapshotOf(state, clone);
    },
    issue: (key) => snapshotOf(state, issueAt(key)),
    issues(key) {
      const project = projectAt(key);
      return [...state.issues.values()]
        .filter((each) => each.project === project)
        .map((each) => snapshotOf(state, each));
    },
    executed: () => state.executed.slice(),
    hooks: () =>
      state.hooks.map(({ id, kind, name, url, events, jql, enabled, deliveries }) => ({
        id,
        kind,
        name,
        url,
        events: events.slice(),
        jql,
        enabled,
        deliveries: deliveries.slice(),
      })),
    retryWebhooks: () => post.retryDue(),
  };
}

function named(all: readonly Named[], name: string): Named {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

function typeAt(project: Project, name: string): Issue['type'] {
  const found = project.issueTypes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${project.key} has no issue type ${name}`);
  return found;
}

function checked(text: Rich): Rich {
  if (typeof text === 'string' || isAdfDocument(text)) return text;
  throw new Error('this is no Atlassian Document');
}
