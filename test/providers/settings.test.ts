import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROVIDER_IDS } from '../../src/domain/integration.ts';
import type { Capabilities } from '../../src/ports/tracker.ts';
import { providers } from '../../src/providers/registry.ts';
import { PUBLISHED } from './published.ts';

describe('the settings of a provider', () => {
  for (const id of PROVIDER_IDS) {
    const provider = providers.get(id);
    const { config, credentials } = PUBLISHED[id];

    it(`of ${id} are the published example, letter by letter`, () => {
      assert.deepEqual(provider?.config.parse(config), config);
      assert.deepEqual(provider?.credentials.parse(credentials), credentials);
    });

    it(`of ${id} name a key that is unknown, and a wrong type of credentials`, () => {
      const faults = provider?.config.safeParse({ ...config, colour: 'red' }).error?.issues;
      assert.deepEqual(
        faults?.map((issue) => ('keys' in issue ? issue.keys : [])),
        [['colour']],
      );
      const wrong = provider?.credentials.safeParse({ ...credentials, type: 'magic' }).error?.issues;
      assert.deepEqual(
        wrong?.map((issue) => issue.path),
        [['type']],
      );
    });

    it(`of ${id} refuse addresses that are none`, () => {
      for (const baseUrl of [
        '',
        'github',
        'ftp://x.example',
        'https://a:b@x.example',
        'https://x.example/?a=1',
        'https://x.example/#a',
      ])
        assert.equal(provider?.config.safeParse({ ...config, baseUrl }).success, false, baseUrl);
    });
  }

  it('of github bring addresses into one form, as people paste them', () => {
    const forms = {
      'https://api.github.com/': 'https://api.github.com',
      'https://github.com': 'https://api.github.com',
      'https://www.github.com/': 'https://api.github.com',
      'https://git.example.com': 'https://git.example.com/api/v3',
      'https://git.example.com/api/v3/': 'https://git.example.com/api/v3',
      'https://git.example.com:8443/api': 'https://git.example.com:8443/api/v3',
      'https://acme.ghe.com': 'https://api.acme.ghe.com',
      'https://api.acme.ghe.com': 'https://api.acme.ghe.com',
    };
    for (const [given, baseUrl] of Object.entries(forms)) {
      const once = providers.get('github')?.config.parse({ ...PUBLISHED.github.config, baseUrl: given });
      assert.equal(once?.['baseUrl'], baseUrl);
      assert.deepEqual(providers.get('github')?.config.parse(once), once);
    }
  });

  it('of github refuse an owner or a repository that would lead elsewhere', () => {
    for (const wrong of [
      { repo: '..' },
      { repo: 'a/b' },
      { owner: 'a/b' },
      { owner: '.' },
      { repo: '' },
      { baseUrl: 'https://github.com/acme/repo' },
    ])
      assert.equal(
        providers.get('github')?.config.safeParse({ ...PUBLISHED.github.config, ...wrong }).success,
        false,
      );
  });

  it('of github never show the token', () => {
    const connection = providers
      .get('github')
      ?.connect(PUBLISHED.github.config, PUBLISHED.github.credentials);
    assert.ok(connection);
    assert.equal(connection.sign()['authorization'], 'Bearer ghp_xxxxxxxxxxxx');
    assert.doesNotMatch(JSON.stringify(connection), /ghp_/);
  });

  it('of github keep the published limits of github.com, and none for an Enterprise Server', () => {
    assert.equal(capabilitiesAt('https://api.github.com')?.createsPerMinute, 80);
    assert.equal(capabilitiesAt('https://git.example.com')?.createsPerMinute, undefined);
  });
});

function capabilitiesAt(baseUrl: string): Capabilities | undefined {
  const { config, credentials } = PUBLISHED.github;
  return providers.get('github')?.connect({ ...config, baseUrl }, credentials).capabilities;
}
