import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROVIDER_IDS, type ProviderId } from '../../src/domain/integration.ts';
import type { Provider, Send } from '../../src/ports/tracker.ts';
import { providers } from '../../src/providers/registry.ts';
import { authority } from '../transport/certificates.ts';
import { PUBLISHED } from './published.ts';

const company = authority();
const us = company.issue('threats.example.com');
const them = company.issue('them.example.com');
const never = new AbortController().signal;

function providerOf(id: ProviderId): Provider {
  return providers.get(id) ?? assert.fail(id);
}

describe('trust in the settings', () => {
  for (const id of PROVIDER_IDS) {
    const provider = providerOf(id);
    const { config, credentials } = PUBLISHED[id];
    const isConfig = (ca: string): boolean => provider.config.safeParse({ ...config, ca }).success;
    const isAccess = (clientCertificate: object): boolean =>
      provider.credentials.safeParse({ ...credentials, clientCertificate }).success;

    it(`of ${id} is an authority and a certificate of ours, and the connection has both`, () => {
      const ca = `# Company\n${company.certificate}\n${authority('Another').certificate}`;
      assert.ok(isConfig(ca) && isConfig(ca.replaceAll('\n', '\\n')));
      assert.ok(isAccess(us));
      const connection = provider.connect(
        provider.config.parse({ ...config, ca }),
        provider.credentials.parse({ ...credentials, clientCertificate: us }),
      );
      assert.equal(connection.tls?.ca, ca.trim());
      assert.equal(connection.tls.client?.certificate, us.certificate);
      assert.equal(connection.tls.client.key.reveal(), us.key);
      assert.equal(provider.connect(config, credentials).tls, undefined);
    });

    it(`of ${id} is refused where it is none, and where a key would be shown`, () => {
      for (const ca of [
        '',
        'trust me',
        us.key,
        `${company.certificate}\n${us.key}`,
        broken(company.certificate),
      ])
        assert.equal(isConfig(ca), false, ca);
      for (const pair of [
        { ...us, key: them.key },
        { ...us, key: '' },
        { certificate: us.key, key: us.key },
      ])
        assert.equal(isAccess(pair), false);
      assert.equal(isAccess({ certificate: us.certificate }), false);
    });
  }
});

/** The same length, another content. */
function broken(certificate: string): string {
  return certificate.replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA');
}

const renewed: Send = async () => ({
  status: 200,
  headers: new Headers(),
  text: '',
  json: { access_token: 'new', refresh_token: 'next', expires_in: 3600 },
});

describe('trust where access is renewed', () => {
  const OAUTH = { type: 'oauth2', clientId: 'app', clientSecret: 'shh', refreshToken: 'r1' };
  const PRINCIPAL = {
    type: 'service_principal',
    tenantId: 'acme.test',
    clientId: 'app',
    clientSecret: 'shh',
  };
  const cases = [
    ['gitlab', 'https://git.example.com/api/v4', OAUTH, true],
    ['jira', 'https://your-domain.atlassian.net', OAUTH, false],
    ['azure_devops', 'https://tfs.example.com/tfs', PRINCIPAL, true],
    ['azure_devops', 'https://dev.azure.com', PRINCIPAL, false],
  ] as const;

  for (const [id, baseUrl, access, isSame] of cases)
    it(`of ${id} at ${baseUrl} ${isSame ? 'is that of its server' : 'is not taken elsewhere'}`, async () => {
      const provider = providerOf(id);
      const config = { ...PUBLISHED[id].config, baseUrl, ca: company.certificate };
      const { renewal, tls } = provider.connect(config, { ...access, clientCertificate: us });
      assert.ok(renewal !== undefined && tls !== undefined);
      assert.deepEqual(renewal.endpoint.tls, isSame ? tls : undefined);
      const credentials = await renewal.renew(renewed, new Date(), never);
      assert.deepEqual(credentials['clientCertificate'], us, 'it is kept with the new access');
    });
});
