import type { KeyObject } from 'node:crypto';

/** What GitHub knows, in memory. Times are ISO strings with second precision, as GitHub shows them. */

export const PERMISSIONS = ['read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Permission = (typeof PERMISSIONS)[number];
export type Visibility = 'public' | 'private' | 'internal';
export type StateReason = 'completed' | 'not_planned' | 'duplicate' | 'reopened';

export interface Account {
  id: number;
  nodeId: string;
  login: string;
  name: string | null;
  type: 'User' | 'Organization' | 'Bot';
  createdAt: string;
}

/**
 * A classic token has scopes, a fine-grained one has permissions and, maybe, only some repositories (`owner/name`); the one of
 * an App's installation reaches what the installation reaches, or what it was narrowed to.
 */
export interface Token {
  value: string;
  account: Account;
  kind: 'classic' | 'fine-grained' | 'installation';
  scopes: readonly string[];
  permissions: Readonly<Record<string, 'read' | 'write'>>;
  repositories?: readonly string[];
  installation?: Installation;
  within?: readonly Repository[];
  expiresAt?: string;
  revoked: boolean;
}

export interface App {
  id: number;
  nodeId: string;
  slug: string;
  clientId: string;
  owner: Account;
  /** `slug[bot]`. */
  bot: Account;
  keys: KeyObject[];
  createdAt: string;
}

export interface Installation {
  id: number;
  app: App;
  account: Account;
  repositories: Repository[] | 'all';
  permissions: Readonly<Record<string, 'read' | 'write'>>;
  suspendedAt: string | null;
  createdAt: string;
}

export interface Label {
  id: number;
  nodeId: string;
  name: string;
  color: string;
  description: string | null;
}

export interface Comment {
  id: number;
  nodeId: string;
  author: Account;
  body: string;
  createdAt: string;
  updatedAt: string;
  lastEditedAt: string | null;
}

export interface Milestone {
  id: number;
  nodeId: string;
  number: number;
  title: string;
  dueOn: string | null;
  creator: Account;
  createdAt: string;
}

export interface IssueEvent {
  id: number;
  nodeId: string;
  event: 'labeled' | 'unlabeled' | 'assigned' | 'unassigned' | 'renamed' | 'closed' | 'reopened';
  actor: Account;
  createdAt: string;
  label?: Label;
  assignee?: Account;
  rename?: { from: string; to: string };
  stateReason?: StateReason | null;
}

/** One version of a body that people can look up under "edited". */
interface BodyEdit {
  editedAt: string;
  editor: Account;
  body: string;
}

export interface Issue {
  id: number;
  nodeId: string;
  repository: Repository;
  number: number;
  title: string;
  body: string | null;
  author: Account;
  state: 'open' | 'closed';
  stateReason: StateReason | null;
  labels: Label[];
  assignees: Account[];
  milestone: Milestone | null;
  /** It is a sub-issue of this one. */
  parent: Issue | null;
  comments: Comment[];
  events: IssueEvent[];
  edits: BodyEdit[];
  isPullRequest: boolean;
  createdAt: string;
  updatedAt: string;
  lastEditedAt: string | null;
  closedAt: string | null;
  closedBy: Account | null;
  /** When it was made, in ms: for lists that lag. */
  bornAtMs: number;
}

export interface HookDelivery {
  id: number;
  guid: string;
  event: string;
  action: string | null;
  deliveredAt: string;
  redelivery: boolean;
  durationSeconds: number;
  /** 0: no answer. */
  statusCode: number;
  status: string;
  url: string;
  requestHeaders: Readonly<Record<string, string>>;
  /** The raw bytes as sent. */
  body: string;
  responseHeaders: Readonly<Record<string, string>>;
  responseBody: string;
}

export interface Hook {
  id: number;
  repository: Repository;
  active: boolean;
  events: string[];
  config: { url: string; content_type: 'json' | 'form'; insecure_ssl: string; secret?: string };
  createdAt: string;
  updatedAt: string;
  deliveries: HookDelivery[];
}

export interface Repository {
  id: number;
  nodeId: string;
  owner: Account;
  name: string;
  /** `owner/name` in lower case; requests for one of them are redirected. */
  formerNames: string[];
  visibility: Visibility;
  archived: boolean;
  hasIssues: boolean;
  /** By login in lower case. */
  permissions: Map<string, Permission>;
  labels: Label[];
  milestones: Milestone[];
  issues: Map<number, Issue>;
  /** Numbers that were issues once. */
  departed: Map<number, 'deleted' | Issue>;
  nextNumber: number;
  hooks: Hook[];
  createdAt: string;
  updatedAt: string;
}

/** Something that GitHub tells hooks; `facts` are the parts of the payload besides repository and sender. */
export interface Notice {
  event: 'issues' | 'issue_comment' | 'repository';
  action: string;
  repository: Repository;
  sender: Account;
  issue?: Issue;
  comment?: Comment;
  label?: Label;
  assignee?: Account;
  changes?: Readonly<Record<string, unknown>>;
  /** A transfer: the issue on the other side. */
  counterpart?: Issue;
}

export interface State {
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  url: string;
  now: () => Date;
  random: () => number;
  accounts: Map<string, Account>;
  tokens: Map<string, Token>;
  apps: App[];
  installations: Installation[];
  repositories: Repository[];
  nextId: number;
  notify: (notice: Notice) => void;
  /** Whether issues show that there are sub-issues. */
  knowsSubIssues: () => boolean;
}

/** An empty GitHub. */
export function newState(now: () => Date, random: () => number): State {
  return {
    url: '',
    now,
    random,
    accounts: new Map(),
    tokens: new Map(),
    apps: [],
    installations: [],
    repositories: [],
    nextId: 1000,
    notify: () => {},
    knowsSubIssues: () => true,
  };
}

/** Now, as GitHub writes it: `2026-01-31T12:00:00Z`. */
export function stamp(state: State): string {
  return isoSeconds(state.now());
}

/** A time cut to the second. */
export function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Ids that no other object of this GitHub has. */
export function newIds(state: State, prefix: string): { id: number; nodeId: string } {
  state.nextId += 7;
  const id = 1_200_000_000 + state.nextId;
  return { id, nodeId: `${prefix}_kwDO${Buffer.from(id.toString(36)).toString('base64url')}` };
}
