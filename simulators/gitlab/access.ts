import { Refusal } from '../shared/answers.ts';
import { canRead, canReadIssue, canReadIssues, reaches } from './accounts.ts';
import { forbidden, notFound } from './answers.ts';
import { findProject, findRenamed } from './project-acts.ts';
import type { ApiRequest } from './request.ts';
import { param } from './request.ts';
import type { Issue, Note, Project, Role } from './state.ts';

/** The project of the path if the caller may see it. A GET by a former path is sent to the project's number. */
export function projectOf(request: ApiRequest): Project {
  const id = param(request, 'id');
  const project = findProject(request.state, id);
  if (project !== undefined && canRead(request.caller, project)) return project;
  const renamed = project === undefined ? findRenamed(request.state, id) : undefined;
  if (renamed === undefined || request.method !== 'GET' || !canRead(request.caller, renamed))
    throw notFound('Project');
  const rest = request.path.split('/').slice(3);
  const query = request.query.size === 0 ? '' : `?${request.query.toString()}`;
  const location = `${request.apiRoot}/${['projects', renamed.id, ...rest].join('/')}${query}`;
  throw new Refusal({
    status: 301,
    text: `This resource has been moved permanently to ${location}.`,
    headers: { location, 'content-type': 'text/plain' },
  });
}

/** Refuses everybody below a role. */
export function needRole({ caller }: ApiRequest, project: Project, role: Role): void {
  if (!reaches(project, caller.account, role)) throw forbidden();
}

/** Refuses writes to an archived project. */
export function needActive(project: Project): void {
  if (project.archived) throw forbidden();
}

/** Refuses those who may not open issues or comment here: on public projects every account may. */
export function needIssues({ caller }: ApiRequest, project: Project): void {
  needActive(project);
  if (!canReadIssues(project, caller.account)) throw forbidden();
}

/** The issue of the path. Deleted and never there look the same. */
export function issueOf(request: ApiRequest, name = 'issue_iid'): Issue {
  const project = projectOf(request);
  const issue = project.issues.get(Number(param(request, name)));
  if (issue === undefined || !canReadIssue(issue, request.caller.account)) throw notFound();
  return issue;
}

/** The note of the path; internal ones only for planners and up. */
export function noteOf(request: ApiRequest, issue: Issue): Note {
  const note = issue.notes.find(({ id }) => id === Number(param(request, 'note_id')));
  if (note === undefined || !canReadNote(request, issue, note)) throw notFound('Note');
  return note;
}

export function canReadNote({ caller }: Pick<ApiRequest, 'caller'>, issue: Issue, note: Note): boolean {
  return (
    !note.internal || note.author === caller.account || reaches(issue.project, caller.account, 'planner')
  );
}
