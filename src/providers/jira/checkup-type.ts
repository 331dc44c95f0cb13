import type { CheckItem } from '../../ports/tracker.ts';
import { categoryOf } from './convert.ts';
import type { JiraProject } from './project.ts';
import type { JiraCreateMeta, JiraPriorities, JiraTypeStatuses } from './wire.ts';
import type { z } from 'zod';

/** Fields of a new issue that we fill in, or that Jira fills in by itself. */
const FILLED = new Set(['project', 'issuetype', 'summary', 'description', 'labels', 'priority', 'reporter']);

function unreadable(name: CheckItem['name'], what: string): CheckItem {
  return {
    name,
    outcome: 'not-checked',
    detail: `Jira did not show ${what}.`,
    remedy: 'The first create will show it.',
  };
}

export function checkType(project: JiraProject, types: JiraTypeStatuses | undefined): CheckItem {
  const name = 'issue-type';
  if (types === undefined) return unreadable(name, 'the issue types of the project');
  const type = types.find(({ id }) => id === project.issueTypeId);
  if (type !== undefined) return { name, outcome: 'ok', detail: `Issues are created as ${type.name}.` };
  const known = types.map(({ id, name: title }) => `${id} (${title})`).join(', ');
  return {
    name,
    outcome: 'failed',
    detail: `The project has no issue type ${project.issueTypeId}; it has: ${known}.`,
    remedy: 'Set issueTypeId to one of these numbers.',
  };
}

type Field = JiraCreateMeta[number];

function idOf(field: Field): string {
  return field.fieldId ?? field.key ?? field.name ?? '';
}

/** Required fields that nobody fills in, and whether labels and descriptions are on the screen. */
export function checkScreen(screen: JiraCreateMeta | undefined): readonly CheckItem[] {
  if (screen === undefined || screen.length === 0)
    return [unreadable('required-fields', 'the create screen'), unreadable('labels', 'the create screen')];
  return [checkRequired(screen), checkLabels(screen)];
}

function checkRequired(screen: JiraCreateMeta): CheckItem {
  const name = 'required-fields';
  const required = screen.filter((field) => field.required === true && field.hasDefaultValue !== true);
  const missing = required
    .filter((field) => !FILLED.has(idOf(field)))
    .map((field) => field.name ?? idOf(field));
  if (missing.length > 0)
    return {
      name,
      outcome: 'failed',
      detail: `New issues need fields that we cannot fill in: ${missing.join(', ')}.`,
      remedy: 'Make them optional for this issue type, give them a default, or choose another issue type.',
    };
  if (!screen.some((field) => idOf(field) === 'description'))
    return {
      name,
      outcome: 'failed',
      detail: 'The create screen of the issue type has no Description.',
      remedy: 'Put Description on the create and edit screens.',
    };
  return { name, outcome: 'ok', detail: 'We can fill in every required field.' };
}

function checkLabels(screen: JiraCreateMeta): CheckItem {
  const name = 'labels';
  if (screen.some((field) => idOf(field) === 'labels'))
    return { name, outcome: 'ok', detail: 'Issues can have labels.' };
  return {
    name,
    outcome: 'warning',
    detail: 'The create screen has no Labels: issues come without them.',
    remedy: 'Put Labels on the create and edit screens of the issue type.',
  };
}

/** Statuses for what is to do, in progress and done; the way between them is found when it is walked. */
export function checkStatuses(project: JiraProject, types: JiraTypeStatuses | undefined): CheckItem {
  const name = 'statuses';
  const statuses = types?.find(({ id }) => id === project.issueTypeId)?.statuses;
  if (statuses === undefined) return unreadable(name, 'the statuses of the issue type');
  const named = (category: string): string =>
    statuses
      .filter((status) => categoryOf(status) === category)
      .map((status) => `${status.name} (${status.id})`)
      .join(', ');
  const detail = `To do: ${named('open') || 'none'}. In progress: ${named('active') || 'none'}. Done: ${named('done') || 'none'}. Closed without being done: ${named('dropped') || 'by resolution or label'}.`;
  const lacks = named('open') === '' || (named('done') === '' && named('dropped') === '');
  if (!lacks) return { name, outcome: 'ok', detail };
  return {
    name,
    outcome: 'warning',
    detail,
    remedy: 'Without a status to do and one that is done, issues cannot be closed and reopened by us.',
  };
}

/** Names for the mapping of severities. */
export function checkPriorities(
  screen: JiraCreateMeta | undefined,
  priorities: z.infer<typeof JiraPriorities> | undefined,
): CheckItem {
  const name = 'priorities';
  const field = screen?.find((each) => idOf(each) === 'priority');
  if (screen !== undefined && screen.length > 0 && field === undefined)
    return {
      name,
      outcome: 'warning',
      detail: 'The create screen has no Priority: severities show as labels only.',
      remedy: 'Put Priority on the screens of the issue type if the mapping names priorities.',
    };
  const allowed = field?.allowedValues?.flatMap((value) => (value.name === undefined ? [] : [value.name]));
  const names = allowed ?? priorities?.map((priority) => priority.name);
  if (names === undefined) return unreadable(name, 'the priorities');
  return { name, outcome: 'ok', detail: `The mapping may name: ${names.join(', ')}.` };
}
