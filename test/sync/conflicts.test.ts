import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConflictCases } from '../../src/sync/conflicts.ts';
import type { GroupChoice } from '../../src/sync/settle-group.ts';
import { house } from './house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team, TeamOptions } from './team.ts';

const given = house();
const people = () => given().github.world;
const conflicts = () => given().useCases().conflicts;
const open = async (team: Team) => (await conflicts().list(team.caller, { limit: 50, state: 'open' })).items;
const threatsOf = (count: number): TeamOptions => ({
  threats: Array.from({ length: count }, (_, index) => ({ id: `t${index + 1}` })),
});

/** Of each of these threats both sides have changed: mitigated in the model, accepted (or dropped) in the tracker. */
async function inConflict(count: number, label: string | null = 'tm-accepted', options: TeamOptions = {}) {
  const team = await syncedTeam(given(), { ...threatsOf(count), ...options });
  for (let number = 1; number <= count; number += 1) await moveBoth(team, number, label);
  await team.settled();
  await team.sync();
  await team.settled();
  return team;
}

async function moveBoth(team: Team, number: number, label: string | null): Promise<void> {
  if (label !== null) people().addLabel(team.at(number), label);
  people().close(team.at(number), 'not_planned');
  await team.patch(number, { status: 'mitigated' });
}

const resolveMany: ConflictCases['resolveMany'] = (...choice) => conflicts().resolveMany(...choice);
const groupOf = (team: Team, more: Partial<GroupChoice> = {}): GroupChoice => ({
  integrationId: team.integrationId,
  field: 'status',
  cause: 'mitigated-against-accepted',
  keep: 'issue',
  ...more,
});
const statuses = async (team: Team, count: number) =>
  Promise.all(Array.from({ length: count }, async (_, index) => (await team.threat(index + 1)).status));

describe('the inbox', () => {
  it('shows what each side says and said, since when, of which item, and who changed it as far as it is known', async () => {
    const team = await inConflict(1);
    const [conflict] = await open(team);
    const threat = await team.threat(1);
    assert.deepEqual(conflict?.base, { threat: 'identified', issue: 'open' });
    assert.deepEqual([conflict?.threat, conflict?.issue], ['mitigated', 'accepted']);
    assert.equal(conflict?.says, 'The threat became "mitigated", and the issue says "accepted".');
    assert.deepEqual(conflict?.item.threat, { number: threat.number, title: threat.title });
    assert.equal(conflict?.item.issue?.key, '1');
    assert.match(conflict?.item.issue?.url ?? '', /issues\/1$/);
    const { threat: ours, issue: theirs } = conflict?.changedBy ?? {};
    assert.deepEqual([ours?.by, ours?.how], ['ann', 'api']);
    assert.deepEqual([theirs?.by, theirs?.how], ['mona', 'tracker']);
    assert.ok(Date.parse(theirs?.at ?? '') > 0, 'when the field was last changed');
  });

  it('is searched by field and cause, and counted by cause', async () => {
    const team = await inConflict(2);
    await moveBothAs(team, 1, 'tm-transferred');
    const found = await conflicts().list(team.caller, { limit: 9, cause: 'mitigated-against-transferred' });
    assert.equal(found.items.length, 1);
    assert.equal((await conflicts().list(team.caller, { limit: 9, field: 'title' })).items.length, 0);
    const groups = await conflicts().groups(team.caller, { integrationId: team.integrationId });
    assert.deepEqual(groups.map(({ field, cause, count }) => `${count} ${field} ${cause}`).toSorted(), [
      '1 status mitigated-against-accepted',
      '1 status mitigated-against-transferred',
    ]);
    assert.equal(groups.find(({ cause }) => cause.endsWith('transferred'))?.sample.id, found.items[0]?.id);
  });
});

/** The people change their minds: the same record, other values, another cause. */
async function moveBothAs(team: Team, number: number, label: string): Promise<void> {
  people().removeLabel(team.at(number), 'tm-accepted');
  people().addLabel(team.at(number), label);
  await team.sync();
  await team.settled();
}

