import type { Answer } from '../../shared/answers.ts';
import type { ApiRequest } from '../request.ts';

/** An endpoint: `GET wit/workitems/:id`, what follows `_apis/`, and what it does. */
export interface Route {
  method: string;
  steps: readonly string[];
  /** The scope that a token needs; undefined: every token will do. */
  scope: string | undefined;
  /** It never left preview: an api-version must say `-preview`. */
  preview: boolean;
  /** The media type of its body, if not JSON. */
  accepts?: string;
  handle: (request: ApiRequest) => Answer;
}

export function route(
  endpoint: string,
  scope: string | undefined,
  handle: (request: ApiRequest) => Answer,
  more: { preview?: boolean; accepts?: string } = {},
): Route {
  const [method = '', path = ''] = endpoint.split(' ');
  return {
    method,
    steps: path.split('/'),
    scope,
    preview: more.preview ?? false,
    handle,
    ...(more.accepts === undefined ? {} : { accepts: more.accepts }),
  };
}

/** The parameters in the path if it is this route's. Fixed steps have no case; a step such as `$:type` begins with its sign. */
export function paramsOf({ steps }: Route, path: string): Record<string, string> | undefined {
  const parts = path.split('/');
  if (parts.length !== steps.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, step] of steps.entries()) {
    const part = parts[index] ?? '';
    const colon = step.indexOf(':');
    if (colon === -1) {
      if (step.toLowerCase() !== part.toLowerCase()) return undefined;
      continue;
    }
    const sign = step.slice(0, colon);
    if (!part.startsWith(sign) || part.length === sign.length) return undefined;
    if (sign === '' && part.startsWith('$')) return undefined;
    params[step.slice(colon + 1)] = decodeURIComponent(part.slice(sign.length));
  }
  return params;
}
