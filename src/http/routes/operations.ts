import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Health } from '../../sync/small-cases.ts';
import { carries } from '../auth.ts';
import { CODES } from '../codes.ts';
import type { HttpParts } from '../parts.ts';

/** Open to everybody, so it says whether, not why: the why is in the log. */
const Part = z.object({ state: z.enum(['up', 'down', 'none']) });
const HealthAnswer = z
  .object({
    status: z.enum(['ready', 'not-ready']),
    version: z.string(),
    durability: z.enum(['process crash', 'fsync']).meta({ description: 'What a committed change survives.' }),
    parts: z.object({ database: Part, events: Part, worker: Part }),
  })
  .meta({ id: 'Health' });

const CodeAnswer = z
  .object({
    code: z.string(),
    title: z.string(),
    status: z.int(),
    remedy: z.string(),
    retryable: z.boolean(),
  })
  .meta({ id: 'ErrorCode', description: 'What an error code means, and what to do.' });

/** Health, metrics and the page of each error code. */
export function operationRoutes(parts: HttpParts): FastifyPluginAsyncZodOpenApi {
  const tags = ['operations'];
  const health = { 200: HealthAnswer, 503: HealthAnswer };
  const said = (now: Health) => ({
    status: now.ready ? ('ready' as const) : ('not-ready' as const),
    version: parts.config.version,
    durability: now.durability,
    parts: now.parts,
  });
  return async (app) => {
    for (const [url, operationId, summary] of [
      ['/health', 'getHealth', 'Is the service well?'],
      ['/health/ready', 'getReadiness', 'May it be sent work?'],
    ] as const) {
      app.get(url, { schema: { operationId, summary, tags, response: health } }, async (_request, reply) => {
        const now = await parts.useCases.health.check();
        reply.code(now.ready ? 200 : 503).header('cache-control', 'no-store');
        return said(now);
      });
    }

    app.get(
      '/health/live',
      {
        schema: {
          operationId: 'getLiveness',
          summary: 'Does it answer at all?',
          tags,
          response: { 200: z.object({ status: z.literal('alive') }) },
        },
      },
      async () => ({ status: 'alive' as const }),
    );

    app.get(
      '/metrics',
      {
        schema: {
          operationId: 'getMetrics',
          summary: 'Metrics for Prometheus',
          description: 'Needs `Authorization: Bearer <METRICS_TOKEN>` when the operator has set one.',
          tags,
          response: {
            200: { description: 'Prometheus text.', content: { 'text/plain': { schema: z.string() } } },
          },
        },
      },
      async (request, reply) => {
        const token = parts.config.metricsToken;
        if (token !== undefined && !carries(request.headers.authorization, token))
          throw new AppError('unauthenticated', 'Metrics need "Authorization: Bearer <METRICS_TOKEN>".');
        const { contentType, text } = await parts.metrics.render();
        return reply.type(contentType).send(text);
      },
    );

    app.get(
      '/problems/:code',
      {
        schema: {
          operationId: 'getErrorCode',
          summary: 'What an error code means',
          tags,
          params: z.object({ code: z.string() }),
          response: { 200: CodeAnswer },
        },
      },
      (request) => {
        const { code } = request.params;
        const found = Object.entries(CODES).find(([name]) => name === code);
        if (found === undefined) throw new AppError('not-found', 'There is no such error code.');
        return { code: found[0], ...found[1] };
      },
    );
  };
}
