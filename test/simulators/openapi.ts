/** Parts of a judge of requests by an OpenAPI description. Places are paths of keys from the description's root. */
import type { SchemaDocument } from './json-schema.ts';
import { isJson, stepsOf } from './json-schema.ts';

type Place = readonly (string | number)[];

/** The path of the description that fits; one with fixed words wins over one with parameters. `numeric` says which parameters are numbers. */
export function templateOf(
  spec: SchemaDocument,
  method: string,
  path: string,
  numeric: RegExp,
): string | undefined {
  const parts = path.split('/');
  const paths = spec.at(['paths']);
  const fitting = Object.entries(isJson(paths) ? paths : {}).filter(([template, operations]) => {
    const steps = template.split('/');
    return (
      steps.length === parts.length &&
      isJson(operations) &&
      method.toLowerCase() in operations &&
      steps.every((step, index) => step === parts[index] || fits(step, parts[index] ?? '', numeric))
    );
  });
  return fitting.toSorted(([one], [other]) => one.split('{').length - other.split('{').length)[0]?.[0];
}

function fits(step: string, part: string, numeric: RegExp): boolean {
  if (!step.startsWith('{') || part === '') return false;
  return numeric.test(step) ? /^\d+$/.test(part) : true;
}

/** What is wrong with a query's parameters; their values are read as the number or truth they look like. */
export function queryFaults(spec: SchemaDocument, operation: Place, query: URLSearchParams): string[] {
  const declared = spec.at([...operation, 'parameters']);
  const places = (Array.isArray(declared) ? declared : []).map((_, index) => [
    ...operation,
    'parameters',
    index,
  ]);
  return [...query].flatMap(([name, value]) => {
    const place = places.find((each) => isQueryParameter(spec.at(each), name));
    if (place === undefined) return [`unknown query parameter ${name}`];
    const schema = [...referred(spec, place), 'schema'];
    const faults = spec.complaints(schema, numberOrText(value));
    const isGood = faults.length === 0 || spec.complaints(schema, value).length === 0;
    return isGood ? [] : faults.map((fault) => `query parameter ${name}${fault}`);
  });
}

function isQueryParameter(parameter: unknown, name: string): boolean {
  return isJson(parameter) && parameter['in'] === 'query' && parameter['name'] === name;
}

function numberOrText(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** What is wrong with a JSON body: properties that the description does not know, too. */
export function bodyFaults(spec: SchemaDocument, operation: Place, body: unknown): string[] {
  const place = [...operation, 'requestBody', 'content', 'application/json', 'schema'];
  const schema = spec.at(place);
  if (schema === undefined) return body === undefined || isEmpty(body) ? [] : ['no body expected'];
  if (body === undefined) return [];
  const known = isJson(schema) && isJson(schema['properties']) ? schema['properties'] : undefined;
  const strangers =
    known === undefined || !isJson(body) ? [] : Object.keys(body).filter((name) => !(name in known));
  return [
    ...strangers.map((name) => `unknown property ${name} in the body`),
    ...spec.complaints(place, body).map((fault) => `body${fault}`),
  ];
}

function isEmpty(body: unknown): boolean {
  return isJson(body) && Object.keys(body).length === 0;
}

/** The place itself, or the one its `$ref` leads to. */
export function referred(spec: SchemaDocument, place: Place): (string | number)[] {
  const parent = spec.at(place.slice(0, -1));
  const last = place.at(-1);
  const value: unknown = Array.isArray(parent)
    ? parent[Number(last)]
    : isJson(parent)
      ? parent[String(last)]
      : undefined;
  return isJson(value) && typeof value['$ref'] === 'string' ? stepsOf(value['$ref']) : [...place];
}
