import { findIssue, issueFor, issueOf, userOf } from '../access.ts';
import { badFields, badInput, forbidden, refuse } from '../answers.ts';
import { Refusal } from '../../shared/answers.ts';
import type { Answer } from '../../shared/answers.ts';
import { addComment } from '../comment-acts.ts';
import { personOf, readFields } from '../fields.ts';
import { parentFault } from '../hierarchy.ts';
import * as acts from '../issue-acts.ts';
import { issueShape, isVisible } from '../issue-shape.ts';
import { findProject, may } from '../project-acts.ts';
import type { ApiRequest, Fields } from '../request.ts';
import { isFields, listed, texts } from '../request.ts';
import { wordOf } from '../rich.ts';
import * as shapes from '../shapes.ts';
import type { Issue, IssueType, Project } from '../state.ts';
import { pageOf, viewOf } from './pages.ts';
import { route } from './route.ts';

const BULK_CREATE = 50;
const BULK_FETCH = 100;
const NO_EDIT = 'You do not have permission to edit issues in this project.';

export const issueRoutes = [
  route('POST /issue', (request) => ({ status: 201, json: created(request, 'Primary') })),
  route('POST /issue/bulk', createMany),
  route('POST /issue/bulkfetch', fetchMany, 'cloud'),
  route('GET /issue/:issue', get),
  route('PUT /issue/:issue', update),
  route('DELETE /issue/:issue', remove),
  route('PUT /issue/:issue/assignee', assign),
  route(
    'GET /issue/:issue/changelog',
    (request) =>
      pageOf(request, issueOf(request).changes, (change) => shapes.changeShape(viewOf(request), change)),
    'cloud',
  ),
  route('POST /changelog/bulkfetch', changelogs, 'cloud'),
];

/** Makes an issue with its properties, all or nothing. */
function created(request: ApiRequest, flow: 'Primary' | 'Secondary'): shapes.Shape {
  const { state, body } = request;
  const fields = isFields(body['fields']) ? body['fields'] : {};
  const { project, type } = placeOf(request, fields);
  const user = userOf(request);
  const { edit, comments } = readFields(request, project, project.screen);
  checkParent(request, type, edit);
  const epicName = state.customFields.find((each) => each.type === 'epic-name')?.id;
  const required = [
    ...project.required,
    ...(epicName !== undefined && type.hierarchyLevel === 1 ? [epicName] : []),
  ];
  const missing = required.filter((name) => isMissing(name, edit));
  if (missing.length > 0)
    throw badFields(Object.fromEntries(missing.map((name) => [name, askFor(request, name)])));
  if (type.subtask && (edit.parent === undefined || edit.parent === null))
    throw badFields({ parent: 'Issue type is a sub-task but parent issue key or id not specified.' });
  const issue = acts.createIssue(
    state,
    project,
    user,
    { ...edit, type, summary: edit.summary ?? '', properties: propertiesOf(body) },
    flow,
  );
  for (const comment of comments) addComment(state, issue, user, comment);
  const transition = walked(request, issue);
  const self = shapes.selfOf(viewOf(request), `issue/${issue.id}`);
  return { id: issue.id, key: issue.key, self, ...(transition === undefined ? {} : { transition }) };
}

function checkParent({ state }: ApiRequest, type: IssueType, edit: acts.Edit): void {
  const fault = parentFault(state, type, edit.parent);
  if (fault !== undefined) throw badFields({ parent: fault });
}

/** The first transition of a new issue, if the body asks for one. */
function walked(request: ApiRequest, issue: Issue): shapes.Shape | undefined {
  const wanted = isFields(request.body['transition']) ? request.body['transition']['id'] : undefined;
  if (wanted === undefined) return undefined;
  const found = issue.project.workflow.transitions.find(
    ({ id, from }) => id === wordOf(wanted) && (from === 'any' || from.includes(issue.status.id)),
  );
  if (found === undefined || found.required.length > 0)
    return { status: 400, errorCollection: { errorMessages: ['The transition is not valid.'], errors: {} } };
  acts.transitionIssue(request.state, issue, userOf(request), found);
  return { status: 200, errorCollection: { errorMessages: [], errors: {} } };
}

