import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import { LINK_STATES } from '../../domain/link.ts';
import type { LinkCases } from '../../sync/links.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import { LinkAnswer, NewLink } from '../schemas/link.ts';
import { Id, IdParams, NOTHING } from '../schemas/words.ts';

const LinkQuery = z.strictObject({ ...paging, state: z.enum(LINK_STATES).exactOptional() });

/** Which threat is which issue. */
export function linkRoutes(links: LinkCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['links'];
  return async (app) => {
    app.get(
      '/integrations/:id/links',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listLinks',
          summary: 'List the links of an integration',
          tags,
          params: IdParams,
          querystring: LinkQuery,
          response: { 200: pageOf(LinkAnswer) },
        },
      },
      async (request, reply) =>
        linkNext(request, reply, await links.list(request.caller, request.params.id, request.query)),
    );

    app.post(
      '/integrations/:id/links',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'createLink',
          summary: 'Bind an existing issue to a threat',
          tags,
          params: IdParams,
          body: NewLink,
          response: { 201: LinkAnswer },
        },
      },
      async (request, reply) => {
        reply.code(201);
        return links.create(request.caller, request.params.id, request.body);
      },
    );

    app.post(
      '/links/:id/fields/:field/release',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'releaseField',
          summary: 'End the hold of a field after an undo',
          description: 'The next run does what the baselines say: most often what was undone, once more.',
          tags,
          params: z.object({ id: Id, field: z.string().min(1).max(300) }),
          response: { 200: LinkAnswer },
        },
      },
      (request) => links.release(request.caller, request.params.id, request.params.field),
    );

    app.delete(
      '/links/:id',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'deleteLink',
          summary: 'Detach a threat from its issue',
          description: 'The issue stays as it is, and the threat gets no new one by itself.',
          tags,
          params: IdParams,
          response: { 204: NOTHING },
        },
      },
      async (request, reply) => {
        await links.remove(request.caller, request.params.id);
        return reply.code(204).send();
      },
    );
  };
}
