import { needAdmin, projectOf, userOf } from '../access.ts';
import { badInput, refuse, unauthorised } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { findIssue } from '../access.ts';
import { isVisible } from '../issue-shape.ts';
import { findProject, may } from '../project-acts.ts';
import type { ApiRequest } from '../request.ts';
import { countOr, listed, param } from '../request.ts';
import * as shapes from '../shapes.ts';
import { PROJECT_PERMISSIONS } from '../state.ts';
import type { Project, ProjectPermission, User } from '../state.ts';
import { jiraTime } from '../time.ts';
import { pageOf, viewOf } from './pages.ts';
import { route } from './route.ts';

export const siteRoutes = [
  route('GET /serverInfo', serverInfo),
  route('GET /myself', (request) => ({
    status: 200,
    json: { ...shapes.userShape(viewOf(request), userOf(request), true), locale: 'en_US' },
  })),
  route('GET /mypermissions', myPermissions),
  route('GET /configuration', configuration),
  route('GET /project/search', projectSearch, 'cloud'),
  route('GET /project', (request) => ({
    status: 200,
    json: visibleProjects(request).map((each) => shapes.projectShape(viewOf(request), each)),
  })),
  route('GET /project/:project', (request) => ({
    status: 200,
    json: shapes.wholeProjectShape(viewOf(request), projectOf(request, param(request, 'project'))),
  })),
  route('GET /project/:project/statuses', projectStatuses),
  route('GET /priority', ({ state, ...request }) => ({
    status: 200,
    json: state.priorities.map((each) => shapes.namedShape(viewOf({ state, ...request }), 'priority', each)),
  })),
  route(
    'GET /priority/search',
    (request) =>
      pageOf(request, request.state.priorities, (each) => ({
        ...shapes.namedShape(viewOf(request), 'priority', each),
        isDefault: each.name === 'Medium',
      })),
    'cloud',
  ),
  route('GET /resolution', (request) => ({
    status: 200,
    json: request.state.resolutions.map((each) => shapes.namedShape(viewOf(request), 'resolution', each)),
  })),
  route('GET /status', (request) => ({
    status: 200,
    json: request.state.statuses.map((each) => shapes.statusShape(viewOf(request), each)),
  })),
  route('GET /statuses/search', statusSearch, 'cloud'),
  route('GET /statuscategory', (request) => ({
    status: 200,
    json: (['new', 'indeterminate', 'done'] as const).map((key) =>
      shapes.categoryShape(viewOf(request), key),
    ),
  })),
  route('GET /label', labels, 'cloud'),
  route('GET /user', (request) => ({
    status: 200,
    json: shapes.userShape(viewOf(request), asked(request)),
  })),
  route('GET /user/assignable/search', assignable),
];

function serverInfo({ state, apiRoot }: ApiRequest): Answer {
  const now = jiraTime(state.now(), 'UTC');
  const common = {
    baseUrl: apiRoot,
    buildDate: '2026-01-31T00:00:00.000+0000',
    serverTime: now,
    scmInfo: 'a1b2c3d',
  };
  if (state.flavour === 'data-center')
    return {
      status: 200,
      json: {
        ...common,
        version: '10.3.24',
        versionNumbers: [10, 3, 24],
        deploymentType: 'Server',
        buildNumber: 10_030_024,
        serverTitle: 'Jira of the simulator',
      },
    };
  const version = { version: '1001.0.0-SNAPSHOT', versionNumbers: [1001, 0, 0], deploymentType: 'Cloud' };
  return {
    status: 200,
    json: { ...common, ...version, buildNumber: 100_287, serverTitle: 'Jira', displayUrl: apiRoot },
  };
}

/** Each permission with the caller's answer; Cloud wants to be told which ones. */
function myPermissions(request: ApiRequest): Answer {
  const { state, query, caller } = request;
  const names = listed(query, 'permissions');
  if (state.flavour === 'cloud' && names === undefined)
    throw badInput("The 'permissions' query parameter is required.");
  const key = query.get('projectKey') ?? query.get('projectId');
  const issueKey = query.get('issueKey') ?? query.get('issueId');
  const issue = issueKey === null ? undefined : findIssue(state, issueKey);
  if (issueKey !== null && (issue === undefined || !isVisible(issue, caller.user)))
    throw refuse(404, ['Issue does not exist or you do not have permission to see it.']);
  const project = issue?.project ?? (key === null ? undefined : projectOf(request, key));
  const wanted = names ?? [...PROJECT_PERMISSIONS, 'ADMINISTER'];
  const unknown = wanted.filter((name) => name !== 'ADMINISTER' && !isPermission(name));
  if (unknown.length > 0) throw badInput(`Unrecognized permission(s): ${unknown.join(', ')}`);
  const permissions = wanted.map((name, at) => [
    name,
    {
      id: String(at + 1),
      key: name,
      name: name.toLowerCase().replaceAll('_', ' '),
      type: name === 'ADMINISTER' ? 'GLOBAL' : 'PROJECT',
      description: '',
      havePermission: has(request, project, name),
    },
  ]);
  return { status: 200, json: { permissions: Object.fromEntries(permissions) } };
}

