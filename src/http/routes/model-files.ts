import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { ModelCases } from '../../sync/use-cases.ts';
import { tag } from '../etag.ts';
import { ImportQuery } from '../schemas/model.ts';
import { ImportAnswer } from '../schemas/threat.ts';
import { IdParams, Raw } from '../schemas/words.ts';
import { MODEL_LIMIT, reported } from './threat-models.ts';

const FILE_TYPES = ['application/json', 'application/octet-stream'];

const FileBody = z
  .custom<Buffer>((body) => Buffer.isBuffer(body), 'Send the bytes of the file as the body.')
  .meta({
    description: 'The file as it is: Threat Dragon v2 or Threat Composer.',
    override: { type: 'object', additionalProperties: true },
    examples: [{ version: '2.2.0', summary: { title: 'Payments' }, detail: { diagrams: [] } }],
  });
const FileAnswer = {
  description: 'The bytes of the file.',
  content: { 'application/octet-stream': { schema: Raw } },
};
const PatchAnswer = {
  description: 'A unified diff; empty when nothing differs.',
  content: { 'text/x-diff': { schema: Raw } },
};

/** Threat models as files: in, and out again with statuses written back. The body of an import is the file itself. */
export function modelFileRoutes(models: ModelCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['threat models'];
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(FILE_TYPES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    app.post(
      '/threat-models/import',
      {
        config: { role: 'operator' },
        bodyLimit: MODEL_LIMIT,
        schema: {
          operationId: 'importThreatModel',
          summary: 'Import a threat-model file',
          description:
            'Answers what was found, kept, new, renamed and gone. Without `modelId` or `path` it is the model of the same name and format, else a new one.',
          tags,
          consumes: FILE_TYPES,
          querystring: ImportQuery,
          body: FileBody,
          response: { 200: ImportAnswer },
        },
      },
      async (request, reply) => {
        const { repo, path, revision, modelId, new: asNew, confirm } = request.query;
        if (request.body.length === 0)
          throw new AppError('invalid-request', 'The body is empty. Send the bytes of the file as the body.');
        const source = { repo, path, revision };
        const sourced = path !== undefined || repo !== undefined || revision !== undefined;
        const report = await models.import(request.caller, {
          bytes: request.body,
          modelId,
          asNew,
          confirm,
          ...(sourced ? { source } : {}),
        });
        tag(reply, report.model);
        return reported(report);
      },
    );

    app.get(
      '/threat-models/:id/file',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getThreatModelFile',
          summary: 'The file, with statuses written into it',
          description:
            'Only the lines that must change differ. `X-Unwritten` counts the threats whose status the format cannot express.',
          tags,
          params: IdParams,
          response: { 200: FileAnswer },
        },
      },
      async (request, reply) => {
        const file = await models.file(request.caller, request.params.id);
        reply.header('content-disposition', attachment(file.fileName));
        reply.header('x-unwritten', file.unwritten.length);
        return reply.type('application/octet-stream').send(Buffer.from(file.bytes));
      },
    );

    app.get(
      '/threat-models/:id/patch',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getThreatModelPatch',
          summary: 'The same as a diff',
          tags,
          params: IdParams,
          response: { 200: PatchAnswer },
        },
      },
      async (request, reply) => {
        const patch = await models.patch(request.caller, request.params.id);
        return reply.type('text/x-diff; charset=utf-8').send(Buffer.from(patch, 'utf8'));
      },
    );
  };
}

/** A file name for any browser: plain ASCII, and the real one encoded (RFC 6266). */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._ -]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.codePointAt(0)?.toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
