import { TrackerError } from '../../domain/errors.ts';
import type { TrackerRequest } from '../../ports/tracker.ts';
import { dataOf } from './answers.ts';
import type { GithubProject } from './project.ts';
import { GraphqlAnswer } from './wire.ts';

const COMMENTS = 50;

const NODES = `query($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    ... on Issue {
      id number url title body state stateReason(enableDuplicate: true) createdAt updatedAt
      labels(first: 100) { nodes { name } }
      assignees(first: 20) { nodes { login } }
      author { __typename login ... on User { databaseId } ... on Bot { databaseId } }
      milestone { dueOn }
      repository { databaseId nameWithOwner }
      comments(last: ${String(COMMENTS)}) { nodes { databaseId body createdAt updatedAt author { __typename login } } }
    }
  }
}`;

const WHO = '{ __typename login ... on User { databaseId } ... on Bot { databaseId } }';
const EVENTS = 50;
const EDITS = 5;

const HISTORIES = `query($ids: [ID!]!, $since: DateTime!, $texts: Boolean!) {
  nodes(ids: $ids) {
    __typename
    ... on Issue {
      timelineItems(
        last: ${String(EVENTS)}
        since: $since
        itemTypes: [CLOSED_EVENT, REOPENED_EVENT, RENAMED_TITLE_EVENT]
      ) {
        nodes {
          __typename
          ... on ClosedEvent { createdAt stateReason actor ${WHO} }
          ... on ReopenedEvent { createdAt actor ${WHO} }
          ... on RenamedTitleEvent { createdAt currentTitle actor ${WHO} }
        }
      }
      userContentEdits(first: ${String(EDITS)}) @include(if: $texts) {
        nodes { editedAt diff editor ${WHO} }
      }
    }
  }
}`;

/** A node as it came, and whether parts of it are missing. `null`: there is no such node, or we may not see it. */
export interface AnsweredNode {
  node: unknown;
  partial: boolean;
}

interface Query {
  query: string;
  variables: Readonly<Record<string, unknown>> & { ids: readonly string[] };
}

function requestOf(project: GithubProject, json: Query): TrackerRequest {
  const enterprise = project.apiRoot.pathname.endsWith('/api/v3');
  return {
    method: 'POST',
    path: '/graphql',
    ...(enterprise ? { url: `${project.apiRoot.origin}/api/graphql` } : {}),
    json,
    reads: true,
  };
}

/**
 * Up to 100 issues by their node ids with their newest comments, in one request. Undefined: this server has no
 * GraphQL, or one too old for the query; remembered.
 */
export async function fetchNodes(
  project: GithubProject,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly AnsweredNode[] | undefined> {
  if (project.graphqlAbsent) return undefined;
  const nodes = await askForNodes(project, { query: NODES, variables: { ids } }, 'read issues', signal);
  if (nodes === undefined) project.graphqlAbsent = true;
  return nodes;
}

/** What happened to these issues since, with the texts of their last edits. Undefined as of `fetchNodes`. */
export async function fetchHistories(
  project: GithubProject,
  variables: { ids: readonly string[]; since: string; texts: boolean },
  signal: AbortSignal,
): Promise<readonly AnsweredNode[] | undefined> {
  if (project.graphqlAbsent || project.historiesAbsent) return undefined;
  const nodes = await askForNodes(project, { query: HISTORIES, variables }, 'read the history', signal);
  if (nodes === undefined) project.historiesAbsent = true;
  return nodes;
}

/**
 * One node for each id. A rate limit comes with HTTP 200 here.
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
async function askForNodes(
  project: GithubProject,
  query: Query,
  what: string,
  signal: AbortSignal,
): Promise<readonly AnsweredNode[] | undefined> {
  const { ids } = query.variables;
  const answer = await project.send(requestOf(project, query), signal);
  if (answer.status === 404) return undefined;
  const { data, errors = [] } = dataOf(answer, GraphqlAnswer, what, project.clock.now());
  const limited = errors.find((error) => error.type === 'RATE_LIMITED');
  if (limited !== undefined) throw limitedUntil(answer.headers, project.clock.now());
  if (data == null) {
    // No data and no place in the query: the server does not know a field we ask for.
    const unknownField =
      errors.length > 0 && errors.every((error) => error.path == null && error.type !== 'FORBIDDEN');
    if (!unknownField) throw refused(what, errors[0]?.message ?? 'no data');
    return undefined;
  }
  if (data.nodes.length !== ids.length)
    throw refused(what, `${String(data.nodes.length)} nodes for ${String(ids.length)} ids`);
  const partial = new Set(
    errors.filter((error) => (error.path?.length ?? 0) > 2).map((error) => error.path?.[1]),
  );
  return data.nodes.map((node, index) => ({ node, partial: partial.has(index) }));
}

function limitedUntil(headers: Headers, now: Date): TrackerError {
  const reset = Number(headers.get('x-ratelimit-reset') ?? '');
  const at = new Date(Math.max(reset * 1000, now.getTime() + 1000)).toISOString();
  return new TrackerError('tracker-rate-limited', `GitHub asked us to wait until ${at}.`, {
    arrived: 'no',
    resumeAt: at,
  });
}

function refused(what: string, why: string): TrackerError {
  return new TrackerError('tracker-nonsense', `GitHub's answer to "${what}" is not understood: ${why}.`, {
    arrived: 'no',
  });
}
