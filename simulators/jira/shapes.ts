/** How Jira shows what it knows. */
import { asDocument, asWiki } from './rich.ts';
import type { Change, Comment, IssueType, Named, Project, Rich, State, Status, User } from './state.ts';
import { jiraTime } from './time.ts';

export type Shape = Record<string, unknown>;

/** For whom and in which API version something is shown. */
export interface View {
  state: State;
  apiRoot: string;
  version: 2 | 3;
  timeZone: string;
}

export function selfOf({ apiRoot, version }: View, path: string): string {
  return `${apiRoot}/rest/api/${version}/${path}`;
}

export function time(view: View, date: Date): string {
  return jiraTime(date, view.timeZone);
}

export function rich(view: View, text: Rich): Rich {
  return view.version === 3 ? asDocument(text) : asWiki(text);
}

/** E-mail addresses are hidden on Cloud, but not from their owner. */
export function userShape(view: View, user: User, withEmail = view.state.flavour === 'data-center'): Shape {
  const { state } = view;
  const common = {
    avatarUrls: avatars(view, `useravatar?avatarId=${user.key}`),
    displayName: user.displayName,
    active: user.active,
    timeZone: user.timeZone,
    ...(withEmail ? { emailAddress: user.email } : {}),
  };
  if (state.flavour === 'data-center')
    return { self: selfOf(view, `user?username=${user.name}`), name: user.name, key: user.key, ...common };
  const self = selfOf(view, `user?accountId=${encodeURIComponent(user.accountId)}`);
  return { self, accountId: user.accountId, accountType: 'atlassian', ...common };
}

export function statusShape(view: View, { id, name, category }: Status): Shape {
  return {
    self: selfOf(view, `status/${id}`),
    description: '',
    iconUrl: `${view.apiRoot}/images/icons/statuses/generic.png`,
    name,
    id,
    statusCategory: categoryShape(view, category),
  };
}

const CATEGORIES = {
  new: { id: 2, colorName: 'blue-gray', name: 'To Do' },
  indeterminate: { id: 4, colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, colorName: 'green', name: 'Done' },
};

export function categoryShape(view: View, key: Status['category']): Shape {
  const { id, colorName, name } = CATEGORIES[key];
  return { self: selfOf(view, `statuscategory/${id}`), id, key, colorName, name };
}

export function namedShape(view: View, noun: 'priority' | 'resolution', { id, name }: Named): Shape {
  const self = selfOf(view, `${noun}/${id}`);
  if (noun === 'resolution') return { self, id, description: '', name };
  return { self, iconUrl: `${view.apiRoot}/images/icons/priorities/${name.toLowerCase()}.svg`, name, id };
}

export function typeShape(view: View, type: IssueType): Shape {
  const cloud = view.state.flavour === 'cloud' ? { hierarchyLevel: type.hierarchyLevel } : {};
  return {
    self: selfOf(view, `issuetype/${type.id}`),
    id: type.id,
    description: '',
    iconUrl: `${view.apiRoot}/images/icons/issuetypes/${type.name.toLowerCase()}.svg`,
    name: type.name,
    subtask: type.subtask,
    avatarId: 10_318,
    ...cloud,
  };
}

/** A project as it is shown inside other things. */
export function projectShape(view: View, project: Project): Shape {
  const cloud = view.state.flavour === 'cloud' ? { simplified: project.style === 'next-gen' } : {};
  return {
    self: selfOf(view, `project/${project.id}`),
    id: project.id,
    key: project.key,
    name: project.name,
    projectTypeKey: 'software',
    ...cloud,
    avatarUrls: avatars(view, `projectavatar?pid=${project.id}`),
  };
}

/** A project by itself. */
export function wholeProjectShape(view: View, project: Project): Shape {
  const { state } = view;
  const common = {
    ...projectShape(view, project),
    expand: 'description,lead,issueTypes,url,projectKeys,permissions,insight',
    description: '',
    issueTypes: project.issueTypes.map((type) => typeShape(view, type)),
    components: [],
    versions: [],
    roles: {},
    assigneeType: 'UNASSIGNED',
    archived: project.archived,
  };
  if (state.flavour === 'data-center') return common;
  return {
    ...common,
    style: project.style,
    isPrivate: !project.isPublic && project.style === 'next-gen',
    properties: {},
    ...(project.style === 'next-gen' ? { uuid: '9d3a1b2c-0000-4000-8000-000000000001' } : {}),
  };
}

export function commentShape(view: View, issueId: string, comment: Comment): Shape {
  return {
    self: selfOf(view, `issue/${issueId}/comment/${comment.id}`),
    id: comment.id,
    author: userShape(view, comment.author),
    body: rich(view, comment.body),
    updateAuthor: userShape(view, comment.updateAuthor),
    created: time(view, comment.created),
    updated: time(view, comment.updated),
    ...(view.state.flavour === 'cloud' ? { jsdPublic: true } : {}),
  };
}

export function changeShape(view: View, change: Change): Shape {
  return {
    id: change.id,
    author: userShape(view, change.author),
    created: time(view, change.created),
    items: change.items.map((item) => itemShape(view.state, item)),
  };
}

/** One changed field; a null is left out, as in Jira's own schema. */
export function itemShape(state: State, item: Change['items'][number]): Shape {
  const isCustom = item.fieldId.startsWith('customfield_');
  const whole = {
    field: item.field,
    fieldtype: isCustom ? 'custom' : 'jira',
    ...(state.flavour === 'cloud' ? { fieldId: item.fieldId } : {}),
    from: item.from,
    fromString: item.fromText,
    to: item.to,
    toString: item.toText,
  };
  return whole;
}

function avatars({ apiRoot }: View, what: string): Shape {
  const sizes = ['48x48', '24x24', '16x16', '32x32'];
  return Object.fromEntries(sizes.map((size) => [size, `${apiRoot}/secure/${what}&size=${size}`]));
}
