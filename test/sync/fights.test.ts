import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { house } from './house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;

/** One program closes the issue, another one opens the threat again. */
async function turn(team: Team): Promise<void> {
  given().github.world.close(team.at(1), 'completed');
  await look(team);
  await team.patch(1, { status: 'identified' });
  await team.settled();
}

/** As a delivery about the issue would make it. */
async function look(team: Team): Promise<void> {
  const { id: linkId } = await team.link(1);
  await team.transact((tx) => tx.dirty.mark(team.integrationId, [{ linkId, reason: 'issue' }]));
  await team.passes(MINUTE_MS);
}

describe('a status that two programs fight over', () => {
  it('is set aside after three turns within an hour, for a person to find out who it is', async () => {
    const team = await syncedTeam(given());
    await turn(team);
    assert.equal((await team.link(1)).state, 'linked');
    await turn(team);
    assert.equal((await team.link(1)).state, 'linked');
    team.forget();
    await turn(team);
    const link = await team.link(1);
    assert.equal(link.state, 'quarantined');
    assert.match(link.stateReason ?? '', /back and forth/);
    assert.deepEqual(team.writes(), [], 'the last turn was not followed');
    const { causes } = await given()
      .useCases()
      .deadLetters.list(team.caller, team.integrationId, { limit: 10 });
    assert.deepEqual(
      causes.map(({ code, count }) => [code, count]),
      [['fought-over', 1]],
    );

    // The other program was switched off; a person retries it.
    await team.sync();
    await assertConverged(team, 1);
  });

  it('is not taken for a fight when hours lie between', async () => {
    const team = await syncedTeam(given());
    for (let times = 0; times < 4; times += 1) {
      await turn(team);
      given().clock.ahead(61 * MINUTE_MS);
    }
    await team.sync();
    await assertConverged(team, 1);
  });
});
