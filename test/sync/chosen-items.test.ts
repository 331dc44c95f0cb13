import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const HOUR_MS = 60 * 60_000;
const people = () => given().github.world;

const planOf = (team: Team) => given().useCases().sync.plan(team.caller, team.integrationId);
const stateOf = async (team: Team) =>
  (await given().useCases().integrations.get(team.caller, team.integrationId)).state;
const creates = ({ items }: Plan) => items.flatMap(({ action, id }) => (action === 'create' ? [id] : []));
const unmet = async (team: Team, run: Parameters<Team['items']>[0]) =>
  (await team.items(run)).flatMap(({ planItemId, reason }) =>
    planItemId === undefined ? [] : [{ id: planItemId, code: reason?.code, message: reason?.message ?? '' }],
  );

/** Two of four issues were made, and the integration does nothing by itself. */
async function triedOut(): Promise<Team> {
  const team = await newTeam(given(), { threats: many(4) });
  const plan = await planOf(team);
  const run = await team.sync({ planId: plan.id, items: creates(plan).slice(0, 2) });
  assert.equal(run.counts.created, 2, run.error?.message);
  await team.settled();
  return team;
}

async function linkItem(team: Team, number: number): Promise<string> {
  return `link:${(await team.link(number)).id}`;
}

describe('chosen items of a plan', () => {
  it('are all that is written, and no consent of a new integration to the rest', async () => {
    const team = await triedOut();
    assert.equal(await stateOf(team), 'new');
    people().close(team.at(1), 'completed');
    await team.passes(2 * HOUR_MS);
    await team.passes(2 * HOUR_MS);
    assert.equal(team.issues().length, 2);
    assert.equal((await team.threat(1)).status, 'identified');
    const status = await given().useCases().integrations.status(team.caller, team.integrationId);
    assert.match(status.summary, /Only chosen items/);
    const run = await team.sync();
    assert.equal(run.state, 'completed');
    await team.settled();
    assert.deepEqual([await stateOf(team), (await team.threat(1)).status], ['active', 'mitigated']);
    await assertConverged(team, 4);
  });

  it('leave the others in a plan that waits for a yes', async () => {
    const team = await newTeam(given(), { threats: many(3) });
    const plan = await planOf(team);
    const run = await team.sync({ planId: plan.id, items: creates(plan).slice(0, 1) });
    assert.equal(run.state, 'needs-confirmation');
    const rest = await team.transact((tx) => tx.plans.get(run.planId ?? ''));
    assert.deepEqual(rest && creates(rest), creates(plan).slice(1));
    assert.deepEqual(await unmet(team, run), []);
    const second = await team.sync({ planId: run.planId });
    assert.deepEqual([second.state, second.counts.created], ['completed', 2]);
    assert.equal(await stateOf(team), 'active');
    await assertConverged(team, 3);
  });

  it('that read otherwise now are not written, and named with what has changed', async () => {
    const team = await triedOut();
    for (const number of [1, 2]) await team.patch(number, { title: `Planned ${number}` });
    await team.settled();
    const plan = await planOf(team);
    const items = [await linkItem(team, 1), await linkItem(team, 2)];
    await team.patch(1, { title: 'Changed since' });
    await team.settled();
    const run = await team.sync({ planId: plan.id, items });
    assert.deepEqual([run.counts.pushed, run.counts.skipped, run.state], [1, 1, 'needs-confirmation']);
    assert.match(team.issue(2).title, /Planned 2/);
    assert.match(team.issue(1).title, /Threat t1/);
    const [only, ...others] = await unmet(team, run);
    assert.deepEqual([only?.id, only?.code, others], [items[0], 'plan-changed', []]);
    assert.match(
      only?.message ?? '',
      /^Changed since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(title.*\): plan again\.$/,
    );
    assert.match(run.waiting ?? '', /plan again/);
    const again = await planOf(team);
    await team.sync({ planId: again.id, items: items.slice(0, 1) });
    assert.match(team.issue(1).title, /Changed since/);
  });

  it('that were not chosen stay unwritten beside those that were', async () => {
    const team = await triedOut();
    for (const number of [1, 2]) await team.patch(number, { title: `Planned ${number}` });
    await team.settled();
    const plan = await planOf(team);
    await team.sync({ planId: plan.id, items: [await linkItem(team, 2)] });
    await team.settled();
    assert.match(team.issue(2).title, /Planned 2/);
    assert.match(team.issue(1).title, /Threat t1/);
  });

  it('whose issue shall not be made any more are named, each with its reason', async () => {
    const team = await newTeam(given(), { threats: many(4) });
    const plan = await planOf(team);
    const threats = await team.transact((tx) => tx.threats.ofModel(team.modelId));
    const idOf = (key: string) =>
      threats.find((each) => each.key.endsWith(key))?.id ?? assert.fail(`there is no ${key}`);
    await team.import(many(3));
    await given().useCases().threats.update(team.caller, idOf('t3'), { severity: 'low' });
    await given().useCases().threats.update(team.caller, idOf('t2'), { title: 'Other words' });
    await team.settled();
    const run = await team.sync({ planId: plan.id });
    assert.deepEqual([run.counts.created, team.issues().length], [1, 1]);
    const said = new Map((await unmet(team, run)).map(({ id, message }) => [id, message]));
    assert.equal(said.size, 3);
    assert.match(
      said.get(`create:${idOf('t4')}`) ?? '',
      /no longer in its model\. Changed since .* plan again/,
    );
    assert.match(said.get(`create:${idOf('t3')}`) ?? '', /severity is "low".* plan again/);
    assert.match(said.get(`create:${idOf('t2')}`) ?? '', /^Changed since .*\(.*title.*\): plan again/);
  });

  it('that were carried out before are said to be done', async () => {
    const team = await newTeam(given(), { threats: many(2) });
    const plan = await planOf(team);
    await team.sync({ planId: plan.id });
    await team.settled();
    const run = await team.sync({ planId: plan.id });
    assert.deepEqual([run.state, run.counts.created], ['completed', 0]);
    assert.deepEqual(
      (await unmet(team, run)).map(({ code }) => code),
      ['already-done', 'already-done'],
    );
  });

  it('stay below a brake that holds the others', async () => {
    const team = await newTeam(given(), { threats: many(4), integration: { limits: { creates: 2 } } });
    const braked = await team.sync();
    assert.equal(braked.state, 'needs-confirmation');
    const plan = await team.transact((tx) => tx.plans.get(braked.planId ?? ''));
    assert.ok(plan !== undefined);
    await team.sync({ planId: plan.id, items: creates(plan).slice(0, 2) });
    await team.settled();
    await team.passes(10 * 60_000);
    assert.equal(team.issues().length, 2);
  });
});

