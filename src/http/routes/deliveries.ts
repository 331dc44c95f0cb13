import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import type { DeliveryCases } from '../../sync/use-cases.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import { IdParams, ProviderId, Time } from '../schemas/words.ts';

/** Without headers and body: they hold signatures and other people's words. */
const DeliveryAnswer = z
  .object({
    id: z.string(),
    integrationId: z.string(),
    provider: ProviderId,
    deliveryId: z.string().meta({ description: "The tracker's own id." }),
    event: z.string(),
    verdict: z.enum(['accepted', 'ignored', 'processed', 'failed']),
    reason: z.string().optional(),
    issueKeys: z.array(z.string()).readonly(),
    receivedAt: Time,
    processedAt: Time.optional(),
  })
  .meta({ id: 'Delivery', description: 'One webhook request, verified and kept.' });

/** What trackers sent, and what came of it. */
export function deliveryRoutes(deliveries: DeliveryCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['webhooks'];
  return async (app) => {
    app.get(
      '/integrations/:id/deliveries',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listDeliveries',
          summary: 'List the deliveries of an integration',
          tags,
          params: IdParams,
          querystring: z.strictObject(paging),
          response: { 200: pageOf(DeliveryAnswer) },
        },
      },
      async (request, reply) =>
        linkNext(request, reply, await deliveries.list(request.caller, request.params.id, request.query)),
    );

    app.post(
      '/deliveries/:id/replay',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'replayDelivery',
          summary: 'Look again at the issues of a delivery',
          tags,
          params: IdParams,
          response: { 202: DeliveryAnswer },
        },
      },
      async (request, reply) => {
        reply.code(202);
        return deliveries.replay(request.caller, request.params.id);
      },
    );
  };
}
