import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { z } from 'zod';
import { startGithubSimulator, type GithubSimulator } from '../../simulators/github/index.ts';
import { openLog } from '../../src/observe/log.ts';
import type { Log } from '../../src/ports/clock.ts';
import type { Wire } from '../../src/transport/exchange.ts';
import { PUBLISHED } from '../providers/published.ts';
import { Canaries } from './canaries.ts';
import { chosen } from './effort.ts';
import { dump } from './places.ts';
import { openService, type House } from './service.ts';

const Made = z.object({ id: z.string() });
const Told = z.object({ secret: z.string() });
const AT = 'https://tracker.example';

/** What a tracker may answer that repeats everything it was sent; the last ones are no answers at all. */
const ECHOES: readonly ((sent: string) => ReturnType<Wire>)[] = [
  ...[400, 401, 403, 404, 409, 410, 422].map(
    (status) => async (sent: string) =>
      answer(status, { message: sent, errors: [{ message: sent }], errorMessages: [sent] }),
  ),
  async (sent) => answer(200, { message: sent, error: sent, errors: [{ message: sent }] }),
  async (sent) =>
    answer(302, { message: sent }, { location: `${AT}/login?sent=${encodeURIComponent(sent)}` }),
  async (sent) => answer(500, { message: sent }),
  async () => {
    throw new Error('socket hang up');
  },
];

function answer(status: number, json: object, headers: Record<string, string> = {}) {
  const all = new Headers({ 'content-type': 'application/json', ...headers });
  return { status, headers: all, json, text: JSON.stringify(json) };
}

/** Keeps every line of the real log at its most talkative, and what was handed to it. */
function keepingLog() {
  const lines: string[] = [];
  const handed: string[] = [];
  const real = openLog({ level: 'trace', isPretty: false, write: (line) => void lines.push(line) });
  const each =
    (level: keyof Log) =>
    (data: object, message: string): void => {
      handed.push(`${inspect(data, { depth: 9 })} ${message}`);
      real[level](data, message);
    };
  return { lines, handed, log: { info: each('info'), warn: each('warn'), error: each('error') } };
}

