import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedRequest } from '../../simulators/azure-devops/index.ts';
import { sharedFolder } from '../shared.ts';
import type { Json, SchemaDocument } from './json-schema.ts';
import { isJson, schemaDocument } from './json-schema.ts';
import { bodyFaults, queryFaults, referred, templateOf } from './openapi.ts';

/** Azure DevOps' published description, as a judge of what we send and of what our simulator answers. */
export interface AzureDevopsSpec {
  /** What is wrong with the requests or their answers, inside batches too; empty when nothing is. */
  violations(recorded: readonly RecordedRequest[]): string[];
}

/** What of a request is judged. */
type Judged = Pick<RecordedRequest, 'method' | 'path' | 'query' | 'status' | 'body' | 'answer' | 'odd'> & {
  type: string;
};

const PATCH_TYPE = 'application/json-patch+json';

/** Undefined when the published description is not beside the checkout. */
export function azureDevopsSpec(): AzureDevopsSpec | undefined {
  const folder = sharedFolder();
  if (folder === undefined) return undefined;
  const text = readFileSync(join(folder, 'specs', 'azure-devops.openapi.json'), 'utf8');
  const spec = schemaDocument(corrected(JSON.parse(text)));
  return {
    violations: (recorded) =>
      recorded
        .map((request): Judged => ({ ...request, type: request.headers['content-type'] ?? '' }))
        .flatMap((request) => [request, ...partsOf(request)])
        .flatMap((request) =>
          faultsOf(spec, request).map(
            (fault) => `${request.method} ${request.path}${request.query} → ${request.status}: ${fault}`,
          ),
        ),
  };
}

/** Real endpoints that the copy of the description leaves out: how clients find their way, Entra ID, and three single ones. */
const UNPUBLISHED = [
  /^OPTIONS /,
  /^GET \/_apis\/resourceareas/,
  /^POST \/[^/]+\/oauth2\/v2\.0\/token$/,
  /^GET \/_signin$/,
  /^DELETE .*\/wit\/recyclebin\/\d+$/,
  /^GET .*\/wit\/workitems\/\d+\/revisions\/\d+$/,
];
/** Any endpoint may answer these. */
const REFUSALS = new Set([400, 401, 403, 404, 409, 412, 415, 429]);
const NUMBERS = /^\{(id|workItemId|commentId|updateNumber|notificationId)\}$/i;
/**
 * In words only: comments in Markdown and lists of comments in pages
 * (https://learn.microsoft.com/rest/api/azure/devops/wit/comments), ids of the recycle bin, and the version of connection data.
 */
const UNDECLARED = ['format', 'order', '$top', 'continuationToken', 'ids', 'api-version'];
/** Not below an organization, and its id may be `me`. */
const PROFILE = '/_apis/profile/';

function faultsOf(spec: SchemaDocument, request: Judged): string[] {
  const path = request.path.toLowerCase();
  if (UNPUBLISHED.some((each) => each.test(`${request.method} ${path}`))) return [];
  const method = createsInBatch(request) ? 'POST' : request.method;
  const template = fullPaths(path)
    .map((each) => templateOf(spec, method, each, path.startsWith(PROFILE) ? /^$/ : NUMBERS))
    .find((each) => each !== undefined);
  if (template === undefined)
    return request.status === 404 ? [] : ['the description has no such path and method'];
  const operation = ['paths', template, method.toLowerCase()];
  if (request.status === 400 || request.status === 415) return answerFaults(spec, operation, request);
  return [
    ...queryFaults(spec, operation, declaredQuery(spec, operation, request.query)),
    ...sentFaults(spec, operation, request),
    ...(request.odd ? [] : answerFaults(spec, operation, request)),
  ];
}

/** Only inside a batch is a work item created by PATCH. */
function createsInBatch({ method, path }: Judged): boolean {
  return method === 'PATCH' && /\/wit\/workitems\/\$/i.test(path);
}

/** As the description wants a path: with an organization, and with a project and team where the service can do without. */
function fullPaths(path: string): string[] {
  const [scope = '', rest = ''] = path.split('/_apis/');
  const missing = ['', '/p', '/p/t'];
  if (path.startsWith(PROFILE)) return [path];
  return missing.map((added) => `/o${scope}${added}/_apis/${rest.replace(/^(wit\/workitems\/)\$/, '$1')}`);
}

function declaredQuery(spec: SchemaDocument, operation: readonly string[], query: string): URLSearchParams {
  const declared = spec.at([...operation, 'parameters']);
  const names = (Array.isArray(declared) ? declared : []).map((_, index) =>
    spec.at([...operation, 'parameters', String(index)]),
  );
  const isDeclared = (name: string): boolean => names.some((each) => isJson(each) && each['name'] === name);
  return new URLSearchParams(
    [...new URLSearchParams(query)]
      .filter(([name]) => isDeclared(name) || !UNDECLARED.includes(name))
      .map(([name, value]): [string, string] => [name, name === '$expand' ? camel(value) : value])
      .filter(([name]) => !(name === 'ids' || name === 'fields')),
  );
}

/** Enumerations have no case. */
function camel(value: string): string {
  return value.slice(0, 1).toLowerCase() + value.slice(1);
}

