import type { Json } from './json-schema.ts';
import { isJson } from './json-schema.ts';

/** An answer, with readers that fail when something else is there. */
interface Answered {
  status: number;
  headers: Headers;
  /** The text where it was no JSON. */
  json: unknown;
  number(name: string): number;
  text(name: string): string;
  value(name: string): unknown;
  list(): readonly Json[];
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A bare client of the API, so that tests see what is really on the wire. Redirects are not followed. */
export interface GitlabClient {
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  post(path: string, body?: unknown): Promise<Answered>;
  put(path: string, body?: unknown): Promise<Answered>;
  delete(path: string): Promise<Answered>;
}

export function gitlabClient(url: string, token: string | undefined): GitlabClient {
  const call = async (
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered> => {
    const response = await fetch(path.startsWith('http') ? path : `${url}/api/v4${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { 'private-token': token }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const isJsonText = response.headers.get('content-type')?.includes('json') === true;
    const text = await response.text();
    return answered(response.status, response.headers, isJsonText && text !== '' ? JSON.parse(text) : text);
  };
  return {
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path) => call('DELETE', path),
  };
}

function answered(status: number, headers: Headers, json: unknown): Answered {
  const value = (name: string): unknown => (isJson(json) ? json[name] : undefined);
  return {
    status,
    headers,
    json,
    value,
    number(name) {
      const found = value(name);
      if (typeof found !== 'number') throw new Error(`no number ${name} in ${JSON.stringify(json)}`);
      return found;
    },
    text(name) {
      const found = value(name);
      if (typeof found !== 'string') throw new Error(`no text ${name} in ${JSON.stringify(json)}`);
      return found;
    },
    list() {
      if (!Array.isArray(json)) throw new Error(`no list: ${JSON.stringify(json)}`);
      return json.filter(isJson);
    },
  };
}

/** The address behind one relation of a `Link` header. */
export function linkTo(headers: Headers, rel: string): string | undefined {
  return new RegExp(`<([^>]+)>; rel="${rel}"`).exec(headers.get('link') ?? '')?.[1];
}
