import assert from 'node:assert/strict';
import { connect as connectTcp, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { SignJWT, generateKeyPair } from 'jose';
import { startGithubSimulator, type GithubSimulator } from '../../simulators/github/index.ts';
import { compose, type Service } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Caller, IntegrationInput } from '../../src/sync/use-cases.ts';
import { QUIET } from '../store/database.ts';
import { authority } from '../transport/certificates.ts';
import { connectProxy } from '../transport/proxy-world.ts';
import { becomes } from './house.ts';
import { dragon } from './import-house.ts';

const HOST = 'git.example.com';
const CALLER: Caller = { tenantId: 'acme', actor: 'ann' };
const company = authority('A company');
const us = company.issue('threats.example.com');

function input(given: Partial<IntegrationInput> = {}): IntegrationInput {
  const baseUrl = `https://${HOST}`;
  return {
    name: 'Company',
    provider: 'github',
    config: { baseUrl, owner: 'acme', repo: 'threats', ca: company.certificate },
    credentials: { type: 'token', token: 'ghp_company', clientCertificate: us },
    autoApply: true,
    syncIntervalMinutes: null,
    ...given,
  };
}

/** TLS in front of a simulator, for those who can show a certificate of the company's. */
async function front(port: number): Promise<{ port: number; server: Server }> {
  const own = company.issue(HOST);
  const asksWho = { requestCert: true, rejectUnauthorized: true, ca: company.certificate };
  const server = createServer({ cert: own.certificate, key: own.key, ...asksWho }, (outside) => {
    const inside: Socket = connectTcp(port, '127.0.0.1');
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
    outside.pipe(inside).pipe(outside);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { port: address.port, server };
}

describe("a tracker in a company's network, behind its proxy and its own authority", () => {
  let github: GithubSimulator;
  let tracker: Awaited<ReturnType<typeof front>>;
  let proxy: Awaited<ReturnType<typeof connectProxy>>;
  let service: Service;

  before(async () => {
    github = await startGithubSimulator({});
    github.world.addUser({ login: 'bot', token: 'ghp_company' });
    github.world.addRepository({ owner: 'acme', name: 'threats', visibility: 'private', admin: ['bot'] });
    tracker = await front(Number(new URL(github.url).port));
    proxy = await connectProxy((target) => (target === `${HOST}:443` ? tracker.port : { status: 403 }));
    const config = readConfig(
      {
        LOG_LEVEL: 'silent',
        TENANCY: 'multi',
        JWT_SECRET: 'f3a1c59d7be2048696fa0d3c1be7a8425910dd6c',
        ENCRYPTION_KEY: '8b1f4c6a03d2e597a64bc8f0175d3e92c0ab46f8d91e7352b80c64fa1d9e2753',
        HTTPS_PROXY: `http://svc:proxy-password@127.0.0.1:${proxy.port}`,
        PROXY_RESOLVES: '.example.com',
        DATA_DIR: 'memory',
        JWT_JWKS_URL: 'https://idp.example.com/keys',
        JWT_ISSUER: 'idp',
        JWT_AUDIENCE: 'us',
        THREAT_MODEL_API_URL: 'https://platform.example.com/api',
      },
      { read: () => assert.fail('no file is named'), keep: () => assert.fail('both secrets are given') },
    );
    service = await compose(config, QUIET);
  });
  after(async () => {
    await service.close();
    tracker.server.close();
    await proxy[Symbol.asyncDispose]();
    await github.close();
  });

  it('is tested, synchronised and shown without what is secret', async () => {
    const { integrations, models, sync, threats } = service.useCases;
    const report = await integrations.connect(CALLER, input());
    assert.deepEqual(
      report.checks.filter(({ outcome }) => outcome === 'failed'),
      [],
    );
    await models.import(CALLER, { bytes: dragon('Payments', [{ id: 't1' }]), asNew: true });
    const made = await integrations.create(CALLER, input());
    await sync.start(CALLER, made.id, {});
    await becomes(() => github.world.issues('acme', 'threats').length, 1);
    assert.equal((await threats.list(CALLER, { limit: 10 })).items.length, 1);
    assert.equal(made.config['ca'], company.certificate);
    assert.ok(!JSON.stringify(await integrations.get(CALLER, made.id)).includes('PRIVATE KEY'));
    assert.ok(proxy.asked.length > 0 && proxy.plain.length === 0);
  });

  it('is not reached without the certificate, nor trusted without the authority', async () => {
    const { config, credentials } = input();
    const { ca: _, ...publicly } = config;
    const { clientCertificate: __, ...alone } = credentials;
    for (const given of [input({ config: publicly }), input({ credentials: alone })]) {
      const { ok } = await service.useCases.integrations.connect(CALLER, given);
      assert.equal(ok, false);
    }
  });

  it('asks for the credentials again when somebody else is to be trusted with them', async () => {
    const { integrations } = service.useCases;
    const [made] = (await integrations.list(CALLER, { limit: 1 })).items;
    assert.ok(made !== undefined);
    const config = { ...made.config, ca: authority('Eve').certificate };
    await assert.rejects(integrations.change(CALLER, made.id, { config }), {
      code: 'credentials-required',
      faults: [{ pointer: '/credentials', detail: 'is required when /config/ca changes' }],
    });
    const { name } = await integrations.change(CALLER, made.id, { name: 'Ours', config: made.config });
    assert.equal(name, 'Ours');
  });

  it("asks for the platform's models and the identity provider's keys on the same way", async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const token = await new SignJWT({ iss: 'idp', aud: 'us' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setExpirationTime('5m')
      .sign(privateKey);
    const headers = { authorization: `Bearer ${token}` };
    const answer = await service.app.inject({ method: 'GET', url: '/api/integrations', headers });
    assert.equal(answer.statusCode, 503);
    assert.ok(!answer.body.includes('proxy-password'));
    await becomes(() => new Set(proxy.asked.map(({ authority: each }) => each)).size, 3);
    assert.deepEqual([...new Set(proxy.asked.map(({ authority: each }) => each))].toSorted(), [
      `${HOST}:443`,
      'idp.example.com:443',
      'platform.example.com:443',
    ]);
  });
});
