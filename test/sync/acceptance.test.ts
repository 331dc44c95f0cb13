import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { becomes, house } from './house.ts';
import { assertConverged, syncedTeam } from './team.ts';
import type { Team, TeamOptions } from './team.ts';

const given = house();
const people = () => given().github.world;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The day after so many days, by the clock of the service. */
const inDays = (days: number) =>
  new Date(given().clock.now().getTime() + days * DAY_MS).toISOString().slice(0, 10);

/** Days pass; a service looks for what has ended when it starts, and hourly. */
async function daysPass(days: number, ...teams: readonly Team[]): Promise<void> {
  given().clock.ahead(days * DAY_MS);
  await given().stop();
  await given().start();
  const now = given().clock.now().toISOString();
  for (const team of teams)
    await becomes(
      () => team.transact((tx) => tx.threats.accepted(now, 1)),
      [],
      'acceptances that have ended',
    );
}

async function acceptedTeam(options: TeamOptions = {}): Promise<Team> {
  const team = await syncedTeam(given(), options);
  await team.patch(1, {
    status: 'accepted',
    acceptance: { owner: 'Ada', reason: 'low', expiresAt: inDays(30) },
  });
  await team.settled();
  assert.equal(team.issue(1).stateReason, 'not_planned');
  return team;
}

const told = (team: Team) =>
  team.issue(1).comments.filter(({ body }) => body.includes('is open again')).length;
async function ends(team: Team) {
  const { threatId } = await team.link(1);
  const journal = await team.transact((tx) => tx.journal.ofThreat(threatId, 100));
  return journal.filter(({ action }) => action === 'acceptance-ended');
}

const refused = (pointer: string) => (error: unknown) => {
  assert.ok(error instanceof AppError);
  assert.deepEqual([error.code, error.faults[0]?.pointer], ['unprocessable', pointer]);
  return true;
};

