import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { JiraSimulator } from '../../simulators/jira/index.ts';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
const COUNT = 12;

const stored = async (team: Team) =>
  (await team.transact((tx) => tx.integrations.get(team.integrationId))) ?? assert.fail('it is gone');
const statusOf = (team: Team) => given().useCases().integrations.status(team.caller, team.integrationId);
const titles = (team: Team) => team.issues().filter(({ title }) => title.includes('Renamed')).length;

async function rename(team: Team): Promise<void> {
  const { threats } = given().useCases();
  for (const { threatId } of await team.links())
    await threats.update(team.caller, threatId, { title: 'Renamed' });
}

/** What every case holds, whatever the tracker. */
async function assertPaused(team: Team): Promise<void> {
  const { refusedWrites } = await stored(team);
  assert.ok((refusedWrites?.retryAt ?? '') > given().clock.now().toISOString(), 'writes pause');
  const { health, summary } = await statusOf(team);
  assert.equal(health, 'degraded');
  assert.match(summary, /refuses what is written .* tried again at .* still read.*permission/s);
  assert.deepEqual(
    (await team.links()).filter(({ state }) => state !== 'linked').map(({ state }) => state),
    [],
  );
}

const world = () => given().github.world;

/** As to a token that may read only. */
function refuse(team: Team): void {
  given().github.knobs.next({
    match: ({ method, path, account }) =>
      account === team.bot.login && method !== 'GET' && path.includes('/issues'),
    times: 10_000,
    answer: { status: 403, body: { message: 'Resource not accessible by personal access token' } },
  });
}

function allow(): void {
  given().github.knobs.reset();
}

describe('GitHub that reads and refuses every write', () => {
  afterEach(allow);

  it('pauses writes after three, while changes there come in', async () => {
    const team = await syncedTeam(given(), { threats: many(COUNT) });
    refuse(team);
    await rename(team);
    await team.settled();
    world().close(team.at(1), 'completed');
    await team.sync({ full: true });
    assert.equal((await team.threat(1)).status, 'mitigated', 'what people do is read');
    await assertPaused(team);
    const tried = team.writes().length;
    assert.ok(tried >= 3 && tried <= 5, `${tried} writes of ${COUNT} were tried`);
  });

  it('tries a single write after each wait, and sets no link aside however long it takes', async () => {
    const team = await syncedTeam(given(), { threats: many(COUNT) });
    refuse(team);
    await rename(team);
    await team.settled();
    for (let hour = 0; hour < 12; hour += 1) {
      team.forget();
      await team.passes(61 * MINUTE_MS);
      assert.equal(team.writes().length, 1, `in hour ${hour}`);
    }
    await assertPaused(team);
    allow();
    await team.passes(61 * MINUTE_MS);
    assert.equal(titles(team), COUNT);
    assert.equal((await statusOf(team)).health, 'healthy');
    await assertConverged(team, COUNT);
  });

  it('is tried again at once after other credentials or settings, and when a person asks', async () => {
    for (const how of ['settings', 'sync'] as const) {
      const team = await syncedTeam(given(), { threats: many(COUNT) });
      refuse(team);
      await rename(team);
      await team.settled();
      await assertPaused(team);
      allow();
      const { integrations } = given().useCases();
      const credentials = { type: 'token', token: team.bot.token };
      if (how === 'settings') await integrations.change(team.caller, team.integrationId, { credentials });
      else await team.sync();
      await team.settled();
      assert.equal(titles(team), COUNT, how);
    }
  });

  it('makes no issues, and none twice', async () => {
    const team = await newTeam(given(), { threats: many(COUNT) });
    refuse(team);
    await team.sync();
    await team.settled();
    const tried = team.writes().filter(({ path }) => path.endsWith('/issues')).length;
    assert.ok(tried <= 4, `${tried} creates were tried`);
    assert.ok((await team.links()).length <= 4, 'the others wait as they were');
    allow();
    await team.passes(61 * MINUTE_MS);
    await team.passes(61 * MINUTE_MS);
    await assertConverged(team, COUNT);
  });

  it('is no matter of one issue: a single one that is refused goes on failing alone', async () => {
    const team = await syncedTeam(given(), { threats: many(COUNT) });
    given().github.knobs.next({
      match: ({ method, path, account }) =>
        account === team.bot.login && method === 'PATCH' && path.endsWith('/issues/1'),
      times: 100,
      answer: { status: 403, body: { message: 'Resource not accessible by personal access token' } },
    });
    await rename(team);
    await team.settled();
    for (let again = 0; again < 4; again += 1) await team.passes(61 * MINUTE_MS);
    assert.equal(titles(team), COUNT - 1);
    assert.equal((await stored(team)).refusedWrites?.retryAt, undefined);
    assert.ok((await team.link(1)).failures > 3);
  });
});

describe('Jira that reads and refuses every write', () => {
  let jira: JiraSimulator;
  before(async () => {
    jira = await startJiraSimulator({ flavour: 'data-center', now: () => given().clock.now() });
  });
  after(() => jira.close());

  it('pauses writes, and goes on when the permission is back', async () => {
    jira.world.addUser({ name: 'bot', admin: true, personalAccessToken: 'pat' });
    jira.world.addUser({ name: 'mona' });
    const { issueTypes } = jira.world.addProject({ key: 'TM', members: ['bot', 'mona'] });
    const team = await newTeam(given(), {
      threats: many(COUNT),
      integration: {
        provider: 'jira',
        config: { baseUrl: jira.url, projectKey: 'TM', issueTypeId: issueTypes['Task'] ?? '' },
        credentials: { type: 'token', token: 'pat' },
      },
    });
    await team.sync();
    await team.settled();
    jira.world.setPermissions('TM', 'bot', ['BROWSE_PROJECTS']);
    await rename(team);
    await team.settled();
    await assertPaused(team);
    for (let hour = 0; hour < 10; hour += 1) await team.passes(61 * MINUTE_MS);
    await assertPaused(team);
    jira.world.setPermissions('TM', 'bot', [
      'BROWSE_PROJECTS',
      'CREATE_ISSUES',
      'EDIT_ISSUES',
      'ADD_COMMENTS',
      'TRANSITION_ISSUES',
    ]);
    await team.passes(61 * MINUTE_MS);
    assert.equal((await statusOf(team)).health, 'healthy');
    assert.ok((await team.links()).every(({ failures }) => failures === 0));
    const plan = await given().useCases().sync.plan(team.caller, team.integrationId);
    assert.equal(plan.counts.unchanged, COUNT);
  });
});
