import type { Answer } from '../shared/answers.ts';
import type { ApiRequest } from './request.ts';

const DEFAULT_PAGE = 30;

/** One page of a list and the `Link` header to its neighbours. Links go through the repository's id, as GitHub's do. */
export function page<T>(
  request: ApiRequest,
  items: readonly T[],
  shape: (item: T) => unknown,
  repositoryId?: number,
): Answer {
  const perPage = Math.min(positive(request.query.get('per_page'), DEFAULT_PAGE), request.pageSize);
  const number = positive(request.query.get('page'), 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const json = items.slice((number - 1) * perPage, number * perPage).map(shape);
  const links: string[] = [];
  const link = (rel: string, to: number): void => {
    const query = new URLSearchParams(request.query);
    query.set('page', String(to));
    links.push(`<${address(request, repositoryId)}?${query.toString()}>; rel="${rel}"`);
  };
  if (number > 1) link('prev', number - 1);
  if (number < last) {
    link('next', number + 1);
    link('last', last);
  }
  if (number > 1) link('first', 1);
  return { status: 200, json, ...(links.length === 0 ? {} : { headers: { link: links.join(', ') } }) };
}

function address(request: ApiRequest, repositoryId: number | undefined): string {
  if (repositoryId === undefined) return request.apiRoot + request.path;
  const rest = request.path.split('/').slice(4);
  return `${request.apiRoot}/${['repositories', repositoryId, ...rest].join('/')}`;
}

function positive(text: string | null, otherwise: number): number {
  const number = Number(text ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}
