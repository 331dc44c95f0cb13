/** What people do and see at GitLab, without HTTP: the other side of every test. */
import { accountOf } from './accounts.ts';
import * as issues from './issue-acts.ts';
import { deleteNote } from './note-acts.ts';
import { newGrant } from './oauth.ts';
import type { NewProject } from './project-acts.ts';
import * as projects from './project-acts.ts';
import type { IssueSnapshot } from './snapshot.ts';
import { snapshotOf } from './snapshot.ts';
import type {
  Account,
  ExecutedAction,
  FeatureAccess,
  HookEvent,
  Issue,
  IssueType,
  Note,
  Notification,
  Project,
  Role,
  State,
  Visibility,
} from './state.ts';
import type { NewBotToken, NewUser } from './tokens.ts';
import { newBotToken, newUser } from './tokens.ts';
import { rewriteIssue, rewriteNote, writeIssue, writeNote } from './writing.ts';
import { alertStatus } from './hook-health.ts';

interface IssuePlace {
  /** `group/name`. */
  project: string;
  iid: number;
}

interface NewIssueByPerson {
  project: string;
  title: string;
  description?: string;
  labels?: readonly string[];
  assignees?: readonly string[];
  confidential?: boolean;
  type?: IssueType;
  by?: string;
}

/** Each act is done by the account `by`, or by the user `mona`, whatever its role; it moves `updated_at` and tells the hooks. */
export interface GitlabWorld {
  /** A user and, with `token`, a personal access token: scope `api` unless `scopes` says otherwise. Answers the user's id. */
  addUser(user: NewUser): number;
  /** A project access token with its bot user. */
  addProjectToken(project: string, token: NewBotToken): { userId: number; username: string };
  /** A group access token, whose bot user is a member of all projects that the group has now. */
  addGroupToken(group: string, token: NewBotToken): { userId: number; username: string };
  revokeToken(token: string): void;
  addOauthApp(app: { clientId: string; clientSecret: string }): void;
  /** Somebody allows the application to act for them; the refresh token is exchanged at `/oauth/token`. */
  grantOauth(grant: {
    clientId: string;
    username: string;
    refreshToken: string;
    scopes?: readonly string[];
  }): void;
  /** Somebody takes back what they allowed. */
  revokeOauth(clientId: string, username: string): void;
  /** Answers the project's number. */
  addProject(project: NewProject): number;
  /** The former path sends readers to the project's number. */
  renameProject(path: string, newPath: string): void;
  setVisibility(path: string, visibility: Visibility): void;
  setIssuesAccess(path: string, access: FeatureAccess): void;
  archive(path: string, archived?: boolean): void;
  /** `none` takes the membership away. */
  setRole(path: string, username: string, role: Role | 'none'): void;
  openIssue(issue: NewIssueByPerson): IssueSnapshot;
  editTitle(place: IssuePlace, title: string, by?: string): void;
  editDescription(place: IssuePlace, description: string, by?: string): void;
  close(place: IssuePlace, by?: string): void;
  reopen(place: IssuePlace, by?: string): void;
  addLabel(place: IssuePlace, label: string, by?: string): void;
  removeLabel(place: IssuePlace, label: string, by?: string): void;
  renameLabel(project: string, from: string, to: string): void;
  assign(place: IssuePlace, usernames: readonly string[], by?: string): void;
  /** A day, such as `2026-12-31`. */
  setDueDate(place: IssuePlace, day: string | null, by?: string): void;
  setConfidential(place: IssuePlace, confidential: boolean, by?: string): void;
  convert(place: IssuePlace, type: IssueType, by?: string): void;
  /** Answers the note's id; undefined when the text was nothing but quick actions. */
  comment(place: IssuePlace, body: string, by?: string): number | undefined;
  editComment(place: IssuePlace, id: number, body: string, by?: string): void;
  deleteComment(place: IssuePlace, id: number): void;
  deleteIssue(place: IssuePlace): void;
  /** Answers the issue in its new project; the old one stays, closed. */
  moveIssue(place: IssuePlace, toProject: string, by?: string): IssueSnapshot;
  /** Answers the copy, which has the same description and labels. */
  cloneIssue(place: IssuePlace, toProject?: string, by?: string): IssueSnapshot;
  /** The issue as it is now; throws when there is none. */
  issue(project: string, iid: number): IssueSnapshot;
  /** All issues, by number. */
  issues(project: string): IssueSnapshot[];
  labels(project: string): string[];
  /** The project's hooks with what was sent, oldest first; secrets left out. */
  hooks(project: string): HookSnapshot[];
  /** Quick actions that texts made GitLab do, in order. */
  executedActions(): readonly ExecutedAction[];
  /** Users, groups or `all` whom texts called, in order. */
  notifications(): readonly Notification[];
}

interface HookSnapshot {
  id: number;
  url: string;
  /** Fields of the API whose events it gets. */
  events: readonly string[];
  status: 'executable' | 'temporarily_disabled' | 'disabled';
  deliveries: readonly HookEvent[];
}

const ANYBODY = 'mona';

