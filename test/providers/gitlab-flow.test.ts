import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import type { GitlabSimulator } from '../../simulators/gitlab/index.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import { becomes, house } from '../sync/house.ts';
import { newTeam } from '../sync/team.ts';
import type { Team } from '../sync/team.ts';

const THREATS = 12;
const given = house();

async function sync(team: Team): Promise<void> {
  const run = await team.sync({ full: true });
  assert.equal(run.state, 'completed', run.error?.message);
  await team.settled();
}

const statusOf = async (team: Team, iid: number): Promise<string> => (await team.threat(iid)).status;

describe('the whole way to a simulated GitLab and back', () => {
  let gitlab: GitlabSimulator;
  before(async () => {
    const { clock } = given();
    gitlab = await startGitlabSimulator({ now: () => clock.now() });
  });
  after(() => gitlab.close());

  let projects = 0;
  async function newGitlabTeam({
    credentials,
    hooks = true,
  }: { credentials?: object; hooks?: boolean } = {}): Promise<{ team: Team; path: string }> {
    projects += 1;
    const path = `acme/flow-${String(projects)}`;
    const token = `glpat-${String(projects)}`;
    const projectId = gitlab.world.addProject({ path, members: { mona: 'maintainer' } });
    gitlab.world.addProjectToken(path, { token, role: 'maintainer' });
    const team = await newTeam(given(), {
      threats: Array.from({ length: THREATS }, (_, number) => ({ id: `t${String(number)}` })),
      integration: {
        name: path,
        provider: 'gitlab',
        config: {
          baseUrl: gitlab.url,
          projectId: String(projectId),
          labels: ['threat-model'],
          ...(hooks ? { webhookUrl: given().url() } : {}),
        },
        credentials: { ...(credentials ?? { type: 'token', token }) },
      },
    });
    return { team, path };
  }
  function writes(): string[] {
    return gitlab.requests
      .filter(({ method, path }) => method !== 'GET' && !path.startsWith('/oauth'))
      .map(({ method, path }) => `${method} ${path.replace(/^\/projects\/\d+/, '')}`);
  }

  it('makes an issue for each threat with few calls, and a second sync writes nothing', async () => {
    // Without a hook: how many of the issues' own webhooks come back within the run is chance, and so is a look at them.
    const { team, path } = await newGitlabTeam({ hooks: false });
    gitlab.clearRequests();
    await sync(team);
    const issues = gitlab.world.issues(path);
    assert.equal(issues.length, THREATS);
    assert.equal(writes().length, THREATS);
    assert.ok(gitlab.requests.length <= THREATS + 5, `${String(gitlab.requests.length)} calls`);
    assert.ok(issues.every(({ labels }) => labels.includes('threat-model')));
    gitlab.clearRequests();
    await sync(team);
    assert.deepEqual(writes(), []);
    assert.deepEqual(gitlab.world.executedActions(), []);
  });

  it('brings back what people do, by signed webhooks, and carries out what the threats say', async () => {
    const { team, path } = await newGitlabTeam();
    await sync(team);
    const [hook] = gitlab.world.hooks(path);
    assert.ok(hook?.url.includes('/webhooks/gitlab/'));
    gitlab.world.close({ project: path, iid: 1 });
    gitlab.world.addLabel({ project: path, iid: 2 }, 'tm-accepted');
    gitlab.world.close({ project: path, iid: 2 });
    gitlab.world.comment({ project: path, iid: 3 }, 'We look at it.');
    await gitlab.settled();
    await becomes(() => statusOf(team, 1), 'mitigated', 'the threat of the closed issue');
    await becomes(() => statusOf(team, 2), 'accepted', 'the threat of the accepted issue');
    const [delivered] = gitlab.world.hooks(path);
    assert.ok(delivered?.deliveries.every(({ statusCode }) => statusCode === 202 || statusCode === 200));
    gitlab.world.reopen({ project: path, iid: 1 });
    await becomes(() => statusOf(team, 1), 'identified', 'the threat of the reopened issue');
    await team.patch(4, { status: 'mitigated' });
    await team.patch(5, { status: 'transferred', justification: 'insured' });
    await team.settled();
    assert.equal(gitlab.world.issue(path, 4).state, 'closed');
    const transferred = gitlab.world.issue(path, 5);
    assert.deepEqual([transferred.state, transferred.labels.includes('tm-transferred')], ['closed', true]);
    // More than four changes of a status within an hour would wait for a person.
    given().clock.ahead(TIMINGS.brakeWindowMs + 1000);
    await team.patch(5, { status: 'identified' });
    await team.settled();
    const reopened = gitlab.world.issue(path, 5);
    assert.deepEqual([reopened.state, reopened.labels.includes('tm-transferred')], ['opened', false]);
    gitlab.clearRequests();
    await sync(team);
    assert.deepEqual(writes(), []);
  });

  it('believes a deletion only the second time, and lets a moved issue go', async () => {
    const { team, path } = await newGitlabTeam();
    await sync(team);
    const gone = await team.link(1);
    const moved = await team.link(2);
    gitlab.world.addProject({ path: `${path}-other`, members: { mona: 'developer' } });
    gitlab.world.deleteIssue({ project: path, iid: 1 });
    gitlab.world.moveIssue({ project: path, iid: 2 }, `${path}-other`);
    const stateOf = async (id: string): Promise<string | undefined> =>
      (await team.links()).find((link) => link.id === id)?.state;
    await sync(team);
    assert.deepEqual([await stateOf(gone.id), await stateOf(moved.id)], ['linked', 'detached']);
    await team.passes(TIMINGS.missingGapMs + 1000);
    await sync(team);
    assert.equal(await stateOf(gone.id), 'issue-gone');
    assert.equal(gitlab.world.issues(path).length, THREATS - 1);
  });

  it('goes on believing a signed hook when it could not be stored again, until a person adds one by hand', async () => {
    const { team, path } = await newGitlabTeam();
    await sync(team);
    const { integrations } = given().useCases();
    const stored = await team.transact((tx) => tx.integrations.get(team.integrationId));
    const webhook = async () =>
      (await team.transact((tx) => tx.integrations.get(team.integrationId)))?.webhook ?? assert.fail();
    gitlab.knobs.next({
      match: ({ method, path: asked }) => method === 'PUT' && /\/hooks\/\d+$/.test(asked),
      answer: { status: 422, body: { message: 'not now' } },
    });
    await integrations.change(team.caller, team.integrationId, { config: { ...stored?.config } });
    assert.deepEqual([(await webhook()).kind, (await webhook()).scheme], ['failing', 'standard-webhooks']);
    gitlab.world.close({ project: path, iid: 1 });
    await gitlab.settled();
    assert.equal(gitlab.world.hooks(path)[0]?.deliveries.at(-1)?.statusCode, 202);
    await becomes(() => statusOf(team, 1), 'mitigated', 'the threat of the closed issue');

    const bot = gitlab.requests.findLast(({ account }) => account !== undefined)?.account ?? '';
    gitlab.world.setRole(path, bot, 'developer');
    await integrations.change(team.caller, team.integrationId, { config: { ...stored?.config } });
    assert.equal((await webhook()).scheme, 'standard-webhooks');
    const made = await integrations.webhookSecret(team.caller, team.integrationId);
    assert.equal(made.isRegistered, false);
    assert.equal((await webhook()).scheme, undefined);
  });

  it('registers no weaker hook in place of a signed one that was deleted, and says what to do', async () => {
    const { team, path } = await newGitlabTeam();
    await sync(team);
    const project = `${gitlab.url}/api/v4/projects/${encodeURIComponent(path)}`;
    const token = `glpat-${String(projects)}`;
    const id = String(gitlab.world.hooks(path)[0]?.id);
    await fetch(`${project}/hooks/${id}`, { method: 'DELETE', headers: { 'private-token': token } });
    // As a server does that was restored to an older version.
    gitlab.knobs.next({
      match: ({ method, path: asked }) => method === 'POST' && asked.endsWith('/hooks'),
      answer: { status: 201, body: { id: 4711, url: given().url() } },
    });
    await sync(team);
    assert.deepEqual(gitlab.world.hooks(path), []);
    const { webhook } = await given().useCases().integrations.status(team.caller, team.integrationId);
    assert.equal(webhook.state, 'failing');
    assert.match(webhook.detail, /19\.0 or newer, or delete the integration and create it again/);
  });

  it('renews an OAuth access by itself, and asks for a person when the grant is dead', async () => {
    gitlab.world.addOauthApp({ clientId: 'app', clientSecret: 'shh' });
    gitlab.world.grantOauth({ clientId: 'app', username: 'mona', refreshToken: 'first' });
    const oauth = { type: 'oauth2', clientId: 'app', clientSecret: 'shh', refreshToken: 'first' };
    const { team, path } = await newGitlabTeam({ credentials: oauth });
    await sync(team);
    assert.equal(gitlab.world.issues(path).length, THREATS);
    given().clock.ahead(3 * 3_600_000);
    await sync(team);
    gitlab.world.revokeOauth('app', 'mona');
    given().clock.ahead(3 * 3_600_000);
    await team.sync({ full: true });
    const state = async (): Promise<string | undefined> =>
      (await team.transact((tx) => tx.integrations.get(team.integrationId)))?.state;
    await becomes(state, 'reconnect-needed', 'the integration without access');
    assert.equal((await team.links()).length, THREATS);
  });
});
