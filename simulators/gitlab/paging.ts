import type { Answer } from '../shared/answers.ts';
import { refuseEarly } from './answers.ts';
import type { ApiRequest } from './request.ts';

const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 100;
/** Beyond so many items GitLab does not count them: https://docs.gitlab.com/api/rest/#pagination-response-headers */
const COUNTED = 10_000;
const DEEPEST_OFFSET = 50_000;

/** One page of a list by number, with the `Link` header and `x-*` headers. */
export function page<T>(request: ApiRequest, items: readonly T[], shape: (item: T) => unknown): Answer {
  const perPage = pageSize(request);
  const number = positive(request.query.get('page'), 1);
  if ((number - 1) * perPage > DEEPEST_OFFSET)
    throw refuseEarly(
      405,
      `Offset pagination has a maximum allowed offset of ${DEEPEST_OFFSET} for requests that return objects of type Issue. Remaining records can be retrieved using keyset pagination.`,
    );
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const isCounted = items.length <= COUNTED;
  const next = number < last ? String(number + 1) : '';
  const previous = number > 1 ? String(number - 1) : '';
  const links = [
    ...(previous === '' ? [] : [link(request, 'prev', { page: previous })]),
    ...(next === '' ? [] : [link(request, 'next', { page: next })]),
    link(request, 'first', { page: '1' }),
    ...(isCounted ? [link(request, 'last', { page: String(last) })] : []),
  ];
  return {
    status: 200,
    json: items.slice((number - 1) * perPage, number * perPage).map(shape),
    headers: {
      link: links.join(', '),
      'x-page': String(number),
      'x-per-page': String(perPage),
      'x-next-page': next,
      'x-prev-page': previous,
      ...(isCounted ? { 'x-total': String(items.length), 'x-total-pages': String(last) } : {}),
    },
  };
}

/** One page of a list from the place a cursor names: items that come or go before it move nothing. */
export function keysetPage<T>(
  request: ApiRequest,
  items: readonly T[],
  keyOf: (item: T) => readonly (string | number)[],
  compare: (one: readonly (string | number)[], other: readonly (string | number)[]) => number,
  shape: (item: T) => unknown,
): Answer {
  const perPage = pageSize(request);
  const after = keyIn(request.query.get('cursor'));
  const rest = after === undefined ? items : items.filter((item) => compare(keyOf(item), after) > 0);
  const shown = rest.slice(0, perPage);
  const last = shown.at(-1);
  const json = shown.map(shape);
  if (last === undefined || rest.length <= perPage)
    return { status: 200, json, headers: { 'x-per-page': String(perPage) } };
  const cursor = Buffer.from(JSON.stringify(keyOf(last))).toString('base64url');
  const headers = { link: link(request, 'next', { cursor }), 'x-next-cursor': cursor };
  return { status: 200, json, headers: { ...headers, 'x-per-page': String(perPage) } };
}

function keyIn(cursor: string | null): readonly (string | number)[] | undefined {
  if (cursor === null || cursor === '') return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key))
      return key.filter((part): part is string | number => ['string', 'number'].includes(typeof part));
  } catch {
    // Refused below, as any other text that is no cursor.
  }
  throw refuseEarly(400, 'cursor is invalid');
}

function pageSize({ query }: ApiRequest): number {
  return Math.min(positive(query.get('per_page'), DEFAULT_PAGE), LARGEST_PAGE);
}

/** GitLab puts the path's parameters into the query, too. */
function link(request: ApiRequest, rel: string, change: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(request.query);
  for (const name of ['private_token', 'access_token']) query.delete(name);
  for (const [name, value] of Object.entries({ ...request.params, ...change })) query.set(name, value);
  return `<${request.apiRoot}${request.path}?${query.toString()}>; rel="${rel}"`;
}

function positive(given: string | null, otherwise: number): number {
  const number = Number(given ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}
