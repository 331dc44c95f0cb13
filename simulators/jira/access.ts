import { forbidden, noIssue, refuse, unauthorised } from './answers.ts';
import { findProject, may } from './project-acts.ts';
import type { ApiRequest } from './request.ts';
import { param } from './request.ts';
import type { Issue, Project, ProjectPermission, State, User } from './state.ts';

/** The user who asks; anonymous requests are told to sign in. */
export function userOf(request: ApiRequest): User {
  const { user } = request.caller;
  if (user === undefined) throw unauthorised();
  return user;
}

/** By id, key, or a key it had before it was moved. */
export function findIssue(state: State, idOrKey: string): Issue | undefined {
  const byId = state.issues.get(idOrKey);
  if (byId !== undefined) return byId;
  const wanted = idOrKey.toUpperCase();
  const issues = [...state.issues.values()];
  return (
    issues.find(({ key }) => key === wanted) ?? issues.find(({ formerKeys }) => formerKeys.includes(wanted))
  );
}

/** The issue of the path, if the caller may see it. */
export function issueOf(request: ApiRequest): Issue {
  const issue = findIssue(request.state, param(request, 'issue'));
  if (issue === undefined || !may(issue.project, request.caller.user, 'BROWSE_PROJECTS')) throw noIssue();
  return issue;
}

/** The issue of the path, if the caller may do that to it. */
export function issueFor(request: ApiRequest, permission: ProjectPermission, refusal: string): Issue {
  const issue = issueOf(request);
  const user = userOf(request);
  if (!may(issue.project, user, permission)) throw forbidden(refusal);
  return issue;
}

/** The project of the path or query, if the caller may see it. */
export function projectOf(request: ApiRequest, idOrKey: string): Project {
  const project = findProject(request.state, idOrKey);
  if (project !== undefined && may(project, request.caller.user, 'BROWSE_PROJECTS')) return project;
  throw refuse(404, [`No project could be found with key '${idOrKey}'.`]);
}

/** Refuses all but administrators of the whole Jira. */
export function needAdmin(request: ApiRequest): User {
  const user = userOf(request);
  if (!user.isAdmin) throw forbidden('You do not have permission to perform this operation.');
  return user;
}
