import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { schemaDocument } from '../../simulators/json-schema.ts';

const Parameter = z.object({
  in: z.enum(['path', 'query', 'header']),
  name: z.string(),
  required: z.boolean().default(false),
  schema: z.unknown(),
});
const Method = z.enum(['get', 'post', 'put', 'patch', 'delete']);
const Operation = z.object({
  operationId: z.string(),
  parameters: z.array(Parameter).default([]),
  requestBody: z
    .object({
      content: z.record(
        z.string(),
        z.object({
          schema: z.unknown(),
          examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
        }),
      ),
    })
    .optional(),
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()).optional() })),
});
const Document = z.object({ paths: z.record(z.string(), z.partialRecord(Method, Operation)) });

export interface Operation extends z.infer<typeof Operation> {
  path: string;
  method: Uppercase<z.infer<typeof Method>>;
  /** The steps to it from the document's root. */
  place: readonly string[];
}

const text: unknown = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));

/** Our own description of the API, as it is published. */
export const SPEC = schemaDocument(text);

const METHODS = { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;

export const OPERATIONS: readonly Operation[] = Object.entries(Document.parse(text).paths).flatMap(
  ([path, methods]) =>
    Method.options.flatMap((method) => {
      const operation = methods[method];
      if (operation === undefined) return [];
      return [{ ...operation, path, method: METHODS[method], place: ['paths', path, method] }];
    }),
);