function placeOf(request: ApiRequest, fields: Fields): { project: Project; type: IssueType } {
  const { state, caller } = request;
  const wanted = isFields(fields['project'])
    ? (fields['project']['key'] ?? fields['project']['id'])
    : undefined;
  const project = wanted === undefined ? undefined : findProject(state, wordOf(wanted));
  if (project === undefined || !may(project, caller.user, 'BROWSE_PROJECTS'))
    throw badFields({
      project: wanted === undefined ? 'Specify a valid project ID or key' : 'valid project is required',
    });
  if (project.archived)
    throw badInput('You cannot create issues in this project, because it has been archived.');
  if (!may(project, caller.user, 'CREATE_ISSUES'))
    throw badFields({ project: 'You cannot create issues in this project.' });
  const asked = isFields(fields['issuetype']) ? fields['issuetype'] : {};
  const type = project.issueTypes.find(
    ({ id, name }) => id === wordOf(asked['id']) || name === asked['name'],
  );
  if (type === undefined) throw badFields({ issuetype: 'Specify a valid issue type' });
  return { project, type };
}

function isMissing(name: string, edit: acts.Edit): boolean {
  if (name === 'project' || name === 'issuetype') return false;
  if (name === 'summary') return edit.summary === undefined;
  if (name.startsWith('customfield_')) return (edit.custom?.get(name) ?? null) === null;
  return !(name in edit);
}

function askFor({ state }: ApiRequest, name: string): string {
  if (name === 'summary') return 'You must specify a summary of the issue.';
  return `${state.customFields.find(({ id }) => id === name)?.name ?? name} is required.`;
}

const PROPERTY_KEY_LIMIT = 255;
const PROPERTY_LIMIT = 32_768;

function propertiesOf(body: Fields): Map<string, unknown> {
  const given = Array.isArray(body['properties']) ? body['properties'] : [];
  return new Map(
    given.filter(isFields).map((each): [string, unknown] => {
      checkProperty(wordOf(each['key']), each['value']);
      return [wordOf(each['key']), each['value']];
    }),
  );
}

/** Refuses keys and values that are too long. */
export function checkProperty(key: string, value: unknown): void {
  if (key === '' || key.length > PROPERTY_KEY_LIMIT)
    throw badInput('The property key must have 1 to 255 characters.');
  if (value === undefined) throw badInput('The property value is not valid JSON.');
  if (JSON.stringify(value).length > PROPERTY_LIMIT)
    throw badInput('The property value cannot be longer than 32768 characters.');
}

/** Up to 50. What fails is left out of `issues`, so positions shift; 400 only if all failed. */
function createMany(request: ApiRequest): Answer {
  userOf(request);
  const updates = request.body['issueUpdates'];
  if (!Array.isArray(updates) || updates.length === 0)
    throw badInput('issueUpdates must hold at least one issue');
  if (updates.length > BULK_CREATE)
    throw badInput(`No more than ${BULK_CREATE} issues can be created at once`);
  const issues: shapes.Shape[] = [];
  const errors: shapes.Shape[] = [];
  for (const [at, each] of updates.entries()) {
    try {
      issues.push(created({ ...request, body: isFields(each) ? each : {} }, 'Secondary'));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, json } = error.answer;
      errors.push({ status, elementErrors: json, failedElementNumber: at });
    }
  }
  return { status: issues.length === 0 ? 400 : 201, json: { issues, errors } };
}

function get(request: ApiRequest): Answer {
  const { query } = request;
  const wanted = {
    fields: listed(query, 'fields') ?? ['*all'],
    properties: listed(query, 'properties') ?? [],
    expand: listed(query, 'expand') ?? [],
  };
  return { status: 200, json: issueShape(viewOf(request), issueOf(request), wanted) };
}

