/** Whether an issue is what a query looks for. */
import { badInput } from './answers.ts';
import { badJql, clausesOf } from './jql.ts';
import type { Condition, Operand, Query } from './jql.ts';
import { findProject, may } from './project-acts.ts';
import { asWiki } from './rich.ts';
import type { Issue, State, User } from './state.ts';
import { parseLocal, parseRelative } from './time.ts';

export interface Asker {
  state: State;
  user: User | undefined;
}

type Clause = Extract<Condition, { kind: 'clause' }>;

const TIMES: Readonly<Record<string, (issue: Issue) => Date | null>> = {
  created: (issue) => issue.created,
  createddate: (issue) => issue.created,
  updated: (issue) => issue.updated,
  updateddate: (issue) => issue.updated,
  resolved: (issue) => issue.resolutionDate,
  resolutiondate: (issue) => issue.resolutionDate,
};

/** What a field holds, in every form that may be asked for; an empty list is EMPTY. */
const VALUES: Readonly<Record<string, (issue: Issue) => readonly string[]>> = {
  project: ({ project }) => [project.key, project.id, project.name],
  key: keysOf,
  issue: keysOf,
  issuekey: keysOf,
  id: keysOf,
  labels: (issue) => issue.labels,
  status: ({ status }) => [status.name, status.id],
  statuscategory: ({ status }) => [status.category, CATEGORY_NAMES[status.category]],
  issuetype: ({ type }) => [type.name, type.id],
  type: ({ type }) => [type.name, type.id],
  priority: ({ priority }) => (priority === null ? [] : [priority.name, priority.id]),
  resolution: ({ resolution }) => (resolution === null ? [] : [resolution.name, resolution.id]),
  reporter: ({ reporter }) => namesOf(reporter),
  creator: ({ creator }) => namesOf(creator),
  assignee: ({ assignee }) => (assignee === null ? [] : namesOf(assignee)),
  parent: ({ parent }) => (parent === null ? [] : keysOf(parent)),
};

const CATEGORY_NAMES = { new: 'To Do', indeterminate: 'In Progress', done: 'Done' };

const TEXTS: Readonly<Record<string, (issue: Issue) => string>> = {
  summary: ({ summary }) => summary,
  description: ({ description }) => (description === null ? '' : asWiki(description)),
  text: ({ summary, description }) => `${summary} ${description === null ? '' : asWiki(description)}`,
};

/** Refuses what Jira cannot look for: unknown fields, values that are nothing here, searches without a bound. */
export function checkQuery(query: Query, { state, user }: Asker, mustBeBounded: boolean): void {
  const clauses = clausesOf(query.where);
  if (mustBeBounded && clauses.length === 0)
    throw badInput(
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    );
  for (const { field, operands } of clauses) {
    const name = field.toLowerCase();
    if (!(name in TIMES) && !(name in VALUES) && !(name in TEXTS) && !isProperty(field))
      throw badInput(`Field '${field}' does not exist or you do not have permission to view it.`);
    if (name !== 'project' || user === undefined) continue;
    for (const operand of operands) {
      if (operand.kind !== 'text') continue;
      const project =
        findProject(state, operand.text) ?? state.projects.find(({ name: each }) => each === operand.text);
      if (project === undefined || !may(project, user, 'BROWSE_PROJECTS'))
        throw badInput(`The value '${operand.text}' does not exist for the field 'project'.`);
    }
  }
}

/** Only properties that an app declared are in the index, and there is no app. */
function isProperty(field: string): boolean {
  return /^issue\.property\[/i.test(field);
}

export function matches(issue: Issue, condition: Condition | undefined, asker: Asker): boolean {
  if (condition === undefined) return true;
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => matches(issue, part, asker));
    case 'or':
      return condition.parts.some((part) => matches(issue, part, asker));
    case 'not':
      return !matches(issue, condition.part, asker);
    case 'clause':
      return fits(issue, condition, asker);
  }
}

