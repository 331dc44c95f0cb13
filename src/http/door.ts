import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Caller } from '../sync/use-cases.ts';
import { authenticator, mayAct } from './auth.ts';
import type { Role } from './auth.ts';
import type { HttpParts } from './parts.ts';
import { limiter } from './rate-limit.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Set by the door before any handler of the API runs. */
    caller: Caller;
    /** When the caller's token ends, in milliseconds since 1970. */
    expiresAt: number;
    /** What the caller may do. */
    role: Role;
  }
  interface FastifyContextConfig {
    /** The least role that may use the route; every route behind the door says it. */
    role?: Role;
  }
}

/** Let only known callers with the right role into the routes of this scope, only so many times, and with no parameter unknown. */
export async function guard(app: FastifyInstance, parts: HttpParts): Promise<void> {
  const authenticate = authenticator(parts.config, parts.clock, parts.keySet);
  const count = await limiter(app, parts.config.rateLimit);

  app.decorateRequest('caller');
  app.decorateRequest('expiresAt', 0);
  app.decorateRequest('role', 'viewer');
  app.addHook('onRoute', (route) => {
    if (route.config?.role === undefined)
      throw new Error(`${String(route.method)} ${route.url} does not say its least role`);
    route.schema = { querystring: z.strictObject({}), ...route.schema };
  });
  app.addHook('onRequest', async (request, reply) => {
    const known = await authenticate(request.headers.authorization).catch(refusal);
    await count(request, reply, known instanceof AppError ? undefined : known.fingerprint);
    if (known instanceof AppError) throw known;
    request.caller = { ...known.caller, requestId: request.id };
    request.role = known.role;
    request.expiresAt = known.expiresAt;
    permit(request, request.routeOptions.config.role ?? 'admin');
  });
}

/** Throws `forbidden` unless the caller may do what needs this role. */
export function permit({ role }: Pick<FastifyRequest, 'role'>, least: Role): void {
  if (!mayAct(role, least))
    throw new AppError('forbidden', `This needs the role "${least}"; the token has "${role}".`);
}

function refusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
