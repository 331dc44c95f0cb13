import { refuseEarly } from './answers.ts';
import type { Caller } from './accounts.ts';
import type { Special } from './limits.ts';
import type { Account, State } from './state.ts';

/** One API request, checked and with its caller known. */
export interface ApiRequest {
  state: State;
  caller: Caller;
  method: string;
  /** Without `/api/v4`, such as `/projects/7/issues`. */
  path: string;
  query: URLSearchParams;
  params: Readonly<Record<string, string>>;
  /** What was sent, in the body or, for writes, in the query. */
  body: Fields;
  /** Where the client found the API: links to further pages start with it. */
  apiRoot: string;
  knobs: { listLagMs: number; blockLocalHooks: boolean; issueLinks: boolean };
  /** Counts what has a limit of its own. */
  spend(special: Special): void;
}

export type Fields = Readonly<Record<string, unknown>>;

/** A path parameter of the route; its absence is a fault of the route table. */
export function param(request: ApiRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no :${name}`);
  return value;
}

/** The account of a request that needs one; the door has refused all others. */
export function actorOf({ caller }: ApiRequest): Account {
  if (caller.account === undefined) throw new Error('the route lets visitors in');
  return caller.account;
}

/** How many characters GitLab counts in a text. */
export function characters(words: string): number {
  return Array.from(words).length;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text of the body; undefined when it was not sent, null when it was sent as null. */
export function text(body: Fields, name: string): string | null | undefined {
  const value = body[name];
  if (value === undefined || value === null) return value;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw refuseEarly(400, `${name} is invalid`);
}

/** A text that must be there. */
export function requiredText(body: Fields, name: string): string {
  const value = text(body, name);
  if (value === undefined || value === null) throw refuseEarly(400, `${name} is missing`);
  return value;
}

export function flag(body: Fields, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (value === true || value === 'true' || value === '1' || value === 1) return true;
  if (value === false || value === 'false' || value === '0' || value === 0) return false;
  throw refuseEarly(400, `${name} is invalid`);
}

/** A whole number; null when it was sent as null or empty. */
export function whole(body: Fields, name: string): number | null | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (value === null || value === '') return null;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number)) return number;
  throw refuseEarly(400, `${name} is invalid`);
}

/** Texts, as a list or separated by commas; GitLab splits the list's items at commas, too. */
export function commaList(body: Fields, name: string): string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items
    .flatMap((item) => (typeof item === 'string' || typeof item === 'number' ? String(item).split(',') : []))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Numbers, as a list or separated by commas. */
export function numberList(body: Fields, name: string): number[] | undefined {
  const texts = commaList(body, name);
  if (texts?.some((item) => !/^\d+$/.test(item)) === true) throw refuseEarly(400, `${name} is invalid`);
  return texts?.map(Number);
}

/** One of some words. */
export function choice<T extends string>(
  value: string | null | undefined,
  name: string,
  among: readonly T[],
): T | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const known = among.find((each) => each === value);
  if (known === undefined) throw refuseEarly(400, `${name} does not have a valid value`);
  return known;
}
