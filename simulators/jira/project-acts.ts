import { userOf } from './people.ts';
import type { CustomField, IssueType, Project, ProjectPermission, State, User } from './state.ts';
import { newId, PROJECT_PERMISSIONS } from './state.ts';
import type { WorkflowName } from './workflows.ts';
import { newWorkflow } from './workflows.ts';

export interface NewProject {
  key: string;
  name?: string;
  /** `simple` if left out. */
  workflow?: WorkflowName;
  /** Names of users who may do everything in it. */
  members?: readonly string[];
  /** Names of users who may only look. */
  viewers?: readonly string[];
  /** Readable for people who are not signed in. */
  isPublic?: boolean;
  /** Fields that its screens lack, such as `priority`. */
  hidden?: readonly string[];
  /** Custom fields on its screens. */
  fields?: readonly NewField[];
}

export interface NewField {
  name: string;
  type: CustomField['type'];
  options?: readonly string[];
  required?: boolean;
}

const ISSUE_TYPES: readonly IssueType[] = [
  { id: '10000', name: 'Epic', subtask: false, hierarchyLevel: 1 },
  { id: '10001', name: 'Task', subtask: false, hierarchyLevel: 0 },
  { id: '10002', name: 'Bug', subtask: false, hierarchyLevel: 0 },
  { id: '10003', name: 'Story', subtask: false, hierarchyLevel: 0 },
  { id: '10004', name: 'Sub-task', subtask: true, hierarchyLevel: -1 },
];
const SCREEN =
  'summary issuetype project description labels priority assignee reporter duedate parent issuelinks'.split(
    ' ',
  );

const EPIC_FIELDS = [
  { name: 'Epic Link', type: 'epic-link' },
  { name: 'Epic Name', type: 'epic-name' },
] as const;

/** Makes a project; a field of a name that is known is used again. */
export function addProject(state: State, wish: NewProject): Project {
  const workflow = newWorkflow(state, wish.workflow ?? 'simple');
  const isTeamManaged = workflow.name === 'team-managed';
  const project: Project = {
    id: String(newId(state)),
    key: wish.key,
    formerKeys: [],
    name: wish.name ?? wish.key,
    style: isTeamManaged ? 'next-gen' : 'classic',
    archived: false,
    isPublic: wish.isPublic ?? false,
    grants: new Map(),
    workflow,
    issueTypes: isTeamManaged ? ownTypes(state) : ISSUE_TYPES,
    screen: new Set(SCREEN.filter((each) => wish.hidden?.includes(each) !== true)),
    required: new Set(['summary', 'issuetype', 'project']),
    nextNumber: 1,
  };
  for (const name of wish.members ?? []) grant(project, userOf(state, name), PROJECT_PERMISSIONS);
  for (const name of wish.viewers ?? []) grant(project, userOf(state, name), ['BROWSE_PROJECTS']);
  for (const each of wish.fields ?? []) addField(state, project, each);
  if (state.flavour === 'data-center') for (const each of EPIC_FIELDS) addField(state, project, each);
  state.projects.push(project);
  return project;
}

/** Puts a custom field on the screens of a project. */
export function addField(state: State, project: Project, wish: NewField): CustomField {
  const known = state.customFields.find(({ name }) => name === wish.name);
  const field: CustomField = known ?? {
    id: `customfield_${newId(state)}`,
    name: wish.name,
    type: wish.type,
    options: (wish.options ?? []).map((name) => ({ id: String(newId(state)), name })),
  };
  if (known === undefined) state.customFields.push(field);
  project.screen.add(field.id);
  if (wish.required === true) project.required.add(field.id);
  return field;
}

/** Team-managed projects have issue types of their own, without sub-tasks until they are asked for. */
function ownTypes(state: State): IssueType[] {
  return ISSUE_TYPES.filter(({ subtask }) => !subtask).map((each) => ({ ...each, id: String(newId(state)) }));
}

export function grant(project: Project, user: User, permissions: readonly ProjectPermission[]): void {
  project.grants.set(user, new Set(permissions));
}

/** By key, former key or id. */
export function findProject(state: State, idOrKey: string): Project | undefined {
  const wanted = idOrKey.toUpperCase();
  return state.projects.find(
    ({ id, key, formerKeys }) => id === wanted || key === wanted || formerKeys.includes(wanted),
  );
}

/** Whether the user may do that there; nobody writes to an archived project. */
export function may(project: Project, user: User | undefined, permission: ProjectPermission): boolean {
  if (permission === 'BROWSE_PROJECTS' && project.isPublic) return true;
  if (user === undefined) return false;
  if (project.archived && permission !== 'BROWSE_PROJECTS') return false;
  return project.grants.get(user)?.has(permission) ?? false;
}