function fits(issue: Issue, clause: Clause, asker: Asker): boolean {
  const { operator, operands } = clause;
  const name = clause.field.toLowerCase();
  if (isProperty(clause.field)) return false;
  const time = TIMES[name];
  if (time !== undefined) return fitsTime(time(issue), clause, asker);
  const words = TEXTS[name];
  if (words !== undefined && operator.endsWith('~')) {
    const wanted = operands.map((each) => (each.kind === 'text' ? each.text.toLowerCase() : ''));
    const found = wanted.every((each) => words(issue).toLowerCase().includes(each));
    return found === (operator === '~');
  }
  const held = (VALUES[name]?.(issue) ?? [words?.(issue) ?? '']).map((each) => each.toLowerCase());
  const isOne = operands.some((operand) => fitsOperand(issue, held, operand, asker));
  switch (operator) {
    case '=':
    case 'in':
      return isOne;
    case '!=':
    case 'not in':
      return !isOne && (held.length > 0 || operands.some(({ kind }) => kind === 'empty'));
    default:
      throw badJql(`The operator '${operator}' is not supported by the '${clause.field}' field`);
  }
}

function fitsOperand(
  issue: Issue,
  held: readonly string[],
  operand: Operand,
  { state, user }: Asker,
): boolean {
  if (operand.kind === 'empty') return held.length === 0;
  if (operand.kind === 'text') return held.includes(operand.text.toLowerCase());
  if (operand.name === 'currentuser')
    return user !== undefined && namesOf(user).some((each) => held.includes(each.toLowerCase()));
  if (operand.name === 'issueswithremotelinksbyglobalid')
    return issue.remoteLinks.some(
      ({ globalId }) => globalId !== undefined && operand.arguments.includes(globalId),
    );
  throw badJql(`Unable to find JQL function '${operand.name}' in ${state.flavour}`);
}

function fitsTime(held: Date | null, { operator, operands, field }: Clause, asker: Asker): boolean {
  const [operand] = operands;
  if (operand?.kind === 'empty') return (held === null) === (operator === '=');
  const wanted = operand === undefined ? undefined : timeOf(operand, asker);
  if (wanted === undefined)
    throw badInput(
      `Date value '${operand?.kind === 'text' ? operand.text : ''}' for field '${field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
    );
  if (held === null) return false;
  const difference = held.getTime() - wanted.getTime();
  switch (operator) {
    case '>=':
      return difference >= 0;
    case '>':
      return difference > 0;
    case '<=':
      return difference <= 0;
    case '<':
      return difference < 0;
    case '=':
      return difference === 0;
    default:
      throw badJql(`The operator '${operator}' is not supported by the '${field}' field`);
  }
}

/** Epoch milliseconds, a period, or a wall clock time: that is read in the time zone of the account. */
function timeOf(operand: Operand, { state, user }: Asker): Date | undefined {
  const now = state.now();
  if (operand.kind === 'call') {
    if (operand.name === 'now') return now;
    const day = now.toISOString().slice(0, 10);
    return operand.name === 'startofday' ? parseLocal(day, user?.timeZone ?? 'UTC') : undefined;
  }
  if (operand.kind === 'empty') return undefined;
  const { text } = operand;
  if (/^\d{5,}$/.test(text)) return new Date(Number(text));
  const isUtc = text.endsWith(' UTC');
  if (isUtc && state.flavour === 'data-center') return undefined;
  return parseRelative(text, now) ?? parseLocal(text, user?.timeZone ?? 'UTC');
}

/** Puts issues in the order that is asked for; without one, the newest first. */
export function compared(query: Query): (one: Issue, other: Issue) => number {
  const orders = query.orderBy.length === 0 ? [{ field: 'created', descending: true }] : query.orderBy;
  return (one, other) => {
    for (const { field, descending } of orders) {
      const difference = rank(one, field).localeCompare(rank(other, field));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return Number(other.id) - Number(one.id);
  };
}

/** A text that sorts as the field does. */
function rank(issue: Issue, field: string): string {
  const name = field.toLowerCase();
  const time = TIMES[name];
  if (time !== undefined) return String(time(issue)?.getTime() ?? 0).padStart(16, '0');
  if (name === 'id') return issue.id.padStart(16, '0');
  if (['key', 'issuekey', 'issue'].includes(name))
    return `${issue.project.key} ${issue.key.split('-')[1]?.padStart(10, '0')}`;
  const value = VALUES[name];
  if (value === undefined) throw badInput(`Not able to sort using field '${field}'.`);
  return value(issue)[0] ?? '';
}

function keysOf({ key, id, formerKeys }: Issue): readonly string[] {
  return [key, id, ...formerKeys];
}

function namesOf({ accountId, name, key, displayName, email }: User): string[] {
  return [accountId, name, key, displayName, email];
}
