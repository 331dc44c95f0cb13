import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { house } from './house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const people = () => given().github.world;

const openConflicts = async (team: Team) =>
  (await given().useCases().conflicts.list(team.caller, { limit: 50, state: 'open' })).items;

describe('the title', () => {
  it('follows the threat until a person edits it; from then on it is theirs', async () => {
    const team = await syncedTeam(given());
    await team.patch(1, { title: 'Renamed' });
    await team.settled();
    assert.equal(team.issue(1).title, 'Threat: Renamed (API)');
    people().editTitle(team.at(1), 'Our words');
    await team.sync();
    await team.patch(1, { title: 'Renamed again' });
    await team.settled();
    assert.equal(team.issue(1).title, 'Our words');
    assert.equal((await team.threat(1)).title, 'Renamed again');
    const link = await team.link(1);
    assert.deepEqual([link.fields.title?.kind, link.shown?.title], ['released', 'Our words']);
    assert.deepEqual(await openConflicts(team), []);
    await assertConverged(team, 1);
  });

  it("that both sides edited stays as each wrote it, people's in the issue", async () => {
    const team = await syncedTeam(given());
    people().editTitle(team.at(1), 'Theirs');
    await team.patch(1, { title: 'Ours' });
    await team.settled();
    assert.deepEqual([team.issue(1).title, (await team.threat(1)).title], ['Theirs', 'Ours']);
    assert.deepEqual(await openConflicts(team), []);
    await assertConverged(team, 1);
  });
});

describe('our part of the text', () => {
  it('follows the threat, and the text around it stays byte for byte', async () => {
    const team = await syncedTeam(given());
    const before = 'Note from planning.\r\n\r\n';
    people().editBody(team.at(1), `${before}${team.issue(1).body}\n\nAnd below.  `);
    await team.patch(1, { description: 'Told anew.' });
    await team.settled();
    const { body } = team.issue(1);
    assert.ok(body.startsWith(before) && body.endsWith('\r\n\r\nAnd below.  '), body);
    assert.match(body, /> Told anew\./);
    assert.equal(team.writes().length, 1);
    await assertConverged(team, 1);
  });

  it('edited by a person alone stays; with a change of the threat it is a conflict that a person settles', async () => {
    const team = await syncedTeam(given());
    people().editBody(team.at(1), team.issue(1).body.replace('Done when', 'Finished when'));
    await team.sync();
    assert.equal((await team.link(1)).fields.block?.kind, 'edited');
    await team.sync({ full: true });
    assert.deepEqual([team.writes(), await openConflicts(team)], [[], []]);
    await team.patch(1, { description: 'Told anew.' });
    await team.settled();
    assert.match(team.issue(1).body, /Finished when/);
    const [conflict] = await openConflicts(team);
    assert.equal(conflict?.field, 'block');
    await given().useCases().conflicts.resolve(team.caller, conflict.id, { keep: 'threat' });
    await team.settled();
    assert.match(team.issue(1).body, /Told anew/);
    assert.doesNotMatch(team.issue(1).body, /Finished when/);
    await assertConverged(team, 1);
  });

  it('that a person keeps is not asked about again until the threat changes once more', async () => {
    const team = await syncedTeam(given());
    people().editBody(team.at(1), team.issue(1).body.replace('Done when', 'Finished when'));
    await team.patch(1, { description: 'Told anew.' });
    await team.settled();
    const [conflict] = await openConflicts(team);
    await given()
      .useCases()
      .conflicts.resolve(team.caller, conflict?.id ?? '', { keep: 'issue' });
    await team.settled();
    assert.match(team.issue(1).body, /Finished when/);
    assert.deepEqual(await openConflicts(team), []);
    await assertConverged(team, 1);
  });

  it('whose markers were damaged is not written, and mended it goes on', async () => {
    const team = await syncedTeam(given());
    const whole = team.issue(1).body;
    people().editBody(team.at(1), whole.replace('<!-- tmi:end -->', ''));
    await team.patch(1, { description: 'Told anew.' });
    await team.sync();
    assert.equal((await team.link(1)).state, 'quarantined');
    assert.deepEqual(team.writes(), []);
    people().editBody(team.at(1), whole);
    await team.sync();
    assert.equal((await team.link(1)).state, 'linked');
    assert.match(team.issue(1).body, /Told anew/);
    await assertConverged(team, 1);
  });

  it('that people deleted is not put back', async () => {
    const team = await syncedTeam(given());
    people().editBody(team.at(1), 'All ours.');
    await team.patch(1, { description: 'Told anew.' });
    await team.settled();
    await team.sync({ full: true });
    assert.equal(team.issue(1).body, 'All ours.');
    assert.deepEqual(team.writes(), []);
  });
});

describe('severity and labels', () => {
  it('are set on create: ours, the severity, the category', async () => {
    const team = await syncedTeam(given());
    assert.deepEqual(team.issue(1).labels.toSorted(), ['severity-high', 'threat-model']);
  });

  it('follow the threat while they are as we set them', async () => {
    const team = await syncedTeam(given());
    people().addLabel(team.at(1), 'sprint-12');
    await team.patch(1, { severity: 'critical' });
    await team.settled();
    assert.deepEqual(team.issue(1).labels.toSorted(), ['severity-critical', 'sprint-12', 'threat-model']);
    await assertConverged(team, 1);
  });

  it("that people changed are people's", async () => {
    const team = await syncedTeam(given());
    people().removeLabel(team.at(1), 'severity-high');
    people().addLabel(team.at(1), 'severity-low');
    people().removeLabel(team.at(1), 'threat-model');
    await team.sync();
    await team.patch(1, { severity: 'critical' });
    await team.settled();
    await team.sync({ full: true });
    assert.deepEqual(team.issue(1).labels.toSorted(), ['severity-low']);
    assert.equal((await team.threat(1)).severity, 'critical');
    assert.deepEqual(await openConflicts(team), []);
    await assertConverged(team, 1);
  });
});

describe('what people write in the tracker', () => {
  it('is kept with the threat: comments, as they are now', async () => {
    const team = await syncedTeam(given());
    const kept = async () =>
      (
        await given()
          .useCases()
          .threats.get(team.caller, (await team.threat(1)).id)
      ).comments.map(({ text }) => text);
    const first = people().comment(team.at(1), 'First.');
    const second = people().comment(team.at(1), 'Second.');
    await team.sync();
    assert.deepEqual(await kept(), ['First.', 'Second.']);
    given().clock.ahead(2_000);
    people().editComment(team.place, first, 'First, edited.');
    people().deleteComment(team.place, second);
    await team.sync();
    assert.deepEqual(await kept(), ['First, edited.']);
    assert.deepEqual(team.writes(), []);
  });

  it('is shown with the link: assignee and due date', async () => {
    const team = await syncedTeam(given());
    people().assign(team.at(1), ['mona']);
    people().setMilestone(team.at(1), { title: 'Spring', dueOn: '2027-03-31' });
    await team.sync();
    const { shown } = await team.link(1);
    assert.deepEqual([shown?.assignees, shown?.dueDate], [['mona'], '2027-03-31']);
    assert.deepEqual(team.writes(), []);
  });
});
