import { Readable } from 'node:stream';
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import { eventStream } from '../event-stream.ts';
import type { StreamParts } from '../event-stream.ts';
import { Raw } from '../schemas/words.ts';

/** A reader whose token lives longer is asked to come again. */
const LONGEST_MS = 24 * 60 * 60 * 1000;
const LastSeen = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What happens, as it happens: server-sent events that a reader can take up again where it stopped. */
export function eventRoutes(parts: StreamParts): FastifyPluginAsyncZodOpenApi {
  return async (app) => {
    const closing = new AbortController();
    app.addHook('preClose', async () => closing.abort());

    app.get(
      '/events',
      {
        config: { role: 'viewer' },
        exposeHeadRoute: false,
        schema: {
          operationId: 'streamEvents',
          summary: 'Events as they happen (server-sent events)',
          description:
            'Each has its sequence as `id`, its type as `event` and a CloudEvents 1.0 object as `data`. With `Last-Event-ID` it goes on after that one; without, it starts now. It ends when the token does.',
          tags: ['events'],
          headers: z.object({
            'last-event-id': LastSeen.exactOptional().meta({ description: 'The last `id` that was seen.' }),
          }),
          response: {
            200: {
              description: 'A stream that does not end.',
              content: { 'text/event-stream': { schema: Raw } },
            },
          },
        },
      },
      async (request, reply) => {
        const { caller } = request;
        const after = request.headers['last-event-id'] ?? (await parts.events.lastSequence(caller));
        const over = new AbortController();
        reply.raw.once('close', () => over.abort());
        const signal = AbortSignal.any([closing.signal, over.signal]);
        const left = Math.min(request.expiresAt - parts.clock.now().getTime(), LONGEST_MS);
        void parts.clock.sleep(left, signal).then(
          () => over.abort(),
          () => {},
        );
        // Kept alive, the connection of a stream that ended would hold up the end of the service for more than a minute.
        reply
          .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no', connection: 'close' })
          .type('text/event-stream');
        return reply.send(Readable.from(eventStream(parts, caller, after, signal)));
      },
    );
  };
}
