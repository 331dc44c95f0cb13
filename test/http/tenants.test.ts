import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { compose, type Service } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { Secret } from '../../src/domain/secret.ts';
import { givenKeys } from '../../src/secrets/keys.ts';
import { makeVault } from '../../src/secrets/vault.ts';
import { credentialContext } from '../../src/sync/credentials.ts';
import { webhookContext } from '../../src/sync/session.ts';
import { PGLITE, POSTGRESQL, QUIET } from '../store/database.ts';
import { furnish, tenantName } from '../store/fixtures.ts';
import type { SqlStage } from '../store/stage.ts';
import { bearer, SECRET } from './house.ts';

const KEY = '2c'.repeat(32);
const CONFIG = readConfig(
  { JWT_SECRET: SECRET, ENCRYPTION_KEY: KEY, LOG_LEVEL: 'silent', RATE_LIMIT_MAX: '100000' },
  { read: () => assert.fail('no file is named'), keep: () => assert.fail('both secrets are given') },
);

const Method = z.enum(['get', 'post', 'put', 'patch', 'delete']);
const Operation = z.object({
  operationId: z.string(),
  parameters: z
    .array(z.object({ in: z.string(), name: z.string(), required: z.boolean().default(false) }))
    .default([]),
  requestBody: z.object({ required: z.boolean().default(false) }).optional(),
});
type Operation = z.infer<typeof Operation>;
const Document = z.object({ paths: z.record(z.string(), z.partialRecord(Method, Operation)) });

/** What is asked with an id that is somebody else's, beside the places that bear its name in the path. */
interface Question {
  body?: unknown;
  query?: string;
  /** Takes the place of `{id}`: it is our own that is asked with somebody else's. */
  own?: 'integration' | 'conflict' | 'link' | 'threat' | 'model';
}
type Questions = Readonly<Record<string, (id: string) => readonly Question[]>>;

const CREDENTIALS = { type: 'token', token: 'ghp_x' };
const SETTINGS = { config: { owner: 'o', repo: 'r' }, credentials: CREDENTIALS };

/** Operations that need a body, a query, or one of our own things; every other one is asked as it is. */
const QUESTIONS: Questions = {
  createIntegration: (id) => [
    { body: { name: id, provider: 'github', ...SETTINGS } },
    { body: { name: id, provider: 'github', ...SETTINGS, filter: { modelIds: [id] } } },
  ],
  testConnection: (id) => [{ body: { provider: 'github', ...SETTINGS, integrationId: id } }],
  changeIntegration: (id) => [
    { body: { name: 'x' } },
    { body: { filter: { modelIds: [id] } }, own: 'integration' },
  ],
  startSync: (id) => [
    { body: {} },
    { body: { planId: id }, own: 'integration' },
    { body: { planId: id, items: [id] }, own: 'integration' },
  ],
  createLink: (id) => [
    { body: { threatId: id, issue: '1' } },
    { body: { threatId: id, issue: '1' }, own: 'integration' },
  ],
  explainThreat: (id) => [{ query: `integrationId=${id}` }, { query: `integrationId=${id}`, own: 'threat' }],
  retryDeadLetters: (id) => [{ body: { linkIds: [id] } }, { body: { linkIds: [id] }, own: 'integration' }],
  discardDeadLetters: (id) => [{ body: { linkIds: [id] } }, { body: { linkIds: [id] }, own: 'integration' }],
  putThreatModel: (id) => [{ body: { name: id, threats: [] } }],
  importThreatModel: (id) => [
    { query: `modelId=${id}`, body: { summary: { title: 'x' }, detail: { diagrams: [] }, version: '2.0' } },
  ],
  changeThreat: () => [{ body: { status: 'mitigated' } }],
  changeMitigation: () => [{ body: { status: 'done' } }],
  resolveConflicts: (id) => [
    { body: { integrationId: id, keep: 'threat' } },
    { body: { ids: [id], keep: 'threat' } },
  ],
  resolveConflict: () => [{ body: { keep: 'threat' } }],
  receiveWebhook: () => [{ body: { zen: 'x' } }],
};
/** An answer without end; it has a test of its own. */
const STREAM = 'streamEvents';
const NAMES: Readonly<Record<string, string>> = {
  provider: 'github',
  field: 'status',
  key: 'm1',
  code: 'not-found',
};

