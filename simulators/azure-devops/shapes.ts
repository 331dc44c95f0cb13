import { isLongText } from './fields.ts';
import type {
  Account,
  Comment,
  FieldValue,
  Format,
  Organization,
  Project,
  Relation,
  Update,
  WorkItem,
} from './state.ts';
import { isAccount } from './state.ts';

/** Where a client finds things: the address of the organization. */
export type Root = string;

export function identityShape(root: Root, account: Account): Record<string, unknown> {
  const { id, name, uniqueName, descriptor } = account;
  const imageUrl = `${root}/_apis/GraphProfile/MemberAvatars/${descriptor}`;
  return {
    displayName: name,
    url: `${root}/_apis/Identities/${id}`,
    _links: { avatar: { href: imageUrl } },
    id,
    uniqueName,
    imageUrl,
    descriptor,
  };
}

export function itemUrl(root: Root, project: Project, id: number): string {
  return `${root}/${project.id}/_apis/wit/workItems/${id}`;
}

function relationShape({ rel, url, attributes }: Relation): Record<string, unknown> {
  return { rel, url, attributes };
}

export interface ItemView {
  /** Reference names; all if left out. */
  fields?: readonly string[];
  relations: boolean;
  links: boolean;
  /** From 7.2 of the Services on. */
  formats: boolean;
  /** As in the reporting revisions: no long texts, people as one text. */
  plainPeople?: boolean;
  withoutLongTexts?: boolean;
}

interface Shown {
  id: number;
  rev: number;
  project: Project;
  fields: ReadonlyMap<string, FieldValue>;
  formats: ReadonlyMap<string, Format>;
  relations: readonly Relation[];
}

export function itemShape(root: Root, shown: Shown, view: ItemView): Record<string, unknown> {
  const { id, rev, project } = shown;
  const url = itemUrl(root, project, id);
  return {
    id,
    rev,
    fields: fieldsShape(root, shown, view),
    ...(view.formats && shown.formats.size > 0
      ? { multilineFieldsFormat: Object.fromEntries(shown.formats) }
      : {}),
    ...(view.relations && shown.relations.length > 0
      ? { relations: shown.relations.map(relationShape) }
      : {}),
    ...(view.links ? { _links: linksOf(url, root, id) } : {}),
    url,
  };
}

function linksOf(url: string, root: Root, id: number): Record<string, unknown> {
  return {
    self: { href: url },
    workItemUpdates: { href: `${url}/updates` },
    workItemRevisions: { href: `${url}/revisions` },
    workItemComments: { href: `${url}/comments` },
    html: { href: `${root}/_workitems/edit/${id}` },
  };
}

function fieldsShape(root: Root, { fields, project }: Shown, view: ItemView): Record<string, unknown> {
  const wanted = view.fields?.map((name) => name.toLowerCase());
  const known = project.organization.fields;
  const entries = [...fields].flatMap(([name, value]): [string, unknown][] => {
    if (wanted !== undefined && !wanted.includes(name.toLowerCase())) return [];
    if (wanted === undefined && HIDDEN.has(name)) return [];
    const field = known.get(name.toLowerCase());
    if (view.withoutLongTexts === true && field !== undefined && isLongText(field)) return [];
    return [[name, valueShape(root, value, view.plainPeople === true)]];
  });
  return Object.fromEntries(entries);
}

/** Shown only to those who ask for them. */
const HIDDEN = new Set([
  'System.Id',
  'System.Rev',
  'System.Watermark',
  'System.AreaId',
  'System.IterationId',
  'System.NodeName',
]);

function valueShape(root: Root, value: FieldValue | undefined, plainPeople = false): unknown {
  if (!isAccount(value)) return value;
  return plainPeople ? `${value.name} <${value.uniqueName}>` : identityShape(root, value);
}

export function updateShape(root: Root, item: WorkItem, update: Update): Record<string, unknown> {
  const { id, rev, by, at } = update;
  const fields = Object.entries(update.fields).map(([name, change]) => [
    name,
    {
      ...(change.oldValue === undefined ? {} : { oldValue: valueShape(root, change.oldValue) }),
      ...(change.newValue === undefined ? {} : { newValue: valueShape(root, change.newValue) }),
    },
  ]);
  const relations = {
    ...(update.added.length === 0 ? {} : { added: update.added.map(relationShape) }),
    ...(update.removed.length === 0 ? {} : { removed: update.removed.map(relationShape) }),
  };
  return {
    id,
    workItemId: item.id,
    rev,
    revisedBy: { ...identityShape(root, by), name: `${by.name} <${by.uniqueName}>` },
    revisedDate: at,
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
    ...(Object.keys(relations).length === 0 ? {} : { relations }),
    url: `${itemUrl(root, item.project, item.id)}/updates/${id}`,
  };
}

export function commentShape(root: Root, item: WorkItem, comment: Comment): Record<string, unknown> {
  const { id, version, text, format, at, modifiedAt } = comment;
  return {
    workItemId: item.id,
    id,
    version,
    text: comment.isDeleted ? '' : text,
    renderedText: comment.isDeleted ? '' : text,
    format,
    createdBy: identityShape(root, comment.by),
    createdDate: at,
    modifiedBy: identityShape(root, comment.modifiedBy),
    modifiedDate: modifiedAt,
    ...(comment.isDeleted ? { isDeleted: true } : {}),
    url: `${itemUrl(root, item.project, item.id)}/comments/${id}`,
  };
}

export function deletedShape(root: Root, item: WorkItem, resource: boolean): Record<string, unknown> {
  const url = `${root}/${item.project.id}/_apis/wit/recyclebin/${item.id}`;
  const view = { relations: false, links: false, formats: false };
  return {
    id: item.id,
    type: item.fields.get('System.WorkItemType'),
    name: item.fields.get('System.Title'),
    project: item.project.name,
    ...(item.deleted === undefined
      ? {}
      : {
          deletedDate: item.deleted.at,
          deletedBy: `${item.deleted.by.name} <${item.deleted.by.uniqueName}>`,
        }),
    code: 200,
    url,
    ...(resource ? { resource: itemShape(root, item, view) } : {}),
  };
}

export function projectShape(root: Root, project: Project): Record<string, unknown> {
  return {
    id: project.id,
    name: project.name,
    ...(project.description === '' ? {} : { description: project.description }),
    url: `${root}/_apis/projects/${project.id}`,
    state: project.state,
    revision: project.revision,
    visibility: project.visibility,
    lastUpdateTime: project.updatedAt,
  };
}

export function collectionShape(root: Root, { id, name }: Organization): Record<string, unknown> {
  return { id, name, url: `${root}/_apis/projectCollections/${id}`, collectionUrl: `${root}/` };
}
