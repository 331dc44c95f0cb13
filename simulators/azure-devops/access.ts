import { reaches, roleOf } from './accounts.ts';
import { noSuchItem, noSuchProject, refuse } from './answers.ts';
import { textOf } from './draft.ts';
import { findNode, findProject } from './project-acts.ts';
import type { ApiRequest } from './request.ts';
import type { FieldValue, Project, Role, WorkItem } from './state.ts';

/** The project of that name or id if the caller may see it. */
export function projectNamed(request: ApiRequest, name: string): Project {
  const project = findProject(request.organization, name);
  const isThere = project?.state === 'wellFormed' && roleOf(project, request.caller.account) !== undefined;
  if (!isThere) throw noSuchProject(name);
  return project;
}

/** The project of the path, which this route must have. */
export function needProject({ project }: ApiRequest): Project {
  if (project !== undefined) return project;
  throw refuse(400, 'ProjectNotSpecifiedException', 'VS402335: The request needs a project in its path.');
}

/** A work item that is not deleted, if the caller may read it. A project in the path must be its own. */
export function itemOf(request: ApiRequest, id: number): WorkItem {
  const item = visible(request, id);
  if (item === undefined || item.deleted !== undefined) throw noSuchItem(id);
  return item;
}

/** A work item in the recycle bin. */
export function recycledOf(request: ApiRequest, id: number): WorkItem {
  const item = visible(request, id);
  if (item?.deleted === undefined) throw noSuchItem(id);
  return item;
}

/** The work item, in the recycle bin or not. */
function visible(request: ApiRequest, id: number): WorkItem | undefined {
  const item = request.organization.items.get(id);
  if (item === undefined || !mayRead(request, item.project)) return undefined;
  return request.project === undefined || request.project === item.project ? item : undefined;
}

export function mayRead({ caller }: ApiRequest, project: Project): boolean {
  return project.state === 'wellFormed' && roleOf(project, caller.account) !== undefined;
}

/** Refuses a caller whose role or whose area does not let it save. */
export function needWrite(
  { caller }: ApiRequest,
  project: Project,
  fields: ReadonlyMap<string, FieldValue>,
): void {
  const area = textOf(fields, 'System.AreaPath');
  const isDenied = project.areas.some(
    ({ path, deniedTo }) =>
      deniedTo.has(caller.account.id) && (area === path || area.startsWith(`${path}\\`)),
  );
  const id = findNode(project.areas, area)?.id ?? 0;
  if (!isDenied && reaches(roleOf(project, caller.account), 'contributor')) return;
  throw refuse(
    403,
    'WorkItemUnauthorizedAccessException',
    `TF237111: The current user does not have permissions to save work items under the specified area path. (${id})`,
  );
}

export function needRole({ caller }: ApiRequest, project: Project, role: Role, what: string): void {
  if (reaches(roleOf(project, caller.account), role)) return;
  throw refuse(
    403,
    'AccessCheckException',
    `VS403027: ${caller.account.name} needs the following permission(s) to perform this action: ${what}.`,
  );
}
