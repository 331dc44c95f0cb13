import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { documented, errorsPage } from '../../build/documents.ts';
import { openHouse } from './house.ts';

const Operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()).nonempty(),
  requestBody: z
    .object({ content: z.record(z.string(), z.object({ examples: z.record(z.string(), z.unknown()) })) })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
});
const Document = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

describe('the OpenAPI document', async () => {
  const text = await documented();
  const document = Document.parse(JSON.parse(text));
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

  it('is the one that is checked in (npm run openapi writes it)', () => {
    assert.equal(readFileSync('docs/openapi.json', 'utf8'), text);
  });

  it('is valid by the rules of redocly.yaml', async () => {
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    await promisify(execFile)('node_modules/.bin/redocly', ['lint', 'docs/openapi.json'], { env });
  });

  it('names every operation once, and shows an example of every body', () => {
    const names = operations.map((each) => each.operationId);
    assert.equal(new Set(names).size, names.length);
    for (const { operationId, requestBody } of operations)
      for (const [type, { examples }] of Object.entries(requestBody?.content ?? {}))
        assert.ok(Object.keys(examples).length > 0, `${operationId} ${type}`);
  });

  it('says of every operation that it may end in a problem', () => {
    for (const { operationId, responses } of operations)
      assert.match(JSON.stringify(responses['default']), /application\/problem\+json/, operationId);
  });

  it('lets answers grow: nothing but requests forbids unknown names', () => {
    const { components } = z.object({ components: z.unknown() }).parse(JSON.parse(text));
    const answers = JSON.stringify([components, operations.map((each) => each.responses)]);
    assert.ok(!answers.includes('"additionalProperties":false'));
    assert.match(text, /"additionalProperties": false/);
  });
});

describe('the page of error codes', () => {
  it('is the table (npm run openapi writes it)', () => {
    assert.equal(readFileSync('docs/errors.md', 'utf8'), errorsPage());
  });
});

describe('/docs', async () => {
  const { app } = await openHouse();
  after(() => app.close());

  it('shows the document, with inline styles allowed there only', async () => {
    const page = await app.inject({ url: '/docs/' });
    assert.equal(page.statusCode, 200);
    assert.match(page.body, /swagger-ui/);
    assert.doesNotMatch(page.body, /<script(?![^>]*\bsrc=)/);
    const policy = String(page.headers['content-security-policy']);
    assert.match(policy, /style-src 'self' 'unsafe-inline'/);
    assert.doesNotMatch(policy, /script-src[^;]*unsafe/);
    assert.equal((await app.inject({ url: '/docs/static/swagger-initializer.js' })).statusCode, 200);
    assert.equal((await app.inject({ url: '/openapi.json' })).json().openapi, '3.1.0');
  });
});
