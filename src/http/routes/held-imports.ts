import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import type { HeldImportCases } from '../../sync/held-imports.ts';
import { tag } from '../etag.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import { HeldImportAnswer } from '../schemas/held-import.ts';
import { ImportAnswer } from '../schemas/threat.ts';
import { IdParams, NOTHING } from '../schemas/words.ts';
import { reported } from './threat-models.ts';

/** Imports that would lose too many threats, and wait for a yes. */
export function heldImportRoutes(held: HeldImportCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['threat models'];
  return async (app) => {
    app.get(
      '/held-imports',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listHeldImports',
          summary: 'List imports that wait for a yes',
          description: 'At most one for each model, the newest; kept for 30 days.',
          tags,
          querystring: z.strictObject(paging),
          response: { 200: pageOf(HeldImportAnswer) },
        },
      },
      async (request, reply) => linkNext(request, reply, await held.list(request.caller, request.query)),
    );

    app.post(
      '/held-imports/:id/confirmation',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'confirmHeldImport',
          summary: 'Say yes to an import that waits',
          description: 'Imports what was given then. Refused when the model was imported again since.',
          tags,
          params: IdParams,
          response: { 200: ImportAnswer },
        },
      },
      async (request, reply) => {
        const report = await held.confirm(request.caller, request.params.id);
        tag(reply, report.model);
        return reported(report);
      },
    );

    app.delete(
      '/held-imports/:id',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'discardHeldImport',
          summary: 'Say no to an import that waits',
          description: 'The model stays as it is.',
          tags,
          params: IdParams,
          response: { 204: NOTHING },
        },
      },
      async (request, reply) => {
        await held.discard(request.caller, request.params.id);
        return reply.code(204).send();
      },
    );
  };
}
