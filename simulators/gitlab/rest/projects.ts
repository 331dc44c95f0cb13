import type { Answer } from '../../shared/answers.ts';
import { needActive, needRole, projectOf } from '../access.ts';
import { invalid, notFound, refuse } from '../answers.ts';
import { page } from '../paging.ts';
import { addLabel, findLabel } from '../project-acts.ts';
import { projectShape } from '../project-shape.ts';
import type { ApiRequest } from '../request.ts';
import { characters, param, requiredText, text } from '../request.ts';
import { accountShape, labelShape } from '../shapes.ts';
import type { Account, Label, Project } from '../state.ts';
import { LEVELS } from '../state.ts';
import { route } from './route.ts';

const PROJECT = '/projects/:id';
const LABEL = `${PROJECT}/labels/:name`;
const visitors = { forVisitors: true };

/** A project, its people and its labels. */
export const projectRoutes = [
  route(`GET ${PROJECT}`, get, visitors),
  route(`GET ${PROJECT}/users`, listUsers, visitors),
  route(`GET ${PROJECT}/members/all`, listMembers),
  route(`GET ${PROJECT}/members/all/:user_id`, getMember),
  route(`GET ${PROJECT}/milestones`, (request) => page(request, milestonesOf(request), String), visitors),
  route(`GET ${PROJECT}/labels`, listLabels, visitors),
  route(`POST ${PROJECT}/labels`, createLabel),
  route(`GET ${LABEL}`, getLabel, visitors),
  route(`PUT ${LABEL}`, updateLabel),
  route(`DELETE ${LABEL}`, removeLabel),
];

function get(request: ApiRequest): Answer {
  request.spend('project');
  return { status: 200, json: projectShape(request.state, projectOf(request), request.caller) };
}

function listUsers(request: ApiRequest): Answer {
  const search = request.query.get('search')?.toLowerCase() ?? '';
  const found = [...projectOf(request).members.keys()].filter(({ username, name }) =>
    `${username} ${name}`.toLowerCase().includes(search),
  );
  return page(request, found, (account) => accountShape(request.state, account));
}

function listMembers(request: ApiRequest): Answer {
  const project = projectOf(request);
  const query = request.query.get('query')?.toLowerCase() ?? '';
  const found = [...project.members.keys()].filter(({ username, name }) =>
    `${username} ${name}`.toLowerCase().includes(query),
  );
  return page(request, found, (account) => memberShape(request, project, account));
}

function getMember(request: ApiRequest): Answer {
  const project = projectOf(request);
  const wanted = Number(param(request, 'user_id'));
  const account = [...project.members.keys()].find(({ id }) => id === wanted);
  if (account === undefined) throw notFound();
  return { status: 200, json: memberShape(request, project, account) };
}

function memberShape({ state }: ApiRequest, project: Project, account: Account): Record<string, unknown> {
  return {
    ...accountShape(state, account),
    access_level: LEVELS[project.members.get(account) ?? 'guest'],
    created_at: project.createdAt,
    expires_at: null,
    membership_state: 'active',
  };
}

/** This GitLab has no milestones; the list is there for those who ask. */
function milestonesOf(request: ApiRequest): readonly string[] {
  projectOf(request);
  return [];
}

function listLabels(request: ApiRequest): Answer {
  const project = projectOf(request);
  const search = request.query.get('search')?.toLowerCase() ?? '';
  const found = project.labels
    .filter(({ name }) => name.toLowerCase().includes(search))
    .toSorted((one, other) => one.name.localeCompare(other.name));
  return page(request, found, (label) => labelShape(project, label));
}

function createLabel(request: ApiRequest): Answer {
  const { body, state } = request;
  const project = projectOf(request);
  needActive(project);
  needRole(request, project, 'planner');
  const name = requiredText(body, 'name').trim();
  const color = requiredText(body, 'color');
  checkLabel(name, color);
  if (findLabel(project, name) !== undefined) throw refuse(409, 'Label already exists');
  const label = addLabel(state, project, { name, color, description: text(body, 'description') ?? null });
  return { status: 201, json: labelShape(project, label) };
}

function getLabel(request: ApiRequest): Answer {
  const project = projectOf(request);
  return { status: 200, json: labelShape(project, labelOf(request, project)) };
}

function updateLabel(request: ApiRequest): Answer {
  const project = projectOf(request);
  needActive(project);
  needRole(request, project, 'planner');
  const label = labelOf(request, project);
  const name = text(request.body, 'new_name') ?? label.name;
  const color = text(request.body, 'color') ?? label.color;
  checkLabel(name, color);
  Object.assign(label, { name, color });
  const description = text(request.body, 'description');
  if (description !== undefined) label.description = description;
  return { status: 200, json: labelShape(project, label) };
}

function removeLabel(request: ApiRequest): Answer {
  const project = projectOf(request);
  needActive(project);
  needRole(request, project, 'planner');
  const label = labelOf(request, project);
  project.labels = project.labels.filter((each) => each !== label);
  for (const issue of project.issues.values()) issue.labels = issue.labels.filter((each) => each !== label);
  return { status: 204 };
}

/** By name or by number. */
function labelOf(request: ApiRequest, project: Project): Label {
  const wanted = param(request, 'name');
  const label = project.labels.find(({ id, name }) => name === wanted || String(id) === wanted);
  if (label === undefined) throw notFound('Label');
  return label;
}

function checkLabel(name: string, color: string): void {
  if (name === '') throw invalid('title', "can't be blank");
  if (name.includes(',')) throw invalid('title', 'is invalid');
  if (characters(name) > 255) throw invalid('title', 'is too long (maximum is 255 characters)');
  if (!/^#?[0-9a-f]{3,6}$|^[a-z]+$/i.test(color)) throw invalid('color', 'must be a valid color code');
}