/** Up to 100 ids or keys, answered by ascending id; what is not there or not to be seen is left out. */
function fetchMany(request: ApiRequest): Answer {
  const { state, body, caller } = request;
  const wanted = texts(body['issueIdsOrKeys']);
  if (wanted === undefined || wanted.length === 0) throw badInput('issueIdsOrKeys must not be empty');
  if (wanted.length > BULK_FETCH) throw badInput(`No more than ${BULK_FETCH} issues can be fetched at once`);
  const found = new Set(
    wanted
      .map((each) => findIssue(state, each))
      .filter((each) => each !== undefined)
      .filter((each) => isVisible(each, caller.user)),
  );
  const shape = {
    fields: texts(body['fields']) ?? ['*navigable'],
    properties: texts(body['properties']) ?? [],
    expand: texts(body['expand']) ?? [],
  };
  const issues = [...found]
    .toSorted((one, other) => Number(one.id) - Number(other.id))
    .map((each) => issueShape(viewOf(request), each, shape));
  return { status: 200, json: { issues, issueErrors: [] } };
}

/** Fields, label by label if asked for, and properties. A transition in the body is ignored. */
function update(request: ApiRequest): Answer {
  const { state, query, body } = request;
  const issue = issueFor(request, 'EDIT_ISSUES', NO_EDIT);
  const user = userOf(request);
  if (
    query.get('notifyUsers') === 'false' &&
    !user.isAdmin &&
    !may(issue.project, user, 'ADMINISTER_PROJECTS')
  )
    throw forbidden(
      'To discard the user notification either admin or project admin permissions are required.',
    );
  const { edit, comments } = readFields(request, issue.project, issue.project.screen, issue);
  checkParent(request, issue.type, edit);
  const properties = propertiesOf(body);
  acts.editIssue(state, issue, user, edit);
  for (const [key, value] of properties) acts.setProperty(state, issue, user, key, value);
  for (const comment of comments) addComment(state, issue, user, comment);
  if (query.get('returnIssue') !== 'true' || state.flavour !== 'cloud') return { status: 204 };
  return { status: 200, json: issueShape(viewOf(request), issue, { fields: ['*all'] }) };
}

function remove(request: ApiRequest): Answer {
  const { state, query } = request;
  const issue = issueFor(
    request,
    'DELETE_ISSUES',
    'You do not have permission to delete issues in this project.',
  );
  const hasSubtasks = [...state.issues.values()].some(({ parent, type }) => parent === issue && type.subtask);
  if (hasSubtasks && query.get('deleteSubtasks') !== 'true')
    throw badInput(
      `The issue '${issue.key}' has subtasks. You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks.`,
    );
  acts.deleteIssue(state, issue, userOf(request));
  return { status: 204 };
}

function assign(request: ApiRequest): Answer {
  const { state, body } = request;
  const issue = issueFor(request, 'ASSIGN_ISSUES', 'You do not have permission to assign issues.');
  const clears = body['accountId'] === null || body['name'] === null;
  const assignee = clears ? null : personOf(state, body);
  if (assignee === undefined) throw refuse(400, [], { assignee: 'Specify a valid value for assignee' });
  acts.editIssue(state, issue, userOf(request), { assignee }, 'issue_assigned');
  return { status: 204 };
}

function changelogs(request: ApiRequest): Answer {
  const { state, body, caller } = request;
  const wanted = texts(body['issueIdsOrKeys']) ?? [];
  if (wanted.length === 0) throw badInput('issueIdsOrKeys must not be empty');
  const fieldIds = texts(body['fieldIds']);
  const isWanted = ({ fieldId }: { fieldId: string }): boolean => fieldIds?.includes(fieldId) ?? true;
  const issueChangeLogs = wanted
    .map((each) => findIssue(state, each))
    .filter((each) => each !== undefined)
    .filter((each) => isVisible(each, caller.user))
    .map((issue) => ({
      issueId: issue.id,
      changeHistories: issue.changes
        .map((change) => ({ ...change, items: change.items.filter(isWanted) }))
        .filter(({ items }) => items.length > 0)
        .map((change) => shapes.changeShape(viewOf(request), change)),
    }));
  return { status: 200, json: { issueChangeLogs } };
}
