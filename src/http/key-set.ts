import { createRemoteJWKSet, customFetch } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { AppError, messageOf } from '../domain/errors.ts';
import type { Endpoint, Send } from '../ports/tracker.ts';

/** The published keys of an identity provider, as a token's header asks for them. */
export type KeySet = JWTVerifyGetKey;

/** Asked again for a key that is not known, but not oftener than this: a flood of invented key ids costs no request each. */
const COOLDOWN_MS = 30_000;
const MAX_AGE_MS = 10 * 60 * 1000;
const TIMEOUT_MS = 5_000;

const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Where the keys are, as something to call: unsigned, and it publishes no limits. */
export function keySetEndpoint(url: string): Endpoint {
  const apiRoot = new URL('.', url);
  return {
    apiRoot,
    host: apiRoot.host,
    capabilities: { concurrency: 1 },
    sign: () => ({}),
    pace: () => undefined,
  };
}

/**
 * The keys at this address (RFC 7517), kept for ten minutes. `send` is bound to `keySetEndpoint(url)`. The keys throw an
 * `AppError` `unavailable` while nobody tells them.
 */
export function keySetAt(url: string, send: Send, cooldownMs: number = COOLDOWN_MS): KeySet {
  const path = `/${new URL(url).pathname.split('/').at(-1) ?? ''}`;
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: cooldownMs,
    cacheMaxAge: MAX_AGE_MS,
    [customFetch]: async (_, { signal }) => {
      const answer = await send({ method: 'GET', path }, signal).catch((error: unknown) => {
        throw unavailable(messageOf(error), error);
      });
      const keys = Keys.safeParse(answer.json);
      if (answer.status !== 200 || !keys.success)
        throw unavailable(`it answered ${answer.status} and no key set`);
      return Response.json(keys.data);
    },
  });
}

function unavailable(why: string, cause?: unknown): AppError {
  return new AppError('unavailable', `The keys of JWT_JWKS_URL cannot be read: ${why}`, { cause });
}
