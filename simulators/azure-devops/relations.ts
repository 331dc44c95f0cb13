import { invalidProperty, noSuchItem, refuse } from './answers.ts';
import type { Draft } from './draft.ts';
import type { Account, Relation, State, WorkItem } from './state.ts';
import { stamp } from './state.ts';

export interface RelationType {
  referenceName: string;
  name: string;
  usage: 'workItemLink' | 'resourceLink';
  /** What the other side has. */
  opposite?: string;
}

const PARENT = 'System.LinkTypes.Hierarchy-Reverse';
const CHILD = 'System.LinkTypes.Hierarchy-Forward';

export const RELATION_TYPES: readonly RelationType[] = [
  { referenceName: CHILD, name: 'Child', usage: 'workItemLink', opposite: PARENT },
  { referenceName: PARENT, name: 'Parent', usage: 'workItemLink', opposite: CHILD },
  ...pair('Dependency', 'Successor', 'Predecessor'),
  ...pair('Duplicate', 'Duplicate', 'Duplicate Of'),
  {
    referenceName: 'System.LinkTypes.Related',
    name: 'Related',
    usage: 'workItemLink',
    opposite: 'System.LinkTypes.Related',
  },
  { referenceName: 'Hyperlink', name: 'Hyperlink', usage: 'resourceLink' },
  { referenceName: 'ArtifactLink', name: 'Artifact Link', usage: 'resourceLink' },
  { referenceName: 'AttachedFile', name: 'Attached File', usage: 'resourceLink' },
];

function pair(kind: string, forward: string, reverse: string): RelationType[] {
  const [there, back] = [`System.LinkTypes.${kind}-Forward`, `System.LinkTypes.${kind}-Reverse`];
  return [
    { referenceName: there, name: forward, usage: 'workItemLink', opposite: back },
    { referenceName: back, name: reverse, usage: 'workItemLink', opposite: there },
  ];
}

interface NewRelation {
  rel: string;
  url: string;
  attributes: Readonly<Record<string, unknown>>;
}

/** Adds a link to a draft. The other work item gets its side of it when the draft is saved. */
export function addRelation(draft: Draft, { rel, url, attributes }: NewRelation): void {
  const type = RELATION_TYPES.find((each) => each.referenceName === rel);
  if (type === undefined) throw invalidProperty(`Unknown relation type ${rel}.`);
  const name = type.name;
  if (type.usage === 'resourceLink') {
    if (draft.relations.some((each) => each.rel === rel && each.url === url)) throw alreadyThere(rel);
    draft.relations.push({ rel, url, attributes: { name, ...attributes } });
    return;
  }
  const target = targetOf(draft, url);
  if (draft.relations.some((each) => each.rel === rel && each.target === target.id)) throw alreadyThere(rel);
  if (rel === PARENT && draft.relations.some((each) => each.rel === PARENT))
    throw twoParents(draft.item?.id, target.id);
  if (rel === CHILD && target.relations.some((each) => each.rel === PARENT))
    throw twoParents(target.id, draft.item?.id);
  if (isAncestor(draft, rel, target))
    throw refuse(
      400,
      'WorkItemLinkInvalidException',
      `TF201036: You cannot add a link between work items ${draft.item?.id ?? -1} and ${target.id} because it would create a circular relationship.`,
    );
  draft.relations.push({ rel, url, attributes: { isLocked: false, name, ...attributes }, target: target.id });
}

/** Takes the link at that place away. */
export function removeRelation(draft: Draft, index: number): void {
  if (draft.relations[index] === undefined)
    throw invalidProperty(`Index out of range for path /relations/${index}.`);
  draft.relations.splice(index, 1);
}

/** Shows on the other work items what was linked and unlinked; their revision stays, as Azure DevOps has it. */
export function mirror(
  state: State,
  item: WorkItem,
  actor: Account,
  before: readonly Relation[],
  url: (id: number) => string,
): void {
  const { items } = item.project.organization;
  for (const gone of before.filter((each) => !item.relations.includes(each))) {
    const other = items.get(gone.target ?? 0);
    const type = RELATION_TYPES.find(({ referenceName }) => referenceName === gone.rel);
    const mirrored = other?.relations.find(({ rel, target }) => rel === type?.opposite && target === item.id);
    if (other === undefined || mirrored === undefined) continue;
    other.relations = other.relations.filter((each) => each !== mirrored);
    if (gone.rel === CHILD) other.fields.delete('System.Parent');
    remember(state, other, actor, [], [mirrored]);
  }
  for (const fresh of item.relations.filter((each) => !before.includes(each))) {
    const other = items.get(fresh.target ?? 0);
    const type = RELATION_TYPES.find(({ referenceName }) => referenceName === fresh.rel);
    const opposite = RELATION_TYPES.find(({ referenceName }) => referenceName === type?.opposite);
    if (other === undefined || opposite === undefined) continue;
    const mirrored = {
      rel: opposite.referenceName,
      url: url(item.id),
      attributes: { isLocked: false, name: opposite.name },
      target: item.id,
    };
    other.relations.push(mirrored);
    if (mirrored.rel === PARENT) other.fields.set('System.Parent', item.id);
    remember(state, other, actor, [mirrored], []);
  }
}

function remember(
  state: State,
  item: WorkItem,
  by: Account,
  added: readonly Relation[],
  removed: readonly Relation[],
): void {
  item.updates.push({
    id: item.updates.length + 1,
    rev: item.rev,
    by,
    at: stamp(state),
    fields: {},
    added,
    removed,
  });
}

function targetOf({ project }: Draft, url: string): WorkItem {
  const id = Number(/\/workitems\/(-?\d+)$/i.exec(url)?.[1]);
  const target = project.organization.items.get(id);
  if (target === undefined || target.deleted !== undefined) throw noSuchItem(Number.isNaN(id) ? url : id);
  return target;
}

function isAncestor({ item, project }: Draft, rel: string, target: WorkItem): boolean {
  if (item === undefined || (rel !== PARENT && rel !== CHILD)) return false;
  const [above, below] = rel === PARENT ? [target, item] : [item, target];
  for (let each: WorkItem | undefined = above; each !== undefined;) {
    if (each === below) return true;
    each = project.organization.items.get(each.relations.find((link) => link.rel === PARENT)?.target ?? 0);
  }
  return false;
}

function alreadyThere(rel: string): ReturnType<typeof refuse> {
  return refuse(
    400,
    'RelationAlreadyExistsException',
    `VS402625: A relation of type ${rel} to this place already exists.`,
  );
}

function twoParents(child: number | undefined, parent: number | undefined): ReturnType<typeof refuse> {
  return refuse(
    400,
    'WorkItemLinkAddExtraParentException',
    `TF201036: You cannot add a Parent link between work items ${child ?? -1} and ${parent ?? -1} because a work item can have only one Parent link. Remove the existing link first.`,
  );
}
