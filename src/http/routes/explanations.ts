import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import type { ExplanationCases } from '../../sync/explanation.ts';
import { ExplanationAnswer } from '../schemas/explanation.ts';
import { Id, IdParams } from '../schemas/words.ts';

const ThreatQuery = z.strictObject({ integrationId: Id });

/** "Why?", in sentences. */
export function explanationRoutes(explanations: ExplanationCases): FastifyPluginAsyncZodOpenApi {
  return async (app) => {
    app.get(
      '/links/:id/explanation',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'explainLink',
          summary: 'Why is this pair in sync, or why is it not?',
          description: 'From what is stored: it asks no tracker.',
          tags: ['links'],
          params: IdParams,
          response: { 200: ExplanationAnswer },
        },
      },
      (request) => explanations.link(request.caller, request.params.id),
    );

    app.get(
      '/threats/:id/explanation',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'explainThreat',
          summary: 'Why has this threat an issue in this integration, or why has it none?',
          description: 'From what is stored: it asks no tracker.',
          tags: ['threats'],
          params: IdParams,
          querystring: ThreatQuery,
          response: { 200: ExplanationAnswer },
        },
      },
      (request) => explanations.threat(request.caller, request.params.id, request.query.integrationId),
    );
  };
}
