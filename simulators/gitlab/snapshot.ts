import { webUrl } from './shapes.ts';
import type { Issue, IssueType, State } from './state.ts';

interface NoteSnapshot {
  id: number;
  author: string;
  body: string;
  system: boolean;
  createdAt: string;
  updatedAt: string;
}

/** An issue as people see it; a copy, so it stays as it was. */
export interface IssueSnapshot {
  project: string;
  projectId: number;
  iid: number;
  id: number;
  url: string;
  title: string;
  description: string;
  state: 'opened' | 'closed';
  type: IssueType;
  labels: readonly string[];
  assignees: readonly string[];
  author: string;
  confidential: boolean;
  dueDate: string | null;
  movedToId: number | null;
  /** Numbers of the issues that it is linked to, once for each link. */
  links: readonly number[];
  /** People's and GitLab's own. */
  notes: readonly NoteSnapshot[];
  createdAt: string;
  updatedAt: string;
}

export function snapshotOf(state: State, issue: Issue): IssueSnapshot {
  const { project, iid, id, title, confidential, dueDate, movedToId, type, createdAt, updatedAt } = issue;
  return {
    project: project.path,
    projectId: project.id,
    iid,
    id,
    url: webUrl(state, issue),
    title,
    description: issue.description ?? '',
    state: issue.state,
    type,
    labels: issue.labels.map((label) => label.name),
    assignees: issue.assignees.map((account) => account.username),
    author: issue.author.username,
    confidential,
    dueDate,
    movedToId,
    links: state.links.flatMap(({ source, target }) => {
      if (source === issue) return [target.iid];
      return target === issue ? [source.iid] : [];
    }),
    notes: issue.notes.map((note) => ({
      id: note.id,
      author: note.author.username,
      body: note.body,
      system: note.system,
      createdAt: note.createdAt,
      updatedAt: note.updatedAt,
    })),
    createdAt,
    updatedAt,
  };
}
