import swaggerUi from '@fastify/swagger-ui';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { createSerializerCompiler, validatorCompiler } from 'fastify-zod-openapi';
import { z } from 'zod';
import { guard } from './door.ts';
import { edge } from './edge.ts';
import { answerConditions } from './etag.ts';
import { repeatSafely } from './idempotency.ts';
import { acceptJson } from './json-body.ts';
import { answerUnknown } from './not-found.ts';
import { describeApi } from './openapi.ts';
import type { HttpParts } from './parts.ts';
import { problemHandler } from './problem.ts';
import { auditRoutes } from './routes/audit.ts';
import { conflictRoutes } from './routes/conflicts.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { eventRoutes } from './routes/events.ts';
import { explanationRoutes } from './routes/explanations.ts';
import { heldImportRoutes } from './routes/held-imports.ts';
import { integrationRoutes } from './routes/integrations.ts';
import { linkRoutes } from './routes/links.ts';
import { modelFileRoutes } from './routes/model-files.ts';
import { operationRoutes } from './routes/operations.ts';
import { syncRoutes } from './routes/sync.ts';
import { undoRoutes } from './routes/undo.ts';
import { modelRoutes } from './routes/threat-models.ts';
import { threatRoutes } from './routes/threats.ts';
import { webhookRoutes } from './routes/webhooks.ts';

const BODY_LIMIT = 1024 * 1024;
const HEARTBEAT_MS = 15_000;

/** The HTTP API, ready to listen (or to be asked with `inject`); close it to end open event streams too. */
export async function buildServer(parts: HttpParts): Promise<FastifyInstance> {
  const answerProblem = problemHandler(parts);
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 120_000,
    trustProxy: parts.config.trustedProxies.length === 0 ? false : [...parts.config.trustedProxies],
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    logger: false,
    requestIdHeader: false,
    genReqId: (request) => requestId(request.headers['x-request-id']) ?? parts.chance.uuid(),
    frameworkErrors: (error, request, reply) => void answerProblem(error, request, reply),
    // Node looks for what is late only so often; by default twice a minute.
    http: { maxHeaderSize: 16 * 1024, headersTimeout: 15_000, connectionsCheckingInterval: 1_000 },
  });
  app.setValidatorCompiler(validatorCompiler);
  // Zod has already dropped what the schema does not name: nothing is left for a compiled serializer to do.
  app.setSerializerCompiler(createSerializerCompiler({ stringify: (value) => JSON.stringify(value) }));
  app.setErrorHandler(answerProblem);
  answerUnknown(app);
  await edge(app, parts);
  await describeApi(app, parts.config.version);
  await app.register(documents);
  await app.register(operationRoutes(parts));
  await app.register(webhookRoutes(parts.useCases.webhooks));
  await app.register((scope) => api(scope, parts), { prefix: '/api' });
  await app.ready();
  return app;
}

async function api(app: FastifyInstance, parts: HttpParts): Promise<void> {
  const { useCases } = parts;
  acceptJson(app);
  await guard(app, parts);
  app.addHook('preValidation', async (request) => {
    if (request.body === undefined && request.method !== 'GET') request.body = {};
  });
  repeatSafely(app, useCases.idempotency, parts.log);
  answerConditions(app);
  const stream = { ...parts, events: useCases.events, heartbeatMs: HEARTBEAT_MS };
  await app.register(integrationRoutes(useCases.integrations));
  await app.register(syncRoutes(useCases.sync));
  await app.register(undoRoutes(useCases.undo));
  await app.register(linkRoutes(useCases.links));
  await app.register(explanationRoutes(useCases.explanations));
  await app.register(deadLetterRoutes(useCases.deadLetters));
  await app.register(auditRoutes(useCases.audit));
  await app.register(modelRoutes(useCases.models));
  await app.register(heldImportRoutes(useCases.heldImports));
  await app.register(modelFileRoutes(useCases.models));
  await app.register(threatRoutes(useCases.threats));
  await app.register(conflictRoutes(useCases.conflicts));
  await app.register(deliveryRoutes(useCases.deliveries));
  await app.register(eventRoutes(stream));
}

/** `/docs` and `/openapi.json`. Only the page at `/docs` may use inline styles: it cannot do without. */
async function documents(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP:
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

function requestId(header: string | string[] | undefined): string | undefined {
  const id = z.uuid().safeParse(header);
  return id.success ? id.data.toLowerCase() : undefined;
}
