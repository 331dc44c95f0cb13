import { accountOf } from './accounts.ts';
import { textOf } from './draft.ts';
import { systemFields } from './fields.ts';
import { typesOf } from './processes.ts';
import type { Node, Organization, ProcessName, Project, State } from './state.ts';
import { newGuid, stamp } from './state.ts';

export interface NewOrganization {
  name: string;
  /** `services` if left out. A collection of a Server is found below `/tfs/`. */
  kind?: 'services' | 'server';
  /** The newest released version: 7.1 for Services, 7.0 for a Server if left out. */
  apiVersion?: number;
  /** People who may do everything, service hooks included. */
  administrators?: readonly string[];
}

export interface NewProject {
  /** Made as one of the Services when it is new. */
  organization: string;
  name: string;
  /** `Basic` if left out. */
  process?: ProcessName;
  /** `private` if left out. */
  visibility?: 'private' | 'public';
  administrators?: readonly string[];
  contributors?: readonly string[];
  readers?: readonly string[];
}

export function addOrganization(state: State, wish: NewOrganization): Organization {
  const kind = wish.kind ?? 'services';
  const organization: Organization = {
    id: newGuid(state),
    name: wish.name,
    kind,
    apiVersion: wish.apiVersion ?? (kind === 'server' ? 7 : 7.1),
    administrators: new Set(wish.administrators?.map((name) => accountOf(state, name).id)),
    fields: systemFields(),
    projects: [],
    items: new Map(),
    tags: new Map(),
    log: [],
    subscriptions: [],
    nextItem: 1,
    nextNode: 1,
    nextDelivery: 1,
    nextComment: 1,
  };
  state.organizations.set(wish.name.toLowerCase(), organization);
  return organization;
}

export function addProject(state: State, wish: NewProject): Project {
  const organization =
    state.organizations.get(wish.organization.toLowerCase()) ??
    addOrganization(state, { name: wish.organization });
  const process = wish.process ?? 'Basic';
  const project: Project = {
    organization,
    id: newGuid(state),
    name: wish.name,
    description: '',
    process,
    visibility: wish.visibility ?? 'private',
    state: 'wellFormed',
    roles: new Map(),
    types: typesOf(process, organization.kind),
    areas: [],
    iterations: [],
    revision: 1,
    updatedAt: stamp(state),
  };
  for (const [role, names] of [
    ['reader', wish.readers],
    ['contributor', wish.contributors],
    ['administrator', wish.administrators],
  ] as const)
    for (const name of names ?? []) project.roles.set(accountOf(state, name).id, role);
  project.areas.push(newNode(state, organization, wish.name));
  project.iterations.push(newNode(state, organization, wish.name));
  organization.projects.push(project);
  return project;
}

/** An area or iteration; `path` is without the project, such as `Web\Checkout`. */
export function addNode(state: State, project: Project, kind: 'areas' | 'iterations', path: string): Node {
  const steps = path.split('\\');
  let node: Node | undefined;
  for (let length = 1; length <= steps.length; length += 1) {
    const full = [project.name, ...steps.slice(0, length)].join('\\');
    node = findNode(project[kind], full);
    if (node === undefined) {
      node = newNode(state, project.organization, full);
      project[kind].push(node);
    }
  }
  if (node === undefined) throw new Error('an area needs a name');
  return node;
}

export function findNode(nodes: readonly Node[], path: string): Node | undefined {
  return nodes.find((node) => node.path.toLowerCase() === path.toLowerCase());
}

/** By name or id, in any case of letters. */
export function findProject(organization: Organization, name: string): Project | undefined {
  const wanted = name.toLowerCase();
  return organization.projects.find((each) => each.id === wanted || each.name.toLowerCase() === wanted);
}

/** The project gets a new name, and its areas, iterations and work items with it; the id stays. */
export function renameProject(state: State, project: Project, name: string): void {
  const former = project.name;
  const renamed = (path: string): string => name + path.slice(former.length);
  for (const node of [...project.areas, ...project.iterations]) node.path = renamed(node.path);
  for (const item of project.organization.items.values()) {
    if (item.project !== project) continue;
    item.fields.set('System.TeamProject', name);
    for (const field of ['System.AreaPath', 'System.IterationPath'])
      item.fields.set(field, renamed(textOf(item.fields, field)));
  }
  project.name = name;
  project.revision += 1;
  project.updatedAt = stamp(state);
}

function newNode(state: State, organization: Organization, path: string): Node {
  const node = { id: organization.nextNode, identifier: newGuid(state), path, deniedTo: new Set<string>() };
  organization.nextNode += 1;
  return node;
}
