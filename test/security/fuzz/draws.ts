import { fc } from '../../properties.ts';
import { isJson, stepsOf, type Json } from '../../simulators/json-schema.ts';
import { SPEC } from './operations.ts';

/** Text that has broken somebody's software. */
const HOSTILE_TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udfff',
  '\ufffe\uffff',
  '\u202egnp.exe',
  '\u2028\u2029',
  '\r\nSet-Cookie: a=b',
  '\u001b[31mred',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'ﷺ'.repeat(50),
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A',
  "' or 1=1; --",
  "'; drop table threats; --",
  '%_%',
  '\\',
  '\\u0000',
  '*',
  '(a+)+$',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  '{{7*7}}${7*7}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '$(id)`id`',
  '-1',
  '1e999',
  'NaN',
  'null',
  'true',
  '9'.repeat(40),
  '0x7fffffff',
  '2026-02-30',
  '2026-13-01T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '-271821-04-19T23:59:59.999Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  'W/"x"',
  'x'.repeat(3_000),
] as const;

const HOSTILE_NUMBERS = [
  0,
  -0,
  -1,
  0.1,
  1e308,
  5e-324,
  2 ** 31,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  2 ** 63,
  1e21,
] as const;

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 10 }),
);

/** Anything but what is asked for. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(...HOSTILE_NUMBERS, null, true, [], {}, [[]], [null], { a: { b: { c: {} } } }),
  hostileText.map((name) => ({ [name]: name })),
  fc.jsonValue({ maxDepth: 3 }),
);

const numberOf = (schema: Json, name: string): number | undefined => {
  const value = schema[name];
  return typeof value === 'number' ? value : undefined;
};
const listOf = (schema: Json, name: string): readonly unknown[] => {
  const value = schema[name];
  return Array.isArray(value) ? value : [];
};

/** Values that a schema takes. */
export function valid(schema: unknown): fc.Arbitrary<unknown> {
  if (!isJson(schema)) return fc.jsonValue({ maxDepth: 2 });
  const reference = schema['$ref'];
  if (typeof reference === 'string') return valid(SPEC.at(stepsOf(reference)));
  if ('const' in schema) return fc.constant(schema['const']);
  const words = listOf(schema, 'enum');
  if (words.length > 0) return fc.constantFrom(...words);
  const others = [...listOf(schema, 'anyOf'), ...listOf(schema, 'oneOf')];
  if (others.length > 0) return fc.oneof(...others.map(valid));
  switch (schema['type']) {
    case 'object':
      return validObject(schema);
    case 'array':
      return fc.array(valid(schema['items']), { minLength: numberOf(schema, 'minItems') ?? 0, maxLength: 3 });
    case 'integer':
      return fc.integer({
        min: numberOf(schema, 'minimum') ?? -1_000,
        max: numberOf(schema, 'maximum') ?? 1_000_000,
      });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return validText(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function validObject(schema: Json): fc.Arbitrary<unknown> {
  const properties = schema['properties'];
  if (isJson(properties)) {
    const required = listOf(schema, 'required');
    return fc.record(
      Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, valid(each)])),
      {
        requiredKeys: Object.keys(properties).filter((name) => required.includes(name)),
      },
    );
  }
  const names = schema['propertyNames'];
  const name = valid(isJson(names) ? names : { type: 'string' }).map(String);
  return fc.dictionary(name, valid(schema['additionalProperties']), { maxKeys: 3 });
}

function validText(schema: Json): fc.Arbitrary<string> {
  const minLength = numberOf(schema, 'minLength') ?? 0;
  const maxLength = Math.max(minLength, Math.min(numberOf(schema, 'maxLength') ?? 60, 60));
  switch (schema['format']) {
    case 'uuid':
      return fc.uuid();
    case 'date-time':
      return fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
        .map((date) => date.toISOString());
    case 'date':
      return fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
        .map((date) => date.toISOString().slice(0, 10));
    default:
      return fc.oneof(
        fc.string({ minLength, maxLength }),
        fc.string({ unit: 'grapheme', minLength, maxLength }),
        fc.constantFrom(...HOSTILE_TEXTS).filter(({ length }) => length >= minLength && length <= maxLength),
      );
  }
}

/** The same value with one place spoilt: replaced, left out, or with a name beside it that nobody knows. */
export function spoilt(value: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(value);
  return fc
    .tuple(fc.constantFrom(...places), hostileValue, fc.constantFrom('replace', 'remove', 'add'), hostileText)
    .map(([place, other, how, name]) => changed(value, place, how, other, name));
}

function placesIn(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [at, ...inner.flatMap(([name, each]) => placesIn(each, [...at, name]))];
}

function changed(
  value: unknown,
  [step, ...rest]: readonly string[],
  how: string,
  other: unknown,
  name: string,
): unknown {
  if (step === undefined) return how === 'add' && isJson(value) ? { ...value, [name]: other } : other;
  if (Array.isArray(value))
    return value.map((each, index) =>
      String(index) === step ? changed(each, rest, how, other, name) : each,
    );
  if (!isJson(value)) return other;
  if (how === 'remove' && rest.length === 0)
    return Object.fromEntries(Object.entries(value).filter(([each]) => each !== step));
  return { ...value, [step]: changed(value[step], rest, how, other, name) };
}
