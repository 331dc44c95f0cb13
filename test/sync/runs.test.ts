import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../../src/domain/run.ts';
import type { TenantStore } from '../../src/ports/store.ts';
import { house } from './house.ts';
import { dragon, many } from './import-house.ts';
import { assertConverged, inputOf, newTeam, syncedTeam } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const people = () => given().github.world;

afterEach(() => given().github.knobs.reset());

describe('a new integration', () => {
  it('reads and plans, and writes to neither side before the first sync', async () => {
    const team = await newTeam(given(), { threats: many(2), hooks: true });
    await team.passes(2 * HOUR_MS);
    const plan = await given().useCases().sync.plan(team.caller, team.integrationId);
    assert.equal(plan.counts.create, 2);
    assert.deepEqual([team.issues().length, await team.links()], [0, []]);
    assert.equal((await given().useCases().integrations.get(team.caller, team.integrationId)).state, 'new');
    const run = await team.sync();
    assert.equal(run.counts.created, 2);
    assert.equal(
      (await given().useCases().integrations.get(team.caller, team.integrationId)).state,
      'active',
    );
    await assertConverged(team, 2);
  });

  it('with autoApply needs no yes', async () => {
    const team = await newTeam(given(), { threats: many(2), integration: { autoApply: true } });
    await team.settled();
    assert.equal(team.issues().length, 2);
    await assertConverged(team, 2);
  });
});

describe('a plan that was approved', () => {
  it('writes exactly its steps: what came later waits for the next run', async () => {
    const team = await syncedTeam(given(), { threats: many(3), integration: { limits: { creates: 3 } } });
    await team.patch(1, { severity: 'high', description: 'The first change.' });
    await team.settled();
    const { sync } = given().useCases();
    // Four more would be too many in an hour, so that they wait for a plan to be approved.
    await team.import(many(5));
    await team.settled();
    const plan = await sync.plan(team.caller, team.integrationId);
    assert.equal(plan.counts.create, 2);
    await team.import(many(7));
    await team.settled();
    assert.equal(team.issues().length, 3);
    const run = await team.sync({ planId: plan.id });
    assert.equal(run.counts.created, 2);
    assert.equal(team.issues().length, 5);
    await team.settled();
    assert.equal(team.issues().length, 5, 'the two later ones are braked still');
  });

  it('does not write a step whose values have changed since', async () => {
    const team = await syncedTeam(given());
    const { sync, threats, integrations } = given().useCases();
    const { id } = await team.threat(1);
    await integrations.change(team.caller, team.integrationId, { enabled: false });
    await threats.update(team.caller, id, { title: 'First' });
    const plan = await sync.plan(team.caller, team.integrationId);
    assert.equal(plan.counts.update, 1);
    await threats.update(team.caller, id, { title: 'Second' });
    given().github.knobs.latencyMs = 300;
    await integrations.change(team.caller, team.integrationId, { enabled: true });
    const run = await team.sync({ planId: plan.id });
    assert.ok(['completed', 'needs-confirmation'].includes(run.state));
    assert.notEqual(team.issue(1).title, 'Threat: First (API)');
  });

  it('is refused when the mapping has changed since', async () => {
    const team = await newTeam(given());
    const { sync, integrations } = given().useCases();
    const plan = await sync.plan(team.caller, team.integrationId);
    await integrations.change(team.caller, team.integrationId, { mapping: { missing: 'close' } });
    await assert.rejects(sync.start(team.caller, team.integrationId, { planId: plan.id }), {
      code: 'plan-outdated',
    });
  });
});

describe('a second sync', () => {
  it('joins the one that is going on, which makes one more pass', async () => {
    const team = await newTeam(given(), { threats: many(15) });
    await team.settled();
    given().github.knobs.latencyMs = 30;
    const { sync } = given().useCases();
    const first = await sync.start(team.caller, team.integrationId, {});
    while (team.issues().length < 2) await sleep(5);
    const second = await sync.start(team.caller, team.integrationId, {});
    assert.equal(second.id, first.id);
    const run = await sync.wait(team.caller, first.id, MINUTE_MS);
    assert.deepEqual([run.state, run.passes, run.counts.created], ['completed', 2, 15]);
    await assertConverged(team, 15);
  });
});

describe('a brake', () => {
  it('stops more than 50 creates in an hour before the first, until a person confirms as many', async () => {
    const team = await newTeam(given(), { threats: many(51) });
    const run = await team.sync();
    assert.equal(run.state, 'needs-confirmation');
    assert.equal(team.issues().length, 0);
    const status = await given().useCases().integrations.status(team.caller, team.integrationId);
    assert.deepEqual([status.state, status.health], ['braked', 'waiting']);
    assert.match(status.summary, /51 new issues/);
    await team.passes(10 * MINUTE_MS);
    assert.equal(team.issues().length, 0);
    const confirmed = await team.sync({ confirm: { creates: 51 } });
    assert.deepEqual([confirmed.state, confirmed.counts.created], ['completed', 51]);
    await assertConverged(team, 51);
  });

  it('counts over an hour, not a run', async () => {
    const team = await syncedTeam(given(), { threats: many(3), integration: { limits: { creates: 4 } } });
    await team.import(many(5));
    await team.settled();
    assert.equal(team.issues().length, 3);
    assert.equal((await team.lastRun())?.state, 'needs-confirmation');
    await team.passes(2 * HOUR_MS);
    assert.equal(team.issues().length, 5, 'an hour later it is no flood any more');
    await assertConverged(team, 5);
  });

  it('stops statuses that turn all at once; everything else goes on; a person confirms the plan', async () => {
    const team = await syncedTeam(given(), { threats: many(8) });
    for (let number = 1; number <= 6; number += 1) people().close(team.at(number), 'completed');
    people().editTitle(team.at(8), 'Theirs');
    const run = await team.sync();
    assert.equal(run.state, 'needs-confirmation');
    assert.equal((await team.threat(1)).status, 'identified');
    assert.equal((await team.link(8)).fields.title?.kind, 'released');
    const confirmed = await team.sync({ planId: run.planId });
    assert.equal(confirmed.counts.pulled, 6);
    for (let number = 1; number <= 6; number += 1)
      assert.equal((await team.threat(number)).status, 'mitigated');
  });
});

