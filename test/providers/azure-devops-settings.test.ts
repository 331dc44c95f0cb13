import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { azureDevops } from '../../src/providers/azure-devops/index.ts';

const CONFIG = {
  baseUrl: 'https://dev.azure.com',
  organization: 'acme',
  project: 'Web Shop',
  workItemType: 'User Story',
};
const TOKEN = { type: 'token', token: 'pat' };
const PRINCIPAL = {
  type: 'service_principal',
  tenantId: '11111111-2222-3333-4444-555555555555',
  clientId: 'app',
  clientSecret: 'shh',
};

function rootOf(config: object, credentials: unknown = TOKEN): string | undefined {
  return azureDevops.connect({ ...CONFIG, ...config }, credentials).apiRoot.href;
}

function signed(credentials: unknown): unknown {
  return azureDevops.connect(CONFIG, credentials).sign();
}

function hostOf(config: object): string | undefined {
  return azureDevops.connect({ ...CONFIG, ...config }, TOKEN).host;
}

describe('the settings of Azure DevOps', () => {
  it('bring addresses into one form, as people paste them', () => {
    const forms = {
      'https://dev.azure.com/': 'https://dev.azure.com/acme',
      'https://dev.azure.com/acme': 'https://dev.azure.com/acme',
      'https://dev.azure.com/ACME/Web%20Shop': 'https://dev.azure.com/acme',
      'https://dev.azure.com/acme/Web%20Shop/_workitems/edit/1': 'https://dev.azure.com/acme',
      'https://acme.visualstudio.com': 'https://dev.azure.com/acme',
      'https://acme.visualstudio.com/DefaultCollection/Web%20Shop/_boards': 'https://dev.azure.com/acme',
      'https://ado.example.com/tfs': 'https://ado.example.com/tfs/acme',
      'https://ado.example.com:8443/tfs/acme/': 'https://ado.example.com:8443/tfs/acme',
      'https://ado.example.com/tfs/acme/Web%20Shop/_apis': 'https://ado.example.com/tfs/acme',
      'https://ado.example.com/acme': 'https://ado.example.com/acme',
      'https://ado.example.com': 'https://ado.example.com/acme',
    };
    for (const [baseUrl, root] of Object.entries(forms)) {
      assert.equal(rootOf({ baseUrl }), root, baseUrl);
      const once = azureDevops.config.parse({ ...CONFIG, baseUrl });
      assert.deepEqual(azureDevops.config.parse(once), once);
    }
  });

  it('refuse an address of something else, and say the right form', () => {
    for (const baseUrl of [
      'https://dev.azure.com/other',
      'https://other.visualstudio.com',
      'https://acme.visualstudio.com/elsewhere',
      'https://ado.example.com/tfs/Other',
      'https://ado.example.com/a/b/c',
    ]) {
      const { error } = azureDevops.config.safeParse({ ...CONFIG, baseUrl });
      assert.match(error?.issues[0]?.message ?? '', /https:\/\/HOST\/tfs/, baseUrl);
      assert.deepEqual(error?.issues[0]?.path, ['baseUrl']);
    }
  });

  it('take names that are one step of a path only', () => {
    for (const key of ['organization', 'project'])
      for (const name of ['', '..', '.', 'a/b', 'a?b', 'a#b', 'a%2fb', 'https://x'])
        assert.equal(azureDevops.config.safeParse({ ...CONFIG, [key]: name }).success, false, name);
    for (const workItemType of ['', '../x', 'a/b'])
      assert.equal(azureDevops.config.safeParse({ ...CONFIG, workItemType }).success, false);
  });

  it('take a token or an application, and name an unknown key', () => {
    assert.deepEqual(azureDevops.credentials.parse(PRINCIPAL), PRINCIPAL);
    for (const wrong of [
      { ...PRINCIPAL, colour: 'red' },
      { ...TOKEN, colour: 'red' },
      { ...PRINCIPAL, tenantId: '../x' },
      { type: 'basic', username: 'a', password: 'b' },
    ])
      assert.equal(azureDevops.credentials.safeParse(wrong).success, false);
  });

  it('sign as each kind of credentials wants it, and never let a redirect hide a refusal', () => {
    assert.deepEqual(signed(TOKEN), {
      authorization: `Basic ${btoa(':pat')}`,
      'x-tfs-fedauthredirect': 'Suppress',
    });
    assert.deepEqual(signed({ ...PRINCIPAL, accessToken: 'eyJ' }), {
      authorization: 'Bearer eyJ',
      'x-tfs-fedauthredirect': 'Suppress',
    });
  });

  it('renew the access of an application at Entra ID', () => {
    const connection = azureDevops.connect(CONFIG, PRINCIPAL);
    assert.equal(connection?.renewal?.endpoint.apiRoot.href, 'https://login.microsoftonline.com/');
    assert.equal(connection.renewal.isRepeatable, true);
    assert.equal(azureDevops.connect(CONFIG, TOKEN).renewal, undefined);
  });

  it('count work items by organization, whose numbers are its own', () => {
    assert.equal(hostOf({}), 'dev.azure.com/acme');
    assert.equal(hostOf({ organization: 'ACME' }), 'dev.azure.com/acme');
    assert.notEqual(hostOf({ organization: 'other' }), hostOf({}));
  });
});
