import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedRequest } from '../../simulators/gitlab/index.ts';
import { sharedFolder } from '../shared.ts';
import type { Json, SchemaDocument } from './json-schema.ts';
import { isJson, schemaDocument } from './json-schema.ts';
import { bodyFaults, queryFaults, templateOf } from './openapi.ts';

/** GitLab's published description, as a judge of what we send and of what our simulator answers. */
export interface GitlabSpec {
  /** What is wrong with the requests or their answers; empty when nothing is. */
  violations(recorded: readonly RecordedRequest[]): string[];
}

/** Undefined when the published description is not beside the checkout. */
export function gitlabSpec(): GitlabSpec | undefined {
  const folder = sharedFolder();
  if (folder === undefined) return undefined;
  const text = readFileSync(join(folder, 'specs', 'gitlab.openapi.json'), 'utf8');
  const spec = schemaDocument(corrected(JSON.parse(text)));
  return {
    violations: (recorded) =>
      recorded.flatMap((request) =>
        faultsOf(spec, request).map(
          (fault) => `${request.method} ${request.path}${request.query} → ${request.status}: ${fault}`,
        ),
      ),
  };
}

/** Real endpoints that the copy of the description leaves out. */
const UNPUBLISHED = /^\/oauth\/|^\/api\/graphql$|^DELETE \/projects\/[^/]+\/labels\//;
/** Any endpoint may answer these, whether its description says so or not. */
const ANYWHERE = new Set([301, 304, 400, 401, 403, 404, 405, 409, 422, 429]);
/** A note of nothing but quick actions is accepted and not kept: https://docs.gitlab.com/api/notes/ */
const ACCEPTED = 202;
const NUMBERS = /_i?id\}$/;
/** Documented in words only: https://docs.gitlab.com/api/rest/#keyset-based-pagination */
const UNDECLARED_PARAMETERS = ['pagination'];
/** Lists may be sent as text with commas: https://docs.gitlab.com/api/issues/ */
const COMMA_LISTS = ['labels', 'add_labels', 'remove_labels'];

function faultsOf(spec: SchemaDocument, request: RecordedRequest): string[] {
  if (UNPUBLISHED.test(request.path) || UNPUBLISHED.test(`${request.method} ${request.path}`)) return [];
  const template = templateOf(spec, request.method, `/api/v4${request.path}`, NUMBERS);
  if (template === undefined)
    return request.status === 404 ? [] : ['the description has no such path and method'];
  const operation = ['paths', template, request.method.toLowerCase()];
  const isRefused = request.status === 400 || request.status === 422;
  const query = declaredQuery(template, request.query);
  return [
    ...(isRefused ? [] : queryFaults(spec, operation, query)),
    ...(isRefused ? [] : bodyFaults(spec, operation, listed(request.body))),
    ...(request.odd ? [] : answerFaults(spec, operation, request)),
  ];
}

/** Lists are sent as `name[]`; GitLab's own links repeat the path's parameters in the query. */
function declaredQuery(template: string, query: string): URLSearchParams {
  const inPath = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return new URLSearchParams(
    [...new URLSearchParams(query)]
      .map(([name, value]): [string, string] => [name.replace(/\[\]$/, ''), value])
      .filter(([name]) => !UNDECLARED_PARAMETERS.includes(name) && !inPath.includes(name)),
  );
}

function listed(body: unknown): unknown {
  if (!isJson(body)) return body;
  const entries = Object.entries(body).map(([name, value]) =>
    COMMA_LISTS.includes(name) && typeof value === 'string' ? [name, value.split(',')] : [name, value],
  );
  return Object.fromEntries(entries);
}

