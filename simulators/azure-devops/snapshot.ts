import { textOf } from './draft.ts';
import type { Account, FieldValue, Format, WorkItem } from './state.ts';
import { isAccount } from './state.ts';
import { splitTags } from './tags.ts';

/** A work item as people see it, for tests to look at. */
export interface WorkItemSnapshot {
  organization: string;
  project: string;
  id: number;
  rev: number;
  type: string;
  title: string;
  state: string;
  reason: string;
  /** As it is kept: HTML, or Markdown where `formats` says so. */
  description: string;
  tags: readonly string[];
  /** Unique name. */
  assignedTo: string | null;
  areaPath: string;
  /** All fields by reference name; people by their unique names. */
  fields: Readonly<Record<string, string | number | boolean>>;
  formats: Readonly<Record<string, Format>>;
  relations: readonly { rel: string; url: string; target?: number; comment?: string }[];
  comments: readonly { id: number; text: string; by: string }[];
  isDeleted: boolean;
  createdAt: string;
  changedAt: string;
  changedBy: string;
}

export function snapshotOf(item: WorkItem): WorkItemSnapshot {
  const { fields, project } = item;
  const text = (name: string): string => textOf(fields, name);
  const person = (name: string): Account | undefined => {
    const value = fields.get(name);
    return isAccount(value) ? value : undefined;
  };
  return {
    organization: project.organization.name,
    project: project.name,
    id: item.id,
    rev: item.rev,
    type: text('System.WorkItemType'),
    title: text('System.Title'),
    state: text('System.State'),
    reason: text('System.Reason'),
    description: text('System.Description'),
    tags: splitTags(text('System.Tags')),
    assignedTo: person('System.AssignedTo')?.uniqueName ?? null,
    areaPath: text('System.AreaPath'),
    fields: Object.fromEntries([...fields].map(([name, value]) => [name, plain(value)])),
    formats: Object.fromEntries(item.formats),
    relations: item.relations.map(({ rel, url, target, attributes }) => ({
      rel,
      url,
      ...(target === undefined ? {} : { target }),
      ...(typeof attributes['comment'] === 'string' ? { comment: attributes['comment'] } : {}),
    })),
    comments: item.comments
      .filter(({ isDeleted }) => !isDeleted)
      .map(({ id, text: said, by }) => ({ id, text: said, by: by.uniqueName })),
    isDeleted: item.deleted !== undefined,
    createdAt: text('System.CreatedDate'),
    changedAt: text('System.ChangedDate'),
    changedBy: person('System.ChangedBy')?.uniqueName ?? '',
  };
}

function plain(value: FieldValue): string | number | boolean {
  return isAccount(value) ? value.uniqueName : value;
}
