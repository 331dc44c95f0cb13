import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { becomes, house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;

describe('two services on one database', () => {
  it('make no issue twice', async () => {
    const other = await given().another();
    try {
      const teams = [];
      for (let each = 0; each < 3; each += 1) teams.push(await newTeam(given(), { threats: many(5) }));
      await Promise.all(teams.map((team) => team.sync()));
      for (const team of teams) await team.settled();
      for (const team of teams) await assertConverged(team, 5);
    } finally {
      await other.close();
    }
  });
});

describe('a worker that lost its lease', () => {
  it('keeps nothing of what it does after that, and whoever took over makes no second issue', async () => {
    const team = await newTeam(given(), { threats: many(3) });
    await team.settled();
    given().github.knobs.latencyMs = 100;
    await given().useCases().sync.start(team.caller, team.integrationId, {});
    await becomes(() => team.issues().length >= 1, true);
    // It slept past the end of its lease, and another service has taken over.
    const lease = given().held.get(team.integrationId) ?? assert.fail('nobody works');
    await given().store.dispatch.release(lease, new Date().toISOString());
    given().github.knobs.reset();
    for (let look = 0; look < 3; look += 1) await team.passes(MINUTE_MS);
    await assertConverged(team, 3);
  });
});

describe('a service that is stopped in the middle of a run', () => {
  it('finishes the item in hand, and the next one goes on with the rest', async () => {
    const team = await newTeam(given(), { threats: many(10) });
    await team.settled();
    given().github.knobs.latencyMs = 30;
    const run = await given().useCases().sync.start(team.caller, team.integrationId, {});
    await becomes(() => team.issues().length >= 2, true);
    await given().stop();
    given().github.knobs.reset();
    const links = await team.links();
    assert.ok(links.length < 10);
    assert.ok(
      links.every(({ state }) => state === 'linked'),
      'nothing is left without an outcome',
    );
    assert.equal(links.length, team.issues().length);
    await given().start();
    await team.passes(0);
    const ended = await given().useCases().sync.run(team.caller, run.id);
    assert.deepEqual([ended.state, ended.counts.created], ['completed', 10]);
    await assertConverged(team, 10);
  });
});
