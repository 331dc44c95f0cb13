import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import { INTEGRATION_STATES, PROVIDER_IDS } from '../../domain/integration.ts';
import type { IntegrationCases } from '../../sync/use-cases.ts';
import { expectedVersion, tag } from '../etag.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import {
  ConnectionTest,
  IntegrationAnswer,
  IntegrationChange,
  NewIntegration,
  shown,
  WebhookSecretAnswer,
} from '../schemas/integration.ts';
import { ConnectAnswer, StatusAnswer } from '../schemas/status.ts';
import { IdParams, NOTHING } from '../schemas/words.ts';

const ListQuery = z.strictObject({
  ...paging,
  provider: z.enum(PROVIDER_IDS).exactOptional(),
  status: z.enum(INTEGRATION_STATES).exactOptional(),
});

/** Connections to trackers: who may be synchronised with what. */
export function integrationRoutes(integrations: IntegrationCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['integrations'];
  return async (app) => {
    app.get(
      '/integrations',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listIntegrations',
          summary: 'List integrations',
          tags,
          querystring: ListQuery,
          response: { 200: pageOf(IntegrationAnswer) },
        },
      },
      async (request, reply) => {
        const { status, ...query } = request.query;
        const page = await integrations.list(request.caller, {
          ...query,
          ...(status === undefined ? {} : { state: status }),
        });
        return { ...linkNext(request, reply, page), items: page.items.map(shown) };
      },
    );

    app.get(
      '/integrations/:id',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getIntegration',
          summary: 'Read an integration',
          tags,
          params: IdParams,
          response: { 200: IntegrationAnswer },
        },
      },
      async (request, reply) => shown(tag(reply, await integrations.get(request.caller, request.params.id))),
    );

    app.get(
      '/integrations/:id/status',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getIntegrationStatus',
          summary: 'Is it working, and what does it need?',
          tags,
          params: IdParams,
          response: { 200: StatusAnswer },
        },
      },
      (request) => integrations.status(request.caller, request.params.id),
    );

    app.post(
      '/integrations',
      {
        config: { role: 'admin' },
        schema: {
          operationId: 'createIntegration',
          summary: 'Create an integration',
          description:
            'It plans but writes nothing until the first explicit sync, unless `autoApply` is true.',
          tags,
          body: NewIntegration,
          response: { 201: IntegrationAnswer },
        },
      },
      async (request, reply) => {
        const created = await integrations.create(request.caller, request.body);
        reply.code(201).header('location', `/api/integrations/${created.id}`);
        return shown(tag(reply, created));
      },
    );

    app.put(
      '/integrations/:id',
      {
        config: { role: 'admin' },
        schema: {
          operationId: 'changeIntegration',
          summary: 'Change an integration',
          description: 'Replaces what it names. Changing `config.baseUrl` demands the credentials again.',
          tags,
          params: IdParams,
          body: IntegrationChange,
          response: { 200: IntegrationAnswer },
        },
      },
      async (request, reply) => {
        const { caller, params, body } = request;
        return shown(
          tag(reply, await integrations.change(caller, params.id, body, expectedVersion(request))),
        );
      },
    );

    app.delete(
      '/integrations/:id',
      {
        config: { role: 'admin' },
        schema: {
          operationId: 'deleteIntegration',
          summary: 'Delete an integration',
          description: 'Its webhook is removed at the tracker; issues stay as they are.',
          tags,
          params: IdParams,
          response: { 204: NOTHING },
        },
      },
      async (request, reply) => {
        await integrations.remove(request.caller, request.params.id, expectedVersion(request));
        return reply.code(204).send();
      },
    );

    app.post(
      '/integrations/:id/webhook-secret',
      {
        config: { role: 'admin' },
        schema: {
          operationId: 'makeWebhookSecret',
          summary: 'Make a new webhook secret',
          description:
            'For a webhook that is added in the tracker by hand: the secret is told once, here. A webhook registered by this service gets it at once; the secret before is accepted until the next is made.',
          tags,
          params: IdParams,
          response: { 200: WebhookSecretAnswer },
        },
      },
      (request) => integrations.webhookSecret(request.caller, request.params.id),
    );

    app.post(
      '/integrations/connect',
      {
        config: { role: 'admin' },
        schema: {
          operationId: 'testConnection',
          summary: 'Test a connection without storing it',
          tags,
          body: ConnectionTest,
          response: { 200: ConnectAnswer },
        },
      },
      (request) => integrations.connect(request.caller, request.body),
    );
  };
}
