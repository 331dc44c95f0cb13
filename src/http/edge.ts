import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../domain/errors.ts';
import type { HttpParts } from './parts.ts';

const READABLE = [
  'ETag',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
  'Idempotent-Replayed',
  'Preference-Applied',
  'Content-Disposition',
  'X-Unwritten',
];

/** What every request meets first and every answer last: headers, origins, encodings, request ids, log and metrics. */
export async function edge(app: FastifyInstance, parts: HttpParts): Promise<void> {
  const { config, clock, log, metrics } = parts;
  const startedAt = new WeakMap<object, number>();

  app.addHook('onRequest', async (request, reply) => {
    startedAt.set(request, clock.now().getTime());
    reply.header('x-request-id', request.id);
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(cors, {
    origin: config.allowedOrigins.length === 0 ? false : [...config.allowedOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: READABLE,
    maxAge: 600,
  });
  app.addHook('onRequest', async (request) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity')
      throw new AppError('unsupported-media-type', 'Send the body uncompressed, without Content-Encoding.');
    if (request.url.includes('%00'))
      throw new AppError('invalid-request', 'The address contains the character NUL (%00). Leave it out.');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const ms = clock.now().getTime() - (startedAt.get(request) ?? clock.now().getTime());
    const { method } = request;
    const status = reply.statusCode;
    metrics.observeRequest({ method, route, status }, ms / 1000);
    if (route.startsWith('/health') && status < 400) return;
    log.info({ requestId: request.id, method, route, status, ms }, 'request answered');
  });
}
