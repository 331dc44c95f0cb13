import { refuse } from '../answers.ts';
import { asText } from '../as-text.ts';
import { findField } from '../fields.ts';
import type { Account, Field, FieldValue, Organization, Project, WorkItem } from '../state.ts';
import { isAccount } from '../state.ts';
import { splitTags } from '../tags.ts';
import type { Condition, Literal, Query } from './parse.ts';
import { syntax } from './parse.ts';

export interface Asker {
  organization: Organization;
  /** What `@project` stands for. */
  project: Project | undefined;
  /** What `@me` stands for. */
  account: Account;
  now: Date;
  /** Without it, dates are compared by day and must not name a time. */
  timePrecision: boolean;
}

type Comparable = string | number | undefined;

/** The work items that fit, in the order the query asks for. */
export function evaluate(query: Query, items: readonly WorkItem[], asker: Asker): WorkItem[] {
  const { where } = query;
  if (where !== undefined) check(where, asker);
  const found = where === undefined ? items.slice() : items.filter((item) => fits(where, item, asker));
  const orders = query.orderBy.map(({ field, descending }) => ({ field: fieldOf(asker, field), descending }));
  return found.toSorted((one, other) => {
    for (const { field, descending } of orders) {
      const order = compare(
        comparable(asker, field, valueOf(one, field)),
        comparable(asker, field, valueOf(other, field)),
      );
      if (order !== 0) return descending ? -order : order;
    }
    return one.id - other.id;
  });
}

/** The field of a query, by reference name or name. */
export function fieldOf({ organization }: Asker, name: string): Field {
  const field = findField(organization.fields, name);
  if (field !== undefined) return field;
  throw refuse(
    400,
    'QueryUnknownFieldException',
    `TF51005: The query references a field that does not exist. The error is caused by «[${name}]».`,
  );
}

/** Refuses what no work item can answer, even where there is none. */
function check(condition: Condition, asker: Asker): void {
  if (condition.kind === 'not') check(condition.part, asker);
  else if (condition.kind === 'and' || condition.kind === 'or')
    for (const part of condition.parts) check(part, asker);
  else {
    const field = fieldOf(asker, condition.field);
    for (const value of condition.values) operand(asker, field, value);
  }
}

function fits(condition: Condition, item: WorkItem, asker: Asker): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => fits(part, item, asker));
    case 'or':
      return condition.parts.some((part) => fits(part, item, asker));
    case 'not':
      return !fits(condition.part, item, asker);
    case 'compare':
      return holds(condition.operator, condition.field, condition.values, item, asker);
  }
}

function holds(
  operator: string,
  name: string,
  literals: readonly Literal[],
  item: WorkItem,
  asker: Asker,
): boolean {
  if (operator.startsWith('not ')) return !holds(operator.slice(4), name, literals, item, asker);
  const field = fieldOf(asker, name);
  const raw = valueOf(item, field);
  const found = comparable(asker, field, raw);
  if (operator === 'is empty') return raw === undefined;
  if (operator === 'is not empty') return raw !== undefined;
  const values = literals.map((literal) => operand(asker, field, literal, item));
  const [first] = values;
  switch (operator) {
    case '=':
    case 'in':
      return values.some((value) => isSame(field, raw, found, value));
    case '<>':
      return !isSame(field, raw, found, first);
    case 'contains':
      return contains(field, asText(raw), String(first ?? ''));
    case 'contains words':
      return words(asText(raw)).includes(String(first ?? ''));
    case 'under':
      return found === first || String(found ?? '').startsWith(`${String(first)}\\`);
    case 'ever':
      return item.revisions.some(
        ({ fields }) => comparable(asker, field, fields.get(field.referenceName)) === first,
      );
    default:
      return found !== undefined && first !== undefined && ordered(operator, compare(found, first));
  }
}

function ordered(operator: string, order: number): boolean {
  if (operator === '<') return order < 0;
  if (operator === '>') return order > 0;
  return operator === '<=' ? order <= 0 : order >= 0;
}

function isSame(field: Field, raw: FieldValue | undefined, found: Comparable, wanted: Comparable): boolean {
  if (!isAccount(raw)) return (found ?? '') === (wanted ?? '');
  const names = [raw.uniqueName, raw.name, raw.id, `${raw.name} <${raw.uniqueName}>`];
  return field.isIdentity && names.some((name) => name.toLowerCase() === wanted);
}

/** Tags are compared whole, other texts by their parts. */
function contains(field: Field, text: string, wanted: string): boolean {
  if (field.referenceName !== 'System.Tags') return text.toLowerCase().includes(wanted);
  return splitTags(text).some((tag) => tag.toLowerCase() === wanted);
}

function words(text: string): string[] {
  return text.toLowerCase().split(/[^\p{L}\p{N}_-]+/u);
}

function valueOf(item: WorkItem, field: Field): FieldValue | undefined {
  return item.fields.get(field.referenceName);
}

function comparable({ timePrecision }: Asker, field: Field, value: FieldValue | undefined): Comparable {
  if (value === undefined) return undefined;
  if (isAccount(value)) return value.uniqueName.toLowerCase();
  if (field.type === 'dateTime') return moment(new Date(String(value)), timePrecision);
  return typeof value === 'number' ? value : String(value).toLowerCase();
}

function operand(asker: Asker, field: Field, literal: Literal, item?: WorkItem): Comparable {
  if (literal.kind === 'field') {
    const other = fieldOf(asker, literal.name);
    return item === undefined ? undefined : comparable(asker, other, valueOf(item, other));
  }
  if (literal.kind === 'macro') return macro(asker, literal.name, literal.days);
  if (field.type === 'dateTime') return dateOf(asker, field, literal);
  if (literal.kind === 'number') return literal.number;
  const isNumeric = field.type === 'integer' || field.type === 'double';
  return isNumeric && literal.text.trim() !== '' ? Number(literal.text) : literal.text.toLowerCase();
}

function dateOf({ timePrecision }: Asker, field: Field, literal: Literal): Comparable {
  const text = literal.kind === 'text' ? literal.text : '';
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw syntax(`The value is not a date. The error is caused by «[${field.referenceName}] '${text}'».`);
  if (!timePrecision && /\d:\d/.test(text))
    throw syntax(
      `You cannot supply a time with the date when running a query using date precision. The error is caused by «[${field.referenceName}] '${text}'».`,
    );
  return moment(date, timePrecision);
}

function macro(asker: Asker, name: string, days: number): Comparable {
  const midnight = new Date(moment(asker.now, false)).getTime();
  switch (name) {
    case '@me':
      return asker.account.uniqueName.toLowerCase();
    case '@project':
      if (asker.project === undefined)
        throw syntax('The @project macro needs a project in the path of the request.');
      return asker.project.name.toLowerCase();
    case '@today':
      return moment(new Date(midnight + days * 86_400_000), asker.timePrecision);
    default:
      throw syntax(`The macro ${name} is not known.`);
  }
}

/** Texts that sort as the times do. */
function moment(date: Date, withTime: boolean): string {
  return withTime ? date.toISOString() : date.toISOString().slice(0, 10);
}

function compare(one: Comparable, other: Comparable): number {
  if (one === other) return 0;
  if (one === undefined) return -1;
  if (other === undefined) return 1;
  return one < other ? -1 : 1;
}
