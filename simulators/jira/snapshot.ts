import { asWiki } from './rich.ts';
import type { Issue, Rich, State } from './state.ts';

interface CommentSnapshot {
  id: string;
  author: string;
  /** As it is stored: a document or wiki markup. */
  body: Rich;
  text: string;
}

/** An issue as people see it; a copy, so it stays as it was. People are called by their `name`. */
export interface IssueSnapshot {
  id: string;
  key: string;
  projectKey: string;
  url: string;
  type: string;
  summary: string;
  description: Rich | null;
  /** The description as wiki markup. */
  text: string;
  status: string;
  category: 'new' | 'indeterminate' | 'done';
  resolution: string | null;
  priority: string | null;
  labels: readonly string[];
  assignee: string | null;
  reporter: string;
  dueDate: string | null;
  /** On Data Center the epic, too. */
  parent: string | null;
  /** Keys of the issues it is linked to, once for each link. */
  links: readonly string[];
  custom: Readonly<Record<string, unknown>>;
  properties: Readonly<Record<string, unknown>>;
  remoteLinks: readonly { globalId?: string; url: string; title: string }[];
  comments: readonly CommentSnapshot[];
  created: string;
  updated: string;
}

function epicOf(state: State, issue: Issue): string | null {
  const field = state.customFields.find(({ type }) => type === 'epic-link');
  const value = field === undefined ? undefined : issue.custom.get(field.id);
  return typeof value === 'string' ? value : null;
}

export function snapshotOf(state: State, issue: Issue): IssueSnapshot {
  return structuredClone({
    id: issue.id,
    key: issue.key,
    projectKey: issue.project.key,
    url: `${state.url}/browse/${issue.key}`,
    type: issue.type.name,
    summary: issue.summary,
    description: issue.description,
    text: issue.description === null ? '' : asWiki(issue.description),
    status: issue.status.name,
    category: issue.status.category,
    resolution: issue.resolution?.name ?? null,
    priority: issue.priority?.name ?? null,
    labels: issue.labels,
    assignee: issue.assignee?.name ?? null,
    reporter: issue.reporter.name,
    dueDate: issue.dueDate,
    parent: issue.parent?.key ?? epicOf(state, issue),
    links: state.links.flatMap(({ inward, outward }) => {
      if (inward.id === issue.id) return [outward.key];
      return outward.id === issue.id ? [inward.key] : [];
    }),
    custom: Object.fromEntries(issue.custom),
    properties: Object.fromEntries(issue.properties),
    remoteLinks: issue.remoteLinks.map(({ globalId, object }) => ({
      ...(globalId === undefined ? {} : { globalId }),
      url: object.url,
      title: object.title,
    })),
    comments: issue.comments.map(({ id, author, body }) => ({
      id,
      author: author.name,
      body,
      text: asWiki(body),
    })),
    created: issue.created.toISOString(),
    updated: issue.updated.toISOString(),
  });
}
