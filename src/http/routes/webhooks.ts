import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { PROVIDER_IDS } from '../../domain/integration.ts';
import type { WebhookCases } from '../../sync/use-cases.ts';

/** Largest delivery, in bytes. */
const DELIVERY_LIMIT = 5 * 1024 * 1024;
/** Deliveries in hand at a time; trackers send the refused ones again, and the sweep finds what they do not. */
const AT_ONCE = 64;

const Address = z.object({ provider: z.enum(PROVIDER_IDS), id: z.uuid() });
const AnyAddress = z.object({ provider: z.string(), id: z.string() });

/** Where trackers deliver. Signatures need the bytes, so nothing here is parsed. */
export function webhookRoutes(webhooks: WebhookCases): FastifyPluginAsyncZodOpenApi {
  return async (app) => {
    let inHand = 0;
    const counted = new WeakSet<FastifyRequest>();

    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.addHook('onRequest', async (request, reply) => {
      if (inHand >= AT_ONCE) {
        reply.header('retry-after', 1);
        throw new AppError('unavailable', 'Too many deliveries at once. Send this one again.');
      }
      inHand += 1;
      counted.add(request);
      reply.raw.once('close', () => {
        if (counted.delete(request)) inHand -= 1;
      });
    });

    app.post(
      '/webhooks/:provider/:id',
      {
        bodyLimit: DELIVERY_LIMIT,
        schema: {
          operationId: 'receiveWebhook',
          summary: 'Where trackers deliver',
          description:
            'Signed by the tracker. Answers once the delivery is kept; the work comes after. 401 is the same for an unknown integration and a bad signature.',
          tags: ['webhooks'],
          params: AnyAddress,
          body: z.unknown().meta({
            description: 'Whatever the tracker sends, as it sends it.',
            examples: [{ zen: 'Speak like a human.', hook_id: 1 }],
          }),
          response: {
            202: z.object({ result: z.enum(['accepted', 'duplicate', 'ignored']) }),
          },
        },
      },
      async (request, reply) => {
        const address = Address.safeParse(request.params);
        if (!address.success) throw new AppError('webhook-refused', 'There is no such integration.');
        const { method, url, body } = request;
        const result = await webhooks.receive(address.data.provider, address.data.id, {
          method,
          url,
          headers: headersOf(request),
          body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        });
        reply.code(202);
        return { result };
      },
    );
  };
}

function headersOf(request: FastifyRequest): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
}
