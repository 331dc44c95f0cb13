import type { Json } from './json-schema.ts';
import { isJson } from './json-schema.ts';

/** An answer, with readers that fail when something else is there. */
export interface Answered {
  status: number;
  headers: Headers;
  /** The text where it was no JSON. */
  json: unknown;
  text(...path: readonly (string | number)[]): string;
  number(...path: readonly (string | number)[]): number;
  value(...path: readonly (string | number)[]): unknown;
  list(...path: readonly (string | number)[]): readonly Json[];
}

/** A bare client of the REST API, so that tests see what is really on the wire. */
export interface JiraClient {
  get(path: string): Promise<Answered>;
  post(path: string, body?: unknown): Promise<Answered>;
  put(path: string, body?: unknown): Promise<Answered>;
  delete(path: string, body?: unknown): Promise<Answered>;
}

export function basic(name: string, secret: string): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
}

/** `root` is the base URL with the API in it; `/rest/…` paths replace the API's. */
export function jiraClient(site: string, authorization: string | undefined, api = '/rest/api/3'): JiraClient {
  const call = async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const place = /^\/(rest|oauth|_edge)\//.test(path) ? path : api + path;
    const response = await fetch(site + place, {
      method,
      headers: {
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answered(response.status, response.headers, await response.text());
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path, body) => call('DELETE', path, body),
  };
}

function answered(status: number, headers: Headers, body: string): Answered {
  const json = jsonOf(body);
  const value = (...path: readonly (string | number)[]): unknown => {
    let inner: unknown = json;
    for (const step of path) {
      if (Array.isArray(inner)) inner = inner.at(Number(step));
      else inner = isJson(inner) ? inner[String(step)] : undefined;
    }
    return inner;
  };
  const fail = (what: string, path: readonly (string | number)[]): never => {
    throw new Error(`no ${what} at ${path.join('.')} in ${status} ${body.slice(0, 500)}`);
  };
  return {
    status,
    headers,
    json,
    value,
    text(...path) {
      const found = value(...path);
      return typeof found === 'string' ? found : fail('text', path);
    },
    number(...path) {
      const found = value(...path);
      return typeof found === 'number' ? found : fail('number', path);
    },
    list(...path) {
      const found = value(...path);
      return Array.isArray(found) ? found.filter(isJson) : fail('list', path);
    },
  };
}

function jsonOf(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A document of one paragraph. */
export function words(text: string): Json {
  return { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
}
