import { badInput, refuse } from '../answers.ts';
import type { Answer } from '../../shared/answers.ts';
import type { Wanted } from '../issue-shape.ts';
import { issueShape } from '../issue-shape.ts';
import type { ApiRequest } from '../request.ts';
import { countOr, listed, textOr, texts } from '../request.ts';
import { after, search, tokenAfter } from '../search.ts';
import type { Shape } from '../shapes.ts';
import type { Issue } from '../state.ts';
import { viewOf } from './pages.ts';
import { route } from './route.ts';

const RECONCILE_LIMIT = 50;
const KEYS_ONLY_LIMIT = 5000;
const SERVER_LIMIT = 1000;

export const searchRoutes = [
  route('GET /search/jql', paged, 'cloud'),
  route('POST /search/jql', paged, 'cloud'),
  route('POST /search/approximate-count', approximateCount, 'cloud'),
  route('GET /search', gone, 'cloud'),
  route('POST /search', gone, 'cloud'),
  route('GET /search', counted, 'data-center'),
  route('POST /search', counted, 'data-center'),
];

function gone(): Answer {
  throw refuse(410, [
    'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
  ]);
}

/** A parameter from the query of a GET or the body of a POST. */
function given({ method, query, body }: ApiRequest, name: string): unknown {
  return method === 'GET' ? (query.get(name) ?? undefined) : body[name];
}

function listGiven({ method, query, body }: ApiRequest, name: string): string[] | undefined {
  if (method === 'GET') return listed(query, name);
  const value = body[name];
  return typeof value === 'string' ? value.split(',') : texts(value);
}

/** Cloud: one page after the other by token, without a total; `id` is all that comes if no field is named. */
function paged(request: ApiRequest): Answer {
  const { state, caller } = request;
  const jql = textOr(given(request, 'jql'), '');
  const fields = listGiven(request, 'fields') ?? ['id'];
  const reconcile = listGiven(request, 'reconcileIssues') ?? [];
  if (reconcile.length > RECONCILE_LIMIT)
    throw badInput(`reconcileIssues can hold at most ${RECONCILE_LIMIT} ids`);
  const properties = listGiven(request, 'properties') ?? [];
  if (properties.length > 5) throw badInput('The maximum number of properties is 5');
  const isBare = fields.every((name) => name === 'id' || name === 'key');
  const most = isBare ? KEYS_ONLY_LIMIT : request.pageSize;
  const size = Math.min(countOr(given(request, 'maxResults'), 50), most);
  const { query, found } = search({ state, user: caller.user }, jql, { bounded: true, reconcile });
  const token = given(request, 'nextPageToken');
  const rest = typeof token === 'string' && token !== '' ? after(query, jql, token, found) : found;
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  const isLast = last === undefined || shown.length === rest.length;
  const wanted: Wanted = { fields, properties, expand: listGiven(request, 'expand') ?? [] };
  const issues = shown.map((issue) =>
    isBare && properties.length === 0 ? bare(issue, fields) : shape(request, issue, wanted),
  );
  return {
    status: 200,
    json: { issues, ...(isLast ? {} : { nextPageToken: tokenAfter(jql, last) }), isLast },
  };
}

function bare(issue: Issue, fields: readonly string[]): Shape {
  return { id: issue.id, ...(fields.includes('key') ? { key: issue.key } : {}) };
}

function shape(request: ApiRequest, issue: Issue, wanted: Wanted): Shape {
  return issueShape(viewOf(request), issue, wanted);
}

function approximateCount(request: ApiRequest): Answer {
  const { state, caller } = request;
  const { found } = search({ state, user: caller.user }, textOr(request.body['jql'], ''), { bounded: true });
  return { status: 200, json: { count: found.length } };
}

/** Data Center: by offset, with a total. */
function counted(request: ApiRequest): Answer {
  const { state, caller } = request;
  const jql = textOr(given(request, 'jql'), '');
  const { found } = search({ state, user: caller.user }, jql, { bounded: false });
  const startAt = countOr(given(request, 'startAt'), 0);
  const maxResults = Math.min(
    countOr(given(request, 'maxResults'), 50),
    Math.min(SERVER_LIMIT, request.pageSize),
  );
  const wanted: Wanted = {
    fields: listGiven(request, 'fields') ?? ['*navigable'],
    properties: listGiven(request, 'properties') ?? [],
    expand: listGiven(request, 'expand') ?? [],
  };
  const issues = found.slice(startAt, startAt + maxResults).map((issue) => shape(request, issue, wanted));
  return { status: 200, json: { expand: 'schema,names', startAt, maxResults, total: found.length, issues } };
}
