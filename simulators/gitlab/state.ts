/** What GitLab knows, in memory. Times are ISO strings with milliseconds, as GitLab shows them. */

export const LEVELS = {
  guest: 10,
  planner: 15,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
} as const;
export type Role = keyof typeof LEVELS;
export type Visibility = 'private' | 'internal' | 'public';
export type FeatureAccess = 'enabled' | 'private' | 'disabled';
export type IssueType = 'issue' | 'incident' | 'task';

export interface Account {
  id: number;
  username: string;
  name: string;
  bot: boolean;
  createdAt: string;
}

/** A personal, project or group access token, or the access token of an OAuth grant. */
export interface Token {
  id: number;
  value: string;
  name: string;
  account: Account;
  kind: 'personal' | 'project' | 'group' | 'oauth';
  scopes: readonly string[];
  createdAt: string;
  /** ISO day or time. */
  expiresAt: string | null;
  lastUsedAt: string | null;
  revoked: boolean;
}

export interface OauthApp {
  clientId: string;
  clientSecret: string;
}

/** What a person allowed an application; `refreshToken` is the only one that is good now. */
export interface OauthGrant {
  app: OauthApp;
  account: Account;
  scopes: readonly string[];
  refreshToken: string;
  access: Token | null;
  revoked: boolean;
}

export interface Label {
  id: number;
  name: string;
  color: string;
  description: string | null;
}

export interface Note {
  id: number;
  author: Account;
  body: string;
  createdAt: string;
  updatedAt: string;
  system: boolean;
  internal: boolean;
}

export interface StateEvent {
  id: number;
  user: Account;
  createdAt: string;
  state: 'closed' | 'reopened';
}

export interface LabelEvent {
  id: number;
  user: Account;
  createdAt: string;
  label: Label;
  action: 'add' | 'remove';
}

export interface IssueLink {
  id: number;
  source: Issue;
  target: Issue;
  type: 'relates_to' | 'blocks';
  createdAt: string;
}

export interface Issue {
  id: number;
  project: Project;
  iid: number;
  title: string;
  description: string | null;
  author: Account;
  state: 'opened' | 'closed';
  type: IssueType;
  labels: Label[];
  assignees: Account[];
  notes: Note[];
  stateEvents: StateEvent[];
  labelEvents: LabelEvent[];
  confidential: boolean;
  discussionLocked: boolean;
  dueDate: string | null;
  weight: number | null;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  closedBy: Account | null;
  /** Of the issue it became in another project. */
  movedToId: number | null;
  /** When it was made, in ms: for lists that lag. */
  bornAtMs: number;
}

/** One entry of a hook's log. */
export interface HookEvent {
  id: number;
  /** GitLab's name of the event, such as `issue_hooks`. */
  trigger: string;
  /** As in the header, such as `Issue Hook`. */
  event: string;
  idempotencyKey: string;
  sentAt: string;
  url: string;
  requestHeaders: Readonly<Record<string, string>>;
  /** The raw bytes as sent. */
  body: string;
  /** 0: no answer. */
  statusCode: number;
  status: string;
  responseHeaders: Readonly<Record<string, string>>;
  responseBody: string;
  durationSeconds: number;
}

export interface Hook {
  id: number;
  uuid: string;
  project: Project;
  url: string;
  name: string | null;
  description: string | null;
  /** Whether it listens, by field of the API, such as `issues_events`. */
  events: Record<string, boolean>;
  enableSslVerification: boolean;
  token: string | null;
  signingToken: string | null;
  customHeaders: { key: string; value: string }[];
  createdAt: string;
  log: HookEvent[];
  failures: number;
  disabledUntil: string | null;
  disabledForEver: boolean;
}

export interface Project {
  id: number;
  /** `group/name`. */
  path: string;
  formerPaths: string[];
  visibility: Visibility;
  issuesAccess: FeatureAccess;
  archived: boolean;
  members: Map<Account, Role>;
  labels: Label[];
  issues: Map<number, Issue>;
  nextIid: number;
  hooks: Hook[];
  createdAt: string;
  updatedAt: string;
}

/** A quick action that a text made GitLab do. */
export interface ExecutedAction {
  name: string;
  argument: string;
  by: string;
  project: string;
  iid: number;
}

/** Somebody whom a text called. */
export interface Notification {
  username: string;
  by: string;
  project: string;
  iid: number;
}

/** Something that GitLab tells hooks. */
export interface Notice {
  kind: 'issue' | 'note';
  project: Project;
  actor: Account;
  action: string;
  issue: Issue;
  note?: Note;
  changes?: Readonly<Record<string, { previous: unknown; current: unknown }>>;
}

export interface State {
  /** `http://127.0.0.1:PORT` with the relative root, known once the server listens. */
  url: string;
  /** `19.4.0`, without the edition. */
  version: string;
  enterprise: boolean;
  now: () => Date;
  random: () => number;
  accounts: Map<string, Account>;
  tokens: Map<string, Token>;
  apps: OauthApp[];
  grants: OauthGrant[];
  projects: Project[];
  links: IssueLink[];
  executed: ExecutedAction[];
  notifications: Notification[];
  nextId: number;
  notify: (notice: Notice) => void;
}

/** An empty GitLab. */
export function newState(options: Pick<State, 'version' | 'enterprise' | 'now' | 'random'>): State {
  return {
    ...options,
    url: '',
    accounts: new Map(),
    tokens: new Map(),
    apps: [],
    grants: [],
    projects: [],
    links: [],
    executed: [],
    notifications: [],
    nextId: 100,
    notify: () => {},
  };
}

/** Now, as GitLab writes it: `2026-01-31T12:00:00.000Z`. */
export function stamp(state: State): string {
  return state.now().toISOString();
}

/** An id that no other object of this GitLab has. */
export function newId(state: State): number {
  state.nextId += 3;
  return state.nextId;
}

/** Whether this GitLab is at least of that version. */
export function isSince({ version }: State, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
