import { accountOf } from './accounts.ts';
import { addComment, deleteComment, editComment, findComment } from './comment-acts.ts';
import type { Draft } from './draft.ts';
import { draftOf, newDraft, textOf, typeOf } from './draft.ts';
import { destroy, recycle, restore, save, settle } from './item-acts.ts';
import { rootOf } from './places.ts';
import type { Post } from './post.ts';
import { organizationNamed, projectNamed } from './named.ts';
import { addRelation, mirror, RELATION_TYPES } from './relations.ts';
import { setField } from './set-field.ts';
import { itemUrl } from './shapes.ts';
import { snapshotOf } from './snapshot.ts';
import type { Account, Comment, State, Subscription, WorkItem } from './state.ts';
import { splitTags } from './tags.ts';
import type { AzureDevopsWorld, ItemPlace, NewItemByPerson } from './world.ts';
import { newSettings } from './world-settings.ts';

const ANYBODY = 'mona';
const STORIES = ['Issue', 'User Story', 'Product Backlog Item', 'Requirement'];

export function newWorld(state: State, post: Post): AzureDevopsWorld {
  const actor = (by: string | undefined): Account => accountOf(state, by ?? ANYBODY);

  function itemAt({ organization, id }: ItemPlace): WorkItem {
    const found = organizationNamed(state, organization).items.get(id);
    if (found === undefined) throw new Error(`there is no work item ${id} in ${organization}`);
    return found;
  }

  /** One save by a person. */
  function change(place: ItemPlace, by: string | undefined, edit: (draft: Draft) => void): void {
    const item = itemAt(place);
    const draft = draftOf(item);
    const before = item.relations.slice();
    edit(draft);
    settle(state, draft, actor(by));
    save(state, draft, actor(by));
    mirror(state, item, actor(by), before, (id) => urlOf(item, id));
  }

  function urlOf({ project }: WorkItem, id: number): string {
    return itemUrl(rootOf(state, project.organization), project, id);
  }

  function setOne(place: ItemPlace, field: string, value: unknown, by?: string): void {
    change(place, by, (draft) => setField(state, draft, field, value));
  }

  function commentAt(place: ItemPlace, id: number): { item: WorkItem; comment: Comment } {
    const item = itemAt(place);
    const comment = findComment(item, id);
    if (comment === undefined) throw new Error(`there is no comment ${id} on work item ${place.id}`);
    return { item, comment };
  }

  function open(wish: NewItemByPerson): WorkItem {
    const project = projectNamed(state, wish);
    const story = project.types.find(({ name }) => STORIES.includes(name))?.name;
    const draft = newDraft(project, typeOf(project, wish.type ?? story ?? 'Task'));
    const fields = {
      'System.Title': wish.title,
      'System.Description': wish.description,
      'System.Tags': wish.tags?.join('; '),
      ...(wish.state === undefined ? {} : { 'System.State': wish.state }),
      ...wish.fields,
    };
    for (const [name, value] of Object.entries(fields)) setField(state, draft, name, value);
    settle(state, draft, actor(wish.by));
    return save(state, draft, actor(wish.by));
  }

  function clone(place: ItemPlace, by: string | undefined): WorkItem {
    const original = itemAt(place);
    const draft = newDraft(original.project, draftOf(original).type);
    const left = ['System.State', 'System.Reason', 'System.Parent', 'System.History', 'System.IsDeleted'];
    for (const [name, value] of original.fields) {
      const field = original.project.organization.fields.get(name.toLowerCase());
      if (field?.readOnly === false && !left.includes(name)) draft.fields.set(name, value);
    }
    draft.formats = new Map(original.formats);
    const url = urlOf(original, original.id);
    addRelation(draft, { rel: 'System.LinkTypes.Related', url, attributes: { comment: 'Copied from' } });
    settle(state, draft, actor(by));
    const copy = save(state, draft, actor(by));
    mirror(state, copy, actor(by), [], (id) => urlOf(copy, id));
    return copy;
  }

  return {
    ...newSettings(state),
    openItem: (wish) => snapshotOf(open(wish)),
    editTitle: (place, title, by) => setOne(place, 'System.Title', title, by),
    editDescription: (place, description, by) => setOne(place, 'System.Description', description, by),
    setField: setOne,
    setState: (place, name, by, reason) =>
      change(place, by, (draft) => {
        setField(state, draft, 'System.State', name);
        if (reason !== undefined) setField(state, draft, 'System.Reason', reason);
      }),
    addTag: (place, tag, by) =>
      change(place, by, (draft) => setField(state, draft, 'System.Tags', tag, 'add')),
    removeTag: (place, tag, by) =>
      change(place, by, (draft) => {
        const tags = splitTags(textOf(draft.fields, 'System.Tags'));
        const left = tags.filter((each) => each.toLowerCase() !== tag.toLowerCase());
        setField(state, draft, 'System.Tags', left.join('; '));
      }),
    assign: (place, login, by) =>
      setOne(place, 'System.AssignedTo', login === null ? null : accountOf(state, login), by),
    setDueDate: (place, day, by) =>
      setOne(place, 'Microsoft.VSTS.Scheduling.DueDate', day === null ? null : `${day}T00:00:00Z`, by),
    comment: (place, text, by) => addComment(state, itemAt(place), actor(by), text).id,
    editComment(place, id, text, by) {
      const { item, comment } = commentAt(place, id);
      editComment(state, item, comment, actor(by), text);
    },
    deleteComment(place, id, by) {
      const { item, comment } = commentAt(place, id);
      deleteComment(state, item, comment, actor(by));
    },
    link: (place, kind, target, by) =>
      change(place, by, (draft) => {
        const type = RELATION_TYPES.find(({ name }) => name === kind);
        if (type === undefined) throw new Error(`there is no kind of link ${kind}`);
        const url = urlOf(itemAt(place), target);
        addRelation(draft, { rel: type.referenceName, url, attributes: {} });
      }),
    deleteItem: (place, by) => recycle(state, itemAt(place), actor(by)),
    restoreItem: (place, by) => restore(state, itemAt(place), actor(by)),
    destroyItem: (place) => destroy(itemAt(place)),
    moveItem: (place, project, by) => setOne(place, 'System.TeamProject', project, by),
    convertItem: (place, type, by) =>
      change(place, by, (draft) => {
        setField(state, draft, 'System.WorkItemType', type);
        setField(state, draft, 'System.State', draft.type.states[0]?.name);
      }),
    cloneItem: (place, by) => snapshotOf(clone(place, by)),
    item: (organization, id) => snapshotOf(itemAt({ organization, id })),
    items(organization, project) {
      const place = projectNamed(state, { organization, project });
      return [...place.organization.items.values()]
        .filter((item) => item.project === place && item.deleted === undefined)
        .map((item) => snapshotOf(item));
    },
    executed: () => state.executed.slice(),
    notified() {
      const ids = state.executed.filter(({ kind }) => kind === 'mention').map(({ target }) => target);
      const people = [...state.accounts.values()].filter(({ id }) => ids.includes(id));
      return people.map(({ uniqueName }) => uniqueName);
    },
    hooks: (organization) =>
      organizationNamed(state, organization).subscriptions.map((each) => ({
        id: each.id,
        url: each.consumerInputs['url'] ?? '',
        eventType: each.eventType,
        status: each.status,
        publisherInputs: { ...each.publisherInputs },
        deliveries: each.deliveries.slice(),
      })),
    setHookStatus(organization, id, status) {
      hookAt(state, organization, id).status = status;
    },
    retryProbation: (organization, id) => post.retryProbation(hookAt(state, organization, id)),
  };
}

function hookAt(state: State, organization: string, id: string): Subscription {
  const found = organizationNamed(state, organization).subscriptions.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no service hook ${id}`);
  return found;
}