describe('who else may read the issues', () => {
  it('decides whether any are made: a public project is refused', async () => {
    const team = await newTeam(given(), { visibility: 'public' });
    const run = await team.sync();
    assert.deepEqual([run.state, run.error?.code], ['failed', 'project-public']);
    assert.equal(team.issues().length, 0);
    const { integrations } = given().useCases();
    await integrations.change(team.caller, team.integrationId, { allowPublic: true });
    await team.sync();
    await assertConverged(team, 1);
  });

  it('pauses the integration when the project turns public, and lets it go on when it is private again', async () => {
    const team = await syncedTeam(given());
    people().setVisibility(team.place, 'public');
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    const status = await given().useCases().integrations.status(team.caller, team.integrationId);
    assert.deepEqual([status.state, status.health], ['paused', 'broken']);
    assert.match(status.summary, /public/);
    assert.deepEqual(team.writes(), []);
    people().setVisibility(team.place, 'private');
    await team.passes(HOUR_MS);
    assert.equal(team.issue(1).state, 'closed');
    await assertConverged(team, 1);
  });

  it("stops at another project that took the old one's name", async () => {
    const team = await syncedTeam(given());
    people().renameRepository(team.place, 'moved-on');
    people().addRepository({
      owner: team.place.owner,
      name: team.place.repo,
      visibility: 'private',
      admin: [team.bot.login],
    });
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    assert.equal((await team.lastRun())?.error?.code, 'project-taken');
    assert.deepEqual(team.writes(), []);
    assert.equal(team.issues().length, 0);
  });
});

describe('a second integration of a tenant', () => {
  it('must choose its models, and leaves alone what the first has linked', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    const { integrations, models, sync } = given().useCases();
    const place = { owner: team.place.owner, repo: 'second' };
    people().addRepository({
      owner: place.owner,
      name: place.repo,
      visibility: 'private',
      admin: [team.bot.login],
    });
    const input = inputOf(given(), { place, bot: team.bot });
    const second = await integrations.create(team.caller, input);
    await assert.rejects(sync.plan(team.caller, second.id), { code: 'models-not-chosen' });
    const run = await sync.start(team.caller, second.id, {});
    await sync.wait(team.caller, run.id, MINUTE_MS);
    assert.equal(people().issues(place.owner, place.repo).length, 0);
    const { model } = await models.import(team.caller, { bytes: dragon('Other', many(1)), asNew: true });
    await integrations.change(team.caller, second.id, { filter: { models: [team.modelId, model.id] } });
    const plan = await sync.plan(team.caller, second.id);
    assert.deepEqual([plan.counts.create, plan.counts.skip], [1, 2]);
    assert.ok(plan.items.some(({ skip }) => skip?.code === 'linked-elsewhere'));
    await integrations.change(team.caller, second.id, { filter: { alsoLinked: true } });
    // An active integration makes what is new by itself; how far it has got by now is chance.
    const planned = (await sync.plan(team.caller, second.id)).counts.create;
    assert.ok(planned + people().issues(place.owner, place.repo).length >= 3, String(planned));
  });
});

describe('a sync that joins a run', () => {
  it('gets what it asked for, also in the moment before the run begins', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    const { sync } = given().useCases();
    const store = given().shared();
    let joined: string | undefined;
    const tenant = (tenantId: string): TenantStore => ({
      tenantId,
      transact: async (work) => {
        let inserted = false;
        const result = await store.tenant(tenantId).transact((tx) => {
          const insert = (run: Run): Promise<void> => {
            inserted = true;
            return tx.runs.insert(run);
          };
          return work({ ...tx, runs: { ...tx.runs, insert } });
        });
        // Queued is the run, and not begun: right now somebody asks for a full sync.
        if (inserted) joined = (await sync.start(team.caller, team.integrationId, { full: true })).id;
        return result;
      },
    });
    await given().stop();
    await team.transact(async (tx) => {
      const [link] = await tx.links.idsOf(team.integrationId, ['linked']);
      await tx.dirty.mark(team.integrationId, [{ linkId: link ?? '', reason: 'threat' }]);
      await tx.integrations.wake(team.integrationId);
    });
    await given().start({ store: { ...store, tenant } });
    await team.settled();
    const run = await team.lastRun();
    assert.equal(run?.id, joined);
    assert.deepEqual([run?.full, run?.trigger, run?.counts.unchanged], [true, 'manual', 2]);
    await given().start();
  });
});
