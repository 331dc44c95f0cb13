import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import type { UndoCases } from '../../sync/undo.ts';
import { RunAnswer } from '../schemas/run.ts';
import { UndoAnswer } from '../schemas/undo.ts';
import { IdParams } from '../schemas/words.ts';

/** Runs taken back: what that would do, and doing it. */
export function undoRoutes(undo: UndoCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['sync'];
  return async (app) => {
    app.get(
      '/runs/:id/undo',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'previewUndo',
          summary: 'What would taking back a run do?',
          description: 'Reads both sides and writes nothing.',
          tags,
          params: IdParams,
          response: { 200: UndoAnswer },
        },
      },
      (request) => undo.preview(request.caller, request.params.id, request.signal),
    );

    app.post(
      '/runs/:id/undo',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'undoRun',
          summary: 'Take back what a run wrote',
          description:
            'Queues a run that takes back what that run wrote, where nobody was there since. It has brakes, and can be undone.',
          tags,
          params: IdParams,
          response: { 202: RunAnswer },
        },
      },
      async (request, reply) => {
        const run = await undo.start(request.caller, request.params.id);
        reply.code(202).header('location', `/api/runs/${run.id}`);
        return run;
      },
    );
  };
}
