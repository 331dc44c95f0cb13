import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemChance } from '../../src/clock.ts';
import type { ThreatPatch } from '../../src/sync/threats.ts';
import { memoryStore } from '../simulation/memory-store/store.ts';
import { house } from './house.ts';
import { assertConverged, syncedTeam, type Team } from './team.ts';

/** A database whose clock can be moved with that of the house for a moment; what it tells of claims goes with it anyway. */
let aheadMs = 0;
const clock = { now: () => new Date(Date.now() + aheadMs) };
const store = memoryStore({ clock, chance: systemChance });
const given = house(async () => ({ store, drop: async () => {} }));
const MINUTE_MS = 60_000;
const people = () => given().github.world;

/** A team whose newer edit wins, while nobody looks: both sides can change before they are compared. */
async function restingTeam(): Promise<Team> {
  const policies = { status: 'newest', title: 'newest' } as const;
  const team = await syncedTeam(given(), { integration: { mapping: { policies } } });
  await enable(team, false);
  return team;
}

async function enable(team: Team, enabled: boolean): Promise<void> {
  await given().useCases().integrations.change(team.caller, team.integrationId, { enabled });
}

async function compared(team: Team): Promise<void> {
  await enable(team, true);
  await team.settled();
}

/** While nobody works on it: the database's clock stands where the house's does. */
async function set(team: Team, patch: ThreatPatch): Promise<void> {
  aheadMs = given().clock.now().getTime() - Date.now();
  await team.patch(1, patch);
  aheadMs = 0;
}

const openConflicts = async (team: Team) =>
  team.transact(async (tx) => (await tx.conflicts.list({ limit: 9, state: 'open' })).items);

describe('the policy newest', () => {
  it('keeps what was set in the threat after the issue was closed, and the losing value', async () => {
    const team = await restingTeam();
    people().close(team.at(1), 'completed');
    given().clock.ahead(5 * MINUTE_MS);
    await set(team, { status: 'accepted' });
    await compared(team);
    assert.deepEqual(
      [(await team.threat(1)).status, team.issue(1).state, team.issue(1).stateReason],
      ['accepted', 'closed', 'not_planned'],
    );
    const { items } = await team.transact((tx) => tx.conflicts.list({ limit: 9 }));
    assert.deepEqual(
      items.map(({ field, state, issue, resolution }) => [field, state, issue, resolution?.by]),
      [['status', 'resolved', 'mitigated', 'policy newest']],
    );
    await assertConverged(team, 1);
  });

  it('keeps what people did in the issue after the threat was set', async () => {
    const team = await restingTeam();
    await set(team, { status: 'accepted', title: 'Ours' });
    given().clock.ahead(5 * MINUTE_MS);
    people().close(team.at(1), 'completed');
    people().editTitle(team.at(1), 'Theirs');
    await compared(team);
    assert.deepEqual([(await team.threat(1)).status, team.issue(1).title], ['mitigated', 'Theirs']);
    assert.deepEqual(await openConflicts(team), []);
  });

  it('asks where both were changed within two minutes', async () => {
    const team = await restingTeam();
    people().close(team.at(1), 'completed');
    given().clock.ahead(MINUTE_MS);
    await set(team, { status: 'accepted' });
    await compared(team);
    assert.deepEqual(
      (await openConflicts(team)).map(({ field }) => field),
      ['status'],
    );
  });

  it('asks where the threat was changed in its file, which tells no time of a field', async () => {
    const team = await restingTeam();
    people().editTitle(team.at(1), 'Theirs');
    given().clock.ahead(5 * MINUTE_MS);
    await team.import([{ id: 't1', title: 'Of the file' }]);
    await compared(team);
    assert.deepEqual(
      (await openConflicts(team)).map(({ field }) => field),
      ['title'],
    );
  });
});
