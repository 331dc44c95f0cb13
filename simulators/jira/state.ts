/** What one Jira knows, in memory. Ids are numbers in texts, as Jira shows them. */
import type { AdfNode } from './adf.ts';
import type { Executed, Hook, Notice } from './notices.ts';
import type { Workflow } from './workflows.ts';

export type Flavour = 'cloud' | 'data-center';

/** A description or comment: an Atlassian Document on Cloud, wiki markup on Data Center. */
export type Rich = AdfNode | string;

export const PROJECT_PERMISSIONS = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'TRANSITION_ISSUES',
  'ASSIGN_ISSUES',
  'ASSIGNABLE_USER',
  'ADD_COMMENTS',
  'EDIT_ALL_COMMENTS',
  'DELETE_ALL_COMMENTS',
  'DELETE_ISSUES',
  'LINK_ISSUES',
  'MOVE_ISSUES',
  'ADMINISTER_PROJECTS',
] as const;
export type ProjectPermission = (typeof PROJECT_PERMISSIONS)[number];

export interface User {
  accountId: string;
  /** Log-in name of Data Center. */
  name: string;
  key: string;
  displayName: string;
  email: string;
  timeZone: string;
  active: boolean;
  /** The global permission "Administer Jira". */
  isAdmin: boolean;
  password?: string;
  failedLogins: number;
}

/** `api-token`: Cloud, with the e-mail in Basic. `pat`: Data Center, Bearer. `access-token`: Cloud, OAuth, only through `/ex/jira`. */
export interface Credential {
  kind: 'api-token' | 'pat' | 'access-token';
  value: string;
  user: User;
  /** Of OAuth and of scoped API tokens, which also go through `/ex/jira`; undefined: everything the user may. */
  scopes?: readonly string[];
  expiresAt?: Date;
  revoked: boolean;
  clientId?: string;
}

/** An OAuth 2.0 (3LO) app and one person's grant. */
export interface Grant {
  clientId: string;
  clientSecret: string;
  user: User;
  scopes: readonly string[];
  /** The one refresh token that is good now. */
  refreshToken: string;
  revoked: boolean;
}

export interface Status {
  id: string;
  name: string;
  category: 'new' | 'indeterminate' | 'done';
}

export interface IssueType {
  id: string;
  name: string;
  subtask: boolean;
  hierarchyLevel: number;
}

/** Priorities and resolutions. */
export interface Named {
  id: string;
  name: string;
}

export interface CustomField {
  /** Such as `customfield_10050`. */
  id: string;
  name: string;
  /** Data Center's epics have a name of their own, and other issues a link to their epic. */
  type: 'string' | 'option' | 'textarea' | 'epic-link' | 'epic-name';
  options: readonly Named[];
}

export interface Project {
  id: string;
  key: string;
  formerKeys: string[];
  name: string;
  style: 'classic' | 'next-gen';
  archived: boolean;
  /** Whether people who are not signed in may read it. */
  isPublic: boolean;
  grants: Map<User, Set<ProjectPermission>>;
  workflow: Workflow;
  issueTypes: readonly IssueType[];
  /** Fields of the create and edit screens. */
  screen: Set<string>;
  required: Set<string>;
  nextNumber: number;
}

export interface Comment {
  id: string;
  author: User;
  updateAuthor: User;
  body: Rich;
  created: Date;
  updated: Date;
}

export interface ChangeItem {
  field: string;
  fieldId: string;
  from: string | null;
  fromText: string | null;
  to: string | null;
  toText: string | null;
}

export interface Change {
  id: string;
  author: User;
  created: Date;
  items: readonly ChangeItem[];
}

export interface RemoteLink {
  id: number;
  globalId?: string;
  relationship?: string;
  object: { url: string; title: string; summary?: string };
}

/** All of an issue that one change can touch. */
export interface Issue {
  id: string;
  key: string;
  /** Keys it had in other projects; they still lead here. */
  formerKeys: readonly string[];
  project: Project;
  type: IssueType;
  summary: string;
  description: Rich | null;
  labels: readonly string[];
  priority: Named | null;
  status: Status;
  resolution: Named | null;
  resolutionDate: Date | null;
  assignee: User | null;
  reporter: User;
  creator: User;
  dueDate: string | null;
  parent: Issue | null;
  custom: ReadonlyMap<string, unknown>;
  properties: ReadonlyMap<string, unknown>;
  comments: readonly Comment[];
  remoteLinks: readonly RemoteLink[];
  changes: readonly Change[];
  created: Date;
  updated: Date;
}

export interface IssueLink {
  id: string;
  type: LinkType;
  inward: Issue;
  outward: Issue;
}

export interface LinkType {
  id: string;
  name: string;
  inward: string;
  outward: string;
}

/** How the search index saw an issue from a moment on. */
interface Indexed {
  visibleAtMs: number;
  issue: Issue;
}

export interface State {
  flavour: Flavour;
  /** `http://127.0.0.1:PORT` and, on Data Center, the context path. */
  url: string;
  cloudId: string;
  now: () => Date;
  random: () => number;
  users: User[];
  credentials: Credential[];
  grants: Grant[];
  projects: Project[];
  issues: Map<string, Issue>;
  /** By issue id, oldest first. */
  index: Map<string, Indexed[]>;
  indexLagMs: () => number;
  links: IssueLink[];
  customFields: CustomField[];
  priorities: readonly Named[];
  resolutions: readonly Named[];
  statuses: Status[];
  hooks: Hook[];
  executed: Executed[];
  nextId: number;
  notify: (notice: Notice) => void;
}

/** An empty Jira. */
export function newState(flavour: Flavour, now: () => Date, random: () => number): State {
  return {
    flavour,
    url: '',
    cloudId: '3f1b2c4d-0a1b-4c2d-8e3f-9a8b7c6d5e4f',
    now,
    random,
    users: [],
    credentials: [],
    grants: [],
    projects: [],
    issues: new Map(),
    index: new Map(),
    indexLagMs: () => 0,
    links: [],
    customFields: [],
    priorities: ['Highest', 'High', 'Medium', 'Low', 'Lowest'].map((name, at) => ({
      id: String(at + 1),
      name,
    })),
    resolutions: ['Done', "Won't Do", 'Duplicate', 'Cannot Reproduce'].map((name, at) => ({
      id: String(10_000 + at),
      name,
    })),
    statuses: [],
    hooks: [],
    executed: [],
    nextId: 10_100,
    notify: () => {},
  };
}

/** An id that no other object of this Jira has. */
export function newId(state: State): number {
  state.nextId += 1;
  return state.nextId;
}
