/** What Jira checks in the fields of an issue that is created, edited or moved on. */
import { isAdfDocument } from './adf.ts';
import { badFields } from './answers.ts';
import { findIssue } from './access.ts';
import type { Edit } from './issue-acts.ts';
import { may } from './project-acts.ts';
import type { ApiRequest, Fields } from './request.ts';
import { isFields, texts } from './request.ts';
import { asWiki, wordOf } from './rich.ts';
import type { CustomField, Issue, Named, Project, Rich, State, User } from './state.ts';

const SUMMARY_LIMIT = 255;
const TEXT_LIMIT = 32_767;
const LABEL_LIMIT = 255;

/** Fields as they were sent, and comments that came along. */
export interface Sent {
  edit: Edit;
  comments: Rich[];
}

/** Reads `fields` and `update`. Throws a 400 that names each field that is wrong or not on the screen. */
export function readFields(
  request: ApiRequest,
  project: Project,
  screen: ReadonlySet<string>,
  issue?: Issue,
): Sent {
  const fields = isFields(request.body['fields']) ? request.body['fields'] : {};
  const update = isFields(request.body['update']) ? request.body['update'] : {};
  const faults: Record<string, string> = {};
  const sent: Sent = { edit: {}, comments: [] };
  const put = (name: string, value: unknown): void => {
    if (name === 'project' || name === 'issuetype') return;
    const fault = screen.has(name)
      ? setField(request, project, sent.edit, name, value)
      : `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
    if (fault !== undefined) faults[name] = fault;
  };
  for (const [name, value] of Object.entries(fields)) {
    if (name in update) faults[name] = `Field '${name}' cannot appear in both 'fields' and 'update'`;
    else put(name, value);
  }
  for (const [name, operations] of Object.entries(update)) {
    for (const operation of Array.isArray(operations) ? operations : []) {
      if (!isFields(operation)) continue;
      if (name === 'comment') {
        const added = isFields(operation['add']) ? operation['add']['body'] : undefined;
        const comment = richOf(request, added);
        if (comment === undefined) faults['comment'] = 'Comment body is not valid!';
        else sent.comments.push(comment);
      } else if (name === 'labels')
        put(name, labelsAfter(sent.edit.labels ?? issue?.labels ?? [], operation));
      else put(name, operation['set']);
    }
  }
  if (Object.keys(faults).length > 0) throw badFields(faults);
  return sent;
}

function labelsAfter(labels: readonly string[], operation: Fields): unknown {
  if ('set' in operation) return operation['set'];
  if ('remove' in operation) return labels.filter((each) => each !== operation['remove']);
  return [...labels, operation['add']];
}

/** Sets one field of the edit; answers what is wrong with it. */
function setField(
  request: ApiRequest,
  project: Project,
  edit: Edit,
  name: string,
  value: unknown,
): string | undefined {
  const { state } = request;
  switch (name) {
    case 'summary':
      return setSummary(edit, value);
    case 'description':
      return setDescription(request, edit, value);
    case 'labels':
      return setLabels(edit, value);
    case 'priority':
      return setNamed(state.priorities, value, (found) => (edit.priority = found), 'priority');
    case 'resolution':
      return setNamed(state.resolutions, value, (found) => (edit.resolution = found), 'resolution');
    case 'assignee':
      return setAssignee(state, project, edit, value);
    case 'reporter':
      return setReporter(state, edit, value);
    case 'duedate':
      return setDueDate(edit, value);
    case 'parent':
      return setParent(request, edit, value);
    default:
      return setCustom(request, edit, name, value);
  }
}

function setSummary(edit: Edit, value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return 'You must specify a summary of the issue.';
  if (/[\r\n]/.test(value)) return 'The summary is invalid because it contains newline characters.';
  if (value.length > SUMMARY_LIMIT) return 'Summary must be less than 255 characters.';
  edit.summary = value.trim();
  return undefined;
}

function setDescription(request: ApiRequest, edit: Edit, value: unknown): string | undefined {
  if (value === null || value === '') {
    edit.description = null;
    return undefined;
  }
  const text = richOf(request, value);
  if (text === undefined)
    return request.version === 3
      ? 'Operation value must be an Atlassian Document (see the Atlassian Document Format)'
      : 'Operation value must be a string';
  if (isTooLong(text)) return TOO_LONG;
  edit.description = text;
  return undefined;
}

const TOO_LONG = 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.';

export function isTooLong(text: Rich): boolean {
  return asWiki(text).length > TEXT_LIMIT;
}

/** A text in the form that the API version takes: a valid document, or wiki markup. */
export function richOf({ version }: ApiRequest, value: unknown): Rich | undefined {
  if (version === 3) return isAdfDocument(value) ? value : undefined;
  return typeof value === 'string' ? value : undefined;
}

function setLabels(edit: Edit, value: unknown): string | undefined {
  const labels = value === null ? [] : texts(value);
  if (labels === undefined) return 'data was not an array';
  const spaced = labels.find((each) => /\s/.test(each));
  if (spaced !== undefined) return `The label '${spaced}' contains spaces which is invalid.`;
  const long = labels.find((each) => each.length > LABEL_LIMIT);
  if (long !== undefined) return `The label '${long}' exceeds the maximum length of 255 characters.`;
  edit.labels = labels;
  return undefined;
}

function setNamed(
  known: readonly Named[],
  value: unknown,
  set: (found: Named | null) => void,
  noun: string,
): string | undefined {
  if (value === null) {
    set(null);
    return undefined;
  }
  if (!isFields(value)) return `Specify a valid 'id' or 'name' for ${noun}`;
  const found = known.find(({ id, name }) => id === wordOf(value['id']) || name === value['name']);
  if (found === undefined) return `The ${noun} selected is invalid.`;
  set(found);
  return undefined;
}

function setAssignee(state: State, project: Project, edit: Edit, value: unknown): string | undefined {
  if (value === null || (isFields(value) && (value['accountId'] === null || value['name'] === null))) {
    edit.assignee = null;
    return undefined;
  }
  const user = personOf(state, value);
  if (user === undefined) return 'Specify a valid value for assignee';
  if (!may(project, user, 'ASSIGNABLE_USER')) return `User '${user.displayName}' cannot be assigned issues.`;
  edit.assignee = user;
  return undefined;
}

function setReporter(state: State, edit: Edit, value: unknown): string | undefined {
  const user = personOf(state, value);
  if (user === undefined) return 'The reporter specified is not a user.';
  edit.reporter = user;
  return undefined;
}

/** `{accountId}` on Cloud, `{name}` or `{key}` on Data Center. */
export function personOf(state: State, value: unknown): User | undefined {
  if (!isFields(value)) return undefined;
  const cloud = state.flavour === 'cloud';
  const id = cloud ? (value['accountId'] ?? value['id']) : (value['name'] ?? value['key']);
  return state.users.find((user) => (cloud ? user.accountId === id : user.name === id || user.key === id));
}

function setDueDate(edit: Edit, value: unknown): string | undefined {
  if (value !== null && (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)))
    return "Error parsing date string: it must be 'yyyy-MM-dd'";
  edit.dueDate = value;
  return undefined;
}

function setParent(request: ApiRequest, edit: Edit, value: unknown): string | undefined {
  if (value === null) {
    edit.parent = null;
    return undefined;
  }
  const wanted = isFields(value) ? (value['key'] ?? value['id']) : undefined;
  const parent = typeof wanted === 'string' ? findIssue(request.state, wanted) : undefined;
  if (parent === undefined || !may(parent.project, request.caller.user, 'BROWSE_PROJECTS'))
    return 'Could not find valid parent issue.';
  edit.parent = parent;
  return undefined;
}

function setCustom(request: ApiRequest, edit: Edit, name: string, value: unknown): string | undefined {
  const field = request.state.customFields.find(({ id }) => id === name);
  if (field === undefined)
    return `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
  const kept = value === null ? null : customValue(request, field, value);
  if (kept === undefined) return `Specify a valid value for ${field.name}`;
  edit.custom = new Map([...(edit.custom ?? []), [name, kept]]);
  return undefined;
}

function customValue(request: ApiRequest, field: CustomField, value: unknown): unknown {
  if (field.type === 'string' || field.type === 'epic-name')
    return typeof value === 'string' ? value : undefined;
  if (field.type === 'epic-link') {
    const epic = typeof value === 'string' ? findIssue(request.state, value) : undefined;
    return epic !== undefined && epic.type.hierarchyLevel === 1 ? epic.key : undefined;
  }
  if (field.type === 'textarea') return richOf(request, value);
  if (!isFields(value)) return undefined;
  return field.options.find(({ id, name }) => id === value['id'] || name === value['value'])?.id;
}
