import type { KeyObject } from 'node:crypto';
import { verify } from 'node:crypto';
import { isFields } from './request.ts';
import type { App, State } from './state.ts';

const LONGEST_S = 10 * 60;
/** How far a clock may be ahead of GitHub's. */
const LEEWAY_S = 5;

/** The App behind a JSON web token, or GitHub's words about what is wrong with it. */
export function appOfJwt(state: State, jwt: string): { app: App } | { status: 401 | 404; words: string } {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const claims = decoded(body);
  if (claims === undefined || decoded(head)?.['alg'] !== 'RS256') return { status: 401, words: UNREADABLE };
  const now = state.now().getTime() / 1000;
  const { iss, iat, exp } = claims;
  if (!Number.isInteger(iat) || Number(iat) > now + LEEWAY_S) return { status: 401, words: BAD_IAT };
  if (!Number.isInteger(exp) || Number(exp) <= now) return { status: 401, words: BAD_EXP };
  if (Number(exp) > now + LONGEST_S + LEEWAY_S) return { status: 401, words: FAR_EXP };
  const app = state.apps.find(({ id, clientId }) => String(id) === iss || id === iss || clientId === iss);
  if (app === undefined) return { status: 404, words: 'Integration not found' };
  const isProven = app.keys.some((key) => isSigned(`${head}.${body}`, signature, key));
  return isProven ? { app } : { status: 401, words: UNREADABLE };
}

const UNREADABLE = 'A JSON web token could not be decoded';
const BAD_IAT =
  "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
const BAD_EXP =
  "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
const FAR_EXP = "'Expiration time' claim ('exp') is too far in the future";

function isSigned(text: string, signature: string, key: KeyObject): boolean {
  return verify('RSA-SHA256', Buffer.from(text), key, Buffer.from(signature, 'base64url'));
}

function decoded(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