function sentFaults(spec: SchemaDocument, operation: readonly string[], request: Judged): string[] {
  const body = [...operation, 'requestBody'];
  if (spec.at([...body, 'content', PATCH_TYPE]) !== undefined) {
    const isPatch = request.type.startsWith(PATCH_TYPE);
    const place = [...body, 'content', PATCH_TYPE, 'schema'];
    return [
      ...(isPatch ? [] : [`sent as ${request.type}`]),
      ...spec.complaints(place, request.body).map((fault) => `body${fault}`),
    ];
  }
  const place = referred(spec, body);
  if (place.length === body.length) return bodyFaults(spec, operation, request.body);
  const schema = [...place, 'content', 'application/json', 'schema'];
  return spec.complaints(schema, request.body).map((fault) => `body${fault}`);
}

function answerFaults(spec: SchemaDocument, operation: readonly string[], request: Judged): string[] {
  const { status, answer, odd } = request;
  if (odd || isPageToSignIn(request)) return [];
  if (status !== 200 && status !== 204) {
    if (!REFUSALS.has(status)) return [`status ${status} is not published`];
    const says =
      isJson(answer) && typeof answer['message'] === 'string' && typeof answer['typeKey'] === 'string';
    return says ? [] : ['an error says no message or typeKey'];
  }
  const schema = [...operation, 'responses', '200', 'content', 'application/json', 'schema'];
  const found = spec.at(schema);
  if (found === undefined || status === 204) return [];
  return spec.complaints(schema, unwrapped(found, answer)).map((fault) => `answer${fault}`);
}

/** Instead of 401, somebody with a bad credential gets a page. */
function isPageToSignIn({ status, answer }: Judged): boolean {
  return [203, 302, 401].includes(status) && !isJson(answer);
}

/** What is described as a list comes as `{ count, value }`; work items that are not there are null. */
function unwrapped(schema: unknown, answer: unknown): unknown {
  const isList = isJson(schema) && schema['type'] === 'array';
  if (!isList || !isJson(answer) || !Array.isArray(answer['value'])) return answer;
  if (answer['count'] !== answer['value'].length) return answer;
  return answer['value'].filter((each: unknown) => each !== null);
}

/** The requests inside a batch, with their results. */
function partsOf({ path, body, answer, odd }: Judged): Judged[] {
  const results: unknown = isJson(answer) ? answer['value'] : undefined;
  if (!path.endsWith('/wit/$batch') || !Array.isArray(body) || !Array.isArray(results)) return [];
  return body.flatMap((part: unknown, index): Judged[] => {
    const result: unknown = results[index];
    if (!isJson(part) || !isJson(result)) return [];
    const { uri, headers } = part;
    const url = new URL(String(uri), 'http://batch.test');
    return [
      {
        method: String(part['method']),
        path: decodeURIComponent(url.pathname),
        query: url.search,
        status: Number(result['code']),
        body: part['body'],
        answer: JSON.parse(String(result['body'])),
        odd,
        type: isJson(headers) ? String(headers['Content-Type']) : '',
      },
    ];
  });
}

/*
 * What the description says and what Azure DevOps does differ in these ways: its paths have no case, the sign before a type is part of
 * the step, "object" stands for any value where nothing is said of its parts, and query parameters are texts.
 */
function corrected(document: unknown): unknown {
  if (!isJson(document) || !isJson(document['paths']) || !isJson(document['components'])) return document;
  const paths = Object.entries(document['paths']).map(([path, operations]) => [lowerPath(path), operations]);
  const schemas = isJson(document['components']['schemas']) ? document['components']['schemas'] : {};
  const bases = new Set(basesIn(schemas));
  const strict = Object.entries(schemas).map(([name, schema]) => [
    name,
    bases.has(name) ||
    OPEN.includes(name) ||
    !isJson(schema) ||
    schema['type'] !== 'object' ||
    !('properties' in schema)
      ? schema
      : { ...schema, unevaluatedProperties: false },
  ]);
  const components = { ...document['components'], schemas: Object.fromEntries(strict) };
  return anyObjects({ ...document, paths: Object.fromEntries(paths), components });
}

function lowerPath(path: string): string {
  return path
    .replace('${type}', '{type}')
    .split('/')
    .map((step) => (step.startsWith('{') ? step : step.toLowerCase()))
    .join('/');
}

/** Links are named, not listed; a profile shows its core attributes flat: https://learn.microsoft.com/rest/api/azure/devops/profile/profiles/get */
const OPEN: readonly string[] = ['ReferenceLinks', 'Profile'];

/** Schemas that others are made from, so that their own list of properties is not the whole. */
function basesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(basesIn);
  if (!isJson(value)) return [];
  const all = value['allOf'];
  const own = (Array.isArray(all) ? all : []).flatMap((each: unknown) =>
    isJson(each) && typeof each['$ref'] === 'string' ? [each['$ref'].split('/').at(-1) ?? ''] : [],
  );
  return [...own, ...Object.values(value).flatMap(basesIn)];
}

function anyObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(anyObjects);
  if (!isJson(value)) return value;
  if (isBare(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, anyObjects(inner)]));
}

function isBare(part: Json): boolean {
  const says = ['properties', 'additionalProperties', 'allOf'].some((key) => key in part);
  return part['type'] === 'object' && !says;
}