describe('a group of conflicts', () => {
  it('is planned, settled as it was seen, and goes on by itself', async () => {
    const team = await inConflict(3);
    const plan = await conflicts().resolveMany(team.caller, groupOf(team, { dryRun: true }));
    assert.deepEqual([plan.dryRun, plan.conflictIds.length, plan.left], [true, 3, 0]);
    assert.deepEqual(plan.rule, { field: 'status', threat: 'mitigated', issue: 'accepted', keep: 'issue' });
    assert.equal((await open(team)).length, 3, 'a plan settles nothing');
    const settled = await conflicts().resolveMany(team.caller, groupOf(team, { count: 3 }));
    assert.deepEqual([settled.conflictIds.length, settled.moved, settled.left], [3, [], 0]);
    await team.settled();
    assert.deepEqual(await statuses(team, 3), ['accepted', 'accepted', 'accepted']);
    assert.deepEqual(await open(team), []);
    const resolved = await conflicts().list(team.caller, { limit: 9, state: 'resolved' });
    assert.deepEqual(
      resolved.items.map(({ threat, issue, resolution }) => [
        threat,
        issue,
        resolution?.keep,
        resolution?.by,
      ]),
      Array.from({ length: 3 }, () => ['mitigated', 'accepted', 'issue', 'ann']),
    );
    const { mapping } = await given().useCases().integrations.get(team.caller, team.integrationId);
    assert.equal(mapping.rules, undefined, 'no rule without always');
    await assertConverged(team, 3);
  });

  it('is refused when it does not hold what was seen', async () => {
    const team = await inConflict(2);
    await assert.rejects(resolveMany(team.caller, groupOf(team, { count: 1 })), {
      code: 'conflict-outdated',
    });
    await assert.rejects(resolveMany(team.caller, groupOf(team)), { code: 'unprocessable' });
    await assert.rejects(resolveMany(team.caller, groupOf(team, { integrationId: team.modelId, count: 2 })), {
      code: 'not-found',
    });
    assert.equal((await open(team)).length, 2);
  });

  it('is settled in part, and those that have moved are named', async () => {
    const team = await inConflict(3);
    const all = await open(team);
    const [first, second, third] = all.map(({ id, threat, issue }) => ({ id, seen: { threat, issue } }));
    assert.ok(first && second && third);
    const stale = { id: second.id, seen: { threat: 'mitigated', issue: 'transferred' } };
    const gone = { id: team.modelId };
    const settled = await conflicts().resolveMany(
      team.caller,
      groupOf(team, { keep: 'threat', items: [first, stale, gone] }),
    );
    assert.deepEqual(settled.conflictIds, [first.id]);
    assert.deepEqual(
      settled.moved.map(({ id }) => id),
      [second.id, team.modelId],
    );
    assert.match(settled.moved[0]?.reason ?? '', /changed since/);
    assert.equal(settled.left, 2);
    await team.settled();
    assert.deepEqual((await open(team)).map(({ id }) => id).toSorted(), [second.id, third.id].toSorted());
    assert.equal(
      await statuses(team, 3).then((each) => each.filter((status) => status === 'mitigated').length),
      3,
    );
  });

  it('whose side moves between the choice and the worker stays, with the values of now', async () => {
    const team = await inConflict(2);
    await given().stop();
    await given().start();
    people().removeLabel(team.at(1), 'tm-accepted');
    people().addLabel(team.at(1), 'tm-avoided');
    await conflicts().resolveMany(team.caller, groupOf(team, { count: 2, keep: 'threat' }));
    await team.sync();
    await team.settled();
    const [still, ...others] = await open(team);
    assert.deepEqual(
      [still?.issue, still?.cause, others.length],
      ['avoided', 'mitigated-against-avoided', 0],
    );
    assert.equal(still?.resolution, undefined, 'the choice about other values is void');
    assert.equal(team.issue(1).stateReason, 'not_planned');
    assert.equal(team.issue(2).stateReason, 'completed');
  });

  it('closed without a reason becomes a question where the issue is kept', async () => {
    const team = await inConflict(1, null);
    const [conflict] = await open(team);
    const cause = 'mitigated-against-dropped';
    assert.equal(conflict?.cause, cause);
    await conflicts().resolveMany(team.caller, groupOf(team, { cause, count: 1 }));
    await team.settled();
    await team.sync({ full: true });
    assert.deepEqual(await open(team), []);
    assert.equal((await team.link(1)).fields.status?.kind, 'needs-answer');
    assert.equal((await team.threat(1)).status, 'mitigated');
  });
});

