import type { Answer } from '../../shared/answers.ts';
import type { ApiRequest } from '../request.ts';
import { countOr } from '../request.ts';
import type { View } from '../shapes.ts';

/** What the caller sees things as. */
export function viewOf({ state, apiRoot, version, caller }: ApiRequest): View {
  return { state, apiRoot, version, timeZone: caller.user?.timeZone ?? 'UTC' };
}

interface Cut<T> {
  startAt: number;
  maxResults: number;
  total: number;
  shown: readonly T[];
}

/** The part of a list that `startAt` and `maxResults` ask for. */
export function cut<T>(
  request: ApiRequest,
  items: readonly T[],
  usual = 50,
  most = request.pageSize,
): Cut<T> {
  const startAt = countOr(request.query.get('startAt'), 0);
  const maxResults = Math.min(countOr(request.query.get('maxResults'), usual), most);
  return { startAt, maxResults, total: items.length, shown: items.slice(startAt, startAt + maxResults) };
}

/** `{startAt, maxResults, total, isLast, values}`. */
export function pageOf<T>(request: ApiRequest, items: readonly T[], shape: (item: T) => unknown): Answer {
  const { startAt, maxResults, total, shown } = cut(request, items);
  const isLast = startAt + shown.length >= total;
  const next = new URLSearchParams(request.query);
  next.set('startAt', String(startAt + shown.length));
  const place = `${request.apiRoot}/rest/api/${request.version}${request.path}`;
  const values = shown.map(shape);
  const cloud = request.state.flavour === 'cloud';
  return {
    status: 200,
    json: {
      ...(cloud ? { self: `${place}?${request.query.toString()}` } : {}),
      ...(cloud && !isLast ? { nextPage: `${place}?${next.toString()}` } : {}),
      maxResults,
      startAt,
      total,
      isLast,
      values,
    },
  };
}
