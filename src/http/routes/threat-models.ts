import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import type { ImportReport, ModelCases } from '../../sync/use-cases.ts';
import { expectedVersion, tag } from '../etag.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import { ModelBody, PutQuery } from '../schemas/model.ts';
import { ImportAnswer, ModelAnswer, ModelSummary } from '../schemas/threat.ts';
import { IdParams, NOTHING } from '../schemas/words.ts';

/** Largest threat model, in bytes. */
export const MODEL_LIMIT = 20 * 1024 * 1024;

/** The documents threats come from. */
export function modelRoutes(models: ModelCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['threat models'];
  return async (app) => {
    app.get(
      '/threat-models',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listThreatModels',
          summary: 'List threat models',
          tags,
          querystring: z.strictObject(paging),
          response: { 200: pageOf(ModelSummary) },
        },
      },
      async (request, reply) => linkNext(request, reply, await models.list(request.caller, request.query)),
    );

    app.get(
      '/threat-models/:id',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getThreatModel',
          summary: 'Read a threat model',
          description: 'Its threats: `GET /api/threats?modelId=…`.',
          tags,
          params: IdParams,
          response: { 200: ModelAnswer },
        },
      },
      async (request, reply) => tag(reply, await models.get(request.caller, request.params.id)),
    );

    app.put(
      '/threat-models/:id',
      {
        config: { role: 'operator' },
        bodyLimit: MODEL_LIMIT,
        schema: {
          operationId: 'putThreatModel',
          summary: 'Give a threat model in canonical words',
          description: 'Creates it under this id, or brings it up to date.',
          tags,
          params: IdParams,
          querystring: PutQuery,
          body: ModelBody,
          response: { 200: ImportAnswer },
        },
      },
      async (request, reply) => {
        const { caller, params, body, query } = request;
        const options = { expectedVersion: expectedVersion(request), confirm: query.confirm };
        const report = await models.put(caller, params.id, body, options);
        tag(reply, report.model);
        return reported(report);
      },
    );

    app.delete(
      '/threat-models/:id',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'deleteThreatModel',
          summary: 'Delete a threat model',
          description: 'Writes nothing to issues; their links are kept for 90 days.',
          tags,
          params: IdParams,
          response: { 204: NOTHING },
        },
      },
      async (request, reply) => {
        await models.remove(request.caller, request.params.id, expectedVersion(request));
        return reply.code(204).send();
      },
    );
  };
}

/** A report in the words of the API. */
export function reported({ fresh, ...report }: ImportReport): z.input<typeof ImportAnswer> {
  return { ...report, new: fresh };
}
