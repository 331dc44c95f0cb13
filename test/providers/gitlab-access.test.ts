import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { CheckItem, CheckName, Renewal, Tracker } from '../../src/ports/tracker.ts';
import { gitlab } from '../../src/providers/gitlab/index.ts';
import { openGitlab, PROJECT } from './gitlab-world.ts';
import type { GitlabPlace } from './gitlab-world.ts';

const NEVER = new AbortController().signal;
const OAUTH = { type: 'oauth2', clientId: 'app', clientSecret: 'shh', refreshToken: 'r1' };

describe('the connection test of GitLab', () => {
  let place: GitlabPlace;
  beforeEach(async () => {
    place = await openGitlab();
  });
  afterEach(() => place.close());

  function withToken(token: string): Tracker {
    return place.connect({}, { type: 'token', token }).tracker;
  }
  async function lineOf(name: CheckName, tracker = place.tracker): Promise<CheckItem> {
    const { items } = await tracker.checkup(NEVER);
    const found = items.find((item) => item.name === name);
    assert.ok(found);
    assert.ok(found.outcome === 'ok' || found.remedy !== undefined);
    return found;
  }

  it('is five requests, and all is well with a maintainer’s project token', async () => {
    const { items, bound } = await place.tracker.checkup(NEVER);
    assert.equal(place.simulator.requests.length, 5);
    const unwell = items.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name);
    assert.deepEqual(unwell, ['tls']);
    assert.deepEqual([bound?.projectId, bound?.account], [String(place.projectId), place.bot]);
  });

  it('names the scope that is missing, and those that are too many', async () => {
    const { world } = place.simulator;
    world.addUser({ username: 'reader', token: 'glpat-read', scopes: ['read_api'] });
    world.addUser({ username: 'root', token: 'glpat-sudo', scopes: ['api', 'sudo'] });
    world.addUser({ username: 'fine', token: 'glpat-fine', scopes: ['granular'] });
    world.addUser({ username: 'git', token: 'glpat-git', scopes: ['read_repository'] });
    for (const username of ['reader', 'root', 'fine', 'git']) world.setRole(PROJECT, username, 'developer');
    const outcomes = [];
    for (const token of ['glpat-read', 'glpat-sudo', 'glpat-fine', 'glpat-git'])
      outcomes.push((await lineOf('scopes', withToken(token))).outcome);
    assert.deepEqual(outcomes, ['failed', 'warning', 'warning', 'failed']);
    assert.match((await lineOf('scopes', withToken('glpat-read'))).detail, /read_api.*"api"/);
  });

  it('tells when the token ends', async () => {
    const day = (days: number): string =>
      new Date(place.clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);
    const { world } = place.simulator;
    world.addUser({ username: 'soon', token: 'glpat-soon', expiresAt: day(5) });
    world.addUser({ username: 'late', token: 'glpat-late', expiresAt: day(200) });
    assert.equal((await lineOf('expiry', withToken('glpat-soon'))).outcome, 'warning');
    assert.equal((await lineOf('expiry', withToken('glpat-late'))).outcome, 'ok');
  });

  it('tells what the role allows', async () => {
    const roles = {
      guest: ['warning', 'warning', 'warning'],
      planner: ['ok', 'ok', 'warning'],
      developer: ['ok', 'ok', 'warning'],
      maintainer: ['ok', 'ok', 'ok'],
    } as const;
    for (const role of ['guest', 'planner', 'developer', 'maintainer'] as const) {
      place.simulator.world.setRole(PROJECT, place.bot, role);
      const outcomes = [];
      for (const name of ['create-issues', 'labels', 'webhook'] as const)
        outcomes.push((await lineOf(name)).outcome);
      assert.deepEqual(outcomes, roles[role], role);
    }
  });

  it('tells who may read the issues, which need not be who may see the project', async () => {
    place.simulator.world.setVisibility(PROJECT, 'internal');
    assert.equal((await lineOf('visibility')).outcome, 'ok');
    place.simulator.world.setVisibility(PROJECT, 'public');
    assert.equal((await lineOf('visibility')).outcome, 'warning');
    place.simulator.world.setIssuesAccess(PROJECT, 'private');
    assert.match((await lineOf('visibility')).detail, /members only/);
    assert.equal((await place.tracker.project(NEVER)).visibility, 'private');
  });

  it('fails where nothing could be written', async () => {
    const { tracker } = place.connect({ projectId: 'acme/none' });
    assert.match((await lineOf('project', tracker)).detail, /acme\/none was not found/);
    place.simulator.world.setIssuesAccess(PROJECT, 'disabled');
    assert.equal((await lineOf('create-issues')).outcome, 'failed');
    place.simulator.world.setIssuesAccess(PROJECT, 'enabled');
    place.simulator.world.archive(PROJECT);
    assert.equal((await lineOf('project')).outcome, 'failed');
    assert.equal((await lineOf('create-issues')).outcome, 'failed');
  });

  it('knows a web page from GitLab', async () => {
    place.simulator.knobs.next({ answer: 'html', times: 2 });
    assert.equal((await lineOf('reachable')).outcome, 'failed');
  });
});

