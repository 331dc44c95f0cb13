import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** Checks values against the schemas inside one OpenAPI document, found by the path to them. */
export interface SchemaDocument {
  /** The first complaints about a value, or none. `path` leads from the document's root to the schema. */
  complaints(path: readonly (string | number)[], value: unknown): string[];
  at(path: readonly (string | number)[]): unknown;
}

export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const ID = 'https://specification.test/document';

/** Makes OpenAPI 3.0's `nullable` what JSON Schema calls it; 3.1 needs nothing. */
export function schemaDocument(document: unknown): SchemaDocument {
  const converted = withoutNullable(document);
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, validateSchema: false });
  formats.default(ajv);
  ajv.addSchema({ $id: ID, ...(isJson(converted) ? converted : {}) });
  const compiled = new Map<string, ValidateFunction>();

  function at(path: readonly (string | number)[]): unknown {
    let value: unknown = converted;
    for (const step of path) {
      if (Array.isArray(value)) value = value[Number(step)];
      else value = isJson(value) ? value[String(step)] : undefined;
    }
    return isJson(value) && typeof value['$ref'] === 'string' ? at(stepsOf(value['$ref'])) : value;
  }

  return {
    at,
    complaints(path, value) {
      const pointer = path.map((step) =>
        encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1')),
      );
      const reference = `${ID}#/${pointer.join('/')}`;
      const check = compiled.get(reference) ?? ajv.compile({ $ref: reference });
      compiled.set(reference, check);
      if (check(value)) return [];
      return (check.errors ?? []).slice(0, 5).map((error) => `${error.instancePath} ${error.message}`);
    },
  };
}

/** The steps of a local reference such as `#/components/schemas/issue`. */
export function stepsOf(reference: string): string[] {
  return reference
    .slice(2)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function withoutNullable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullable);
  if (!isJson(value)) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNullable(inner)]));
  if (copy['nullable'] !== true) return copy;
  const { nullable: _, ...rest } = copy;
  return { anyOf: [rest, { type: 'null' }] };
}
