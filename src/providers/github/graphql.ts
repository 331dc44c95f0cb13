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

/** A node as it came, and whether parts of it are missing. `null`: there is no such node, or we may not see it. */
export interface AnsweredNode {
  node: unknown;
  partial: boolean;
}

function requestOf(project: GithubProject, ids: readonly string[]): TrackerRequest {
  const enterprise = project.apiRoot.pathname.endsWith('/api/v3');
  return {
    method: 'POST',
    path: '/graphql',
    ...(enterprise ? { url: `${project.apiRoot.origin}/api/graphql` } : {}),
    json: { query: NODES, variables: { ids } },
    reads: true,
  };
}

/**
 * Up to 100 issues by their node ids with their newest comments, in one request. Undefined: this server has no
 * GraphQL, or one too old for the query; remembered. A rate limit comes with HTTP 200 here.
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
export async function fetchNodes(
  project: GithubProject,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly AnsweredNode[] | undefined> {
  if (project.graphqlAbsent) return undefined;
  const answer = await project.send(requestOf(project, ids), signal);
  if (answer.status === 404) {
    project.graphqlAbsent = true;
    return undefined;
  }
  const { data, errors = [] } = dataOf(answer, GraphqlAnswer, 'read issues', project.clock.now());
  const limited = errors.find((error) => error.type === 'RATE_LIMITED');
  if (limited !== undefined) throw limitedUntil(answer.headers, project.clock.now());
  if (data == null) {
    // No data and no place in the query: the server does not know a field we ask for.
    const unknownField =
      errors.length > 0 && errors.every((error) => error.path == null && error.type !== 'FORBIDDEN');
    if (!unknownField) throw refused(errors[0]?.message ?? 'no data');
    project.graphqlAbsent = true;
    return undefined;
  }
  if (data.nodes.length !== ids.length)
    throw refused(`${String(data.nodes.length)} nodes for ${String(ids.length)} ids`);
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

function refused(why: string): TrackerError {
  return new TrackerError('tracker-nonsense', `GitHub's answer to "read issues" is not understood: ${why}.`, {
    arrived: 'no',
  });
}