/** It takes the id that it is given for a thing of our own, which then has it: it is asked last. */
const MAKES = 'putThreatModel';
const makes = ({ operation }: { operation: Operation }): boolean => operation.operationId === MAKES;

function urlOf(path: string, id: string, query: string | undefined): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === 'id' ? id : (NAMES[name] ?? assert.fail(`no value for {${name}} of ${path}`)),
  );
  return query === undefined ? filled : `${filled}?${query}`;
}

describe('a tenant asks with the ids of another one', () => {
  const engine = POSTGRESQL.skip === false ? POSTGRESQL : PGLITE;
  const [mine, theirs] = [tenantName(), tenantName()];
  let stage: SqlStage;
  let service: Service;
  let token: { authorization: string };
  let operations: readonly { method: z.infer<typeof Method>; path: string; operation: Operation }[];
  /** Ids of everything that is theirs, by table. */
  let foreign: readonly (readonly [string, string])[];
  let own: Readonly<Record<NonNullable<Question['own']>, string>>;

  before(async () => {
    stage = await engine.open();
    const given = await furnish(stage.store, mine);
    await seal(mine, given.integration.id);
    // Nobody works on it meanwhile: what changes is changed by a question.
    await seal(theirs, (await furnish(stage.store, theirs, { enabled: false })).integration.id);
    service = await compose(CONFIG, QUIET, {
      store: { ...stage.store, close: async () => undefined },
      network: {
        resolve: async () => assert.fail('no name has an address here'),
        wire: async () => assert.fail('nothing is sent'),
      },
    });
    const { paths } = Document.parse(service.app.swagger());
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Method.options.flatMap((method) => {
        const operation = methods[method];
        return operation === undefined ? [] : [{ method, path, operation }];
      }),
    );
    token = await bearer('admin', { organizationId: mine });
    foreign = await idsOf(theirs);
    const ids = new Map(await idsOf(mine));
    own = {
      integration: given.integration.id,
      link: given.link.id,
      threat: given.link.threatId,
      conflict: ids.get('conflicts') ?? assert.fail('no conflict'),
      model: ids.get('models') ?? assert.fail('no model'),
    };
  });
  after(async () => {
    await service.close();
    await stage.close();
  });

  async function seal(tenantId: string, id: string): Promise<void> {
    const vault = makeVault(givenKeys({ current: new Secret(KEY) }));
    const credentials = await vault.seal(
      new Secret(JSON.stringify(CREDENTIALS)),
      credentialContext(tenantId, id),
    );
    const webhookSecrets = [await vault.seal(new Secret('hook'), webhookContext(tenantId, id))];
    await stage.store
      .tenant(tenantId)
      .transact((tx) => tx.integrations.seal(id, { credentials, webhookSecrets }));
  }

  const asOwner = (text: string, values: unknown[] = []) =>
    stage.sql.engine.session(async (session) => {
      await session.query("select set_config('role', $1, true)", [stage.sql.roles.owner]);
      return session.query(text, values);
    });

  async function idsOf(tenantId: string): Promise<(readonly [string, string])[]> {
    const tables = await asOwner(
      "select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'id' and table_name in (select table_name from information_schema.columns where column_name = 'tenant_id') order by table_name",
    );
    const found: (readonly [string, string])[] = [];
    for (const { name } of tables)
      for (const { id } of await asOwner(`select id::text as id from ${String(name)} where tenant_id = $1`, [
        tenantId,
      ]))
        found.push([String(name), String(id)]);
    return found;
  }

  /** All their rows, but for what the scheduler counts. */
  async function theirRows(): Promise<string> {
    const tables = await asOwner(
      "select distinct table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id' and table_name not in ('leases', 'turns') order by 1",
    );
    const rows: unknown[] = [];
    for (const { name } of tables)
      rows.push(
        await asOwner(
          `select coalesce(json_agg(row_to_json(t)::jsonb - 'sequence' - 'salts' - 'hash' - 'published_at' order by t::text), '[]')::text as rows from ${String(name)} t where tenant_id = $1`,
          [theirs],
        ),
      );
    return JSON.stringify(rows);
  }

  /** Status and body, with the id that was asked with, and what differs from one request to the next, taken out. */
  async function answerTo(
    { method, path, operation }: (typeof operations)[number],
    question: Question,
    id: string,
  ): Promise<string> {
    const place = question.own === undefined ? id : own[question.own];
    const answer = await service.app.inject({
      method,
      url: urlOf(path, place, question.query),
      headers: question.body === undefined ? token : { ...token, 'content-type': 'application/json' },
      ...(question.body === undefined ? {} : { payload: JSON.stringify(question.body) }),
    });
    assert.ok(
      answer.statusCode < 500 || answer.statusCode === 501,
      `${operation.operationId}: ${answer.body}`,
    );
    const others = foreign.filter(([, each]) => each !== id && answer.body.includes(each));
    assert.deepEqual(others, [], `${method} ${path} shows what is theirs`);
    return `${answer.statusCode} ${answer.body}`
      .replaceAll(id, 'ID')
      .replaceAll(/"requestId":"[^"]*"/g, '')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, 'SOME')
      .replaceAll(/TM-\d+|"number":\d+|W?\\?"[0-9a-f]{16,}\\?"/g, '');
  }

  it('and every operation answers as to an id that nobody has, and changes nothing of theirs', async (t) => {
    const untouched = await theirRows();
    const known = new Set(operations.map(({ operation }) => operation.operationId));
    assert.deepEqual(
      Object.keys(QUESTIONS).filter((name) => !known.has(name)),
      [],
    );
    let asked = 0;
    for (const each of operations.toSorted((one, other) => Number(makes(one)) - Number(makes(other)))) {
      const { operation, path } = each;
      if (operation.operationId === STREAM) continue;
      const questionsOf = QUESTIONS[operation.operationId];
      const needs =
        operation.requestBody?.required === true ||
        operation.parameters.some((parameter) => parameter.in === 'query' && parameter.required);
      assert.ok(
        questionsOf !== undefined || !needs,
        `say in QUESTIONS what ${operation.operationId} is asked`,
      );
      const filters = operation.parameters.filter(
        ({ in: place, name }) => place === 'query' && name.endsWith('Id'),
      );
      for (const [table, id] of foreign) {
        const questions = (as: string): readonly Question[] => [
          ...(questionsOf?.(as) ?? [{}]),
          ...(needs ? [] : filters.map(({ name }) => ({ query: `${name}=${as}` }))),
        ];
        for (const [place, question] of questions(id).entries()) {
          const nobody = randomUUID();
          const twin = questions(nobody)[place] ?? assert.fail('the same questions');
          const told = await answerTo(each, question, id);
          asked += 1;
          if (!path.includes('{id}') && !JSON.stringify(question).includes(id)) continue;
          assert.equal(
            told,
            await answerTo(each, twin, nobody),
            `${each.method} ${path} with the id of their ${table}`,
          );
        }
      }
    }
    t.diagnostic(`${asked} questions with the ids of another tenant`);
    assert.ok(asked > 500, `${asked} questions`);
    assert.equal(await theirRows(), untouched);
  });

  it('and hears no event of theirs', async () => {
    const origin = await service.app.listen({ host: '127.0.0.1', port: 0 });
    const leave = new AbortController();
    const answer = await fetch(`${origin}/api/events`, {
      headers: { ...(await bearer('viewer', { organizationId: mine })), 'last-event-id': '0' },
      signal: leave.signal,
    });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(own.integration)) text += (await reader?.read())?.value ?? assert.fail(text);
    leave.abort();
    for (const [table, id] of foreign) assert.ok(!text.includes(id), table);
  });
});
