import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { house } from './house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const MINUTE_MS = 60_000;
const people = () => given().github.world;

const openConflicts = async (team: Team) =>
  (await given().useCases().conflicts.list(team.caller, { limit: 50, state: 'open' })).items;

/** Both sides changed the status: the threat is mitigated, the issue dropped as accepted. */
async function inConflict(): Promise<Team> {
  const team = await syncedTeam(given());
  people().addLabel(team.at(1), 'tm-accepted');
  people().close(team.at(1), 'not_planned');
  await team.patch(1, { status: 'mitigated' });
  await team.settled();
  await team.sync();
  return team;
}

describe('the status', () => {
  it('goes to the issue: closed as completed, and open again', async () => {
    const team = await syncedTeam(given());
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    assert.deepEqual([team.issue(1).state, team.issue(1).stateReason], ['closed', 'completed']);
    assert.equal(team.writes().length, 1);
    await team.patch(1, { status: 'identified' });
    await team.settled();
    assert.equal(team.issue(1).state, 'open');
    await assertConverged(team, 1);
  });

  it('goes to the issue with the label of its disposition, which leaves again', async () => {
    const team = await syncedTeam(given());
    await team.patch(1, { status: 'accepted' });
    await team.settled();
    assert.deepEqual([team.issue(1).state, team.issue(1).stateReason], ['closed', 'not_planned']);
    assert.ok(team.issue(1).labels.includes('tm-accepted'));
    await team.patch(1, { status: 'identified' });
    await team.settled();
    assert.equal(team.issue(1).state, 'open');
    assert.ok(!team.issue(1).labels.includes('tm-accepted'));
    await assertConverged(team, 1);
  });

  it('comes from the issue: closed, reopened, closed with a label', async () => {
    const team = await syncedTeam(given());
    people().close(team.at(1), 'completed');
    await team.sync();
    assert.equal((await team.threat(1)).status, 'mitigated');
    people().reopen(team.at(1));
    await team.sync();
    assert.equal((await team.threat(1)).status, 'identified');
    people().addLabel(team.at(1), 'tm-false-positive');
    people().close(team.at(1), 'not_planned');
    await team.sync();
    assert.equal((await team.threat(1)).status, 'false-positive');
    assert.deepEqual(team.writes(), []);
    await assertConverged(team, 1);
  });

  it('of a threat that is worked on comes back as it was when its issue is reopened', async () => {
    const team = await syncedTeam(given());
    await team.patch(1, { status: 'mitigating' });
    await team.settled();
    assert.deepEqual(team.writes(), [], 'open on both sides');
    people().close(team.at(1), 'completed');
    await team.sync();
    people().reopen(team.at(1));
    await team.sync();
    assert.equal((await team.threat(1)).status, 'mitigating');
    await assertConverged(team, 1);
  });
});

