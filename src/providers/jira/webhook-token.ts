import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { WebhookRequest } from '../../ports/tracker.ts';

const CLOCK_SLACK_S = 60;
/** Base64url without padding, in its only right spelling. */
const PART = /^[A-Za-z0-9_-]{1,8000}$/;

const Header = z.object({ alg: z.literal('HS256') });
const Claims = z.object({ exp: z.number(), nbf: z.number().optional(), qsh: z.string().optional() });

function digest(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** In constant time, whatever the lengths. */
export function sameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function jsonOf(part: string): unknown {
  try {
    const bytes = Buffer.from(part, 'base64url');
    return bytes.toString('base64url') === part ? JSON.parse(bytes.toString('utf8')) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The hash that ties a token to its request: method, path and sorted query.
 * https://developer.atlassian.com/cloud/jira/platform/understanding-jwt-for-connect-apps/#creating-a-query-string-hash
 */
export function queryHash(method: string, url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const names = [...new Set(searchParams.keys())].filter((name) => name !== 'jwt').toSorted();
  const query = names
    .map((name) => `${encoded(name)}=${searchParams.getAll(name).map(encoded).toSorted().join(',')}`)
    .join('&');
  const path = pathname.replace(/\/+$/, '') || '/';
  return digest(`${method.toUpperCase()}&${path.replaceAll('&', '%26')}&${query}`).toString('hex');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * Whether a delivery carries a token that this secret signed: HS256 and nothing else, not expired, and of this very
 * request where the token says which one it is for.
 */
export function isSignedToken(request: WebhookRequest, key: string, now: Date): boolean {
  const [, token = ''] = /^(?:Bearer|JWT) +(\S+)$/i.exec(request.headers['authorization'] ?? '') ?? [];
  const [header = '', claims = '', signature = '', ...more] = token.split('.');
  if (key === '' || more.length > 0 || ![header, claims, signature].every((part) => PART.test(part)))
    return false;
  const expected = createHmac('sha256', key).update(`${header}.${claims}`).digest('base64url');
  if (!sameText(signature, expected)) return false;
  const says = Claims.safeParse(jsonOf(claims)).data;
  if (!Header.safeParse(jsonOf(header)).success || says === undefined) return false;
  const seconds = now.getTime() / 1000;
  if (says.exp + CLOCK_SLACK_S < seconds || (says.nbf ?? 0) - CLOCK_SLACK_S > seconds) return false;
  return says.qsh === undefined || sameText(says.qsh, queryHash(request.method, request.url));
}
