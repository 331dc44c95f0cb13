import { Readable } from 'node:stream';
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import type { AuditCases, Caller } from '../../sync/use-cases.ts';
import { Raw } from '../schemas/words.ts';

const BATCH = 500;

/** Who did what and when, as a chain that shows whether anything was changed since. */
export function auditRoutes(audit: AuditCases): FastifyPluginAsyncZodOpenApi {
  return async (app) => {
    app.get(
      '/audit',
      {
        config: { role: 'admin' },
        schema: {
          operationId: 'exportAudit',
          summary: 'Export the audit log (JSON lines)',
          description:
            'One entry a line, in order, from the first or after the one that is named: `{ tenantId, sequence, entry, salts, hash }`. An entry gets its place within seconds. `npm run audit:verify` checks the lines.',
          tags: ['audit'],
          querystring: z.strictObject({
            after: z.coerce
              .number()
              .int()
              .min(0)
              .max(Number.MAX_SAFE_INTEGER)
              .default(0)
              .meta({ description: 'Only what comes after this `sequence`.' }),
          }),
          response: {
            200: {
              description: 'The entries, to the last that has its place.',
              content: { 'application/jsonl': { schema: Raw } },
            },
          },
        },
      },
      async (request, reply) =>
        reply
          .headers({ 'cache-control': 'no-store' })
          .type('application/jsonl')
          .send(Readable.from(linesAfter(audit, request.caller, request.query.after))),
    );
  };
}

async function* linesAfter(audit: AuditCases, caller: Caller, after: number): AsyncGenerator<string> {
  for (let last = after; ;) {
    const items = await audit.after(caller, last, BATCH);
    const end = items.at(-1);
    if (end === undefined) return;
    yield items.map((item) => `${JSON.stringify({ tenantId: caller.tenantId, ...item })}\n`).join('');
    last = end.sequence;
  }
}
