import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TIMINGS } from '../../src/domain/timings.ts';
import { becomes, house } from './house.ts';
import { many } from './import-house.ts';
import { inputOf, newTeam, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const UNDER_MODEL = { parent: { kind: 'model' } } as const;
const IN_TEN_MINUTES = TIMINGS.missingGapMs + 1000;

function parents(team: Team) {
  return team.issues().filter((issue) => issue.title.startsWith('Threat model:'));
}
function children(team: Team) {
  return team.issues().filter((issue) => !issue.title.startsWith('Threat model:'));
}
function change(team: Team, parent: { kind: 'model' } | { kind: 'issue'; key: string } | null) {
  return team.house.useCases().integrations.change(team.caller, team.integrationId, { parent });
}
async function status(team: Team) {
  return (await team.house.useCases().integrations.status(team.caller, team.integrationId)).parent;
}
function subIssueWrites(team: Team) {
  return team.writes().filter(({ path }) => path.endsWith('/sub_issues'));
}

describe('a parent for each threat model', () => {
  it('is made once, and the issues of its threats stand under it', async () => {
    const team = await newTeam(given(), { threats: many(3), integration: UNDER_MODEL });
    const plan = await team.house.useCases().sync.plan(team.caller, team.integrationId);
    assert.deepEqual(
      plan.parents?.map(({ modelId, title }) => [modelId, title]),
      [[team.modelId, `Threat model: ${team.place.owner}`]],
    );
    const run = await team.sync();
    await team.settled();
    const [parent] = parents(team);
    assert.ok(parent !== undefined && parents(team).length === 1);
    assert.ok(parent.labels.includes('threat-model'));
    assert.deepEqual(
      children(team).map((issue) => issue.parent),
      [parent.number, parent.number, parent.number],
    );
    assert.equal(run.counts.created, 4);
    // One request for the parent, and two for each threat.
    assert.equal(team.writes().length, 1 + 2 * 3);
    assert.equal((await status(team))?.state, 'ok');
    team.forget();
    await team.import(many(4));
    await team.settled();
    assert.equal(parents(team).length, 1);
    assert.equal(children(team).at(-1)?.parent, parent.number);
    team.forget();
    await team.sync({ full: true });
    assert.deepEqual(team.writes(), []);
  });

  it('costs not one request where it was not asked for', async () => {
    const team = await newTeam(given(), { threats: many(2) });
    await team.sync();
    assert.equal(team.writes().length, 2);
    assert.equal(await status(team), undefined);
  });

  it('is neither closed nor written to again, and issues stay where people put them', async () => {
    const team = await syncedTeam(given(), { threats: many(2), integration: UNDER_MODEL });
    const [parent] = parents(team);
    assert.ok(parent !== undefined);
    given().github.world.editBody(team.at(parent.number), 'All ours now');
    given().github.world.setParent(team.at(2), null);
    given().github.world.setParent(team.at(3), 2);
    for (const number of [2, 3]) given().github.world.close(team.at(number), 'completed');
    await team.sync({ full: true });
    await team.patch(2, { description: 'Told anew, so that the issue is written to.' });
    await team.settled();
    assert.deepEqual(
      team.issues().map((issue) => issue.parent),
      [null, null, 2],
    );
    assert.equal(team.issue(parent.number).state, 'open');
    assert.equal(team.issue(parent.number).body, 'All ours now');
    assert.deepEqual(subIssueWrites(team), []);
  });

  it('is not made again when a person has deleted it, until one asks for it anew', async () => {
    const team = await syncedTeam(given(), { threats: many(2), integration: UNDER_MODEL });
    given().github.world.deleteIssue(team.at(1));
    await team.import(many(3));
    await team.settled();
    await team.passes(IN_TEN_MINUTES);
    await team.import(many(4));
    await team.settled();
    assert.deepEqual(
      team.issues().map(({ title, parent }) => [title.startsWith('Threat:'), parent]),
      Array.from({ length: 4 }, () => [true, null]),
    );
    const said = await status(team);
    assert.equal(said?.state, 'gone');
    assert.match(said.detail, /set `parent` to null/);
    await change(team, { kind: 'model' });
    await team.settled();
    assert.equal(parents(team).length, 0);
    await change(team, null);
    await change(team, { kind: 'model' });
    await team.sync();
    await team.settled();
    const [parent] = parents(team);
    assert.equal(parents(team).length, 1);
    assert.deepEqual(new Set(children(team).map((issue) => issue.parent)), new Set([parent?.number]));
    assert.equal((await status(team))?.state, 'ok');
  });

  it('takes in the issues that are there when it is switched on', async () => {
    const team = await syncedTeam(given(), { threats: many(3) });
    given().github.world.setParent(team.at(2), 1);
    await change(team, { kind: 'model' });
    await team.settled();
    const [parent] = parents(team);
    assert.ok(parent !== undefined);
    assert.deepEqual(
      children(team).map((issue) => issue.parent),
      [parent.number, 1, parent.number],
    );
    assert.equal((await team.link(2)).placed?.kind, 'left');
  });

  it('is linked in the text where the server has no sub-issues', async () => {
    const { knobs } = given().github;
    knobs.subIssues = false;
    try {
      const team = await newTeam(given(), { threats: many(2), integration: UNDER_MODEL });
      await team.sync();
      await team.settled();
      const [parent] = parents(team);
      assert.ok(parent !== undefined);
      for (const issue of children(team))
        assert.ok(issue.body.includes(`Part of: [${parent.number}](${parent.url})`));
      assert.deepEqual(subIssueWrites(team), []);
      assert.equal(team.writes().length, 3);
      const said = await status(team);
      assert.equal(said?.state, 'degraded');
      assert.match(said.detail, /no sub-issues/);
      await team.patch(2, { description: 'Told anew.' });
      await team.settled();
      assert.ok(team.issue(2).body.includes('Told anew') && team.issue(2).body.includes('Part of:'));
    } finally {
      knobs.subIssues = true;
    }
  });

  it('goes on in an integration that is made again for the same repository', async () => {
    const team = await syncedTeam(given(), { threats: many(2), integration: UNDER_MODEL });
    const { integrations, sync } = team.house.useCases();
    await integrations.remove(team.caller, team.integrationId);
    const again = await integrations.create(team.caller, {
      ...inputOf(given(), team),
      ...UNDER_MODEL,
      autoApply: true,
    });
    const run = await sync.start(team.caller, again.id, { full: true });
    await sync.wait(team.caller, run.id, 30_000);
    await team.import(many(3));
    await becomes(() => children(team).length, 3);
    await becomes(() => children(team).map((issue) => issue.parent), [1, 1, 1]);
    assert.equal(parents(team).length, 1);
    assert.deepEqual(subIssueWrites(team).length, 1);
  });

  it('leaves the rest of an issue alone when the tracker refuses to put it there', async () => {
    const team = await newTeam(given(), { threats: many(2), integration: UNDER_MODEL });
    given().github.knobs.next({
      match: ({ path }) => path.includes(`/${team.place.owner}/`) && path.endsWith('/sub_issues'),
      when: 'before',
      answer: { status: 422, body: { message: 'Parent cannot have more than 100 sub-issues' } },
    });
    const run = await team.sync();
    await team.settled();
    assert.equal(run.state, 'completed');
    const [first, second] = children(team);
    assert.deepEqual([first?.parent, second?.parent], [null, 1]);
    assert.ok(first?.body.includes('Part of:'));
    const refused = (await team.items(run)).filter((item) => item.reason?.code === 'parent-refused');
    assert.match(refused[0]?.reason?.message ?? '', /more than 100/);
    team.forget();
    await team.sync({ full: true });
    assert.deepEqual(team.writes(), []);
  });
});

describe('a parent that a person names', () => {
  it('is used as it is', async () => {
    const team = await newTeam(given(), {
      threats: many(2),
      integration: { parent: { kind: 'issue', key: '#1' } },
    });
    given().github.world.openIssue({ ...team.place, title: 'Security', body: 'Ours' });
    await team.sync();
    await team.settled();
    assert.deepEqual(
      team.issues().map(({ title, parent }) => [title === 'Security', parent]),
      [
        [true, null],
        [false, 1],
        [false, 1],
      ],
    );
    assert.equal(team.issue(1).body, 'Ours');
    assert.equal((await status(team))?.state, 'ok');
  });

  it('is asked for once, and told where there is none', async () => {
    const team = await newTeam(given(), {
      threats: many(2),
      integration: { parent: { kind: 'issue', key: '99' } },
    });
    await team.sync();
    await team.settled();
    assert.equal(team.issues().length, 2);
    assert.equal((await status(team))?.state, 'gone');
    team.forget();
    await team.import(many(3));
    await team.settled();
    assert.deepEqual(
      team.requests().filter(({ path }) => path.endsWith('/issues/99')),
      [],
    );
  });

  it('is believed gone after two looks, ten minutes apart', async () => {
    const team = await newTeam(given(), {
      threats: many(1),
      integration: { parent: { kind: 'issue', key: '1' } },
    });
    given().github.world.openIssue({ ...team.place, title: 'Security' });
    await team.sync();
    await team.settled();
    given().github.world.deleteIssue(team.at(1));
    await team.import(many(2));
    await team.settled();
    assert.equal((await status(team))?.state, 'ok');
    await team.passes(IN_TEN_MINUTES);
    assert.equal((await status(team))?.state, 'gone');
    assert.deepEqual(
      team.issues().map((issue) => issue.parent),
      [null, null],
    );
  });
});