function answerFaults(
  spec: SchemaDocument,
  operation: readonly string[],
  request: RecordedRequest,
): string[] {
  const { status, answer } = request;
  if (status === 304 || (status === ACCEPTED && request.path.endsWith('/notes'))) return [];
  // A deleted link is shown once more: https://docs.gitlab.com/api/issue_links/#delete-an-issue-link
  const isShown = request.method === 'DELETE' && status === 200;
  const place = [...operation, 'responses', isShown ? 204 : status];
  if (spec.at(place) === undefined || status >= 300) {
    if (!ANYWHERE.has(status)) return [`status ${status} is not published`];
    const isText = status === 429 || status === 301;
    const isUsual = isJson(answer) && ('message' in answer || 'error' in answer);
    return isUsual || (isText && typeof answer === 'string')
      ? []
      : ['an error says neither message nor error'];
  }
  const schema = [...place, 'content', 'application/json', 'schema'];
  if (spec.at(schema) === undefined || status === 204) return [];
  const items: unknown[] = Array.isArray(answer) ? answer : [answer];
  return items.flatMap((item) => spec.complaints(schema, item).map((fault) => `answer${fault}`));
}

/*
 * What the description says and what GitLab does differ in five ways. Its generator calls every value of unknown type a text, lists
 * of objects one object, and a list of things one thing; it does not say what may be null, nor what is always there.
 */
const INTEGERS =
  words(`id iid project_id group_id resource_id noteable_id noteable_iid moved_to_id user_notes_count merge_requests_count upvotes
  downvotes weight blocking_issues_count epic_iid priority open_issues_count closed_issues_count open_merge_requests_count access_level issue_link_id
  source_merge_request_id`);
const TRUTHS = words(
  `has_tasks imported system resolvable resolved confidential internal archived subscribed is_project_label bot external`,
);
const OBJECTS = ['_links', 'task_completion_status', 'permissions', 'kas', 'commands_changes'];
const DAYS = ['expires_at', 'last_activity_on', 'due_date'];
const LISTS = ['assignees', 'identities', 'shared_with_groups'];
const NEVER_NULL = words(`id iid project_id title state created_at updated_at labels author`);
/** There only on some issues, for some people, or in editions and versions that are not simulated. */
const NOT_ALWAYS =
  words(`subscribed task_status weight blocking_issues_count epic epic_iid iteration health_status custom_attributes avatar_path
  commit_id position resolved resolved_by resolved_at suggestions organization_id token_present signing_token_present`);
/** Entities whose properties must all be there. */
const WHOLE = /^APIEntities(Issue|RelatedIssue|Note|ProjectHook|ProjectLabel|Resource\w+Event|UserBasic)$/;

function words(text: string): string[] {
  return text.split(/\s+/);
}

function corrected(document: unknown): unknown {
  if (!isJson(document) || !isJson(document['components'])) return document;
  const { schemas } = document['components'];
  const better = Object.entries(isJson(schemas) ? schemas : {}).map(([name, entity]) => [
    name,
    isJson(entity) ? correctedEntity(name, entity) : entity,
  ]);
  return { ...document, components: { ...document['components'], schemas: Object.fromEntries(better) } };
}

function correctedEntity(name: string, entity: Json): Json {
  const properties = Object.entries(isJson(entity['properties']) ? entity['properties'] : {});
  const required = properties.map(([key]) => key).filter((key) => !NOT_ALWAYS.includes(key));
  return {
    ...entity,
    properties: Object.fromEntries(properties.map(([key, value]) => [key, correctedProperty(key, value)])),
    // A member is shown with the user's properties as its own, not inside `user`.
    additionalProperties: name === 'APIEntitiesMember',
    ...(WHOLE.test(name) ? { required } : {}),
  };
}

function correctedProperty(key: string, value: unknown): unknown {
  const type = typeOf(key, value);
  return NEVER_NULL.includes(key) ? type : { anyOf: [type, { type: 'null' }] };
}

function typeOf(key: string, value: unknown): unknown {
  if (INTEGERS.includes(key)) return { type: 'integer' };
  if (TRUTHS.includes(key)) return { type: 'boolean' };
  if (OBJECTS.includes(key)) return { type: 'object' };
  if (LISTS.includes(key)) return { type: 'array', items: value };
  // With `with_labels_details` labels are objects; a token's expiry and an account's last activity are days.
  if (key === 'labels') return { type: 'array', items: { type: ['string', 'object'] } };
  return DAYS.includes(key) ? { type: 'string', format: 'date' } : value;
}
