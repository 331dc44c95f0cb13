import swagger from '@fastify/swagger';
import type { SwaggerTransformObject } from '@fastify/swagger';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi';
import { Problem, PROBLEM_TYPE } from './problem.ts';

const TAGS = [
  { name: 'integrations', description: 'Connections to issue trackers.' },
  { name: 'sync', description: 'Plans and runs.' },
  { name: 'threat models', description: 'The documents threats come from.' },
  { name: 'threats', description: 'Threats, with what the trackers say about them.' },
  { name: 'links', description: 'Which threat is which issue.' },
  { name: 'conflicts', description: 'Disagreements that only a person can settle.' },
  { name: 'webhooks', description: 'What trackers send, and what came of it.' },
  { name: 'events', description: 'What happens, as it happens.' },
  { name: 'operations', description: 'Health and metrics.' },
];

const DESCRIPTION = `Keeps threats and issues telling the same story, both ways.

Errors are \`application/problem+json\` (RFC 9457); switch on \`code\`. Listings answer \`{ items, nextCursor }\`.
\`Idempotency-Key\` on a POST makes repeating it safe for 24 hours. Resources carry an \`ETag\`: \`If-Match\` guards a
change (412), \`If-None-Match\` saves an answer (304). Unknown names in a request are errors; unknown names in an
answer are to be ignored. Times are UTC.`;

const MEANINGS: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted: work goes on after the answer',
  204: 'Done; nothing to show',
  400: 'The request is not well formed',
  401: 'No valid token',
  403: 'The token does not allow this',
  404: 'There is no such thing for this tenant',
  409: 'The state does not allow this',
  412: 'It has changed since it was read',
  413: 'The body is too large',
  415: 'The body is of a type that is not accepted',
  422: 'The request cannot be followed',
  429: 'Too many requests: wait as long as Retry-After says',
  503: 'Not now',
  default: 'Any other failure',
};
const UNSAID = 'Default Response';

/** Collect the routes that follow into an OpenAPI 3.1 document, with every way they may fail. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifyZodOpenApiPlugin, {
    documentOpts: {
      override: ({ jsonSchema, io }) => {
        // Answers may grow; bounds and marks that only repeat the runtime's types say nothing to a reader.
        if (io === 'output' && jsonSchema.additionalProperties === false)
          delete jsonSchema.additionalProperties;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        delete jsonSchema.readOnly;
      },
    },
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'threat-model-integration',
        version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This installation' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'HS256, or RS256, ES256 or Ed25519 by a key of `JWT_JWKS_URL`; `exp` required.',
          },
        },
      },
    },
    transform: fastifyZodOpenApiTransformers.transform,
    transformObject: finish,
  });
  app.addHook('onRoute', (route) => {
    if (route.schema !== undefined && route.schema.hide !== true)
      route.schema = complete(route, route.schema);
  });
}

function complete(route: RouteOptions, schema: FastifySchema): FastifySchema {
  const own = typeof schema.response === 'object' && schema.response !== null ? schema.response : {};
  const problems: Record<string, unknown> = {};
  for (const status of failuresOf(route, schema)) {
    problems[status] = {
      description: MEANINGS[status] ?? '',
      content: { [PROBLEM_TYPE]: { schema: Problem } },
    };
  }
  const role = route.config?.role;
  const needs = role === undefined ? [] : [`Needs the role \`${role}\`.`];
  const description = [schema.description, ...needs].filter((each) => each !== undefined).join('\n\n');
  return {
    ...schema,
    ...(description === '' ? {} : { description }),
    security: role === undefined ? [] : [{ token: [] }],
    response: { ...problems, ...own },
  };
}

function failuresOf(route: RouteOptions, schema: FastifySchema): string[] {
  const failures = ['default', '400'];
  if (route.config?.role !== undefined) failures.push('401', '403', '429');
  if (route.method !== 'GET') failures.push('409');
  if (schema.body !== undefined) failures.push('413', '415', '422');
  if (schema.params !== undefined) failures.push('404');
  if (['PUT', 'PATCH', 'DELETE'].includes(String(route.method))) failures.push('412');
  return failures;
}

const finish: SwaggerTransformObject = (input) => {
  const document = fastifyZodOpenApiTransformers.transformObject(input);
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path ?? {})) {
      if (!isRecord(operation)) continue;
      mayBeLeftOut(operation['requestBody']);
      sayMeanings(operation['responses']);
    }
  }
  return document;
};

/** A body in which nothing is required may be left out altogether. */
function mayBeLeftOut(body: unknown): void {
  if (!isRecord(body) || !isRecord(body['content'])) return;
  const json = body['content']['application/json'];
  if (isRecord(json) && isRecord(json['schema']) && isRecord(json['schema']['properties']))
    body['required'] = Array.isArray(json['schema']['required']);
}

function sayMeanings(responses: unknown): void {
  if (!isRecord(responses)) return;
  for (const [status, response] of Object.entries(responses))
    if (isRecord(response) && response['description'] === UNSAID)
      response['description'] = MEANINGS[status] ?? UNSAID;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
