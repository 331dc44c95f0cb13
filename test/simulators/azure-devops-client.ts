import type { Json } from './json-schema.ts';
import { isJson } from './json-schema.ts';

/** An answer, with readers that fail when something else is there. */
interface Answered {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
  id: number;
  /** A value of `fields`. */
  field(name: string): unknown;
  /** `value` or `values` of a list. */
  list(): readonly Json[];
  /** A text or number by its steps: `at('value', '0', 'code')`. */
  at(...steps: readonly string[]): unknown;
}

/** A bare client of the REST API, so that tests see what is really on the wire. Redirects are not followed. */
export interface AzureDevopsClient {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  get(path: string): Promise<Answered>;
  post(path: string, body: unknown): Promise<Answered>;
  /** A JSON Patch document. */
  patch(path: string, operations: readonly unknown[]): Promise<Answered>;
  create(type: string, fields: Readonly<Record<string, unknown>>, query?: string): Promise<Answered>;
}

/** `root` is the address of the organization or collection, with `project` for the calls that need one. */
export function azureDevopsClient(
  root: string,
  token: string | undefined,
  project = '/shop',
  version = '7.1',
): AzureDevopsClient {
  async function send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    const versioned = path.includes('api-version=')
      ? path
      : `${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
    const response = await fetch(root + versioned, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Basic ${btoa(`:${token}`)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answered(response.status, response.headers, await response.text());
  }
  const patchType = { 'content-type': 'application/json-patch+json' };
  return {
    send,
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    patch: (path, operations) => send('PATCH', path, operations, patchType),
    create: (type, fields, query = '') =>
      send(
        'POST',
        `${project}/_apis/wit/workitems/$${encodeURIComponent(type)}${query}`,
        Object.entries(fields).map(([name, value]) => ({ op: 'add', path: `/fields/${name}`, value })),
        patchType,
      ),
  };
}

function answered(status: number, headers: Headers, text: string): Answered {
  const isJsonText = (headers.get('content-type') ?? '').includes('json');
  const json: unknown = isJsonText && text !== '' ? JSON.parse(text) : undefined;
  const at = (...steps: readonly string[]): unknown => {
    let value: unknown = json;
    for (const step of steps) {
      if (Array.isArray(value)) value = value[Number(step)];
      else value = isJson(value) ? value[step] : undefined;
    }
    return value;
  };
  return {
    status,
    headers,
    text,
    json,
    at,
    get id() {
      const id = at('id');
      if (typeof id !== 'number') throw new Error(`no id in ${text}`);
      return id;
    },
    field: (name) => at('fields', name),
    list() {
      const values = at('value') ?? at('values');
      if (!Array.isArray(values)) throw new Error(`no list: ${text}`);
      return values.filter(isJson);
    },
  };
}