describe('a rule that is kept', () => {
  it('is made of a group, settles what comes later, is told, and can be removed', async () => {
    const team = await inConflict(1, 'tm-accepted', threatsOf(3));
    const settled = await conflicts().resolveMany(team.caller, groupOf(team, { count: 1, always: true }));
    const rule = { field: 'status', threat: 'mitigated', issue: 'accepted', keep: 'issue' } as const;
    assert.deepEqual(settled.rule, rule);
    await team.settled();
    await moveBoth(team, 2, 'tm-accepted');
    await team.settled();
    await team.sync();
    await team.settled();
    assert.deepEqual((await statuses(team, 3)).slice(0, 2), ['accepted', 'accepted']);
    const resolved = await conflicts().list(team.caller, { limit: 9, state: 'resolved' });
    const [byRule] = resolved.items.filter(({ resolution }) => resolution?.by !== 'ann');
    assert.deepEqual(
      [byRule?.threat, byRule?.issue],
      ['mitigated', 'accepted'],
      'the losing value stays readable',
    );
    assert.equal(byRule?.resolution?.by, 'rule status "mitigated" against "accepted": keep the issue');
    const { facts } = await given()
      .useCases()
      .explanations.link(team.caller, (await team.link(2)).id);
    assert.ok(
      facts.some(({ sentence }) => sentence.startsWith('Rule 1, before any policy: status "mitigated"')),
    );
    await given()
      .useCases()
      .integrations.change(team.caller, team.integrationId, { mapping: { rules: [] } });
    await moveBoth(team, 3, 'tm-accepted');
    await team.settled();
    await team.sync();
    await team.settled();
    assert.equal((await open(team)).length, 1);
  });

  it('is shown in the plan, and settles what waits already with one record', async () => {
    const team = await inConflict(1);
    const [waiting] = await open(team);
    const rules = [{ field: 'status', issue: 'accepted', keep: 'threat' }] as const;
    await given().stop();
    await given().start();
    const { integrations, sync } = given().useCases();
    await integrations.change(team.caller, team.integrationId, { mapping: { rules }, enabled: false });
    const plan = await sync.plan(team.caller, team.integrationId);
    const step = plan.items[0]?.steps.find(({ field }) => field === 'status');
    assert.deepEqual(step?.kind === 'push' && [step.wonBy, step.rule], [
      'rule',
      'status anything against "accepted": keep the threat',
    ]);
    await integrations.change(team.caller, team.integrationId, { enabled: true });
    await team.settled();
    assert.equal(team.issue(1).stateReason, 'completed');
    const all = (await conflicts().list(team.caller, { limit: 9 })).items;
    assert.deepEqual(
      all.map(({ id, state, issue, resolution }) => [id, state, issue, resolution?.keep]),
      [[waiting?.id, 'resolved', 'accepted', 'threat']],
    );
    assert.match(all[0]?.resolution?.by ?? '', /^rule status/);
    await assertConverged(team, 1);
  });

  it('is held by the brakes like any other change', async () => {
    const team = await inConflict(6);
    const rules = [{ field: 'status', keep: 'issue' }] as const;
    await given().useCases().integrations.change(team.caller, team.integrationId, { mapping: { rules } });
    await team.settled();
    const { state } = await given().useCases().integrations.get(team.caller, team.integrationId);
    assert.equal(state, 'braked');
    assert.deepEqual(
      await statuses(team, 6),
      Array.from({ length: 6 }, () => 'mitigated'),
    );
    assert.equal((await open(team)).length, 6);
    const run = await team.lastRun();
    await team.sync({ planId: run?.planId });
    await team.settled();
    assert.deepEqual(
      await statuses(team, 6),
      Array.from({ length: 6 }, () => 'accepted'),
    );
    assert.deepEqual(await open(team), []);
  });

  it('is not made of what has no past, nor of a part of a group', async () => {
    const team = await inConflict(2);
    const items = (await open(team)).slice(0, 1).map(({ id }) => ({ id }));
    await assert.rejects(conflicts().resolveMany(team.caller, groupOf(team, { items, always: true })), {
      code: 'unprocessable',
    });
    await assert.rejects(
      conflicts().resolveMany(
        team.caller,
        groupOf(team, { cause: 'linked-by-hand', count: 0, always: true }),
      ),
      { code: 'unprocessable' },
    );
  });
});
