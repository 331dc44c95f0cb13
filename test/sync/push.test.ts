import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { house } from './house.ts';
import { many } from './import-house.ts';
import { assertConverged, newTeam } from './team.ts';

const given = house();

describe('pushing threats', () => {
  it('makes one issue for each threat, and then writes nothing more', async () => {
    const team = await newTeam(given(), { threats: many(3) });
    const run = await team.sync();
    assert.equal(run.state, 'completed');
    assert.equal(run.counts.created, 3);
    assert.deepEqual(
      team.issues().map(({ title }) => title),
      ['Threat: Threat t1 (API)', 'Threat: Threat t2 (API)', 'Threat: Threat t3 (API)'],
    );
    await assertConverged(team, 3);
    assert.deepEqual(given().errors(), []);
  });

  it('pushes 100 threats with at most 105 calls', async () => {
    const team = await newTeam(given(), { threats: many(100), integration: { limits: { creates: 100 } } });
    await team.settled();
    team.forget();
    const run = await team.sync();
    const calls = team.requests().length;
    console.log(`100 threats: ${calls} calls`);
    assert.equal(team.issues().length, 100);
    assert.equal(run.calls, calls);
    assert.ok(calls <= 105, `${calls} calls`);
  });
});
