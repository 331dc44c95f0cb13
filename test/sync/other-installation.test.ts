import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemChance, systemClock } from '../../src/clock.ts';
import { memoryStore } from '../simulation/memory-store/store.ts';
import { house } from './house.ts';
import { dragon, many } from './import-house.ts';
import { inputOf, syncedTeam } from './team.ts';

const given = house();

describe('a second installation on the same project', () => {
  it('writes nothing until somebody says that both may, and suggests whose the issues are', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    const store = memoryStore({ clock: systemClock, chance: systemChance });
    const second = await given().another({ store });
    try {
      const { integrations, sync, models } = second.useCases;
      const bytes = dragon(team.caller.tenantId, many(2));
      await models.import(team.caller, { bytes, asNew: true });
      const integration = await integrations.create(team.caller, {
        ...inputOf(given(), { place: team.place, bot: team.bot }),
      });
      assert.equal(integration.bound?.others?.issues, 2);
      const runOf = async () => {
        const started = await sync.start(team.caller, integration.id, {});
        return sync.wait(team.caller, started.id, 30_000);
      };
      const refused = await runOf();
      assert.deepEqual([refused.state, refused.error?.code], ['failed', 'other-installation']);
      assert.match(refused.error?.message ?? '', /holds 2 issues that another installation.*allowOther/);
      assert.equal(team.issues().length, 2);
      const plan = await sync.plan(team.caller, integration.id);
      assert.equal(plan.suggestions.length, 2);

      await integrations.change(team.caller, integration.id, { allowOtherInstallation: true });
      assert.equal((await runOf()).state, 'completed');
      assert.equal(team.issues().length, 4);
    } finally {
      await second.close();
    }
  });

  it('is not seen in our own issues, nor in those of a deleted integration', async () => {
    const team = await syncedTeam(given(), { threats: many(2) });
    const { integrations } = given().useCases();
    await integrations.remove(team.caller, team.integrationId);
    const again = await integrations.create(team.caller, {
      ...inputOf(given(), { place: team.place, bot: team.bot }),
    });
    assert.ok(again.bound);
    assert.equal(again.bound.others, undefined);
  });
});
