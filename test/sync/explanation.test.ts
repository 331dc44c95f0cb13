import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { inputOf, newTeam, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const people = () => given().github.world;
const HOUR_MS = 60 * 60_000;

afterEach(() => given().github.knobs.reset());

const why = async (team: Team, number: number) =>
  given()
    .useCases()
    .explanations.link(team.caller, (await team.link(number)).id);
const whyNot = async (team: Team, key: string, integrationId = team.integrationId) => {
  const threats = await team.transact((tx) => tx.threats.ofModel(team.modelId));
  const threat = threats.find((each) => each.key.endsWith(key)) ?? assert.fail(`there is no ${key}`);
  return given().useCases().explanations.threat(team.caller, threat.id, integrationId);
};
const sentences = ({ facts }: Awaited<ReturnType<typeof why>>, about: string) =>
  facts.filter((fact) => fact.about === about).map(({ sentence }) => sentence);

describe('why is this pair in sync, or not?', () => {
  it('it is: with the run, the rules and the next look', async () => {
    const team = await syncedTeam(given());
    team.forget();
    const explained = await why(team, 1);
    assert.equal(explained.verdict, 'in-sync', explained.summary);
    assert.equal(explained.issue?.key, '1');
    assert.match(sentences(explained, 'run')[0] ?? '', /says "created"/);
    assert.equal(sentences(explained, 'rule').length, 3);
    assert.match(sentences(explained, 'next')[0] ?? '', /asked for changes on/);
    assert.deepEqual(team.requests(), [], 'no tracker is asked');
  });

  it('a delivery that named it is told', async () => {
    const team = await syncedTeam(given(), { hooks: true });
    people().editTitle(team.at(1), 'Theirs');
    await given().github.settled();
    await team.settled();
    const explained = await why(team, 1);
    assert.match(sentences(explained, 'delivery')[0] ?? '', /\("issues\.edited", /);
    assert.match(sentences(explained, 'field')[0] ?? '', /The title belongs to people/);
    assert.equal(explained.verdict, 'in-sync');
  });

  it('a conflict waits for a person, with both values', async () => {
    const team = await syncedTeam(given());
    const { integrations, threats } = given().useCases();
    const { id } = await team.threat(1);
    await integrations.change(team.caller, team.integrationId, { enabled: false });
    await threats.update(team.caller, id, { status: 'accepted' });
    people().close(team.at(1), 'completed');
    assert.match((await why(team, 1)).summary, /disabled/);
    await integrations.change(team.caller, team.integrationId, { enabled: true });
    await team.sync({ full: true });
    await team.settled();
    const explained = await why(team, 1);
    assert.equal(explained.verdict, 'waits-for-person');
    assert.match(explained.summary, /threat says "accepted", the issue "mitigated"/);
    const [conflict] = (await given().useCases().conflicts.list(team.caller, { limit: 1 })).items;
    assert.ok(explained.todo?.includes(conflict?.id ?? '?'));
  });

  it('a refused write fails, with the count and the next try, until it is set aside', async () => {
    const team = await syncedTeam(given());
    given().github.knobs.next({
      match: ({ method, path }) => method === 'PATCH' && path.endsWith('/issues/1'),
      times: 10_000,
      answer: { status: 422, body: { message: 'Validation Failed' } },
    });
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    const failing = await why(team, 1);
    assert.equal(failing.verdict, 'failing');
    assert.match(failing.summary, /1 of 8\).*Validation Failed/);
    assert.match(sentences(failing, 'next')[0] ?? '', /because an earlier try did not go through/);
    for (let look = 0; look < 8; look += 1) await team.passes(HOUR_MS);
    const aside = await why(team, 1);
    assert.equal(aside.verdict, 'waits-for-person');
    assert.match(aside.summary, /after 8 failures/);
  });

  it('a deleted integration stops it', async () => {
    const team = await syncedTeam(given());
    const { id } = await team.link(1);
    await given().useCases().integrations.remove(team.caller, team.integrationId);
    const explained = await given().useCases().explanations.link(team.caller, id);
    assert.equal(explained.verdict, 'stopped');
  });

  it('another tenant’s link is not found', async () => {
    const team = await syncedTeam(given());
    const { id } = await team.link(1);
    const { explanations } = given().useCases();
    await assert.rejects(explanations.link({ tenantId: 'nobody', actor: 'eve' }, id), { code: 'not-found' });
    const { threatId } = await team.link(1);
    await assert.rejects(
      explanations.threat({ tenantId: 'nobody', actor: 'eve' }, threatId, team.integrationId),
      { code: 'not-found' },
    );
  });
});

describe('why has this threat no issue?', () => {
  it('the integration is new; then the filter, by its rule', async () => {
    const team = await newTeam(given(), { threats: [{ id: 't1' }, { id: 't2', severity: 'Low' }] });
    const first = await whyNot(team, 't1');
    assert.deepEqual([first.verdict, first.linkId], ['waits-for-person', undefined]);
    assert.match(first.todo ?? '', /first sync/);
    await team.sync();
    await team.settled();
    assert.equal((await whyNot(team, 't1')).verdict, 'in-sync');
    const low = await whyNot(team, 't2');
    assert.equal(low.verdict, 'left-out');
    assert.match(low.summary, /severity is "low"; the filter takes critical, high/);
  });

  it('a brake holds it', async () => {
    const team = await newTeam(given(), { threats: many(3), integration: { limits: { creates: 2 } } });
    await team.sync();
    const held = await whyNot(team, 't1');
    assert.equal(held.verdict, 'waits-for-person');
    assert.match(sentences(held, 'integration').join(' '), /limits\.creates = 2/);
    assert.match(sentences(held, 'plan')[0] ?? '', /creates its issue/);
  });

  it('it has left its model', async () => {
    const team = await newTeam(given(), { threats: many(2) });
    await team.import(many(1));
    const gone = await whyNot(team, 't2');
    assert.deepEqual([gone.verdict, gone.todo?.startsWith('Import')], ['left-out', true]);
  });

  it('another integration has it, or the models are not chosen', async () => {
    const team = await syncedTeam(given());
    const place = { owner: team.place.owner, repo: 'second' };
    people().addRepository({
      owner: place.owner,
      name: place.repo,
      visibility: 'private',
      admin: [team.bot.login],
    });
    const second = await given()
      .useCases()
      .integrations.create(team.caller, inputOf(given(), { ...team, place, hooks: false }));
    const unchosen = await whyNot(team, 't1', second.id);
    assert.match(unchosen.summary, /filter\.models/);
    await given()
      .useCases()
      .integrations.change(team.caller, second.id, { filter: { models: [team.modelId] } });
    const elsewhere = await whyNot(team, 't1', second.id);
    assert.equal(elsewhere.verdict, 'left-out');
    assert.match(elsewhere.summary, /Another integration has an issue/);
  });

  it('it was detached by a person', async () => {
    const team = await syncedTeam(given());
    await given()
      .useCases()
      .links.remove(team.caller, (await team.link(1)).id);
    const detached = await whyNot(team, 't1');
    assert.equal(detached.verdict, 'left-out');
    assert.ok(sentences(detached, 'state').includes('Detached by ann.'));
  });
});
