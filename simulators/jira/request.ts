import type { Caller } from './people.ts';
import type { JiraKnobs } from './knobs.ts';
import type { State } from './state.ts';

/** One API request, checked and with its caller known. */
export interface ApiRequest {
  state: State;
  caller: Caller;
  method: string;
  /** 3 has documents where 2 has wiki markup. */
  version: 2 | 3;
  /** Without `/rest/api/N`. */
  path: string;
  query: URLSearchParams;
  params: Readonly<Record<string, string>>;
  /** The JSON object that was sent; empty when there was none. */
  body: Fields;
  /** Whatever JSON was sent. */
  json: unknown;
  /** Where the client found the site: links to resources start with it. */
  apiRoot: string;
  knobs: JiraKnobs;
  /** The largest page with fields in it. */
  pageSize: number;
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A path parameter of the route; its absence is a fault of the route table. */
export function param(request: ApiRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no :${name}`);
  return value;
}

/** A list of texts or numbers as texts; undefined when it is none. */
export function texts(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((each) => typeof each === 'string' || typeof each === 'number').map(String);
}

/** A parameter of the query that may be given several times or with commas. */
export function listed(query: URLSearchParams, name: string): string[] | undefined {
  if (!query.has(name)) return undefined;
  return query
    .getAll(name)
    .flatMap((each) => each.split(','))
    .filter((each) => each !== '');
}

export function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** A count from a query or body: not below zero. */
export function countOr(value: unknown, otherwise: number): number {
  const number = value === null || value === undefined || value === '' ? Number.NaN : Number(value);
  return Number.isInteger(number) && number >= 0 ? number : otherwise;
}
