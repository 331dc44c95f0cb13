import { buildSchema, graphql } from 'graphql';
import type { Answer } from '../shared/answers.ts';
import { canReadNote } from './access.ts';
import type { Caller } from './accounts.ts';
import { canRead, canReadIssue } from './accounts.ts';
import { SCHEMA } from './graphql-schema.ts';
import { findProject } from './project-acts.ts';
import type { Fields } from './request.ts';
import { isFields } from './request.ts';
import { webUrl } from './shapes.ts';
import type { Account, Issue, Note, Project, State } from './state.ts';

const schema = buildSchema(SCHEMA);
/** A page is never longer, whatever is asked for. https://docs.gitlab.com/api/graphql/#limits */
const PAGE_LIMIT = 100;
const QUERY_LIMIT = 10_000;

interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

/** Runs a query. A query that is wrong, or about what the caller may not see, is answered with status 200. */
export async function respondToGraphql(state: State, caller: Caller, body: Fields): Promise<Answer> {
  const { query, variables } = body;
  if (typeof query !== 'string') return failure(200, 'Unexpected end of document');
  if (query.length > QUERY_LIMIT) return failure(422, 'Query too large');
  const result = await graphql({
    schema,
    source: query,
    rootValue: {
      project: ({ fullPath }: { fullPath: string }) => {
        // A number is no path, and a former path leads nowhere.
        const found = /^\d+$/.test(fullPath) ? undefined : findProject(state, fullPath);
        return found !== undefined && canRead(caller, found) ? projectNode(state, caller, found) : null;
      },
    },
    variableValues: isFields(variables) ? { ...variables } : {},
  });
  const errors = result.errors?.map(({ message, locations, path }) => ({ message, locations, path }));
  return {
    status: 200,
    json: { ...(result.data === undefined ? {} : { data: result.data }), ...(errors && { errors }) },
  };
}

/** Whoever comes in with no good token, or is refused before a query is run. */
export function failure(status: number, message: string): Answer {
  return { status, json: { errors: [{ message }] } };
}

function projectNode(state: State, caller: Caller, project: Project): Fields {
  return {
    id: gid('Project', project.id),
    fullPath: project.path,
    name: project.path.split('/').at(-1),
    issues: ({ iids, ...page }: PageArguments & { iids?: readonly string[] | null }) => {
      const found = [...project.issues.values()].filter(
        (issue) => canReadIssue(issue, caller.account) && (iids == null || iids.includes(String(issue.iid))),
      );
      // Newest first.
      return connection(page, found.toReversed(), (issue) => issueNode(state, caller, issue));
    },
  };
}

function issueNode(state: State, caller: Caller, issue: Issue): Fields {
  return {
    id: gid('Issue', issue.id),
    iid: String(issue.iid),
    title: issue.title,
    description: issue.description,
    state: issue.state,
    confidential: issue.confidential,
    webUrl: webUrl(state, issue),
    userNotesCount: issue.notes.filter(({ system }) => !system).length,
    createdAt: wholeSeconds(issue.createdAt),
    updatedAt: wholeSeconds(issue.updatedAt),
    author: accountNode(issue.author),
    notes: ({ filter, ...page }: PageArguments & { filter?: string | null }) => {
      const wanted = issue.notes
        .filter(
          (note) =>
            canReadNote({ caller }, issue, note) &&
            (filter === 'ALL_NOTES' || note.system === (filter === 'ONLY_ACTIVITY')),
        )
        .toSorted((one, other) => one.createdAt.localeCompare(other.createdAt) || one.id - other.id);
      return connection(page, wanted, noteNode);
    },
  };
}

function noteNode(note: Note): Fields {
  return {
    id: gid('Note', note.id),
    body: note.body,
    system: note.system,
    internal: note.internal,
    createdAt: wholeSeconds(note.createdAt),
    updatedAt: wholeSeconds(note.updatedAt),
    author: accountNode(note.author),
  };
}

function accountNode({ id, username, name }: Account): Fields {
  return { id: gid('User', id), username, name };
}

function gid(type: string, id: number): string {
  return `gid://gitlab/${type}/${id}`;
}

/** GraphQL shows no fractions of a second, unlike REST. */
function wholeSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

function connection<T>(page: PageArguments, items: readonly T[], nodeOf: (item: T) => Fields): Fields {
  const size = Math.min(page.first ?? page.last ?? PAGE_LIMIT, PAGE_LIMIT);
  let start = page.after == null ? 0 : positionOf(page.after) + 1;
  let end = page.before == null ? items.length : Math.min(positionOf(page.before), items.length);
  if (page.first == null && page.last != null) start = Math.max(start, end - size);
  else end = Math.min(end, start + size);
  return {
    count: items.length,
    nodes: items.slice(start, end).map(nodeOf),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: start < end ? cursorOf(start) : null,
      endCursor: start < end ? cursorOf(end - 1) : null,
    },
  };
}

function cursorOf(position: number): string {
  return Buffer.from(JSON.stringify({ position })).toString('base64');
}

function positionOf(cursor: string): number {
  const { position } = JSON.parse(Buffer.from(cursor, 'base64').toString());
  return Number(position);
}
