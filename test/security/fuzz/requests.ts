import { fc } from '../../properties.ts';
import { hostileText, hostileValue, spoilt, valid } from './draws.ts';
import type { Operation } from './operations.ts';

/** One request that is going to be sent. Ids in the path are filled in then: `{id}` is one that is there. */
export interface FuzzRequest {
  operation: Operation;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  path: Readonly<Record<string, string | undefined>>;
  query: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Which of the ids that are there, counted around. */
  turn: number;
}

const KNOWN_PATHS: Readonly<Record<string, readonly string[]>> = {
  code: ['not-found', 'internal'],
  provider: ['github', 'gitlab', 'jira', 'azure_devops'],
  field: ['status', 'title', 'block', 'label:tm-x'],
  key: ['m1'],
};

const asHeader = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').trim();

/** Headers that mean something to us, rightly and wrongly used. */
const headers = fc
  .record(
    {
      'idempotency-key': fc.oneof(fc.uuid(), hostileText.map(asHeader)),
      'if-match': fc.oneof(fc.constantFrom('*', '"1"', 'W/"1"'), hostileText.map(asHeader)),
      'if-none-match': fc.oneof(fc.constantFrom('*', '"1"'), hostileText.map(asHeader)),
      prefer: fc.oneof(fc.constantFrom('respond-async', 'wait=0'), hostileText.map(asHeader)),
      'x-request-id': hostileText.map(asHeader),
      'x-forwarded-for': hostileText.map(asHeader),
      accept: fc.constantFrom('*/*', 'text/html', 'application/json;q=0', 'x'),
    },
    { requiredKeys: [] },
  )
  .map((drawn) =>
    Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined && value !== '')),
  );

function bodyOf(operation: Operation): fc.Arbitrary<string | undefined> {
  const [media] = Object.values(operation.requestBody?.content ?? {});
  if (media === undefined) return fc.option(hostileValue.map(textOf), { nil: undefined, freq: 20 });
  const examples = Object.values(media.examples).map(({ value }) => value);
  const good = fc.oneof(valid(media.schema), fc.constantFrom<unknown>(...examples, {}));
  return fc.oneof(
    { weight: 4, arbitrary: good.map(textOf) },
    { weight: 5, arbitrary: good.chain(spoilt).map(textOf) },
    { weight: 1, arbitrary: hostileValue.map(textOf) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '{', '[1,', '{"a":1,"a":2}', '\ufeff{}', '{"__proto__":{}}'),
    },
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

function queryOf(operation: Operation): fc.Arbitrary<string> {
  const declared = operation.parameters.filter((each) => each.in === 'query');
  const drawn = fc.record(
    Object.fromEntries(
      declared.map(({ name, schema }) => [
        name,
        fc.oneof({ weight: 2, arbitrary: valid(schema).map(String) }, { weight: 1, arbitrary: hostileText }),
      ]),
    ),
    { requiredKeys: declared.filter(({ required }) => required).map(({ name }) => name) },
  );
  const encoded = drawn.map((values) =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
      .join('&'),
  );
  const raw = fc.constantFrom(
    '%',
    '%zz',
    '%00',
    '%ff',
    'a=1',
    'limit=1&limit=2',
    'limit[]=1',
    'limit[a]=1',
    '__proto__=1',
    '&&&',
    '=',
  );
  return fc.oneof({ weight: 8, arbitrary: encoded }, { weight: 1, arbitrary: raw });
}

function pathOf(operation: Operation): fc.Arbitrary<FuzzRequest['path']> {
  const names = operation.parameters.filter((each) => each.in === 'path').map(({ name }) => name);
  const strange = hostileText.map((text) => encodeURIComponent(text.toWellFormed()) || '%20');
  return fc.record(
    Object.fromEntries(
      names.map((name) => [
        name,
        fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom(...(KNOWN_PATHS[name] ?? [undefined])) },
          { weight: 1, arbitrary: fc.uuid() },
          { weight: 1, arbitrary: strange },
        ),
      ]),
    ),
  );
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const TYPES = [
  'application/json',
  'application/octet-stream',
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'x',
];

/** Requests to one operation: as described, nearly so, and hostile. */
export function requestsTo(operation: Operation): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      method: fc.oneof(
        { weight: 30, arbitrary: fc.constant(operation.method) },
        { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
      ),
      path: pathOf(operation),
      query: queryOf(operation),
      headers: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
      body: bodyOf(operation),
      type: fc.oneof(
        { weight: 15, arbitrary: fc.constant(TYPES[0]) },
        { weight: 1, arbitrary: fc.constantFrom(...TYPES) },
      ),
      turn: fc.nat(1000),
    })
    .map(({ type, body, headers: drawn, ...rest }) => ({
      ...rest,
      operation,
      headers: body === undefined ? drawn : { ...drawn, 'content-type': type ?? '' },
      ...(body === undefined ? {} : { body }),
    }));
}
