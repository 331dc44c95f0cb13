import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import type { DeadLetterCases } from '../../sync/dead-letters.ts';
import { paging } from '../paging.ts';
import { DeadChoiceBody, DeadLettersAnswer, DeadMoved } from '../schemas/dead-letters.ts';
import { IdParams } from '../schemas/words.ts';

const DeadQuery = z.strictObject({
  code: z.string().min(1).max(100).exactOptional().meta({ description: 'This cause alone.' }),
  limit: paging.limit,
});

/** What was set aside: seen by cause, retried or given up. */
export function deadLetterRoutes(deadLetters: DeadLetterCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['links'];
  return async (app) => {
    app.get(
      '/integrations/:id/dead-letters',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listDeadLetters',
          summary: 'What was set aside, by cause',
          description: '`limit` counts the items of each cause.',
          tags,
          params: IdParams,
          querystring: DeadQuery,
          response: { 200: DeadLettersAnswer },
        },
      },
      (request) => deadLetters.list(request.caller, request.params.id, request.query),
    );

    app.post(
      '/integrations/:id/dead-letters/retry',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'retryDeadLetters',
          summary: 'Try again what was set aside',
          description:
            'Due at once, with all its tries. Ids of links that are at work already are left alone; 409 where one has ended otherwise.',
          tags,
          params: IdParams,
          body: DeadChoiceBody,
          response: { 200: DeadMoved },
        },
      },
      (request) => deadLetters.retry(request.caller, request.params.id, request.body),
    );

    app.post(
      '/integrations/:id/dead-letters/discard',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'discardDeadLetters',
          summary: 'Give up what was set aside',
          description:
            'Ends the links; issues and threats stay as they are. Ids of links that were ended already are left alone; 409 where one is at work again.',
          tags,
          params: IdParams,
          body: DeadChoiceBody,
          response: { 200: DeadMoved },
        },
      },
      (request) => deadLetters.discard(request.caller, request.params.id, request.body),
    );
  };
}
