import { may } from './project-acts.ts';
import type { Shape, View } from './shapes.ts';
import * as shapes from './shapes.ts';
import type { Issue, User } from './state.ts';

/** What of an issue is wanted. */
export interface Wanted {
  /** Names, `*all`, `*navigable`, and `-name` for what is not wanted. */
  fields: readonly string[];
  properties?: readonly string[];
  expand?: readonly string[];
}

/** Not part of `*navigable`. */
const FURTHER = new Set(['comment', 'attachment', 'worklog']);

/** An issue with the fields that are wanted; with `id` alone Cloud's search shows nothing else. */
export function issueShape(view: View, issue: Issue, wanted: Wanted): Shape {
  const head = {
    expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
    id: issue.id,
    self: shapes.selfOf(view, `issue/${issue.id}`),
    key: issue.key,
  };
  const properties = wanted.properties ?? [];
  const kept = [...issue.properties].filter(
    ([key]) => properties.includes(key) || properties.includes('*all'),
  );
  return {
    ...head,
    ...(wanted.expand?.includes('changelog') === true ? { changelog: changelog(view, issue) } : {}),
    fields: fieldsOf(view, issue, wanted.fields),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(kept) }),
  };
}

/** Only the fields that are wanted. */
function fieldsOf(view: View, issue: Issue, wanted: readonly string[]): Shape {
  const all = allFields(view, issue);
  const every = wanted.includes('*all');
  const navigable = wanted.includes('*navigable');
  const hidden = wanted.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const onlyHides = wanted.length > 0 && wanted.every((name) => name.startsWith('-'));
  const isShown = (name: string): boolean => {
    if (hidden.includes(name)) return false;
    if (wanted.includes(name) || every || onlyHides) return true;
    return navigable && !FURTHER.has(name);
  };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => isShown(name))
      .map(([name, make]) => [name, make()]),
  );
}

function allFields(view: View, issue: Issue): Record<string, () => unknown> {
  const { state } = view;
  const user = (each: User | null) => () => (each === null ? null : shapes.userShape(view, each));
  const fields: Record<string, () => unknown> = {
    summary: () => issue.summary,
    issuetype: () => shapes.typeShape(view, issue.type),
    project: () => shapes.projectShape(view, issue.project),
    description: () => (issue.description === null ? null : shapes.rich(view, issue.description)),
    environment: () => null,
    labels: () => issue.labels,
    priority: () => (issue.priority === null ? null : shapes.namedShape(view, 'priority', issue.priority)),
    status: () => shapes.statusShape(view, issue.status),
    resolution: () =>
      issue.resolution === null ? null : shapes.namedShape(view, 'resolution', issue.resolution),
    resolutiondate: () => (issue.resolutionDate === null ? null : shapes.time(view, issue.resolutionDate)),
    assignee: user(issue.assignee),
    reporter: user(issue.reporter),
    creator: user(issue.creator),
    created: () => shapes.time(view, issue.created),
    updated: () => shapes.time(view, issue.updated),
    duedate: () => issue.dueDate,
    components: () => [],
    fixVersions: () => [],
    versions: () => [],
    attachment: () => [],
    issuelinks: () => linksOf(view, issue),
    subtasks: () =>
      [...state.issues.values()]
        .filter(({ parent, type }) => parent?.id === issue.id && type.subtask)
        .map((each) => linkedShape(view, each)),
    watches: () => ({
      self: shapes.selfOf(view, `issue/${issue.key}/watchers`),
      watchCount: 1,
      isWatching: false,
    }),
    votes: () => ({ self: shapes.selfOf(view, `issue/${issue.key}/votes`), votes: 0, hasVoted: false }),
    comment: () => commentsPage(view, issue),
  };
  if (issue.parent !== null) {
    const { parent } = issue;
    fields['parent'] = () => linkedShape(view, parent);
  }
  for (const field of state.customFields) fields[field.id] = () => customValue(view, issue, field.id);
  return fields;
}

function customValue(view: View, issue: Issue, id: string): unknown {
  const value = issue.custom.get(id) ?? null;
  const field = view.state.customFields.find((each) => each.id === id);
  if (field?.type !== 'option' || typeof value !== 'string') return value;
  const option = field.options.find((each) => each.id === value);
  return option === undefined
    ? null
    : { self: shapes.selfOf(view, `customFieldOption/${option.id}`), value: option.name, id: option.id };
}

/** An issue as it is shown inside another one. */
export function linkedShape(view: View, issue: Issue): Shape {
  const head = { id: issue.id, key: issue.key, self: shapes.selfOf(view, `issue/${issue.id}`) };
  const fields = fieldsOf(view, issue, ['summary', 'status', 'priority', 'issuetype']);
  return { ...head, fields };
}

function linksOf(view: View, issue: Issue): Shape[] {
  return view.state.links
    .filter(({ inward, outward }) => inward.id === issue.id || outward.id === issue.id)
    .map(({ id, type, inward, outward }) => ({
      id,
      self: shapes.selfOf(view, `issueLink/${id}`),
      type: { ...type, self: shapes.selfOf(view, `issueLinkType/${type.id}`) },
      ...(inward.id === issue.id
        ? { outwardIssue: linkedShape(view, outward) }
        : { inwardIssue: linkedShape(view, inward) }),
    }));
}

function commentsPage(view: View, issue: Issue): Shape {
  const comments = issue.comments.map((each) => shapes.commentShape(view, issue.id, each));
  const total = comments.length;
  const self = shapes.selfOf(view, `issue/${issue.id}/comment`);
  return {
    comments,
    ...(view.state.flavour === 'cloud' ? { self } : {}),
    maxResults: total,
    total,
    startAt: 0,
  };
}

/** Newest first, as inside an issue. */
function changelog(view: View, issue: Issue): Shape {
  const histories = issue.changes.toReversed().map((change) => shapes.changeShape(view, change));
  return { startAt: 0, maxResults: histories.length, total: histories.length, histories };
}

/** Whether the user sees the issue at all. */
export function isVisible(issue: Issue, user: User | undefined): boolean {
  return may(issue.project, user, 'BROWSE_PROJECTS');
}
