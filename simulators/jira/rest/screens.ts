import { issueOf, projectOf } from '../access.ts';
import { refuse } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { may } from '../project-acts.ts';
import type { ApiRequest } from '../request.ts';
import { param } from '../request.ts';
import type { Shape } from '../shapes.ts';
import * as shapes from '../shapes.ts';
import type { IssueType, Project } from '../state.ts';
import { cut, pageOf, viewOf } from './pages.ts';
import { route } from './route.ts';

/** What can be filled in where. */
export const screenRoutes = [
  route('GET /issue/createmeta/:project/issuetypes', createTypes),
  route('GET /issue/createmeta/:project/issuetypes/:type', createFields),
  route('GET /issue/:issue/editmeta', (request) => {
    const { project, type } = issueOf(request);
    const names = screenOf(request, project, type).filter((name) => name !== 'project');
    const fields = names.map((name) => [name, fieldMeta(request, project, type, name)]);
    return { status: 200, json: { fields: Object.fromEntries(fields) } };
  }),
  route('GET /field', (request) => ({
    status: 200,
    json: allFields(request).map((name) => fieldShape(request, name)),
  })),
  route(
    'GET /field/search',
    (request) =>
      pageOf(request, allFields(request), (name) => ({
        id: name,
        name: fieldName(request, name),
        schema: schemaOf(request, name),
      })),
    'cloud',
  ),
];

/** Nothing is there for people who may not create issues. */
function creatable(request: ApiRequest): Project {
  const project = projectOf(request, param(request, 'project'));
  if (may(project, request.caller.user, 'CREATE_ISSUES')) return project;
  throw refuse(400, ['You do not have permission to create issues in this project.']);
}

function createTypes(request: ApiRequest): Answer {
  const project = creatable(request);
  const view = viewOf(request);
  if (request.state.flavour === 'data-center')
    return pageOf(request, project.issueTypes, (type) => shapes.typeShape(view, type));
  const { startAt, maxResults, total, shown } = cut(request, project.issueTypes);
  const issueTypes = shown.map((type) => shapes.typeShape(view, type));
  return { status: 200, json: { maxResults, startAt, total, issueTypes } };
}

function createFields(request: ApiRequest): Answer {
  const project = creatable(request);
  const type = project.issueTypes.find(({ id }) => id === param(request, 'type'));
  if (type === undefined) throw refuse(400, ['The issue type selected is invalid.']);
  const names = screenOf(request, project, type);
  const shape = (name: string): Shape => fieldMeta(request, project, type, name);
  if (request.state.flavour === 'data-center') return pageOf(request, names, shape);
  const { startAt, maxResults, total, shown } = cut(request, names);
  return { status: 200, json: { maxResults, startAt, total, fields: shown.map(shape) } };
}

const NAMES: Readonly<Record<string, string>> = {
  summary: 'Summary',
  issuetype: 'Issue Type',
  project: 'Project',
  description: 'Description',
  labels: 'Labels',
  priority: 'Priority',
  assignee: 'Assignee',
  reporter: 'Reporter',
  duedate: 'Due date',
  parent: 'Parent',
  issuelinks: 'Linked Issues',
  resolution: 'Resolution',
  status: 'Status',
  created: 'Created',
  updated: 'Updated',
};

const TYPES: Readonly<Record<string, string>> = {
  issuetype: 'issuetype',
  project: 'project',
  labels: 'array',
  priority: 'priority',
  assignee: 'user',
  reporter: 'user',
  duedate: 'date',
  parent: 'issuelink',
  issuelinks: 'array',
  resolution: 'resolution',
  status: 'status',
  created: 'datetime',
  updated: 'datetime',
};

const CUSTOM_TYPES = {
  string: 'com.atlassian.jira.plugin.system.customfieldtypes:textfield',
  textarea: 'com.atlassian.jira.plugin.system.customfieldtypes:textarea',
  option: 'com.atlassian.jira.plugin.system.customfieldtypes:select',
  'epic-link': 'com.pyxis.greenhopper.jira:gh-epic-link',
  'epic-name': 'com.pyxis.greenhopper.jira:gh-epic-label',
};

const SCHEMA_TYPES = {
  string: 'string',
  textarea: 'string',
  option: 'option',
  'epic-link': 'any',
  'epic-name': 'string',
};

/** The screen of one issue type: what stands above others has no epic, and Data Center's `parent` is for sub-tasks. */
function screenOf({ state }: ApiRequest, project: Project, type: IssueType): string[] {
  const isEpic = type.hierarchyLevel > 0;
  return [...project.screen].filter((name) => {
    const custom = state.customFields.find(({ id }) => id === name)?.type;
    if (custom === 'epic-name') return isEpic;
    if (custom === 'epic-link') return type.hierarchyLevel === 0;
    if (name !== 'parent') return true;
    return state.flavour === 'cloud' ? !isEpic : type.subtask;
  });
}

function allFields({ state }: ApiRequest): string[] {
  return [...Object.keys(NAMES), ...state.customFields.map(({ id }) => id)];
}

function fieldName({ state }: ApiRequest, name: string): string {
  return NAMES[name] ?? state.customFields.find(({ id }) => id === name)?.name ?? name;
}

function schemaOf({ state }: ApiRequest, name: string): Shape {
  const custom = state.customFields.find(({ id }) => id === name);
  if (custom !== undefined)
    return {
      type: SCHEMA_TYPES[custom.type],
      custom: CUSTOM_TYPES[custom.type],
      customId: Number(custom.id.split('_')[1]),
    };
  const type = TYPES[name] ?? 'string';
  const items = { labels: 'string', issuelinks: 'issuelinks' }[name];
  return { type, ...(items === undefined ? {} : { items }), system: name };
}

function fieldShape(request: ApiRequest, name: string): Shape {
  const isCustom = name.startsWith('customfield_');
  return {
    id: name,
    ...(request.state.flavour === 'cloud' ? { key: name } : {}),
    name: fieldName(request, name),
    custom: isCustom,
    orderable: true,
    navigable: true,
    searchable: true,
    clauseNames: isCustom ? [`cf[${name.split('_')[1]}]`, fieldName(request, name)] : [name],
    schema: schemaOf(request, name),
  };
}

/** A field of a screen: whether it must be filled, and with what. */
export function fieldMeta(
  request: ApiRequest,
  project: Project,
  type: IssueType,
  name: string,
  required: boolean = project.required.has(name),
): Shape {
  const view = viewOf(request);
  const { state } = request;
  const custom = state.customFields.find(({ id }) => id === name);
  const allowed: Readonly<Record<string, () => unknown[]>> = {
    priority: () => state.priorities.map((each) => shapes.namedShape(view, 'priority', each)),
    resolution: () => state.resolutions.map((each) => shapes.namedShape(view, 'resolution', each)),
    issuetype: () => [shapes.typeShape(view, type)],
    project: () => [shapes.projectShape(view, project)],
  };
  const options = custom?.options.map((each) => ({
    self: shapes.selfOf(view, `customFieldOption/${each.id}`),
    value: each.name,
    id: each.id,
  }));
  const values = custom?.type === 'option' ? options : allowed[name]?.();
  const key = state.flavour === 'cloud' ? { key: name } : {};
  return {
    required,
    schema: schemaOf(request, name),
    name: fieldName(request, name),
    ...key,
    ...(request.path.includes('createmeta') ? { fieldId: name } : {}),
    hasDefaultValue: name === 'priority',
    operations: name === 'labels' ? ['add', 'set', 'remove'] : ['set'],
    ...(values === undefined ? {} : { allowedValues: values }),
  };
}
