import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Run } from '../../src/domain/run.ts';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam, syncedTeam, type Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
const people = () => given().github.world;

afterEach(() => given().github.knobs.reset());

/** Takes a run back, and waits for the end of that. */
async function undone(team: Team, run: Pick<Run, 'id'>): Promise<Run> {
  const cases = given().useCases();
  const started = await cases.undo.start(team.caller, run.id);
  return cases.sync.wait(team.caller, started.id, MINUTE_MS);
}

/** The newest run that wrote something, once everything is settled. */
async function lastRun(team: Team): Promise<Run> {
  await team.settled();
  const { integrationId } = team;
  return team.transact(async (tx) => {
    for (const run of (await tx.runs.list({ integrationId, limit: 20 })).items)
      if ((await tx.changes.ofRun(run.id)).length > 0) return run;
    return assert.fail('no run has written anything');
  });
}

const preview = (team: Team, run: Pick<Run, 'id'>) => given().useCases().undo.preview(team.caller, run.id);

const reasons = async (team: Team, run: Run) =>
  (await team.items(run))
    .toSorted((one, other) => Number(one.issueKey) - Number(other.issueKey))
    .map(({ issueKey, outcome, reason }) => [issueKey, outcome, reason?.code]);

describe('the undo of a run', () => {
  it('brings back what the issue said, and the next syncs leave it so', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    const { title } = team.issue(1);
    await team.patch(1, { status: 'mitigated', title: 'Other words' });
    const run = await lastRun(team);
    assert.deepEqual([team.issue(1).state, team.issue(1).title === title], ['closed', false]);
    const seen = await preview(team, run);
    const says = seen.does.map(({ sentence }) => sentence);
    assert.ok(says.includes('The status of issue 1 goes back from "mitigated" to "open".'), says.join(' '));
    assert.deepEqual([seen.leaves, seen.brakes], [[], []]);

    team.forget();
    const undo = await undone(team, run);
    assert.deepEqual([undo.state, undo.trigger, undo.undoes], ['completed', 'undo', run.id]);
    assert.deepEqual([undo.counts.pushed, undo.counts.skipped], [1, 0]);
    assert.deepEqual([team.issue(1).state, team.issue(1).title], ['open', title]);
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.deepEqual((await team.link(1)).fields.status?.kind, 'hold');
    await assertConverged(team, 2);
    assert.equal(team.issue(1).state, 'open');
    const status = await given().useCases().integrations.status(team.caller, team.integrationId);
    assert.deepEqual([status.counts.held, status.health], [1, 'waiting']);
  });

  it('names what it did in the journal', async () => {
    const team = await syncedTeam(given());
    await team.patch(1, { status: 'mitigated' });
    const run = await lastRun(team);
    const undo = await undone(team, run);
    const { history } = await given()
      .useCases()
      .threats.get(team.caller, (await team.threat(1)).id);
    const entry = history.find(({ action }) => action === 'status-undone');
    assert.deepEqual(
      [entry?.runId, entry?.before, entry?.after, entry?.note],
      [undo.id, 'mitigated', 'open', `Undo of run ${run.id}.`],
    );
  });

  it('sets the status of a threat back that a closed issue had changed', async () => {
    const team = await syncedTeam(given());
    people().close(team.at(1), 'completed');
    await team.sync();
    const run = await lastRun(team);
    assert.equal((await team.threat(1)).status, 'mitigated');
    await undone(team, run);
    assert.deepEqual([(await team.threat(1)).status, team.issue(1).state], ['identified', 'closed']);
    await assertConverged(team, 1);
    assert.deepEqual([(await team.threat(1)).status, team.issue(1).state], ['identified', 'closed']);
  });

  it('leaves what people touched since, and does the rest', async () => {
    const team = await syncedTeam(given(), { threats: many(3) });
    await given().useCases().integrations.change(team.caller, team.integrationId, { enabled: false });
    for (const number of [1, 2, 3]) await team.patch(number, { status: 'mitigated' });
    await given().useCases().integrations.change(team.caller, team.integrationId, { enabled: true });
    const run = await lastRun(team);
    people().reopen(team.at(2));
    await team.patch(3, { status: 'accepted' });
    await team.settled();
    const seen = await preview(team, run);
    assert.deepEqual(
      [
        seen.does.map(({ issueKey }) => issueKey),
        seen.leaves
          .toSorted((one, other) => Number(one.issueKey) - Number(other.issueKey))
          .map(({ issueKey, code }) => [issueKey, code]),
      ],
      [
        ['1'],
        [
          ['2', 'issue-changed'],
          ['3', 'both-changed'],
        ],
      ],
    );
    const undo = await undone(team, run);
    assert.deepEqual(await reasons(team, undo), [
      ['1', 'pushed', undefined],
      ['2', 'skipped', 'issue-changed'],
      ['3', 'skipped', 'both-changed'],
    ]);
    assert.equal(team.issue(1).state, 'open');
    assert.equal(team.issue(3).state, 'closed');
  });

  it('closes issues that the run had made, deletes none, and makes none again', async () => {
    const team = await newTeam(given(), { threats: many(3) });
    const run = await team.sync();
    people().editTitle(team.at(2), 'Theirs');
    const undo = await undone(team, run);
    assert.deepEqual([undo.state, undo.counts.pushed, undo.counts.skipped], ['completed', 2, 1]);
    assert.deepEqual(
      team.issues().map(({ state, stateReason: why }) => [state, why]),
      [
        ['closed', 'not_planned'],
        ['open', null],
        ['closed', 'not_planned'],
      ],
    );
    const states = await Promise.all([1, 2, 3].map(async (number) => (await team.link(number)).state));
    assert.deepEqual(states, ['detached', 'linked', 'detached']);
    await team.sync({ full: true });
    assert.equal(team.issues().length, 3);
  });

  it('can be undone: an undo of an undo is the run again', async () => {
    const team = await newTeam(given(), { threats: many(2) });
    const run = await team.sync();
    const undo = await undone(team, run);
    const again = await undone(team, undo);
    assert.deepEqual([again.state, again.undoes, again.counts.pushed], ['completed', undo.id, 2]);
    assert.deepEqual(
      (await team.links()).map(({ state, fields }) => [state, fields]),
      [
        ['linked', {}],
        ['linked', {}],
      ],
    );
    await assertConverged(team, 2);
    assert.ok(team.issues().every(({ state }) => state === 'open'));
  });

  it('does nothing twice, and says so', async () => {
    const team = await syncedTeam(given());
    await team.patch(1, { status: 'mitigated' });
    const run = await lastRun(team);
    const undo = await undone(team, run);
    await assert.rejects(given().useCases().undo.start(team.caller, run.id), { code: 'nothing-to-undo' });
    const seen = await preview(team, run);
    assert.deepEqual([seen.does, seen.leaves.map(({ code }) => code)], [[], ['undone-already']]);
    assert.match(seen.leaves[0]?.message ?? '', new RegExp(undo.id));
    const idle = await team.sync();
    await assert.rejects(given().useCases().undo.start(team.caller, idle.id), { code: 'nothing-to-undo' });
  });
});

