import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { becomes, house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam } from './team.ts';

const given = house();

afterEach(() => given().github.knobs.reset());

describe('a service that is asked to stop in the middle of a call', () => {
  it('finishes the item in hand, begins no other, and gives its claim back', async () => {
    const team = await newTeam(given(), { threats: many(20), integration: { limits: { creates: 100 } } });
    const { sync } = given().useCases();
    given().github.knobs.latencyMs = 150;
    const run = await sync.start(team.caller, team.integrationId, {});
    await becomes(() => team.issues().length > 0, true, 'an issue was made');
    await given().stop();
    assert.equal(given().held.size, 0, 'claims that were not given back');
    const made = team.issues().length;
    assert.ok(made < 20, `${made} issues`);
    const links = await team.links();
    const linked = links.filter(({ state }) => state === 'linked');
    assert.equal(linked.length, made, 'what was made is known');
    const stopped = await team.transact((tx) => tx.runs.get(run.id));
    assert.equal(stopped?.state, 'running', 'it goes on with the next service');

    given().github.knobs.reset();
    team.forget();
    await given().start();
    await team.settled();
    await assertConverged(team, 20);
    const ended = await team.transact((tx) => tx.runs.get(run.id));
    assert.equal(ended?.state, 'completed');
    assert.deepEqual(given().errors(), []);
  });

  it('aborts a call that takes longer than the time it is given, and the next one finds out what came of it', async () => {
    const team = await newTeam(given(), { threats: many(3) });
    const { sync } = given().useCases();
    given().github.knobs.next({
      match: ({ method, path }) => method === 'POST' && path.endsWith('/issues'),
      when: 'after',
      answer: 'hang',
    });
    await sync.start(team.caller, team.integrationId, {});
    await becomes(() => team.issues().length > 0, true, 'the first issue was made, and its answer hangs');
    await given().stop();
    assert.equal(given().held.size, 0, 'claims that were not given back');
    given().github.knobs.reset();
    await given().start();
    await team.settled();
    for (let look = 0; look < 3; look += 1) await team.passes(60_000);
    await assertConverged(team, 3);
  });
});
