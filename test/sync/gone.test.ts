import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, inputOf, newTeam, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const people = () => given().github.world;

afterEach(() => given().github.knobs.reset());

const only = async (team: Team) => (await team.links())[0] ?? assert.fail('there is no link');
const hide = (team: Team, times: number) =>
  given().github.knobs.next({
    match: ({ path, account }) => account === team.bot.login && path.endsWith('/issues/1'),
    times,
    answer: { status: 404, body: { message: 'Not Found' } },
  });

describe('an issue that was deleted', () => {
  it('leaves a tombstone: no second issue, the threat stays as it is, detaching it is for a person', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    people().deleteIssue(team.at(1));
    await team.sync({ full: true });
    const gone = (await team.links()).find(({ state }) => state === 'issue-gone');
    assert.equal(gone?.issue?.key, '1');
    for (let look = 0; look < 2; look += 1) await team.passes(DAY_MS);
    await team.sync({ full: true });
    assert.deepEqual([team.issues().length, team.writes()], [1, []]);
    const threat = await team.transact((tx) => tx.threats.get(gone?.threatId ?? ''));
    assert.equal(threat?.status, 'identified');
    const plan = await given().useCases().sync.plan(team.caller, team.integrationId);
    assert.equal(plan.items.find(({ linkId }) => linkId === gone?.id)?.skip?.code, 'issue-gone');
  });

  it('is believed to be hidden only, until it was not found twice, ten minutes apart', async () => {
    given().github.knobs.graphql = false;
    const team = await syncedTeam(given());
    hide(team, 100);
    await team.sync({ full: true });
    assert.equal((await only(team)).state, 'linked');
    await team.passes(4 * MINUTE_MS);
    await team.sync({ full: true });
    assert.equal((await only(team)).state, 'linked');
    await team.passes(7 * MINUTE_MS);
    assert.equal((await only(team)).state, 'issue-gone');
    given().github.knobs.reset();
    await team.sync({ full: true });
    assert.equal((await only(team)).state, 'linked', 'it is back');
    await assertConverged(team, 1);
  });

  it('is not believed in when it is found again in between', async () => {
    given().github.knobs.graphql = false;
    const team = await syncedTeam(given());
    hide(team, 1);
    await team.sync({ full: true });
    assert.notEqual((await only(team)).missingSince, undefined);
    await team.passes(11 * MINUTE_MS);
    assert.deepEqual([(await only(team)).state, (await only(team)).missingSince], ['linked', undefined]);
    await assertConverged(team, 1);
  });
});

describe('an issue that was transferred', () => {
  it('to another repository is let go: nothing is written to it', async () => {
    const team = await syncedTeam(given());
    const there = { owner: team.place.owner, repo: 'elsewhere' };
    people().addRepository({
      owner: there.owner,
      name: there.repo,
      visibility: 'private',
      admin: [team.bot.login],
    });
    people().transferIssue(team.at(1), there);
    await team.sync({ full: true });
    const link = await only(team);
    assert.equal(link.state, 'detached');
    assert.match(link.stateReason ?? '', /elsewhere/);
    await team.sync({ full: true });
    assert.deepEqual([team.writes(), people().issues(there.owner, there.repo).length], [[], 1]);
  });

  it('with its whole repository, by a new name, stays linked', async () => {
    const team = await syncedTeam(given());
    people().renameRepository(team.place, 'renamed');
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    const run = await team.sync({ full: true });
    assert.equal(run.state, 'completed', run.error?.message);
    assert.equal(people().issue(team.place.owner, 'renamed', 1).state, 'closed');
    assert.equal((await only(team)).state, 'linked');
  });
});

const isLabelled = (team: Team): boolean => team.issue(3).labels.includes('tm-missing');

