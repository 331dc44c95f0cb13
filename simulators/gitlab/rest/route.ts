import type { Answer } from '../../shared/answers.ts';
import type { ApiRequest } from '../request.ts';

/** An endpoint: `GET /projects/:id/issues` and what it does. */
export interface Route {
  method: string;
  segments: readonly string[];
  /** Whether it answers without a token, as public projects do. */
  forVisitors: boolean;
  /** Whether the scope `read_user` is enough. */
  forUserScope: boolean;
  /** Whether any good token is enough. */
  forAnyScope: boolean;
  handle: (request: ApiRequest) => Answer | Promise<Answer>;
}

/** Declares an endpoint; `pattern` starts with the method. */
export function route(
  pattern: string,
  handle: Route['handle'],
  door: Partial<Pick<Route, 'forVisitors' | 'forUserScope' | 'forAnyScope'>> = {},
): Route {
  const [method = '', path = ''] = pattern.split(' ');
  return {
    method,
    segments: path.split('/'),
    forVisitors: false,
    forUserScope: false,
    forAnyScope: false,
    ...door,
    handle,
  };
}

/** The parameters of a path that fits the route; all but `:id`, `:name`, `:key` and `:trigger` are numbers. */
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
    if (/_i?id$/.test(segment) && !/^\d+$/.test(value)) return undefined;
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