describe('a field that is held after an undo', () => {
  it('goes on when a person releases it', async () => {
    const team = await syncedTeam(given());
    await team.patch(1, { status: 'mitigated' });
    await undone(team, await lastRun(team));
    const { id } = await team.link(1);
    const { links, explanations } = given().useCases();
    const { todo, verdict } = await explanations.link(team.caller, id);
    assert.equal(verdict, 'waits-for-person');
    assert.match(todo ?? '', /fields\/status\/release/);
    await assert.rejects(links.release(team.caller, id, 'title'), { code: 'conflict' });
    const released = await links.release(team.caller, id, 'status');
    assert.deepEqual(released.fields, {});
    await team.settled();
    assert.equal(team.issue(1).state, 'closed');
    await assertConverged(team, 1);
  });

  it('goes on when a side changes again', async () => {
    const team = await syncedTeam(given());
    await team.patch(1, { status: 'mitigated' });
    await undone(team, await lastRun(team));
    await team.patch(1, { status: 'accepted' });
    await team.settled();
    assert.deepEqual([team.issue(1).state, (await team.link(1)).fields], ['closed', {}]);
    await assertConverged(team, 1);
  });
});

describe('an undo is refused', () => {
  it('while the run is at work, and for one that is not known', async () => {
    const team = await newTeam(given(), { threats: many(10) });
    await team.settled();
    given().github.knobs.latencyMs = 30;
    const run = await given().useCases().sync.start(team.caller, team.integrationId, {});
    await assert.rejects(given().useCases().undo.start(team.caller, run.id), { code: 'run-in-progress' });
    await given().useCases().sync.wait(team.caller, run.id, MINUTE_MS);
    await assert.rejects(given().useCases().undo.start(team.caller, team.modelId), { code: 'not-found' });
  });

  it('for an integration that is disabled, waits for a yes, or is gone', async () => {
    const team = await syncedTeam(given(), { threats: many(3), integration: { limits: { creates: 3 } } });
    await team.patch(1, { status: 'mitigated' });
    const run = await lastRun(team);
    const { integrations, undo } = given().useCases();
    const refused = (message: RegExp) =>
      assert.rejects(undo.start(team.caller, run.id), { code: 'conflict', message });
    await team.import(many(5));
    await team.settled();
    await refused(/waits for a yes/);
    await integrations.change(team.caller, team.integrationId, { enabled: false });
    await refused(/disabled/);
    await integrations.remove(team.caller, team.integrationId);
    await refused(/deleted/);
    await assert.rejects(preview(team, run), { code: 'conflict' });
  });
});