describe('an OAuth access to GitLab', () => {
  let place: GitlabPlace;
  beforeEach(async () => {
    place = await openGitlab({ relativeRoot: '/gitlab' });
    const { world } = place.simulator;
    world.setRole(PROJECT, 'mona', 'maintainer');
    world.addOauthApp({ clientId: 'app', clientSecret: 'shh' });
    world.grantOauth({ clientId: 'app', username: 'mona', refreshToken: 'r1' });
  });
  afterEach(() => place.close());

  function renewalOf(credentials: unknown): Renewal {
    const config = { baseUrl: place.simulator.url, projectId: String(place.projectId) };
    const renewal = gitlab.connect(
      gitlab.config.parse(config),
      gitlab.credentials.parse(credentials),
    ).renewal;
    assert.ok(renewal);
    return renewal;
  }
  async function renew(credentials: unknown): Promise<Readonly<Record<string, unknown>>> {
    const renewal = renewalOf(credentials);
    const way = place.open(renewal.endpoint);
    return renewal.renew(way.send, place.clock.now(), NEVER);
  }

  it('is made from the refresh token, which is replaced each time', async () => {
    assert.equal(renewalOf(OAUTH).expiresAt, undefined);
    const first = await renew(OAUTH);
    assert.notEqual(first['refreshToken'], 'r1');
    const end = new Date(place.clock.now().getTime() + 7_200_000).toISOString().slice(0, 16);
    assert.equal(String(first['expiresAt']).slice(0, 16), end);
    assert.equal(renewalOf(first).expiresAt, first['expiresAt']);
    const { tracker } = place.connect({}, first);
    assert.equal((await tracker.project(NEVER)).projectId, String(place.projectId));
    const { items, bound } = await tracker.checkup(NEVER);
    assert.equal(bound?.account, 'mona');
    assert.deepEqual(
      items.filter(({ outcome }) => outcome === 'not-checked').map(({ name }) => name),
      ['scopes', 'expiry'],
    );
    const second = await renew(first);
    assert.notEqual(second['accessToken'], first['accessToken']);
    assert.equal(second['clientSecret'], 'shh');
  });

  it('that is dead asks for a person: a used refresh token, a revoked grant, a wrong secret', async () => {
    const first = await renew(OAUTH);
    await assert.rejects(renew(OAUTH), { code: 'tracker-unauthorized' });
    await assert.rejects(renew({ ...first, clientSecret: 'other' }), { code: 'tracker-unauthorized' });
    place.simulator.world.revokeOauth('app', 'mona');
    await assert.rejects(renew(first), {
      code: 'tracker-unauthorized',
      message: /store the new refresh token/,
    });
  });

  it('is not given up because GitLab does not answer as it should', async () => {
    for (const answer of ['html', 'wrong-schema', { status: 502 }] as const) {
      place.simulator.knobs.next({ answer });
      const attempt = renew(OAUTH);
      await assert.rejects(attempt, ({ code }: { code?: string }) => code !== 'tracker-unauthorized');
    }
    assert.ok(await renew(OAUTH));
  });
});
