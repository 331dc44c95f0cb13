import type { Caller } from './accounts.ts';
import { malformed } from './answers.ts';
import type { State } from './state.ts';

/** One API request, checked and with its caller known. */
export interface ApiRequest {
  state: State;
  caller: Caller;
  method: string;
  /** Without `/api/v3`, such as `/repos/o/r/issues`. */
  path: string;
  query: URLSearchParams;
  params: Readonly<Record<string, string>>;
  /** The JSON object that was sent; empty when there was none. */
  body: Fields;
  /** The value that was sent, when it was no object. */
  list: readonly unknown[] | undefined;
  /** Where the client found the API: links to further pages start with it. */
  apiRoot: string;
  /** The API version the client asked for. */
  version: string;
  knobs: { listLagMs: number; subIssues: boolean };
  pageSize: number;
}

export type Fields = Readonly<Record<string, unknown>>;

/** A path parameter of the route; its absence is a fault of the route table. */
export function param(request: ApiRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no :${name}`);
  return value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text of the body; undefined when it was not sent. Throws a 422 for anything else. */
export function text(body: Fields, name: string): string | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw wrongType(name, value, 'a string');
  return value;
}

/** As `text`, but `null` is allowed and kept. */
export function nullableText(body: Fields, name: string): string | null | undefined {
  return body[name] === null ? null : text(body, name);
}

/** A title may be sent as a number, too. */
export function titleOf(body: Fields): string | null | undefined {
  const value = body['title'];
  return typeof value === 'number' ? String(value) : nullableText(body, 'title');
}

export function flag(body: Fields, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'boolean') throw wrongType(name, value, 'a boolean');
  return value;
}

/** A list of texts or of objects that carry the text in `key`. */
export function names(value: unknown, name: string, key: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrongType(name, value, 'an array');
  return value.map((each: unknown) => {
    if (typeof each === 'string') return each;
    const inner = isFields(each) ? each[key] : undefined;
    if (typeof inner !== 'string') throw wrongType(`${name}/0`, each, 'a string');
    return inner;
  });
}

function wrongType(name: string, value: unknown, wanted: string): ReturnType<typeof malformed> {
  return malformed(`For 'properties/${name}', ${JSON.stringify(value)} is not ${wanted}.`);
}
