import type { Answer } from '../../shared/answers.ts';
import type { ApiRequest } from '../request.ts';

/** An endpoint: `GET /issue/:id` below `/rest/api/N`, or with `/rest` and all where it is elsewhere. */
export interface Route {
  method: string;
  segments: readonly string[];
  /** Only on this face of Jira; undefined: on both. */
  only?: 'cloud' | 'data-center';
  handle: (request: ApiRequest) => Answer | Promise<Answer>;
}

/** Declares an endpoint; `pattern` starts with the method. */
export function route(pattern: string, handle: Route['handle'], only?: Route['only']): Route {
  const [method = '', path = ''] = pattern.split(' ');
  return { method, segments: path.split('/'), handle, ...(only === undefined ? {} : { only }) };
}

/** The parameters of a path that fits the route. */
export function paramsOf(each: Route, path: string): Record<string, string> | undefined {
  const parts = path.split('/');
  if (parts.length !== each.segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of each.segments.entries()) {
    const part = parts[index] ?? '';
    if (!segment.startsWith(':')) {
      if (segment !== part) return undefined;
      continue;
    }
    const value = decoded(part);
    if (value === undefined || value === '') return undefined;
    params[segment.slice(1)] = value;
  }
  return params;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