describe('a status that both sides changed', () => {
  it('is one conflict with one comment, and nothing is overwritten', async () => {
    const team = await inConflict();
    await team.sync({ full: true });
    const conflicts = await openConflicts(team);
    assert.deepEqual(
      conflicts.map(({ field, threat, issue, base }) => ({ field, threat, issue, base })),
      [
        {
          field: 'status',
          threat: 'mitigated',
          issue: 'accepted',
          base: { threat: 'identified', issue: 'open' },
        },
      ],
    );
    assert.equal(team.issue(1).comments.length, 1);
    assert.match(team.issue(1).comments[0]?.body ?? '', /changed here and in the threat model/);
    assert.deepEqual(
      [team.issue(1).stateReason, (await team.threat(1)).status],
      ['not_planned', 'mitigated'],
    );
    const status = await given().useCases().integrations.status(team.caller, team.integrationId);
    assert.equal(status.counts.conflicts, 1);
  });

  it('is settled by a person who keeps the threat', async () => {
    const team = await inConflict();
    const [conflict] = await openConflicts(team);
    await given()
      .useCases()
      .conflicts.resolve(team.caller, conflict?.id ?? '', { keep: 'threat' });
    await team.settled();
    assert.deepEqual([team.issue(1).state, team.issue(1).stateReason], ['closed', 'completed']);
    assert.ok(!team.issue(1).labels.includes('tm-accepted'));
    assert.deepEqual(await openConflicts(team), []);
    await assertConverged(team, 1);
  });

  it('is settled by a person who keeps the issue', async () => {
    const team = await inConflict();
    team.forget();
    const [conflict] = await openConflicts(team);
    await given()
      .useCases()
      .conflicts.resolve(team.caller, conflict?.id ?? '', { keep: 'issue' });
    await team.settled();
    assert.equal((await team.threat(1)).status, 'accepted');
    assert.deepEqual(team.writes(), []);
    assert.deepEqual(await openConflicts(team), []);
    await assertConverged(team, 1);
  });

  it('refuses a choice that rests on values that are no longer so', async () => {
    const team = await inConflict();
    const [conflict] = await openConflicts(team);
    const { conflicts } = given().useCases();
    await assert.rejects(
      conflicts.resolve(team.caller, conflict?.id ?? '', {
        keep: 'threat',
        seen: { threat: 'mitigated', issue: 'transferred' },
      }),
      { code: 'conflict-outdated' },
    );
    // A side moves after the choice and before the worker: the conflict stays, with the values of now.
    await given().stop();
    await given().start();
    people().removeLabel(team.at(1), 'tm-accepted');
    people().addLabel(team.at(1), 'tm-transferred');
    await given()
      .useCases()
      .conflicts.resolve(team.caller, conflict?.id ?? '', { keep: 'threat' });
    await team.sync();
    assert.equal(team.issue(1).stateReason, 'not_planned');
    const [still] = await openConflicts(team);
    assert.deepEqual([still?.id, still?.issue], [conflict?.id, 'transferred']);
  });

  it('is withdrawn when a side goes back', async () => {
    const team = await inConflict();
    people().removeLabel(team.at(1), 'tm-accepted');
    people().reopen(team.at(1));
    await team.sync();
    assert.deepEqual(await openConflicts(team), []);
    assert.equal(team.issue(1).state, 'closed', 'the change of the threat is the only one left');
    await assertConverged(team, 1);
  });

  it('is no conflict when both say the same', async () => {
    const team = await syncedTeam(given());
    people().close(team.at(1), 'completed');
    await team.patch(1, { status: 'mitigated' });
    await team.settled();
    assert.deepEqual(await openConflicts(team), []);
    assert.deepEqual(team.writes(), []);
    await assertConverged(team, 1);
  });
});

const questions = (team: Team) =>
  team.issue(1).comments.filter(({ body }) => body.includes('Which is it?')).length;

describe('an issue closed without saying why', () => {
  it('is asked about once, after ten minutes of quiet, and answered by a label', async () => {
    const team = await syncedTeam(given());
    people().close(team.at(1), 'not_planned');
    await team.sync();
    assert.equal((await team.threat(1)).status, 'identified');
    assert.equal((await team.link(1)).fields.status?.kind, 'needs-answer');
    await team.passes(4 * MINUTE_MS);
    assert.equal(questions(team), 0);
    await team.passes(7 * MINUTE_MS);
    assert.equal(questions(team), 1);
    await team.passes(60 * MINUTE_MS);
    await team.sync({ full: true });
    assert.equal(questions(team), 1);
    people().addLabel(team.at(1), 'tm-avoided');
    await team.sync();
    assert.equal((await team.threat(1)).status, 'avoided');
    await assertConverged(team, 1);
  });

  it('is not asked about when it was labelled within the quiet time', async () => {
    const team = await syncedTeam(given());
    people().close(team.at(1), 'not_planned');
    await team.sync();
    people().addLabel(team.at(1), 'tm-accepted');
    await team.passes(11 * MINUTE_MS);
    await team.sync();
    assert.equal((await team.threat(1)).status, 'accepted');
    assert.equal(questions(team), 0);
  });

  it('is answered by closing it as completed, or by reopening it; closed again, it is asked again', async () => {
    const team = await syncedTeam(given());
    people().close(team.at(1), 'not_planned');
    await team.sync();
    await team.passes(11 * MINUTE_MS);
    assert.equal(questions(team), 1);
    people().reopen(team.at(1));
    await team.sync();
    assert.equal((await team.link(1)).fields.status, undefined);
    assert.equal((await team.threat(1)).status, 'identified');
    people().close(team.at(1), 'not_planned');
    await team.sync();
    await team.passes(11 * MINUTE_MS);
    assert.equal(questions(team), 2);
    people().reopen(team.at(1));
    people().close(team.at(1), 'completed');
    await team.sync();
    assert.equal((await team.threat(1)).status, 'mitigated');
    await assertConverged(team, 1);
  });
});
