import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCloud, JiraConfig, JiraCredentials } from '../../src/providers/jira/settings.ts';
import { connectJira } from './jira-world.ts';

function rootOf(baseUrl: string): string | undefined {
  return JiraConfig.safeParse({ baseUrl, projectKey: 'TM', issueTypeId: '10001' }).data?.baseUrl;
}

const GATEWAY = 'https://api.atlassian.com/ex/jira/3f1b2c4d-0a1b-4c2d-8e3f-9a8b7c6d5e4f';

describe('the address of a Jira', () => {
  it('is taken as people paste it', () => {
    const pasted = {
      'https://acme.atlassian.net': 'https://acme.atlassian.net',
      'https://acme.atlassian.net/': 'https://acme.atlassian.net',
      'https://ACME.atlassian.net/jira/software/projects/TM/boards/1': 'https://acme.atlassian.net',
      'https://acme.atlassian.net/browse/TM-1': 'https://acme.atlassian.net',
      'https://acme.atlassian.net/rest/api/3': 'https://acme.atlassian.net',
      [`${GATEWAY}/`]: GATEWAY,
      [`${GATEWAY}/rest/api/3`]: GATEWAY,
      'https://jira.example.com': 'https://jira.example.com',
      'https://jira.example.com/rest/api/2/': 'https://jira.example.com',
      'https://example.com/jira': 'https://example.com/jira',
      'https://example.com/jira/browse/TM-1': 'https://example.com/jira',
      'https://example.com/jira/secure/Dashboard.jspa': 'https://example.com/jira',
      'https://example.com/projects/TM': 'https://example.com',
    };
    for (const [address, root] of Object.entries(pasted)) assert.equal(rootOf(address), root, address);
  });

  it('is refused where it cannot be one, with the right form', () => {
    for (const address of ['https://api.atlassian.com', 'https://api.atlassian.com/ex/jira', 'acme', '']) {
      const parsed = JiraConfig.safeParse({ baseUrl: address, projectKey: 'TM', issueTypeId: '1' });
      assert.equal(parsed.success, false, address);
    }
    const { error } = JiraConfig.safeParse({
      baseUrl: 'https://api.atlassian.com',
      projectKey: 'TM',
      issueTypeId: '1',
    });
    assert.match(error?.issues[0]?.message ?? '', /api\.atlassian\.com\/ex\/jira\/CLOUD-ID/);
  });

  it('tells Cloud from Data Center', () => {
    for (const cloud of ['https://acme.atlassian.net', GATEWAY]) assert.ok(isCloud(new URL(cloud)), cloud);
    for (const own of [
      'https://jira.example.com',
      'https://atlassian.net.example.com',
      'https://e.example/jira',
    ])
      assert.ok(!isCloud(new URL(own)), own);
  });
});

describe('the credentials of a Jira', () => {
  it('are e-mail and API token, a personal access token, or an app', () => {
    const app = { type: 'oauth2', clientId: 'c', clientSecret: 's', refreshToken: 'r' };
    for (const good of [
      { type: 'basic', username: 'email@domain.com', password: 'api-token' },
      { type: 'token', token: 'pat' },
      app,
    ])
      assert.deepEqual(JiraCredentials.parse(good), good);
    const stored = { ...app, accessToken: 'a', accessExpiresAt: '2026-11-22T10:00:00.000Z', cloudId: 'x-1' };
    assert.deepEqual(JiraCredentials.parse(stored), stored);
    const unknown = JiraCredentials.safeParse({ ...app, colour: 'red' }).error?.issues[0];
    assert.deepEqual(unknown && 'keys' in unknown ? unknown.keys : [], ['colour']);
  });

  it('sign every request, and are written nowhere else', () => {
    const basic = connectJira('https://acme.atlassian.net', {
      type: 'basic',
      username: 'me@e.example',
      password: 'p',
    });
    assert.equal(basic.sign()['authorization'], `Basic ${Buffer.from('me@e.example:p').toString('base64')}`);
    const pat = connectJira('https://jira.example.com/jira', { type: 'token', token: 'pat-secret' });
    assert.equal(pat.sign()['authorization'], 'Bearer pat-secret');
    assert.ok(!JSON.stringify(pat).includes('pat-secret'));
  });

  it('of an app lead to the gateway, once its cloud id is known', () => {
    const app = { type: 'oauth2', clientId: 'c', clientSecret: 's', refreshToken: 'r', accessToken: 'a' };
    const before = connectJira('https://acme.atlassian.net', app);
    assert.equal(before.renewal?.endpoint.host, 'api.atlassian.com');
    assert.equal(before.renewal.expiresAt, undefined);
    const known = connectJira('https://acme.atlassian.net', { ...app, cloudId: '3f1b' });
    assert.equal(known.apiRoot.href, 'https://api.atlassian.com/ex/jira/3f1b');
    assert.equal(known.host, 'acme.atlassian.net');
    assert.equal(known.renewal?.endpoint.host, 'auth.atlassian.com');
    assert.equal(known.webhookSecret?.reveal(), 's');
  });

  it('keep issues of two sites behind one gateway apart', () => {
    const credentials = { type: 'basic', username: 'me@e.example', password: 'p' };
    assert.equal(connectJira(GATEWAY, credentials).host, GATEWAY.replace('https://', ''));
  });
});