describe('a secret', () => {
  const canaries = new Canaries();
  const kept = keepingLog();
  const answers: string[] = [];
  let simulator: GithubSimulator;
  let house: House;
  let echo = ECHOES[0] ?? assert.fail();
  const config = {
    JWT_SECRET: canaries.add('JWT_SECRET', randomBytes(24).toString('hex')),
    ENCRYPTION_KEY: canaries.add('ENCRYPTION_KEY', randomBytes(32).toString('hex')),
    ENCRYPTION_KEYS_OLD: canaries.add('ENCRYPTION_KEYS_OLD', randomBytes(32).toString('hex')),
    METRICS_TOKEN: canaries.make('METRICS_TOKEN'),
    THREAT_MODEL_API_TOKEN: canaries.make('THREAT_MODEL_API_TOKEN'),
  };

  before(async () => {
    simulator = await startGithubSimulator();
    house = await openService(
      {
        ...config,
        THREAT_MODEL_API_URL: `${AT}/platform`,
        TRACKER_ALLOWED_CIDRS: '127.0.0.0/8',
        TRACKER_ALLOW_HTTP: 'true',
        PUBLIC_URL: 'https://sync.example',
      },
      {
        network: {
          resolve: async () => [{ address: '140.82.112.5', family: 4 }],
          wire: async ({ url, headers, request }) => {
            if (url.host !== new URL(simulator.url).host)
              return echo(JSON.stringify({ headers, json: request.json, form: request.form }));
            const sent = await fetch(url, {
              method: request.method,
              headers,
              redirect: 'manual',
              ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
            });
            const text = await sent.text();
            const json: unknown = text === '' ? undefined : JSON.parse(text);
            return { status: sent.status, headers: sent.headers, text, json };
          },
        },
      },
      kept.log,
    );
  });
  after(async () => {
    await house.close();
    await simulator.close();
  });

  /** Asks, and keeps the answer with its headers. */
  async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown) {
    const told = await house.ask(method, url, body);
    answers.push(`${method} ${url} ${told.text}`);
    return told;
  }

  /** Every provider with each kind of credentials it takes, a canary in each secret field. */
  function accounts(): readonly (readonly [keyof typeof PUBLISHED, Record<string, unknown>])[] {
    const make = (field: string): string => canaries.make(field);
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    canaries.add('github privateKey', pem.split('\n')[5] ?? assert.fail('a short key'));
    const oauth = (of: string) => ({
      clientId: 'client',
      clientSecret: make(`${of} clientSecret`),
      refreshToken: make(`${of} refreshToken`),
    });
    return [
      ['github', { type: 'token', token: make('github token') }],
      ['github', { type: 'github_app', appId: 1, installationId: 2, privateKey: pem }],
      ['gitlab', { type: 'token', token: make('gitlab token') }],
      ['gitlab', { type: 'oauth2', ...oauth('gitlab') }],
      ['jira', { type: 'basic', username: 'ann@example.com', password: make('jira password') }],
      ['jira', { type: 'token', token: make('jira token') }],
      ['jira', { type: 'oauth2', ...oauth('jira') }],
      ['azure_devops', { type: 'token', token: make('azure_devops token') }],
      [
        'azure_devops',
        {
          type: 'service_principal',
          tenantId: 'contoso.example',
          clientId: 'x',
          clientSecret: make('azure_devops clientSecret'),
        },
      ],
    ];
  }

  it('goes every way that fails', async () => {
    for (const next of chosen(ECHOES, 4)) {
      echo = next;
      for (const [provider, credentials] of accounts()) {
        const base = provider === 'gitlab' ? `${AT}/api/v4` : AT;
        const given = { provider, config: { ...PUBLISHED[provider].config, baseUrl: base }, credentials };
        await ask('POST', '/api/integrations/connect', given);
        const made = await ask('POST', '/api/integrations', { name: provider, ...given });
        assert.equal(made.status, 201, made.text);
        const url = `/api/integrations/${Made.parse(JSON.parse(made.text)).id}`;
        const told = await house.ask('POST', `${url}/webhook-secret`);
        canaries.add('webhook secret', Told.parse(JSON.parse(told.text)).secret);
        for (const [method, path, body] of [
          ['PUT', '', { config: given.config, credentials }],
          [
            'PUT',
            '',
            {
              config: given.config,
              credentials: { ...credentials, extra: canaries.make('an unknown field') },
            },
          ],
          [
            'PUT',
            '',
            { credentials: { type: 'token', token: `${canaries.make('a token with a space')} x` } },
          ],
          ['PUT', '', { credentials: canaries.make('credentials that are text') }],
          ['GET', ''],
          ['GET', '/status'],
          ['POST', '/plan', {}],
          ['POST', '/sync', {}],
          ['POST', '/links', { threatId: '0f8fad5b-d9cb-469f-a165-70867728950e', issue: '1' }],
          ['GET', '/runs'],
          ['GET', '/deliveries'],
          ['DELETE', ''],
        ] as const)
          await ask(method, url + path, body);
      }
    }
  });

  it('goes every way that succeeds', async () => {
    const token = canaries.make('github token that works');
    simulator.world.addUser({ login: 'acme', token: 'ghp_owner' });
    simulator.world.addUser({ login: 'bot', token, scopes: ['repo', 'admin:repo_hook'] });
    simulator.world.addRepository({ owner: 'acme', name: 'pay', visibility: 'private', push: ['bot'] });
    simulator.world.setPermission({ owner: 'acme', repo: 'pay' }, 'bot', 'admin');
    const payload = readFileSync('demo/models/payments.json', 'utf8');
    const imported = await ask('POST', '/api/threat-models/import', JSON.parse(payload));
    assert.equal(imported.status, 200, imported.text);
    const given = {
      provider: 'github',
      config: { baseUrl: simulator.url, owner: 'acme', repo: 'pay', labels: ['threat-model'] },
      credentials: { type: 'token', token },
    };
    await ask('POST', '/api/integrations/connect', given);
    const made = await ask('POST', '/api/integrations', {
      name: 'works',
      filter: { models: ['Payments'] },
      ...given,
    });
    assert.equal(made.status, 201, made.text);
    const url = `/api/integrations/${Made.parse(JSON.parse(made.text)).id}`;
    const told = await house.ask('POST', `${url}/webhook-secret`);
    canaries.add('webhook secret', Told.parse(JSON.parse(told.text)).secret);
    await ask('POST', `${url}/plan`, {});
    await ask('POST', `${url}/sync`, {});
    for (const path of ['', '/status', '/links', '/runs']) await ask('GET', url + path);
  });

  it('goes into every odd request', async () => {
    const secret = canaries.make('a body that is no JSON');
    for (const payload of [
      `{"token":"${secret}"`,
      secret,
      `{"a":"${secret}\u0000"}`,
      `{"__proto__":"${secret}"}`,
    ]) {
      const headers = { ...house.admin, 'content-type': 'application/json' };
      const told = await house.service.app.inject({
        method: 'POST',
        url: '/api/integrations',
        headers,
        payload,
      });
      answers.push(told.body);
      assert.equal(told.statusCode, 400);
    }
    const token = canaries.make('a token that is none');
    for (const authorization of [
      `Bearer ${token}`,
      `Basic ${token}`,
      token,
      `Bearer ${token}.${token}.${token}`,
    ]) {
      const told = await house.service.app.inject({ url: '/api/integrations', headers: { authorization } });
      answers.push(JSON.stringify([told.headers, told.body]));
    }
    const signed = canaries.make('a signature');
    for (const provider of ['github', 'gitlab', 'jira', 'azure_devops']) {
      const told = await house.service.app.inject({
        method: 'POST',
        url: `/webhooks/${provider}/0f8fad5b-d9cb-469f-a165-70867728950e?secret=${signed}`,
        headers: {
          'x-hub-signature-256': signed,
          'x-gitlab-token': signed,
          authorization: `Basic ${signed}`,
        },
        payload: '{}',
      });
      answers.push(told.body);
      assert.equal(told.statusCode, 401);
    }
  });

  it('is found nowhere: no answer, no metric, no line of the log, no row', async (t) => {
    const headers = { authorization: `Bearer ${config.METRICS_TOKEN}` };
    const metrics = await house.service.app.inject({ url: '/metrics', headers });
    assert.equal(metrics.statusCode, 200);
    const found: string[] = [];
    const look = (place: string, text: string): void => {
      for (const field of canaries.in(text)) found.push(`${field} in ${place}: ${text.slice(0, 300)}`);
    };
    look('the metrics', metrics.body);
    for (const each of answers) look('an answer', each);
    for (const line of kept.lines) look('the log', line);
    for (const each of kept.handed) look('what the log was given', each);
    for (const [table, rows] of await dump(house.stage)) look(`the table ${table}`, rows);
    t.diagnostic(`${canaries.size} canaries, looked for in ${canaries.looked} places, ${found.length} found`);
    for (const each of new Set(found.map((text) => text.replace(/\(zq[^)]*\)/, '').slice(0, 250))))
      t.diagnostic(each);
    assert.equal(found.length, 0);
    assert.ok(kept.lines.length > 50 && answers.length > 100, 'much was said');
  });
});
