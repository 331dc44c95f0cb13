import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { house } from './house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const people = () => given().github.world;

async function waitingTeam(): Promise<Team> {
  const team = await syncedTeam(given(), { integration: { gate: true } });
  people().close(team.at(1), 'completed');
  await team.sync();
  return team;
}
const statusField = async (team: Team) => (await team.link(1)).fields.status?.kind;

describe('an integration with a gate', () => {
  it('waits for a verification, says so, and is passed by the label', async () => {
    const team = await waitingTeam();
    assert.equal((await team.threat(1)).status, 'mitigating');
    assert.equal(await statusField(team), 'awaits-verification');
    const cases = given().useCases();
    const status = await cases.integrations.status(team.caller, team.integrationId);
    assert.deepEqual([status.health, status.counts.needsAnswer], ['waiting', 1]);
    const why = await cases.explanations.link(team.caller, (await team.link(1)).id);
    assert.equal(why.verdict, 'waits-for-person');
    assert.match(JSON.stringify(why), /awaits verification/);
    people().addLabel(team.at(1), 'tm-verified');
    await team.sync();
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.equal(await statusField(team), undefined);
    assert.deepEqual(team.writes(), []);
    await assertConverged(team, 1);
  });

  it('is passed by a person who calls the threat mitigated, and by its being switched off', async () => {
    const byHand = await waitingTeam();
    await byHand.patch(1, { status: 'mitigated' });
    await byHand.settled();
    const switchedOff = await waitingTeam();
    await given()
      .useCases()
      .integrations.change(switchedOff.caller, switchedOff.integrationId, { gate: false });
    await switchedOff.settled();
    for (const team of [byHand, switchedOff]) {
      assert.equal((await team.threat(1)).status, 'mitigated');
      assert.equal(await statusField(team), undefined);
      await assertConverged(team, 1);
    }
  });

  it('tells of the wait in the history, and writes the threat only where its status changes', async () => {
    const team = await waitingTeam();
    const { id, version } = await team.threat(1);
    const { history } = await given().useCases().threats.get(team.caller, id);
    const entry = history.find(({ action }) => action === 'status-pulled');
    assert.deepEqual([entry?.before, entry?.after], ['identified', 'mitigating']);
    assert.match(entry?.note ?? '', /awaits verification/);
    people().reopen(team.at(1));
    await team.sync();
    people().close(team.at(1), 'completed');
    await team.sync();
    assert.equal(await statusField(team), 'awaits-verification');
    assert.equal((await team.threat(1)).version, version);
  });

  it('does not hold back what the model itself calls mitigated', async () => {
    const team = await syncedTeam(given(), { integration: { gate: true } });
    await team.import([{ id: 't1', status: 'Mitigated' }]);
    await team.settled();
    assert.equal(team.issue(1).state, 'closed');
    assert.equal((await team.threat(1)).status, 'mitigated');
    await assertConverged(team, 1);
  });
});
