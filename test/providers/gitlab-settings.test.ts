import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gitlab } from '../../src/providers/gitlab/index.ts';

const CONFIG = { baseUrl: 'https://gitlab.com/api/v4', projectId: '12345', labels: ['threat-model'] };
const TOKEN = { type: 'token', token: 'glpat-xxxxxxxxxxxx' };
const OAUTH = { type: 'oauth2', clientId: 'app', clientSecret: 'gloas-x', refreshToken: 'r1' };

const at = (baseUrl: string) =>
  gitlab.connect(gitlab.config.parse({ ...CONFIG, baseUrl }), TOKEN).capabilities;

describe('the settings of GitLab', () => {
  it('bring addresses into one form, as people paste them', () => {
    const forms = {
      'https://gitlab.com': 'https://gitlab.com/api/v4',
      'https://gitlab.com/': 'https://gitlab.com/api/v4',
      'https://www.gitlab.com/api/v4/': 'https://gitlab.com/api/v4',
      'https://git.example.com/api': 'https://git.example.com/api/v4',
      'https://git.example.com:8443': 'https://git.example.com:8443/api/v4',
      'https://example.com/gitlab': 'https://example.com/gitlab/api/v4',
      'https://example.com/gitlab/api/v4/': 'https://example.com/gitlab/api/v4',
      'https://example.com/tools/gitlab/api/v4': 'https://example.com/tools/gitlab/api/v4',
    };
    for (const [given, baseUrl] of Object.entries(forms)) {
      const once = gitlab.config.parse({ ...CONFIG, baseUrl: given });
      assert.equal(once['baseUrl'], baseUrl);
      assert.deepEqual(gitlab.config.parse(once), once);
    }
  });

  it('refuse an address of something else, and say the right form', () => {
    for (const baseUrl of [
      'https://gitlab.com/acme/payments',
      'https://git.example.com/acme/payments/-/issues',
      'https://git.example.com/api/v3',
      'https://git.example.com/api/graphql',
      'https://git.example.com/a/b/c/d',
    ]) {
      const { error } = gitlab.config.safeParse({ ...CONFIG, baseUrl });
      assert.match(error?.issues[0]?.message ?? '', /https:\/\/HOST\/api\/v4/, baseUrl);
    }
  });

  it('take a project by its number or its path, and nothing that leads elsewhere', () => {
    const paths = {
      '12345': '12345',
      'acme/payments': 'acme/payments',
      'a%2Fb%2Fc.d': 'a/b/c.d',
      '/a/b/': 'a/b',
    };
    for (const [given, projectId] of Object.entries(paths))
      assert.equal(gitlab.config.parse({ ...CONFIG, projectId: given })['projectId'], projectId);
    for (const projectId of [
      '',
      'payments',
      '../x',
      'a/../b',
      'a//b',
      'a/b?x',
      'a/b#1',
      'https://gitlab.com/a/b',
      '-1',
    ])
      assert.equal(gitlab.config.safeParse({ ...CONFIG, projectId }).success, false, projectId);
  });

  it('take a token or an OAuth grant, and name what is unknown or missing', () => {
    assert.deepEqual(gitlab.credentials.parse(TOKEN), TOKEN);
    assert.deepEqual(gitlab.credentials.parse(OAUTH), OAUTH);
    const { error } = gitlab.credentials.safeParse({ ...OAUTH, refreshToken: undefined, scope: 'api' });
    const paths = error?.issues.map((issue) => ('keys' in issue ? issue.keys : issue.path));
    assert.deepEqual(paths, [['refreshToken'], ['scope']]);
    assert.equal(gitlab.credentials.safeParse({ ...TOKEN, token: 'two words' }).success, false);
  });

  it('never show a credential', () => {
    const token = gitlab.connect(CONFIG, TOKEN);
    assert.deepEqual(token?.sign(), { 'private-token': TOKEN.token });
    assert.equal(token?.renewal, undefined);
    const oauth = gitlab.connect(CONFIG, {
      ...OAUTH,
      accessToken: 'a1',
      expiresAt: '2026-01-01T00:00:00.000Z',
    });
    assert.deepEqual(oauth?.sign(), { authorization: 'Bearer a1' });
    assert.equal(oauth?.renewal?.expiresAt, '2026-01-01T00:00:00.000Z');
    assert.equal(oauth?.renewal?.isRepeatable, false);
    assert.deepEqual(oauth?.renewal?.endpoint.sign(), {});
    assert.doesNotMatch(JSON.stringify([token, oauth]), /glpat-|gloas-|"r1"|"a1"/);
  });

  it('keep the published limits of gitlab.com, and none of a server of one’s own', () => {
    assert.deepEqual(
      [at('https://gitlab.com')?.requestsPerMinute, at('https://gitlab.com')?.createsPerMinute],
      [2000, 200],
    );
    assert.equal(at('https://git.example.com')?.requestsPerMinute, undefined);
  });
});

describe('the pace of GitLab', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const seconds = now.getTime() / 1000;
  const pace = (status: number, headers: Record<string, string>) =>
    gitlab.connect(CONFIG, TOKEN).pace(status, new Headers(headers), '', now);

  it('is what its headers say, by the name of the limit', () => {
    const headers = {
      'ratelimit-limit': '2000',
      'ratelimit-remaining': '1999',
      'ratelimit-reset': String(seconds + 60),
      'ratelimit-name': 'throttle_authenticated_api',
    };
    assert.deepEqual(pace(200, headers), {
      remaining: 1999,
      limit: 2000,
      resetsAt: '2026-01-01T00:01:00.000Z',
      bucket: 'throttle_authenticated_api',
    });
    assert.equal(pace(200, {}), undefined);
    assert.equal(pace(403, {}), undefined);
  });

  it('waits as long as it is told, or until the reset, or a minute', () => {
    assert.equal(pace(429, { 'retry-after': '7' })?.resumeAt, '2026-01-01T00:00:07.000Z');
    assert.equal(
      pace(429, { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' })?.resumeAt,
      '2026-01-01T00:00:09.000Z',
    );
    assert.equal(pace(429, { 'ratelimit-reset': String(seconds + 5) })?.resumeAt, '2026-01-01T00:00:05.000Z');
    assert.equal(pace(429, {})?.resumeAt, '2026-01-01T00:01:00.000Z');
  });
});
