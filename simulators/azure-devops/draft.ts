import { noSuchField, refuse } from './answers.ts';
import { findField } from './fields.ts';
import type { Field, FieldValue, Format, Project, Relation, WorkItem, WorkItemType } from './state.ts';

/** A work item as it would be after a save that is not done yet. */
export interface Draft {
  /** Undefined: it will be a new one. */
  item: WorkItem | undefined;
  project: Project;
  type: WorkItemType;
  fields: Map<string, FieldValue>;
  formats: Map<string, Format>;
  relations: Relation[];
  /** Fields that this save names, by reference name. */
  touched: Set<string>;
  comment?: string;
  /** What was dangerous in the texts, by field. */
  dangers: Map<string, readonly string[]>;
}

export function draftOf(item: WorkItem): Draft {
  return {
    item,
    project: item.project,
    type: typeOf(item.project, textOf(item.fields, 'System.WorkItemType')),
    fields: new Map(item.fields),
    formats: new Map(item.formats),
    relations: item.relations.slice(),
    touched: new Set(),
    dangers: new Map(),
  };
}

export function newDraft(project: Project, type: WorkItemType): Draft {
  const fields = new Map<string, FieldValue>([
    ['System.WorkItemType', type.name],
    ['System.TeamProject', project.name],
    ['System.AreaPath', project.name],
    ['System.IterationPath', project.name],
    ['System.State', type.states[0]?.name ?? 'New'],
  ]);
  for (const use of type.fields.values())
    if (use.defaultValue !== undefined) fields.set(use.referenceName, use.defaultValue);
  return {
    item: undefined,
    project,
    type,
    fields,
    formats: new Map(),
    relations: [],
    touched: new Set(),
    dangers: new Map(),
  };
}

/** The type of that name. Throws a 404 for an unknown one. */
export function typeOf(project: Project, name: string): WorkItemType {
  const wanted = name.toLowerCase();
  const type = project.types.find(
    (each) => each.name.toLowerCase() === wanted || each.referenceName.toLowerCase() === wanted,
  );
  if (type !== undefined) return type;
  throw refuse(
    404,
    'WorkItemTypeNotFoundException',
    `VS402323: Work item type ${name} does not exist in project ${project.name} or you do not have permission to access it.`,
  );
}

/** The field of that reference name. Throws a 400 where the organization has none. */
export function fieldOf(project: Project, name: string): Field {
  const field = findField(project.organization.fields, name);
  if (field === undefined || field.referenceName.toLowerCase() !== name.toLowerCase())
    throw noSuchField(name);
  return field;
}

export function textOf(fields: ReadonlyMap<string, FieldValue>, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}
