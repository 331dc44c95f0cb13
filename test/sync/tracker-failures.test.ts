import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { OddAnswer, SeenRequest } from '../../simulators/github/index.ts';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

afterEach(() => given().github.knobs.reset());

function by(team: Team, also: (request: SeenRequest) => boolean = () => true) {
  return (request: SeenRequest): boolean => request.account === team.bot.login && also(request);
}

/** Every request of the team is answered like this until the knobs are turned back. */
function always(team: Team, answer: OddAnswer, also?: (request: SeenRequest) => boolean): void {
  given().github.knobs.next({ match: by(team, also), times: 10_000, answer });
}

const status = (team: Team) => given().useCases().integrations.status(team.caller, team.integrationId);

const isCreate = ({ method, path }: SeenRequest): boolean => method === 'POST' && path.endsWith('/issues');
const isList = ({ method, path }: SeenRequest): boolean => method === 'GET' && path.endsWith('/issues');
const isFirst = ({ method, path }: SeenRequest): boolean => method === 'PATCH' && path.endsWith('/issues/1');

describe('a tracker that asks us to wait', () => {
  for (const [name, answer] of [
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '120' } }],
    [
      'a secondary limit',
      {
        status: 403,
        headers: { 'retry-after': '120' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      },
    ],
  ] as const)
    it(`gets no call inside the stated time after ${name}, and nothing is lost`, async () => {
      const team = await newTeam(given(), { threats: many(3) });
      await team.settled();
      team.forget();
      given().github.knobs.next({ match: by(team, isCreate), skip: 1, answer });
      const { sync } = given().useCases();
      const run = await sync.start(team.caller, team.integrationId, {});
      await team.settled();
      const parked = await sync.run(team.caller, run.id);
      assert.equal(parked.state, 'running');
      assert.match(parked.waiting ?? '', /slow down|lets us go on/);
      assert.equal(team.issues().length, 1);
      assert.ok((await status(team)).rate?.resumeAt !== undefined);
      team.forget();
      await team.passes(MINUTE_MS);
      assert.deepEqual(team.requests(), [], 'a call inside the back-off');
      await team.passes(2 * MINUTE_MS);
      assert.equal((await sync.run(team.caller, run.id)).state, 'completed');
      await assertConverged(team, 3);
    });
});

describe('credentials that are refused', () => {
  it('make the integration ask for new ones, and new ones heal it', async () => {
    const team = await syncedTeam(given());
    given().github.world.revokeToken(team.bot.token);
    const run = await team.sync();
    assert.equal(run.error?.code, 'tracker-unauthorized');
    const before = await status(team);
    assert.deepEqual([before.state, before.health], ['reconnect-needed', 'broken']);
    assert.match(before.summary, /credentials/);
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    assert.equal(team.issue(1).state, 'open');

    const token = `${team.bot.token}-new`;
    given().github.world.addUser({ login: team.bot.login, token });
    await given()
      .useCases()
      .integrations.change(team.caller, team.integrationId, { credentials: { type: 'token', token } });
    await team.passes(MINUTE_MS);
    assert.equal((await status(team)).state, 'active');
    assert.equal(team.issue(1).state, 'closed');
    await assertConverged(team, 1);
  });

  it('heal without anything else to do, too', async () => {
    const team = await syncedTeam(given());
    given().github.world.revokeToken(team.bot.token);
    await team.sync();
    const token = `${team.bot.token}-new`;
    given().github.world.addUser({ login: team.bot.login, token });
    await given()
      .useCases()
      .integrations.change(team.caller, team.integrationId, { credentials: { type: 'token', token } });
    await team.passes(MINUTE_MS);
    assert.equal((await status(team)).state, 'active');
  });

  it('in the middle of a run lose nothing', async () => {
    const team = await newTeam(given(), { threats: many(3) });
    await team.settled();
    given().github.knobs.next({
      match: by(team, isCreate),
      skip: 1,
      answer: { status: 401, body: { message: 'Bad credentials' } },
    });
    const run = await team.sync();
    assert.equal(run.error?.code, 'tracker-unauthorized');
    for (let look = 0; look < 3; look += 1) await team.passes(2 * MINUTE_MS);
    await assertConverged(team, 3);
  });
});

