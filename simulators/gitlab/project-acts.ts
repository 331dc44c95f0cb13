import { accountOf } from './accounts.ts';
import type { Account, FeatureAccess, Label, Project, Role, State, Visibility } from './state.ts';
import { newId, stamp } from './state.ts';

export interface NewProject {
  /** `group/name`. */
  path: string;
  visibility?: Visibility;
  issuesAccess?: FeatureAccess;
  /** Role by user name. */
  members?: Readonly<Record<string, Role>>;
}

/** A project without issues and labels. */
export function addProject(state: State, wish: NewProject): Project {
  const members = new Map<Account, Role>();
  for (const [username, role] of Object.entries(wish.members ?? {}))
    members.set(accountOf(state, username), role);
  const at = stamp(state);
  const project: Project = {
    id: newId(state),
    path: wish.path,
    formerPaths: [],
    visibility: wish.visibility ?? 'private',
    issuesAccess: wish.issuesAccess ?? 'enabled',
    archived: false,
    members,
    labels: [],
    issues: new Map(),
    nextIid: 1,
    hooks: [],
    createdAt: at,
    updatedAt: at,
  };
  state.projects.push(project);
  return project;
}

/** The project of that number or path today. */
export function findProject(state: State, idOrPath: string): Project | undefined {
  if (/^\d+$/.test(idOrPath)) return state.projects.find(({ id }) => String(id) === idOrPath);
  const wanted = idOrPath.toLowerCase();
  return state.projects.find(({ path }) => path.toLowerCase() === wanted);
}

/** The project that had that path once, unless another one has it now. */
export function findRenamed(state: State, path: string): Project | undefined {
  const wanted = path.toLowerCase();
  return state.projects.find(({ formerPaths }) => formerPaths.includes(wanted));
}

export function renameProject(project: Project, path: string): void {
  project.formerPaths.push(project.path.toLowerCase());
  project.path = path;
}

/** The project's label of exactly that name, made when it is new. */
export function ensureLabel(state: State, project: Project, name: string): Label {
  return findLabel(project, name) ?? addLabel(state, project, { name });
}

export function findLabel(project: Project, name: string): Label | undefined {
  return project.labels.find((label) => label.name === name);
}

export function addLabel(
  state: State,
  project: Project,
  wish: { name: string; color?: string; description?: string | null },
): Label {
  const { name, color = '#6699cc', description = null } = wish;
  const label = { id: newId(state), name, color, description };
  project.labels.push(label);
  return label;
}