function isPermission(name: string): name is ProjectPermission {
  return PROJECT_PERMISSIONS.some((each) => each === name);
}

/** Without a project it means: in any project. */
function has({ state, caller }: ApiRequest, project: Project | undefined, name: string): boolean {
  if (name === 'ADMINISTER') return caller.user?.isAdmin ?? false;
  if (!isPermission(name)) return false;
  return (project === undefined ? state.projects : [project]).some((each) => may(each, caller.user, name));
}

function configuration(request: ApiRequest): Answer {
  needAdminOnServer(request);
  return {
    status: 200,
    json: {
      votingEnabled: true,
      watchingEnabled: true,
      unassignedIssuesAllowed: true,
      subTasksEnabled: true,
      issueLinkingEnabled: true,
      timeTrackingEnabled: false,
      attachmentsEnabled: true,
    },
  };
}

function needAdminOnServer(request: ApiRequest): void {
  if (request.state.flavour === 'data-center') needAdmin(request);
  else userOf(request);
}

function visibleProjects({ state, caller }: ApiRequest): Project[] {
  return state.projects.filter((each) => may(each, caller.user, 'BROWSE_PROJECTS'));
}

function projectSearch(request: ApiRequest): Answer {
  const keys = listed(request.query, 'keys');
  const words = request.query.get('query')?.toLowerCase() ?? '';
  const found = visibleProjects(request).filter(
    ({ key, name, archived }) =>
      !archived &&
      (keys?.includes(key) ?? true) &&
      (key.toLowerCase().includes(words) || name.toLowerCase().includes(words)),
  );
  return pageOf(request, found, (each) => shapes.projectShape(viewOf(request), each));
}

function projectStatuses(request: ApiRequest): Answer {
  const view = viewOf(request);
  const project = projectOf(request, param(request, 'project'));
  const statuses = project.workflow.statuses.map((each) => shapes.statusShape(view, each));
  const json = project.issueTypes.map(({ id, name, subtask }) => ({
    self: shapes.selfOf(view, `issuetype/${id}`),
    id,
    name,
    subtask,
    statuses,
  }));
  return { status: 200, json };
}

function statusSearch(request: ApiRequest): Answer {
  userOf(request);
  const projectId = request.query.get('projectId');
  const own = statusesOf(request, projectId);
  const names = { new: 'TODO', indeterminate: 'IN_PROGRESS', done: 'DONE' };
  return pageOf(request, own, ({ id, name, category }) => ({
    id,
    name,
    description: '',
    statusCategory: names[category],
    scope: { type: 'GLOBAL' },
  }));
}

function statusesOf(request: ApiRequest, projectId: string | null): Project['workflow']['statuses'] {
  if (projectId === null) return request.state.statuses;
  return findProject(request.state, projectId)?.workflow.statuses ?? [];
}

function labels(request: ApiRequest): Answer {
  const visible = [...request.state.issues.values()].filter((each) => isVisible(each, request.caller.user));
  const names = [...new Set(visible.flatMap((each) => each.labels))].toSorted();
  return pageOf(request, names, (name) => name);
}

/** The user that the query names. */
function asked(request: ApiRequest): User {
  if (request.caller.user === undefined) throw unauthorised();
  const { query, state: all } = request;
  const wanted = query.get('accountId') ?? query.get('username') ?? query.get('key');
  const cloud = all.flavour === 'cloud';
  const found = all.users.find((user) =>
    cloud ? user.accountId === wanted : user.name === wanted || user.key === wanted,
  );
  if (found === undefined)
    throw refuse(404, ['Specified user does not exist or you do not have required permissions']);
  return found;
}

function assignable(request: ApiRequest): Answer {
  userOf(request);
  const { query, state: all } = request;
  const issueKey = query.get('issueKey');
  const project =
    issueKey === null
      ? projectOf(request, query.get('project') ?? '')
      : (findIssue(all, issueKey)?.project ?? projectOf(request, ''));
  const words = (query.get('query') ?? query.get('username') ?? '').toLowerCase();
  const wanted = query.get('accountId');
  const found = all.users.filter(
    (user) =>
      may(project, user, 'ASSIGNABLE_USER') &&
      (wanted === null || user.accountId === wanted) &&
      [user.displayName, user.email, user.name].some((each) => each.toLowerCase().includes(words)),
  );
  const start = countOr(query.get('startAt'), 0);
  const shown = found.slice(start, start + countOr(query.get('maxResults'), 50));
  return { status: 200, json: shown.map((user) => shapes.userShape(viewOf(request), user)) };
}