describe('an undo beside other work', () => {
  it('is braked like any run, and confirmed like any plan', async () => {
    const team = await newTeam(given(), { threats: many(6) });
    const run = await team.sync();
    await team.settled();
    const seen = await preview(team, run);
    assert.match(seen.brakes[0]?.message ?? '', /6 statuses would change/);
    const undo = await undone(team, run);
    assert.equal(undo.state, 'needs-confirmation');
    assert.ok(team.issues().every(({ state }) => state === 'open'));
    const confirmed = await team.sync({ planId: undo.planId });
    assert.deepEqual(
      [confirmed.state, confirmed.trigger, confirmed.undoes, confirmed.counts.pushed],
      ['completed', 'undo', run.id, 6],
    );
    assert.ok(team.issues().every(({ state }) => state === 'closed'));
  });

  it('waits for the run that is at work; a sync that is started meanwhile is one of its own', async () => {
    const team = await syncedTeam(given(), { threats: many(8) });
    await team.patch(1, { title: 'Other words' });
    const run = await lastRun(team);
    given().github.knobs.latencyMs = 30;
    const { sync, undo } = given().useCases();
    const first = await sync.start(team.caller, team.integrationId, { full: true });
    const queued = await undo.start(team.caller, run.id);
    const twin = await undo.start(team.caller, run.id);
    assert.equal(twin.id, queued.id);
    const ended = await sync.wait(team.caller, queued.id, MINUTE_MS);
    assert.notEqual(first.id, queued.id);
    assert.equal(ended.state, 'completed');
    assert.equal((await sync.run(team.caller, first.id)).state, 'completed');
    assert.equal((await team.link(1)).fields.title?.kind, 'hold');
  });

  it('is not joined by a sync', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    await team.patch(1, { title: 'Other words' });
    const run = await lastRun(team);
    given().github.knobs.latencyMs = 50;
    const { sync, undo } = given().useCases();
    const taking = await undo.start(team.caller, run.id);
    const other = await sync.start(team.caller, team.integrationId, {});
    assert.notEqual(other.id, taking.id);
    const joining = await sync.start(team.caller, team.integrationId, {});
    assert.equal(joining.id, other.id);
    for (const { id } of [taking, other])
      assert.equal((await sync.wait(team.caller, id, MINUTE_MS)).state, 'completed');
    assert.equal((await sync.run(team.caller, taking.id)).trigger, 'undo');
  });
});
