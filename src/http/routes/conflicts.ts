import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import type { ConflictCases } from '../../sync/use-cases.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import { CONFLICT_STATES, ConflictAnswer, Resolution } from '../schemas/link.ts';
import { Id, IdParams } from '../schemas/words.ts';

const ConflictQuery = z.strictObject({
  ...paging,
  integrationId: Id.exactOptional(),
  state: z.enum(CONFLICT_STATES).exactOptional(),
});

/** Disagreements that only a person can settle. */
export function conflictRoutes(conflicts: ConflictCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['conflicts'];
  return async (app) => {
    app.get(
      '/conflicts',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listConflicts',
          summary: 'List conflicts',
          tags,
          querystring: ConflictQuery,
          response: { 200: pageOf(ConflictAnswer) },
        },
      },
      async (request, reply) => linkNext(request, reply, await conflicts.list(request.caller, request.query)),
    );

    app.post(
      '/conflicts/:id/resolution',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'resolveConflict',
          summary: 'Choose a side',
          tags,
          params: IdParams,
          body: Resolution,
          response: { 200: ConflictAnswer },
        },
      },
      (request) => conflicts.resolve(request.caller, request.params.id, request.body),
    );
  };
}