describe('an accepted risk', () => {
  it('lasts until its day, and then both sides are open again, once, and it is said why', async () => {
    const team = await acceptedTeam();
    const day = (await team.threat(1)).acceptance?.expiresAt ?? '';
    const why = await given()
      .useCases()
      .explanations.link(team.caller, (await team.link(1)).id);
    assert.ok(why.facts.some(({ sentence }) => sentence.includes(`accepted by Ada until ${day}`)));
    await daysPass(28, team);
    await team.settled();
    assert.deepEqual([(await team.threat(1)).status, team.issue(1).state], ['accepted', 'closed']);
    await daysPass(3, team);
    await team.settled();
    assert.deepEqual(
      [(await team.threat(1)).status, (await team.threat(1)).acceptance],
      ['identified', undefined],
    );
    assert.equal(team.issue(1).state, 'open');
    assert.ok(!team.issue(1).labels.includes('tm-accepted'));
    assert.equal(told(team), 1);
    assert.match(
      team.issue(1).comments.at(-1)?.body ?? '',
      new RegExp(`acceptance of this risk by Ada ended on ${day}`),
    );
    await daysPass(1, team);
    await team.sync({ full: true });
    await team.settled();
    assert.equal(told(team), 1);
    const entries = await ends(team);
    assert.deepEqual(
      entries.map(({ actor, before, after }) => [actor, before, after]),
      [['sync', 'accepted', 'identified']],
    );
    await assertConverged(team, 1);
  });

  it('is opened once by two services that look at the same time', async () => {
    const team = await acceptedTeam();
    given().clock.ahead(31 * DAY_MS);
    await given().stop();
    const services = await Promise.all([given().another(), given().another()]);
    try {
      await becomes(() => team.issue(1).state, 'open');
      await team.settled();
      assert.equal((await ends(team)).length, 1);
      assert.equal(told(team), 1);
    } finally {
      for (const service of services) await service.close(2_000);
      await given().start();
    }
  });

  it('is renewed by a later day, and left alone once people have decided otherwise', async () => {
    const renewed = await acceptedTeam();
    const decided = await acceptedTeam();
    const inTracker = await acceptedTeam();
    await renewed.patch(1, { acceptance: { owner: 'Bob', expiresAt: inDays(90) } });
    await decided.patch(1, { status: 'mitigated' });
    people().reopen(inTracker.at(1));
    await inTracker.sync();
    await daysPass(31, renewed, decided, inTracker);
    for (const team of [renewed, decided, inTracker]) {
      await team.settled();
      assert.deepEqual(await ends(team), []);
      assert.equal(told(team), 0);
    }
    assert.deepEqual(
      [(await renewed.threat(1)).status, (await renewed.threat(1)).acceptance?.owner],
      ['accepted', 'Bob'],
    );
    assert.equal((await decided.threat(1)).status, 'mitigated');
    assert.deepEqual(
      [(await inTracker.threat(1)).status, (await inTracker.threat(1)).acceptance],
      ['identified', undefined],
    );
  });

  it('that has ended is not accepted again by the label that is still there while the write waits', async () => {
    const team = await acceptedTeam();
    const { integrations } = given().useCases();
    await integrations.change(team.caller, team.integrationId, { enabled: false });
    await daysPass(31, team);
    assert.equal((await team.threat(1)).status, 'identified');
    assert.equal(team.issue(1).state, 'closed');
    assert.ok(team.issue(1).labels.includes('tm-accepted'));
    await given().useCases().integrations.change(team.caller, team.integrationId, { enabled: true });
    await team.sync({ full: true });
    await team.settled();
    assert.deepEqual([(await team.threat(1)).status, team.issue(1).state], ['identified', 'open']);
    assert.equal(told(team), 1);
    await assertConverged(team, 1);
  });

  it('that has ended is not accepted again by a file that has said so all along', async () => {
    // Threat Dragon has no word for accepted: the platform's own model does.
    const team = await syncedTeam(given());
    const model = {
      name: 'Platform',
      threats: [
        {
          key: 'P-1',
          title: 'Replay',
          description: '',
          status: 'accepted' as const,
          severity: 'high' as const,
          category: { taxonomy: 'STRIDE', values: [] },
          mitigations: [],
          references: [],
          tags: [],
          acceptance: { owner: 'Ada', expiresAt: inDays(10) },
        },
      ],
    };
    const { models } = given().useCases();
    const id = '3f0a8a52-6f0e-4a52-9d0e-3c1a4a8b7c11';
    await models.put(team.caller, id, model);
    const status = async () => {
      const page = await given().useCases().threats.list(team.caller, { limit: 9, modelId: id });
      return [page.items[0]?.status, page.items[0]?.acceptance?.expiresAt];
    };
    assert.deepEqual(await status(), ['accepted', model.threats[0]?.acceptance.expiresAt]);
    await daysPass(11, team);
    await given().useCases().models.put(team.caller, id, model);
    assert.deepEqual(await status(), ['identified', undefined]);
  });

  it('that has ended waits behind the brakes with the others', async () => {
    const threats = Array.from({ length: 6 }, (_, index) => ({ id: `t${index + 1}` }));
    const team = await syncedTeam(given(), { threats, integration: { acceptance: { maxDays: 30 } } });
    for (let number = 1; number <= 6; number += 1) {
      people().addLabel(team.at(number), 'tm-transferred');
      people().close(team.at(number), 'not_planned');
    }
    const run = await team.sync();
    const { planId } = run.state === 'needs-confirmation' ? run : ((await team.lastRun()) ?? run);
    await team.sync({ planId });
    await team.settled();
    assert.deepEqual((await team.threat(3)).acceptance?.expiresAt, inDays(30));
    await daysPass(31, team);
    await team.settled();
    const { state } = await given().useCases().integrations.get(team.caller, team.integrationId);
    assert.equal(state, 'braked');
    assert.equal((await team.threat(3)).status, 'identified');
    assert.deepEqual(
      team.issues().map((issue) => issue.state),
      Array.from({ length: 6 }, () => 'closed'),
    );
    assert.equal(told(team), 0, 'nothing is said before it is so');
    await team.sync({ planId: (await team.lastRun())?.planId });
    await team.settled();
    assert.deepEqual(
      team.issues().map((issue) => issue.state),
      Array.from({ length: 6 }, () => 'open'),
    );
    assert.equal(told(team), 1);
  });

  it('is accepted on terms that can be', async () => {
    const team = await syncedTeam(given());
    await assert.rejects(team.patch(1, { acceptance: { owner: 'Ada' } }), refused('/acceptance'));
    await assert.rejects(
      team.patch(1, { status: 'accepted', acceptance: { expiresAt: inDays(0) } }),
      refused('/acceptance/expiresAt'),
    );
    await team.patch(1, { status: 'accepted' });
    assert.equal((await team.threat(1)).acceptance?.owner, undefined);
    assert.ok((await team.threat(1)).acceptance?.since);
  });
});