describe('a tracker that answers a sweep with', () => {
  const answers: readonly (readonly [name: string, answer: OddAnswer, code: string | undefined])[] = [
    ['403', { status: 403, body: { message: 'Resource not accessible' } }, 'tracker-forbidden'],
    ['404', { status: 404, body: { message: 'Not Found' } }, 'tracker-not-found'],
    ['410', { status: 410, body: { message: 'Gone' } }, undefined],
    ['422', { status: 422, body: { message: 'Validation Failed' } }, undefined],
    ['500', { status: 500 }, 'tracker-unreachable'],
    ['HTML', 'html', 'tracker-nonsense'],
    ['invalid JSON', 'invalid-json', 'tracker-nonsense'],
    ['a wrong schema', 'wrong-schema', 'tracker-nonsense'],
    ['half of an answer', 'truncated', 'tracker-unreachable'],
    ['nothing', 'reset', 'tracker-unreachable'],
  ];
  for (const [name, answer, code] of answers)
    it(`${name} is classified and shown, deletes nothing, and is retried`, async () => {
      await given().start();
      const team = await syncedTeam(given(), { threats: many(2) });
      always(team, answer);
      const run = await team.sync({ full: true });
      assert.equal(run.state, 'failed');
      if (code !== undefined) assert.equal(run.error?.code, code);
      const shown = await status(team);
      assert.notEqual(shown.health, 'healthy');
      assert.ok(shown.summary.includes(run.error?.message ?? '?'), shown.summary);
      given().github.knobs.reset();
      await given().start();
      await team.passes(HOUR_MS);
      const healed = await status(team);
      assert.equal(healed.health, 'healthy', healed.summary);
      assert.deepEqual(
        (await team.links()).map(({ state, missingSince }) => [state, missingSince]),
        [
          ['linked', undefined],
          ['linked', undefined],
        ],
      );
      await assertConverged(team, 2);
    });
});

describe('a tracker that shows less than there is', () => {
  for (const answer of ['empty-list', 'half-page'] as const)
    it(`(${answer}) is not believed to have deleted anything`, async () => {
      const team = await syncedTeam(given(), { threats: many(2) });
      await team.sync();
      given().github.world.editTitle(team.at(1), 'Edited');
      given().clock.ahead(MINUTE_MS);
      always(team, answer, isList);
      await team.sync();
      given().github.knobs.reset();
      assert.deepEqual(
        (await team.links()).map(({ state }) => state),
        ['linked', 'linked'],
      );
      await team.sync({ full: true });
      assert.equal((await team.link(1)).shown?.title, 'Edited');
      await assertConverged(team, 2);
    });

  it('(issues gone from reading, every one by 404) is not believed, however often', async () => {
    const team = await syncedTeam(given(), { threats: many(10) });
    given().github.knobs.graphql = false;
    always(team, { status: 404, body: { message: 'Not Found' } }, ({ path }) =>
      /\/issues\/(?!10)\d+$/.test(path),
    );
    for (let look = 0; look < 3; look += 1) {
      const run = await team.sync({ full: true });
      const items = await team.items(run);
      assert.equal(items.filter(({ reason }) => reason?.code === 'too-many-gone').length, 9);
      given().clock.ahead(11 * MINUTE_MS);
    }
    assert.ok((await team.links()).every(({ state }) => state === 'linked'));
    assert.notEqual((await status(team)).health, 'healthy');
    given().github.knobs.reset();
    await assertConverged(team, 10);
    assert.equal((await status(team)).health, 'healthy');
  });
});

describe('a write that the tracker refuses', () => {
  it('is shown with its reason, does not hold up the others, and is set aside after eight times', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    always(team, { status: 422, body: { message: 'Validation Failed' } }, isFirst);
    await team.patch(1, { status: 'mitigated' });
    await team.patch(2, { status: 'mitigated' });
    await team.settled();
    assert.equal(team.issue(2).state, 'closed');
    const shown = await status(team);
    assert.equal(shown.health, 'degraded');
    assert.match(shown.problems[0]?.message ?? '', /Validation Failed/);
    for (let look = 0; look < 8; look += 1) await team.passes(HOUR_MS);
    assert.equal((await team.link(1)).state, 'quarantined');
    given().github.knobs.reset();
    await team.sync();
    assert.equal(team.issue(1).state, 'closed');
    await assertConverged(team, 2);
  });
});