describe('a threat that has left its model', () => {
  it('is said once with a comment and a label; nothing is closed; it may return', async () => {
    const team = await syncedTeam(given(), { threats: many(3) });
    await team.import(many(2));
    await team.settled();
    await team.sync({ full: true });
    assert.equal((await team.link(3)).state, 'threat-gone');
    assert.equal(team.issue(3).comments.length, 1);
    assert.match(team.issue(3).comments[0]?.body ?? '', /no longer in the threat model/);
    assert.ok(isLabelled(team));
    await team.passes(8 * DAY_MS);
    await team.sync({ full: true });
    assert.deepEqual([team.issue(3).state, team.issue(3).comments.length], ['open', 1]);
    await team.import(many(3));
    await team.settled();
    assert.equal((await team.link(3)).state, 'linked');
    assert.ok(!isLabelled(team));
    await assertConverged(team, 3);
  });

  it('closes its issue after the grace time where the mapping says so, and reopens it on return', async () => {
    const team = await syncedTeam(given(), {
      threats: many(3),
      integration: { mapping: { missing: 'close' } },
    });
    await team.import(many(2));
    await team.settled();
    await team.passes(6 * DAY_MS);
    assert.equal(team.issue(3).state, 'open');
    await team.passes(2 * DAY_MS);
    assert.deepEqual([team.issue(3).state, team.issue(3).stateReason], ['closed', 'not_planned']);
    await team.import(many(3));
    await team.settled();
    assert.equal(team.issue(3).state, 'open');
    assert.equal((await team.link(3)).state, 'linked');
    await assertConverged(team, 3);
  });

  it('with its whole model: nothing is written to its issue', async () => {
    const team = await syncedTeam(given());
    await given().useCases().models.remove(team.caller, team.modelId);
    await team.settled();
    await team.sync({ full: true });
    assert.deepEqual([team.writes(), team.issue(1).state], [[], 'open']);
  });
});

describe('an integration', () => {
  it('that is deleted takes its webhook along and writes nothing more', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    const { integrations } = given().useCases();
    await given().github.settled();
    await team.settled();
    assert.equal(people().hooks(team.place.owner, team.place.repo).length, 1);
    const { id } = await team.threat(1);
    await integrations.remove(team.caller, team.integrationId);
    assert.equal(people().hooks(team.place.owner, team.place.repo).length, 0);
    team.forget();
    await given().useCases().threats.update(team.caller, id, { status: 'mitigated' });
    given().clock.ahead(DAY_MS);
    await sleep(500);
    assert.deepEqual([team.requests(), team.issue(1).state], [[], 'open']);
    await assert.rejects(integrations.get(team.caller, team.integrationId), { code: 'not-found' });
  });

  it('that is made again for the same repository takes the links over, with their past', async () => {
    const team = await syncedTeam(given(), { threats: many(3) });
    const { integrations, sync, conflicts } = given().useCases();
    const before = await team.links();
    const closed = await team.threat(1);
    const { id } = await team.threat(2);
    await integrations.remove(team.caller, team.integrationId);
    people().close(team.at(1), 'completed');
    await given().useCases().threats.update(team.caller, id, { status: 'accepted' });
    const again = await integrations.create(team.caller, inputOf(given(), { ...team, hooks: false }));
    team.forget();
    const run = await sync.start(team.caller, again.id, {});
    assert.equal((await sync.wait(team.caller, run.id, MINUTE_MS)).state, 'completed');
    const after = await team.transact((tx) => tx.links.list({ integrationId: again.id, limit: 10 }));
    assert.deepEqual(
      after.items.map((link) => [link.id, link.state, link.issue?.key]),
      before.map((link) => [link.id, 'linked', link.issue?.key]),
    );
    assert.equal(team.issues().length, 3);
    assert.equal((await team.transact((tx) => tx.threats.get(closed.id)))?.status, 'mitigated');
    assert.deepEqual([team.issue(2).state, team.issue(2).labels.includes('tm-accepted')], ['closed', true]);
    assert.deepEqual((await conflicts.list(team.caller, { limit: 10, state: 'open' })).items, []);
  });

  for (const end of ['disabled', 'deleted'] as const)
    it(`that is ${end} in the middle of a run makes at most one more write`, async () => {
      const team = await newTeam(given(), { threats: many(20) });
      await team.settled();
      const { integrations, sync } = given().useCases();
      given().github.knobs.latencyMs = 40;
      const run = await sync.start(team.caller, team.integrationId, {});
      while (team.issues().length < 3) await sleep(5);
      if (end === 'disabled') await integrations.change(team.caller, team.integrationId, { enabled: false });
      else await integrations.remove(team.caller, team.integrationId);
      const made = team.issues().length;
      given().github.knobs.reset();
      await sleep(500);
      assert.ok(team.issues().length <= made + 1, `${team.issues().length - made} more`);
      if (end === 'deleted') return;
      const [item] = (await sync.runs(team.caller, team.integrationId, { limit: 1 })).items;
      assert.deepEqual([item?.id, item?.state], [run.id, 'cancelled']);
      await integrations.change(team.caller, team.integrationId, { enabled: true });
      await team.sync();
      await team.passes(MINUTE_MS);
      await team.passes(MINUTE_MS);
      await assertConverged(team, 20);
    });
});
