import type { Answer } from '../../shared/answers.ts';
import type { ApiRequest } from '../request.ts';

/** An endpoint: `GET /repos/:owner/:repo/issues` and what it does. */
export interface Route {
  method: string;
  segments: readonly string[];
  /** Creates content, which GitHub counts apart. */
  creates: boolean;
  handle: (request: ApiRequest) => Answer;
}

/** Declares an endpoint; `pattern` starts with the method. */
export function route(pattern: string, handle: Route['handle'], creates = false): Route {
  const [method = '', path = ''] = pattern.split(' ');
  return { method, segments: path.split('/'), creates, handle };
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
    const isNumber = /^:(issue_number|comment_id|hook_id|delivery_id|installation_id)$/.test(segment);
    if (isNumber && !/^\d+$/.test(value)) return undefined;
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