async function refusal(team: Team, request: { planId?: string; items: string[] }): Promise<AppError> {
  const starting = given().useCases().sync.start(team.caller, team.integrationId, request);
  const error = await starting.then(
    () => assert.fail('it was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError);
  assert.equal(error.code, 'unprocessable');
  return error;
}

describe('items that cannot be chosen', () => {
  it('are named: unknown ones, and those with nothing to write', async () => {
    const team = await syncedTeam(given(), { threats: [{ id: 't1' }, { id: 't2', severity: 'Low' }] });
    const plan = await planOf(team);
    const skipped = plan.items.find(({ action }) => action === 'skip')?.id ?? '';
    const idle = plan.items.find(({ action }) => action === 'none')?.id ?? '';
    const { faults, message } = await refusal(team, {
      planId: plan.id,
      items: ['create:nothing', skipped, idle],
    });
    assert.deepEqual(
      faults.map(({ pointer }) => pointer),
      ['/items/0', '/items/1', '/items/2'],
    );
    assert.match(faults[0]?.detail ?? '', /"create:nothing" is no item of plan/);
    assert.match(faults[1]?.detail ?? '', /severity is "low"/);
    assert.match(faults[2]?.detail ?? '', /nothing to write/);
    assert.match(message, /3 of the 3 chosen items/);
  });

  it('are those of no plan', async () => {
    const team = await newTeam(given());
    const { faults } = await refusal(team, { items: ['create:x'] });
    assert.equal(faults[0]?.pointer, '/planId');
    assert.equal(await stateOf(team), 'new');
  });
});