export function newWorld(state: State): GitlabWorld {
  const projectAt = (path: string): Project => {
    const found = projects.findProject(state, path);
    if (found === undefined) throw new Error(`there is no project ${path}`);
    return found;
  };
  const issueAt = ({ project, iid }: IssuePlace): Issue => {
    const found = projectAt(project).issues.get(iid);
    if (found === undefined) throw new Error(`there is no issue ${project}#${iid}`);
    return found;
  };
  const noteAt = (place: IssuePlace, id: number): Note => {
    const found = issueAt(place).notes.find((note) => note.id === id);
    if (found === undefined) throw new Error(`there is no note ${id}`);
    return found;
  };
  const actor = (by: string | undefined): Account => accountOf(state, by ?? ANYBODY);
  const people = (usernames: readonly string[] | undefined): Account[] =>
    (usernames ?? []).map((username) => accountOf(state, username));
  const edit = (place: IssuePlace, by: string | undefined, change: issues.Edit): void =>
    rewriteIssue(state, issueAt(place), actor(by), change);
  const labelsOf = (place: IssuePlace): string[] => issueAt(place).labels.map(({ name }) => name);

  return {
    addUser: (user) => newUser(state, user).id,
    addProjectToken(project, token) {
      const found = projectAt(project);
      const { id, username } = newBotToken(state, 'project', `project_${found.id}`, [found], token);
      return { userId: id, username };
    },
    addGroupToken(group, token) {
      const inside = state.projects.filter(({ path }) => path.startsWith(`${group}/`));
      const { id, username } = newBotToken(state, 'group', `group_${group}`, inside, token);
      return { userId: id, username };
    },
    revokeToken(value) {
      const token = state.tokens.get(value);
      if (token !== undefined) token.revoked = true;
    },
    addOauthApp: (app) => {
      state.apps.push({ ...app });
    },
    grantOauth({ clientId, username, ...rest }) {
      const app = state.apps.find((each) => each.clientId === clientId);
      if (app === undefined) throw new Error(`there is no application ${clientId}`);
      newGrant(state, app, accountOf(state, username), rest);
    },
    revokeOauth(clientId, username) {
      for (const grant of state.grants) {
        if (grant.app.clientId !== clientId || grant.account.username !== username) continue;
        grant.revoked = true;
        if (grant.access !== null) grant.access.revoked = true;
      }
    },
    addProject: (wish) => projects.addProject(state, wish).id,
    renameProject: (path, newPath) => projects.renameProject(projectAt(path), newPath),
    setVisibility(path, visibility) {
      projectAt(path).visibility = visibility;
    },
    setIssuesAccess(path, access) {
      projectAt(path).issuesAccess = access;
    },
    archive(path, archived = true) {
      projectAt(path).archived = archived;
    },
    setRole(path, username, role) {
      const { members } = projectAt(path);
      if (role === 'none') members.delete(accountOf(state, username));
      else members.set(accountOf(state, username), role);
    },
    openIssue: ({ project, description, assignees, by, ...wish }) =>
      snapshotOf(
        state,
        writeIssue(state, projectAt(project), actor(by), {
          ...wish,
          description: description ?? null,
          assignees: people(assignees),
        }),
      ),
    editTitle: (place, title, by) => edit(place, by, { title }),
    editDescription: (place, description, by) => edit(place, by, { description }),
    close: (place, by) => issues.setState(state, issueAt(place), actor(by), 'closed'),
    reopen: (place, by) => issues.setState(state, issueAt(place), actor(by), 'opened'),
    addLabel: (place, label, by) => edit(place, by, { labels: [...labelsOf(place), label] }),
    removeLabel: (place, label, by) =>
      edit(place, by, { labels: labelsOf(place).filter((name) => name !== label) }),
    renameLabel(project, from, to) {
      const label = projects.findLabel(projectAt(project), from);
      if (label === undefined) throw new Error(`there is no label ${from}`);
      label.name = to;
    },
    assign: (place, usernames, by) => edit(place, by, { assignees: people(usernames) }),
    setDueDate: (place, dueDate, by) => edit(place, by, { dueDate }),
    setConfidential: (place, confidential, by) => edit(place, by, { confidential }),
    convert: (place, type, by) => edit(place, by, { type }),
    comment: (place, body, by) => writeNote(state, issueAt(place), actor(by), { body }).note?.id,
    editComment: (place, id, body, by) =>
      rewriteNote(state, issueAt(place), noteAt(place, id), actor(by), body),
    deleteComment: (place, id) => deleteNote(state, issueAt(place), noteAt(place, id)),
    deleteIssue: (place) => issues.deleteIssue(state, issueAt(place)),
    moveIssue: (place, toProject, by) =>
      snapshotOf(state, issues.moveIssue(state, issueAt(place), actor(by), projectAt(toProject))),
    cloneIssue: (place, toProject, by) =>
      snapshotOf(
        state,
        issues.cloneIssue(state, issueAt(place), actor(by), projectAt(toProject ?? place.project)),
      ),
    issue: (project, iid) => snapshotOf(state, issueAt({ project, iid })),
    issues: (project) => [...projectAt(project).issues.values()].map((issue) => snapshotOf(state, issue)),
    labels: (project) => projectAt(project).labels.map(({ name }) => name),
    hooks: (project) =>
      projectAt(project).hooks.map((hook) => ({
        id: hook.id,
        url: hook.url,
        events: Object.keys(hook.events).filter((name) => hook.events[name] === true),
        status: alertStatus(state, hook),
        deliveries: hook.log.slice(),
      })),
    executedActions: () => state.executed.slice(),
    notifications: () => state.notifications.slice(),
  };
}
