import type { Caller } from './accounts.ts';
import { invalidProperty } from './answers.ts';
import type { Switchboard } from './knobs.ts';
import type { Organization, Project, State } from './state.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** One API request of an organization, checked and with its caller known. */
export interface ApiRequest {
  state: State;
  knobs: Switchboard;
  caller: Caller;
  organization: Organization;
  /** Of the path. */
  project: Project | undefined;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON; undefined when nothing was sent. */
  body: unknown;
  /** The API version the client asked for, such as 7.1. */
  version: number;
  /** The address of the organization. */
  root: string;
  limits: { query: number; page: number };
  /** Does another request as part of this one. */
  again(method: string, uri: string, headers: Fields, body: unknown): { status: number; json: unknown };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A path parameter of the route; its absence is a fault of the route table. */
export function param(request: ApiRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no :${name}`);
  return value;
}

/** A number of the path. */
export function numberParam(request: ApiRequest, name: string): number {
  const value = param(request, name);
  if (!/^-?\d+$/.test(value)) throw invalidProperty(`The request is invalid: '${value}' is no number.`);
  return Number(value);
}

/** The JSON object that was sent. */
export function bodyOf(request: ApiRequest): Fields {
  if (isFields(request.body)) return request.body;
  throw invalidProperty('Value cannot be null. Parameter name: body');
}

/** A query parameter, whose name has no case. */
export function queryOf({ query }: ApiRequest, name: string): string | undefined {
  for (const [key, value] of query) if (key.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}

export function flagOf(request: ApiRequest, name: string): boolean {
  return queryOf(request, name)?.toLowerCase() === 'true';
}

/** A list in one parameter, parted by commas. */
export function listOf(request: ApiRequest, name: string): string[] | undefined {
  const value = queryOf(request, name);
  if (value === undefined || value === '') return undefined;
  return value.split(',').map((each) => each.trim());
}

export function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
}
