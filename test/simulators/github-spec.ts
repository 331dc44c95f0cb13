import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, extendSchema, parse, validate } from 'graphql';
import type { RecordedRequest } from '../../simulators/github/index.ts';
import { sharedFolder } from '../shared.ts';
import type { SchemaDocument } from './json-schema.ts';
import { isJson, schemaDocument } from './json-schema.ts';
import { bodyFaults, queryFaults, referred, templateOf } from './openapi.ts';

/** GitHub's published descriptions, as judges of what we send and of what our simulator answers. */
export interface GithubSpec {
  /** What is wrong with the requests, their answers, or the GraphQL documents; empty when nothing is. */
  violations(recorded: readonly RecordedRequest[]): string[];
  /** What is wrong with a webhook's payload. */
  payloadViolations(event: string, payload: unknown): string[];
}

/** Undefined when the published descriptions are not beside the checkout. */
export function githubSpec(): GithubSpec | undefined {
  const folder = sharedFolder();
  if (folder === undefined) return undefined;
  const read = (name: string): string => readFileSync(join(folder, 'specs', name), 'utf8');
  const rest = schemaDocument(JSON.parse(read('github.openapi.json')));
  const hooks = schemaDocument(JSON.parse(read('github-webhooks.openapi.json')));
  const graphql = extendSchema(buildSchema(read('github.schema.graphql')), parse(CUT_FROM_THE_SCHEMA));
  return {
    violations: (recorded) =>
      recorded.flatMap((request) =>
        (request.path === '/graphql' ? documentFaults(request) : restFaults(rest, request)).map(
          (fault) => `${request.method} ${request.path}${request.query} → ${request.status}: ${fault}`,
        ),
      ),
    payloadViolations(event, payload) {
      const action = isJson(payload) && typeof payload['action'] === 'string' ? `-${payload['action']}` : '';
      const path = `/webhooks/${event}${action}`.replaceAll('_', '-');
      if (hooks.at(['paths', path]) === undefined)
        return UNPUBLISHED_PAYLOADS.has(path) ? [] : [`${path} is no published payload`];
      const place = ['paths', path, 'post', 'requestBody', 'content', 'application/json', 'schema'];
      return hooks.complaints(place, payload).map((fault) => `${path}: ${fault}`);
    },
  };

  function documentFaults({ body }: RecordedRequest): string[] {
    if (!isJson(body) || typeof body['query'] !== 'string') return ['there is no query'];
    return validate(graphql, parse(body['query'])).map((error) => error.message);
  }
}

/** Our copy of GitHub's schema is cut down; this is what GitHub has and the copy has not. */
const CUT_FROM_THE_SCHEMA = `
  enum RepositoryVisibility { INTERNAL PRIVATE PUBLIC }
  type Bot implements Node & Actor {
    id: ID!
    databaseId: Int
    login: String!
    url: URI!
    avatarUrl(size: Int): URI!
  }
  extend type Repository { visibility: RepositoryVisibility! }
  extend type Issue {
    timelineItems(
      after: String
      before: String
      first: Int
      itemTypes: [IssueTimelineItemsItemType!]
      last: Int
      since: DateTime
      skip: Int
    ): IssueTimelineItemsConnection!
  }
  enum IssueTimelineItemsItemType { CLOSED_EVENT RENAMED_TITLE_EVENT REOPENED_EVENT }
  union IssueTimelineItems = ClosedEvent | RenamedTitleEvent | ReopenedEvent
  type IssueTimelineItemsConnection {
    filteredCount: Int!
    nodes: [IssueTimelineItems]
    pageCount: Int!
    pageInfo: PageInfo!
    totalCount: Int!
    updatedAt: DateTime!
  }
  type ClosedEvent implements Node { id: ID! actor: Actor createdAt: DateTime! stateReason: IssueStateReason }
  type ReopenedEvent implements Node { id: ID! actor: Actor createdAt: DateTime! stateReason: IssueStateReason }
  type RenamedTitleEvent implements Node {
    id: ID!
    actor: Actor
    createdAt: DateTime!
    currentTitle: String!
    previousTitle: String!
  }
`;
const UNPUBLISHED_PAYLOADS = new Set([
  '/webhooks/issues-milestoned',
  '/webhooks/issues-demilestoned',
  '/webhooks/repository-publicized',
  '/webhooks/repository-privatized',
]);
/** Real endpoints that our copy of the description leaves out. */
const UNPUBLISHED_PATHS = /\/timeline$|^\/zen$|^\/users\/[^/]+$/;
/** Any endpoint may answer these, whether its description says so or not. */
const ANYWHERE = new Set([301, 304, 307, 400, 401, 403, 404, 410, 422, 429]);

const NUMBERS = /^\{(issue_number|comment_id|hook_id|delivery_id|installation_id)\}$/;

function restFaults(spec: SchemaDocument, request: RecordedRequest): string[] {
  if (UNPUBLISHED_PATHS.test(request.path)) return [];
  const path = request.path.replace(/^\/repositories\/\d+/, '/repos/o/r');
  const template = templateOf(spec, request.method, path, NUMBERS);
  if (template === undefined)
    return request.status === 404 ? [] : ['the description has no such path and method'];
  const operation = ['paths', template, request.method.toLowerCase()];
  const refused = request.status === 400 || request.status === 422;
  return [
    ...(refused ? [] : queryFaults(spec, operation, new URLSearchParams(request.query))),
    ...(refused ? [] : bodyFaults(spec, operation, request.body)),
    ...(request.odd ? [] : answerFaults(spec, operation, request)),
  ];
}

function answerFaults(
  spec: SchemaDocument,
  operation: readonly string[],
  request: RecordedRequest,
): string[] {
  const { status } = request;
  const answer = sinceVersion(request);
  if (spec.at([...operation, 'responses', status]) === undefined) {
    if (!ANYWHERE.has(status)) return [`status ${status} is not published`];
    return status === 304 ? [] : spec.complaints(['components', 'schemas', 'basic-error'], answer);
  }
  const place = referred(spec, [...operation, 'responses', status]);
  const schema = [...place, 'content', 'application/json', 'schema'];
  if (spec.at(schema) === undefined) return answer === undefined ? [] : ['no answer body expected'];
  return spec.complaints(schema, answer).map((fault) => `answer${fault}`);
}

/** The description is that of 2022-11-28; what later versions leave out is put back before the comparison. */
function sinceVersion({ answer, answerHeaders }: RecordedRequest): unknown {
  const version = answerHeaders['x-github-api-version-selected'] ?? '';
  if (version < '2026-03-10') return answer;
  return Array.isArray(answer) ? answer.map(asBefore) : asBefore(answer);
}

function asBefore(value: unknown): unknown {
  const rate = { limit: 0, remaining: 0, reset: 0, used: 0 };
  return isJson(value) ? { assignee: null, rate, ...value } : value;
}
