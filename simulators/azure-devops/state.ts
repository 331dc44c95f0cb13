import { createHash } from 'node:crypto';

/** What Azure DevOps knows, in memory. An organization of the Services and a collection of the Server are the same thing. */

export type ProcessName = 'Basic' | 'Agile' | 'Scrum' | 'CMMI';
export type Category = 'Proposed' | 'InProgress' | 'Resolved' | 'Completed' | 'Removed';
export type Role = 'reader' | 'contributor' | 'administrator';
export type Format = 'html' | 'markdown';

/** A person or an application. */
export interface Account {
  id: string;
  name: string;
  uniqueName: string;
  descriptor: string;
}

/** A personal access token, or an access token of Entra ID. `full` among the scopes allows everything. */
export interface Credential {
  value: string;
  kind: 'pat' | 'entra';
  account: Account;
  scopes: readonly string[];
  expiresAt?: string;
  revoked: boolean;
}

/** An application registered in Entra ID. */
export interface Application {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  account: Account;
}

export type FieldType =
  'string' | 'html' | 'history' | 'integer' | 'double' | 'dateTime' | 'treePath' | 'boolean' | 'plainText';

export interface Field {
  referenceName: string;
  name: string;
  type: FieldType;
  isIdentity: boolean;
  readOnly: boolean;
}

/** How a type of work item uses a field. */
export interface FieldUse {
  referenceName: string;
  required: boolean;
  /** Required only in these states. */
  requiredIn: readonly string[];
  allowedValues?: readonly (string | number)[];
  defaultValue?: string | number;
}

export interface TypeState {
  name: string;
  color: string;
  category: Category;
}

export interface WorkItemType {
  name: string;
  referenceName: string;
  color: string;
  states: TypeState[];
  fields: Map<string, FieldUse>;
  /** The reasons for being in a state, the usual one first; without an entry there is one that tells of the move. */
  reasons: Readonly<Record<string, readonly string[]>>;
  /** Undefined: every state leads to every other. */
  transitions?: Readonly<Record<string, readonly string[]>>;
}

export interface Node {
  id: number;
  identifier: string;
  /** With backslashes, beginning with the project's name at that time: `payments\Web`. */
  path: string;
  /** Accounts that may not change work items below. */
  deniedTo: Set<string>;
}

export interface Project {
  organization: Organization;
  id: string;
  name: string;
  description: string;
  process: ProcessName;
  visibility: 'private' | 'public';
  state: 'wellFormed' | 'deleted';
  roles: Map<string, Role>;
  types: WorkItemType[];
  areas: Node[];
  iterations: Node[];
  revision: number;
  updatedAt: string;
}

export type FieldValue = string | number | boolean | Account;

export interface Relation {
  rel: string;
  url: string;
  attributes: Readonly<Record<string, unknown>>;
  /** The other work item of a link. */
  target?: number;
}

/** A work item as it was after one save. */
export interface Revision {
  item: WorkItem;
  rev: number;
  /** Counts the saves of the whole organization. */
  watermark: number;
  at: string;
  project: Project;
  fields: ReadonlyMap<string, FieldValue>;
  formats: ReadonlyMap<string, Format>;
  isDeleted: boolean;
}

export interface Update {
  id: number;
  rev: number;
  by: Account;
  at: string;
  fields: Readonly<Record<string, { oldValue?: FieldValue; newValue?: FieldValue }>>;
  added: readonly Relation[];
  removed: readonly Relation[];
}

export interface Comment {
  id: number;
  version: number;
  text: string;
  format: Format;
  by: Account;
  at: string;
  modifiedBy: Account;
  modifiedAt: string;
  isDeleted: boolean;
}

export interface WorkItem {
  id: number;
  project: Project;
  rev: number;
  fields: Map<string, FieldValue>;
  formats: Map<string, Format>;
  relations: Relation[];
  revisions: Revision[];
  updates: Update[];
  comments: Comment[];
  deleted?: { by: Account; at: string };
}

export type SubscriptionStatus =
  'enabled' | 'onProbation' | 'disabledByUser' | 'disabledBySystem' | 'disabledByInactiveIdentity';

export interface Delivery {
  id: number;
  eventId: string;
  eventType: string;
  createdAt: string;
  modifiedAt: string;
  status: 'queued' | 'processing' | 'requestInProgress' | 'completed';
  result: 'pending' | 'succeeded' | 'failed' | 'filtered';
  attempts: number;
  /** The statuses that came back, one for each attempt; 0: no answer. */
  answers: number[];
  url: string;
  requestHeaders: Readonly<Record<string, string>>;
  body: string;
  error: string;
}

export interface Subscription {
  id: string;
  organization: Organization;
  eventType: string;
  resourceVersion: string;
  publisherInputs: Readonly<Record<string, string>>;
  consumerInputs: Readonly<Record<string, string>>;
  status: SubscriptionStatus;
  probationRetries: number;
  /** The delivery that put it on probation. */
  held?: Delivery;
  createdBy: Account;
  createdAt: string;
  modifiedBy: Account;
  modifiedAt: string;
  deliveries: Delivery[];
}

export interface Organization {
  id: string;
  name: string;
  kind: 'services' | 'server';
  /** The newest released API version. */
  apiVersion: number;
  administrators: Set<string>;
  fields: Map<string, Field>;
  projects: Project[];
  items: Map<number, WorkItem>;
  tags: Map<string, { id: string; name: string }>;
  /** Every save, oldest first. */
  log: Revision[];
  subscriptions: Subscription[];
  nextItem: number;
  nextNode: number;
  nextDelivery: number;
  nextComment: number;
}

/** Something that the tracker did because a text told it to, or something dangerous that it took out of one. */
export interface Executed {
  kind: 'mention' | 'reference' | 'image' | 'script';
  organization: string;
  item: number;
  /** A field, or `comment`. */
  field: string;
  /** Id of the account, number of the work item, address, or name of the element. */
  target: string;
  by: string;
}

/** Something happened that service hooks may want to hear of. */
export interface Notice {
  event: 'created' | 'updated' | 'deleted' | 'restored' | 'commented';
  item: WorkItem;
  actor: Account;
  update?: Update;
  comment?: Comment;
}

export interface State {
  now(): Date;
  random(): number;
  url: string;
  organizations: Map<string, Organization>;
  accounts: Map<string, Account>;
  credentials: Map<string, Credential>;
  applications: Application[];
  executed: Executed[];
  /** The organization that is found without a name in the path, as at `{name}.visualstudio.com`. */
  hostOrganization?: string;
  nextGuid: number;
  notify(notice: Notice): void;
}

export function newState(now: () => Date, random: () => number): State {
  return {
    now,
    random,
    url: '',
    organizations: new Map(),
    accounts: new Map(),
    credentials: new Map(),
    applications: [],
    executed: [],
    nextGuid: 1,
    notify() {},
  };
}

/** The time now, as Azure DevOps writes it: no zeros at the end. */
export function stamp(state: State): string {
  return state
    .now()
    .toISOString()
    .replace(/\.?0+Z$/, 'Z');
}

/** A GUID that was never given before. */
export function newGuid(state: State): string {
  const hex = createHash('sha256').update(`azure-devops ${state.nextGuid}`).digest('hex');
  state.nextGuid += 1;
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(12, 15)}`,
    `a${hex.slice(15, 18)}`,
    hex.slice(18, 30),
  ].join('-');
}

export function isAccount(value: unknown): value is Account {
  return typeof value === 'object' && value !== null && 'descriptor' in value && 'uniqueName' in value;
}
