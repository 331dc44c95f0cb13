import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../domain/errors.ts';
import type { HttpConfig } from './parts.ts';

export type CountRequest = (
  request: FastifyRequest,
  reply: FastifyReply,
  fingerprint: string | undefined,
) => Promise<void>;

/**
 * Count a request against its token, or against its address (a tenth of the limit) when it has no valid one.
 * Tells the state in the fields `RateLimit` and `RateLimit-Policy`
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/); throws `rate-limited`.
 */
export async function limiter(app: FastifyInstance, limits: HttpConfig['rateLimit']): Promise<CountRequest> {
  await app.register(rateLimit, { global: false });
  const tokens = new WeakMap<FastifyRequest, string>();
  const byToken = app.createRateLimit({
    max: limits.max,
    timeWindow: limits.windowMs,
    keyGenerator: (request: FastifyRequest) => `token ${tokens.get(request) ?? ''}`,
  });
  const byAddress = app.createRateLimit({
    max: Math.max(1, Math.floor(limits.max / 10)),
    timeWindow: limits.windowMs,
  });

  return async function count(request, reply, fingerprint) {
    if (fingerprint !== undefined) tokens.set(request, fingerprint);
    const policy = fingerprint === undefined ? 'address' : 'token';
    const seen = await (fingerprint === undefined ? byAddress(request) : byToken(request));
    if (seen.isAllowed) return;
    reply.header('ratelimit-policy', `"${policy}";q=${seen.max};w=${Math.ceil(seen.timeWindow / 1000)}`);
    reply.header('ratelimit', `"${policy}";r=${seen.remaining};t=${seen.ttlInSeconds}`);
    if (!seen.isExceeded) return;
    reply.header('retry-after', seen.ttlInSeconds);
    throw new AppError(
      'rate-limited',
      `More than ${seen.max} requests in ${Math.ceil(seen.timeWindow / 1000)} s. Try again in ${seen.ttlInSeconds} s.`,
    );
  };
}
