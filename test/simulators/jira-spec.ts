import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Flavour, RecordedRequest } from '../../simulators/jira/index.ts';
import { sharedFolder } from '../shared.ts';
import type { SchemaDocument } from './json-schema.ts';
import { isJson, schemaDocument } from './json-schema.ts';
import { bodyFaults, queryFaults, referred, templateOf } from './openapi.ts';

/** Atlassian's published descriptions, as judges of what we send and of what our simulator answers. */
export interface JiraSpec {
  /** What is wrong with the requests or their answers; empty when nothing is. */
  violations(recorded: readonly RecordedRequest[]): string[];
}

/** Undefined when the published descriptions are not beside the checkout. */
export function jiraSpec(flavour: Flavour): JiraSpec | undefined {
  const folder = sharedFolder();
  if (folder === undefined) return undefined;
  const isCloud = flavour === 'cloud';
  const file = isCloud ? 'jira-cloud.openapi.json' : 'jira-dc.openapi.json';
  const document: unknown = JSON.parse(readFileSync(join(folder, 'specs', file), 'utf8'));
  const judge = { spec: schemaDocument(isCloud ? document : widened(document)), isCloud };
  return {
    violations: (recorded) =>
      recorded.flatMap((request) =>
        faultsOf(judge, request).map(
          (fault) => `${request.method} ${request.path}${request.query} → ${request.status}: ${fault}`,
        ),
      ),
  };
}

interface Judge {
  spec: SchemaDocument;
  isCloud: boolean;
}

/** Another host's API, and real endpoints that our copies of the descriptions leave out. */
const UNPUBLISHED = /^\/oauth\/|^\/_edge\/|^\/rest\/api\/\d\/(resolution|project|priority|status|search)$/;
/** Any endpoint may answer these, whether its description says so or not. */
const ANYWHERE = new Set([400, 401, 403, 404, 409, 410, 413, 429]);

function faultsOf(judge: Judge, request: RecordedRequest): string[] {
  const { spec } = judge;
  const path = judge.isCloud
    ? request.path.replace('/rest/api/2/', '/rest/api/3/')
    : request.path.replace('/rest/', '/');
  const template = templateOf(spec, request.method, path, /^$/);
  if (template === undefined)
    return UNPUBLISHED.test(request.path) || request.status === 404
      ? []
      : ['the description has no such path and method'];
  const operation = ['paths', template, request.method.toLowerCase()];
  const isRefused = request.status >= 400;
  return [
    ...(isRefused ? [] : queryFaults(spec, operation, declaredQuery(judge, request.query))),
    ...(isRefused ? [] : bodyFaults(spec, operation, withText(request.body, ['accountId']))),
    ...(request.odd ? [] : answerFaults(judge, operation, request)),
  ];
}

/** Lists may be sent with commas or one by one; Data Center's search knows `properties` without saying so. */
function declaredQuery({ isCloud }: Judge, query: string): URLSearchParams {
  const lists = ['fields', 'properties', 'keys', 'reconcileIssues'];
  return new URLSearchParams(
    [...new URLSearchParams(query)].filter(
      ([name]) => !lists.includes(name) && (isCloud || !['permissions', 'expand'].includes(name)),
    ),
  );
}

function answerFaults(judge: Judge, operation: readonly string[], request: RecordedRequest): string[] {
  const { spec, isCloud } = judge;
  const { status } = request;
  const answer = isCloud ? asDescribed(request.answer) : withText(request.answer, NULLABLE);
  const place = referred(spec, [...operation, 'responses', status]);
  if (status >= 400) {
    if (spec.at(place) === undefined && !ANYWHERE.has(status)) return [`status ${status} is not published`];
    return isUsualError(answer) ? [] : ['an error without errorMessages and errors'];
  }
  if (spec.at(place) === undefined)
    return isNewRemoteLink(request) ? [] : [`status ${status} is not published`];
  const schema = [...place, 'content', 'application/json', 'schema'];
  if (spec.at(schema) === undefined)
    return answer === undefined || !isCloud ? [] : ['no answer body expected'];
  if (status === 204 || answer === undefined) return [];
  return itemsOf(judge, spec.at(schema), answer).flatMap((item) =>
    spec.complaints(schema, item).map((fault) => `answer${fault}`),
  );
}

/** Jira's own errors, those of its gateway, and of a bulk in which everything failed. */
function isUsualError(answer: unknown): boolean {
  if (answer === undefined || typeof answer === 'string') return true;
  if (!isJson(answer)) return false;
  return 'errorMessages' in answer || 'message' in answer || Array.isArray(answer['errors']);
}

/** Data Center's description calls a list of things, and a page of them, by the name of one thing. */
function itemsOf({ isCloud }: Judge, schema: unknown, answer: unknown): unknown[] {
  if (isCloud || (isJson(schema) && schema['type'] === 'array')) return [answer];
  if (Array.isArray(answer)) return answer;
  return isJson(answer) && Array.isArray(answer['values']) ? answer['values'] : [answer];
}

/** Data Center says 201 for a link that is new, as Cloud does, and describes only the 200 of one that was there. */
function isNewRemoteLink({ path, status }: RecordedRequest): boolean {
  return status === 201 && path.endsWith('/remotelink');
}

/** A change from or to nothing has nulls, which both descriptions forget; so does unassigning. */
const NULLABLE = ['from', 'fromString', 'to', 'toString'];

function asDescribed(answer: unknown): unknown {
  return withColons(withText(answer, NULLABLE));
}

function withText(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => withText(each, names));
  if (!isJson(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    inner === null && names.includes(name) ? '' : withText(inner, names),
  ]);
  return Object.fromEntries(entries);
}

/** Jira writes `+0000` where a date-time has `+00:00`. */
function withColons(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d)(\d\d)$/, '$1:$2');
  if (Array.isArray(value)) return value.map(withColons);
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withColons(inner)]));
}

/** Its generator calls values of any type an object or a text; and a property's value is any JSON. */
function widened(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => widened(each));
  if (!isJson(value)) return value;
  const isBare = value['type'] === 'object' && Object.keys(value).length === 1;
  if (key === 'additionalProperties' && isBare) return true;
  if (isBare) return {};
  const entries = Object.entries(value).map(([name, inner]) => [name, widened(inner, name)]);
  const copy = Object.fromEntries(entries);
  if (key === 'EntityPropertyBean') return { ...copy, properties: { key: { type: 'string' }, value: {} } };
  return copy;
}
