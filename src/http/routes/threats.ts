import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import { SEVERITIES, STATUSES } from '../../domain/threat.ts';
import type { ThreatCases } from '../../sync/threats.ts';
import { expectedVersion, tag } from '../etag.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import { MitigationChange, ThreatChange } from '../schemas/model.ts';
import { ThreatAnswer, ThreatDetailAnswer } from '../schemas/threat.ts';
import { Id, IdParams } from '../schemas/words.ts';

const MitigationParams = z.object({
  id: Id,
  key: z
    .string()
    .min(1)
    .max(500)
    .meta({ description: 'The key of the mitigation.', examples: ['M-1'] }),
});

const ThreatListQuery = z.strictObject({
  ...paging,
  modelId: Id.exactOptional(),
  status: z.enum(STATUSES).exactOptional(),
  severity: z.enum(SEVERITIES).exactOptional(),
  presence: z.enum(['present', 'missing']).exactOptional(),
  search: z
    .string()
    .min(1)
    .max(200)
    .exactOptional()
    .meta({ description: 'The title contains this, whatever the case.' }),
  updatedSince: z.iso
    .datetime({ offset: true })
    .exactOptional()
    .meta({ description: 'Changed at or after this time.' }),
});

/** Threats, with what the trackers say about them. */
export function threatRoutes(threats: ThreatCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['threats'];
  return async (app) => {
    app.get(
      '/threats',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listThreats',
          summary: 'List threats',
          tags,
          querystring: ThreatListQuery,
          response: { 200: pageOf(ThreatAnswer) },
        },
      },
      async (request, reply) => {
        const { updatedSince, ...query } = request.query;
        const since =
          updatedSince === undefined ? {} : { updatedSince: new Date(updatedSince).toISOString() };
        return linkNext(request, reply, await threats.list(request.caller, { ...query, ...since }));
      },
    );

    app.get(
      '/threats/:id',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getThreat',
          summary: 'Read a threat with both sides, comments and history',
          tags,
          params: IdParams,
          response: { 200: ThreatDetailAnswer },
        },
      },
      async (request, reply) => {
        const detail = await threats.get(request.caller, request.params.id);
        tag(reply, detail.threat);
        return detail;
      },
    );

    app.patch(
      '/threats/:id',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'changeThreat',
          summary: 'Change the threat side',
          tags,
          params: IdParams,
          body: ThreatChange,
          response: { 200: ThreatAnswer },
        },
      },
      async (request, reply) => {
        const { caller, params, body } = request;
        return tag(reply, await threats.update(caller, params.id, body, expectedVersion(request)));
      },
    );

    app.patch(
      '/threats/:id/mitigations/:key',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'changeMitigation',
          summary: 'Set the status of a mitigation',
          description: 'In all threats that share it. `verified`: somebody has seen that it helps.',
          tags,
          params: MitigationParams,
          body: MitigationChange,
          response: { 200: ThreatAnswer },
        },
      },
      async (request, reply) => {
        const { caller, params, body } = request;
        const version = expectedVersion(request);
        return tag(
          reply,
          await threats.updateMitigation(caller, params.id, params.key, body.status, version),
        );
      },
    );
  };
}
