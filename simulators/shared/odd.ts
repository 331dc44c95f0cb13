import { jsonOrText } from './reply.ts';
import type { Reply } from './reply.ts';
import type { OddAnswer } from './rules.ts';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

const PROXY_PAGE =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Please sign in to the corporate proxy</h1></body></html>';

/**
 * The reply that a rule wants; undefined: none at all. `real` is there when the request was done; `errorBody` is what this tracker
 * says with a status that the rule gives no body for.
 */
export function oddReply(
  odd: OddAnswer,
  real: Reply | undefined,
  errorBody: (status: number) => unknown,
): Reply | undefined {
  if (typeof odd === 'object') {
    const { status, body, headers } = odd;
    const isText = typeof body === 'string';
    const type = isText ? { 'content-type': 'text/html' } : JSON_TYPE;
    const text = isText ? body : JSON.stringify(body ?? errorBody(status));
    return { status, headers: { ...type, ...headers }, text };
  }
  const base: Reply = real ?? { status: 200, headers: JSON_TYPE, text: '[]' };
  switch (odd) {
    case 'reset':
    case 'hang':
      return undefined;
    case 'html':
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, text: PROXY_PAGE };
    case 'empty-list':
      return { ...base, text: JSON.stringify(shortened(jsonOrText(base.text), 0)) };
    case 'half-page':
      return { ...base, text: JSON.stringify(shortened(jsonOrText(base.text), 0.5)) };
    case 'wrong-schema':
      return { status: 200, headers: JSON_TYPE, text: '{"items":{"unexpected":true}}' };
    case 'invalid-json':
      return { status: 200, headers: JSON_TYPE, text: '[{"id": 1, "title": "cut' };
    case 'truncated':
      return { ...base, cutAt: Math.floor(Buffer.byteLength(base.text) / 2) };
  }
}

/** The first part of a list, or of every list that an envelope such as `{ issues: [] }` holds. */
function shortened(value: unknown, share: number): unknown {
  if (Array.isArray(value)) return value.slice(0, Math.floor(value.length * share));
  if (typeof value !== 'object' || value === null) return share === 0 ? [] : value;
  const entries = Object.entries(value).map(([name, inner]: [string, unknown]) => [
    name,
    Array.isArray(inner) ? inner.slice(0, Math.floor(inner.length * share)) : inner,
  ]);
  return Object.fromEntries(entries);
}
