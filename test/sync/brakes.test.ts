import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const DAY_MS = 24 * 60 * 60_000;
const people = () => given().github.world;

afterEach(() => given().github.knobs.reset());

const states = async (team: Team) =>
  Object.fromEntries(
    [...Map.groupBy(await team.links(), ({ state }) => state)].map(([state, links]) => [state, links.length]),
  );
const stateOf = async (team: Team) =>
  (await team.transact((tx) => tx.integrations.get(team.integrationId)))?.state;

/** People move these issues to a repository of theirs. */
function move(team: Team, numbers: readonly number[]): void {
  const { owner } = team.place;
  const there = { owner, repo: 'elsewhere' };
  const { login } = team.bot;
  people().addRepository({ owner, name: there.repo, visibility: 'private', admin: [login] });
  for (const number of numbers) people().transferIssue(team.at(number), there);
}

const closed = (team: Team) => team.issues().filter(({ state }) => state === 'closed').length;

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('links whose issues were moved to another project', () => {
  it('are let go when they are few', async () => {
    const team = await syncedTeam(given(), { threats: many(8) });
    move(team, upTo(4));
    const run = await team.sync({ full: true });
    assert.equal(run.state, 'completed');
    assert.deepEqual(await states(team), { detached: 4, linked: 4 });
  });

  it('wait for a yes when they are many, and the rest goes on', async () => {
    const team = await syncedTeam(given(), { threats: many(8) });
    move(team, upTo(6));
    await team.patch(8, { title: 'Another' });
    const run = await team.sync({ full: true });
    assert.equal(run.state, 'needs-confirmation');
    assert.match(run.waiting ?? '', /^6 links would be let go/);
    assert.deepEqual(await states(team), { linked: 8 });
    assert.equal(await stateOf(team), 'braked');
    assert.match(team.issue(8).title, /Another/);
    const plan = await given().useCases().sync.plan(team.caller, team.integrationId);
    const detaches = plan.items.filter(({ action }) => action === 'detach');
    assert.equal(detaches.length, 6);
    assert.match(detaches[0]?.movedTo ?? '', /elsewhere/);
    const yes = await team.sync({ planId: run.planId ?? '' });
    assert.equal(yes.state, 'completed', yes.waiting);
    assert.deepEqual(await states(team), { detached: 6, linked: 2 });
  });

  it('stay where a person chose others of the plan', async () => {
    const team = await syncedTeam(given(), { threats: many(8) });
    move(team, upTo(6));
    const { planId = '' } = await team.sync({ full: true });
    const plan = await team.transact((tx) => tx.plans.get(planId));
    const items = (plan?.items ?? []).slice(0, 2).map(({ id }) => id);
    await team.sync({ planId, items });
    assert.deepEqual(await states(team), { detached: 2, linked: 6 });
  });

  it('count for the hour: few and then few more are many', async () => {
    const team = await syncedTeam(given(), { threats: many(12) });
    move(team, upTo(4));
    await team.sync({ full: true });
    for (const number of [5, 6])
      people().transferIssue(team.at(number), { ...team.place, repo: 'elsewhere' });
    const run = await team.sync({ full: true });
    assert.equal(run.state, 'needs-confirmation');
    assert.deepEqual(await states(team), { detached: 4, linked: 8 });
  });
});

describe('issues that would be closed after the grace time', () => {
  const closing = { integration: { mapping: { missing: 'close' as const } } };

  it('wait for a yes when they are many', async () => {
    const team = await syncedTeam(given(), { threats: many(9), ...closing });
    await team.import(many(3));
    await team.settled();
    await team.passes(8 * DAY_MS);
    const run = await team.lastRun();
    assert.equal(run?.state, 'needs-confirmation', 'none is closed by itself');
    assert.match(run?.waiting ?? '', /^6 statuses would change/);
    assert.equal(closed(team), 0);
    const plan = await given().useCases().sync.plan(team.caller, team.integrationId);
    assert.deepEqual([plan.counts.update, plan.brakes.length], [6, 1]);
    const yes = await team.sync({ planId: run?.planId ?? '' });
    assert.deepEqual([yes.state, yes.counts.pushed, closed(team)], ['completed', 6, 6]);
    await team.import(many(9));
    await team.settled();
  });

  it('are closed when they are few, and the run says so', async () => {
    const team = await syncedTeam(given(), { threats: many(9), ...closing });
    await team.import(many(7));
    await team.settled();
    await team.passes(8 * DAY_MS);
    const run = await team.lastRun();
    assert.deepEqual([run?.state, closed(team)], ['completed', 2]);
    await team.import(many(9));
    await team.settled();
    await assertConverged(team, 9);
  });

  it('are tried again when the tracker refuses, and the run says why', async () => {
    const team = await syncedTeam(given(), { threats: many(3), ...closing });
    await team.import(many(2));
    await team.settled();
    const { knobs } = given().github;
    knobs.next({
      match: ({ method, account }) => account === team.bot.login && method === 'PATCH',
      times: 1,
      answer: { status: 422, body: { message: 'Validation Failed' } },
    });
    await team.passes(8 * DAY_MS);
    const run = await team.lastRun();
    assert.deepEqual([run?.counts.failed, team.issue(3).state], [1, 'open']);
    await team.passes(2 * 60 * 60_000);
    assert.equal(team.issue(3).state, 'closed');
  });
});
