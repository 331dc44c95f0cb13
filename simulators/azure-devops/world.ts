/** What people do and see at Azure DevOps, without HTTP: the other side of every test. */
import type { NewOrganization, NewProject } from './project-acts.ts';
import type { WorkItemSnapshot } from './snapshot.ts';
import type { Category, Delivery, Executed, FieldType, Role, SubscriptionStatus } from './state.ts';

export interface ProjectPlace {
  organization: string;
  project: string;
}

export interface ItemPlace {
  organization: string;
  id: number;
}

interface NewUser {
  /** Unique name; `@acme.test` is added where it has no host. */
  login: string;
  /** A personal access token. */
  token?: string;
  name?: string;
  /** Of the token; `['full']` if left out. Others are named as Azure DevOps names them: `vso.work_write`, `vso.project`. */
  scopes?: readonly string[];
  /** Of the token; ISO. */
  expiresAt?: string;
}

export interface NewItemByPerson extends ProjectPlace {
  title: string;
  /** `Issue` in Basic, else the first of `User Story`, `Product Backlog Item`, `Requirement` if left out. */
  type?: string;
  description?: string;
  tags?: readonly string[];
  state?: string;
  fields?: Readonly<Record<string, unknown>>;
  by?: string;
}

interface NewFieldOfType {
  type: string;
  referenceName: string;
  name: string;
  /** `string` if left out. */
  kind?: FieldType | 'identity';
  required?: boolean;
  /** Required only in these states. */
  requiredIn?: readonly string[];
  allowedValues?: readonly (string | number)[];
  defaultValue?: string | number;
}

/** Each act is done by the account `by`, or by the user `mona`, whatever its permission; it makes a revision and tells the service hooks. */
export interface AzureDevopsWorld {
  addUser(user: NewUser): { id: string; uniqueName: string };
  /** An application of Entra ID; its access tokens come from `/{tenantId}/oauth2/v2.0/token`. */
  addServicePrincipal(wish: { login: string; tenantId: string; clientId: string; clientSecret: string }): {
    id: string;
    uniqueName: string;
  };
  changeClientSecret(clientId: string, clientSecret: string): void;
  /** A personal access token or an access token. */
  revokeToken(token: string): void;
  addOrganization(wish: NewOrganization): { id: string };
  addProject(wish: NewProject): { id: string };
  renameProject(place: ProjectPlace, name: string): void;
  deleteProject(place: ProjectPlace): void;
  setVisibility(place: ProjectPlace, visibility: 'private' | 'public'): void;
  /** `none` takes the account's role away. */
  setRole(place: ProjectPlace, login: string, role: Role | 'none'): void;
  /** `path` is without the project, such as `Web\Checkout`. */
  addArea(place: ProjectPlace, path: string): void;
  addIteration(place: ProjectPlace, path: string): void;
  /** The account may not save work items in that area any more. */
  denyArea(place: ProjectPlace, path: string, login: string): void;
  addField(place: ProjectPlace, wish: NewFieldOfType): void;
  addState(place: ProjectPlace, type: string, state: { name: string; category: Category }): void;
  openItem(wish: NewItemByPerson): WorkItemSnapshot;
  editTitle(place: ItemPlace, title: string, by?: string): void;
  editDescription(place: ItemPlace, description: string, by?: string): void;
  /** Any field by its reference name; null empties it. */
  setField(place: ItemPlace, field: string, value: unknown, by?: string): void;
  setState(place: ItemPlace, state: string, by?: string, reason?: string): void;
  addTag(place: ItemPlace, tag: string, by?: string): void;
  removeTag(place: ItemPlace, tag: string, by?: string): void;
  assign(place: ItemPlace, login: string | null, by?: string): void;
  /** A day, such as `2026-12-31`. */
  setDueDate(place: ItemPlace, day: string | null, by?: string): void;
  /** Answers the comment's id. */
  comment(place: ItemPlace, text: string, by?: string): number;
  editComment(place: ItemPlace, id: number, text: string, by?: string): void;
  deleteComment(place: ItemPlace, id: number, by?: string): void;
  /** Links to another work item: `Parent`, `Child`, `Related` and so on. */
  link(place: ItemPlace, kind: string, target: number, by?: string): void;
  /** Into the recycle bin. */
  deleteItem(place: ItemPlace, by?: string): void;
  restoreItem(place: ItemPlace, by?: string): void;
  /** For ever. */
  destroyItem(place: ItemPlace): void;
  /** To another project of the organization; the id stays. */
  moveItem(place: ItemPlace, project: string, by?: string): void;
  /** Makes it a work item of another type, in that type's first state; the id stays. */
  convertItem(place: ItemPlace, type: string, by?: string): void;
  /** A new work item with the same texts, tags and custom fields, related to the first. */
  cloneItem(place: ItemPlace, by?: string): WorkItemSnapshot;
  /** The work item as it is now, in the recycle bin or not; throws when there is none. */
  item(organization: string, id: number): WorkItemSnapshot;
  /** All that are not deleted, by id. */
  items(organization: string, project: string): WorkItemSnapshot[];
  /** What texts made the tracker do, oldest first. */
  executed(): readonly Executed[];
  /** The unique names of people whom texts called, each once. */
  notified(): readonly string[];
  /** All service hooks with their deliveries, oldest first; secrets left out. */
  hooks(organization: string): HookSnapshot[];
  setHookStatus(organization: string, id: string, status: SubscriptionStatus): void;
  /** What the service does 20 minutes to 15 hours after a hook went on probation: tries its delivery again. */
  retryProbation(organization: string, id: string): Promise<void>;
}

interface HookSnapshot {
  id: string;
  url: string;
  eventType: string;
  status: SubscriptionStatus;
  publisherInputs: Readonly<Record<string, string>>;
  deliveries: readonly Delivery[];
}
