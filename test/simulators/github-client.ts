import type { Json } from './json-schema.ts';
import { isJson } from './json-schema.ts';

/** An answer, with readers that fail when something else is there. */
interface Answered {
  status: number;
  headers: Headers;
  json: unknown;
  number(name: string): number;
  text(name: string): string;
  list(): readonly Json[];
  first(): Answered;
}

/** A bare client of the REST API, so that tests see what is really on the wire. Redirects are not followed. */
export interface GithubClient {
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  post(path: string, body?: unknown): Promise<Answered>;
  patch(path: string, body?: unknown): Promise<Answered>;
  put(path: string, body?: unknown): Promise<Answered>;
  delete(path: string): Promise<Answered>;
}

export function githubClient(url: string, token: string | undefined): GithubClient {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered> => {
    const response = await fetch(path.startsWith('http') ? path : `${url}/api/v3${path}`, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'application/vnd.github+json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return answered(response.status, response.headers, text === '' ? undefined : JSON.parse(text));
  };
  return {
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path) => call('DELETE', path),
  };
}

function answered(status: number, headers: Headers, json: unknown): Answered {
  const field = (name: string): unknown => (isJson(json) ? json[name] : undefined);
  const list = (): readonly Json[] => {
    if (!Array.isArray(json)) throw new Error(`no list: ${JSON.stringify(json)}`);
    return json.filter(isJson);
  };
  return {
    status,
    headers,
    json,
    list,
    number(name) {
      const value = field(name);
      if (typeof value !== 'number') throw new Error(`no number ${name} in ${JSON.stringify(json)}`);
      return value;
    },
    text(name) {
      const value = field(name);
      if (typeof value !== 'string') throw new Error(`no text ${name} in ${JSON.stringify(json)}`);
      return value;
    },
    first: () => answered(status, headers, list()[0]),
  };
}
