import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import { RUN_STATES } from '../../domain/run.ts';
import type { SyncCases } from '../../sync/use-cases.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import { waitAsked } from '../prefer.ts';
import { PlanAnswer } from '../schemas/plan.ts';
import { RunAnswer, RunDetail, SyncBody } from '../schemas/run.ts';
import { IdParams } from '../schemas/words.ts';

const RunQuery = z.strictObject({ ...paging, state: z.enum(RUN_STATES).exactOptional() });

/** Plans and runs: what a sync would do, does, and did. */
export function syncRoutes(sync: SyncCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['sync'];
  return async (app) => {
    app.post(
      '/integrations/:id/sync',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'startSync',
          summary: 'Synchronise now',
          description:
            'Joins the run that is going on. The first one is the consent to write. `Prefer: wait=N` waits up to N seconds (at most 60) for the end.',
          tags,
          params: IdParams,
          body: SyncBody,
          response: { 202: RunAnswer },
        },
      },
      async (request, reply) => {
        const { caller, params, body, signal } = request;
        const run = await sync.start(caller, params.id, body);
        const wait = waitAsked(request.headers['prefer']);
        reply.code(202).header('location', `/api/runs/${run.id}`);
        if (wait === undefined) return run;
        reply.header('preference-applied', `wait=${wait / 1000}`);
        return sync.wait(caller, run.id, wait, signal);
      },
    );

    app.post(
      '/integrations/:id/plan',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'planSync',
          summary: 'What would a sync do?',
          description: 'Reads both sides and writes nothing.',
          tags,
          params: IdParams,
          response: { 200: PlanAnswer },
        },
      },
      (request) => sync.plan(request.caller, request.params.id, request.signal),
    );

    app.get(
      '/integrations/:id/runs',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listRuns',
          summary: 'List the runs of an integration',
          tags,
          params: IdParams,
          querystring: RunQuery,
          response: { 200: pageOf(RunAnswer) },
        },
      },
      async (request, reply) =>
        linkNext(request, reply, await sync.runs(request.caller, request.params.id, request.query)),
    );

    app.get(
      '/runs/:id',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getRun',
          summary: 'Read a run',
          description: 'Its progress and a page of its results.',
          tags,
          params: IdParams,
          querystring: z.strictObject(paging),
          response: { 200: RunDetail },
        },
      },
      async (request, reply) => {
        const run = await sync.run(request.caller, request.params.id);
        const items = await sync.items(request.caller, run.id, request.query);
        return { ...run, ...linkNext(request, reply, items) };
      },
    );
  };
}
