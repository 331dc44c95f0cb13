import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { becomes, house } from './house.ts';
import { assertConverged, inputOf, newTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
/** More than one process works at a time. */
const INTEGRATIONS = 8;
const HOUR_MS = 3_600_000;

/** Integrations of one tenant, each with a repository of its own; their ids. */
async function manyIntegrations(team: Team): Promise<readonly string[]> {
  const { integrations } = given().useCases();
  const ids = [team.integrationId];
  for (let number = 2; number <= INTEGRATIONS; number += 1) {
    const place = { ...team.place, repo: `threats-${number}` };
    given().github.world.addRepository({
      owner: place.owner,
      name: place.repo,
      visibility: 'private',
      admin: [team.bot.login],
    });
    const input = inputOf(given(), { place, bot: team.bot });
    ids.push((await integrations.create(team.caller, { ...input, name: place.repo })).id);
  }
  return ids;
}

describe('a tenant whose every integration waits for its tracker', () => {
  after(() => given().github.knobs.reset());

  it('does not keep another tenant waiting', async () => {
    // So long that none of them gives up meanwhile.
    await given().start({ timeouts: { connectMs: HOUR_MS, headersMs: HOUR_MS, bodyMs: HOUR_MS } });
    const busy = await newTeam(given());
    const quiet = await newTeam(given());
    const ids = await manyIntegrations(busy);
    const isOfBusy = ({ account }: { account?: string }): boolean => account === busy.bot.login;
    given().github.knobs.next({ match: isOfBusy, times: 1000, answer: 'hang' });
    for (const id of ids) await given().useCases().sync.start(busy.caller, id, {});
    const working = (): number => ids.filter((id) => given().held.has(id)).length;
    await becomes(() => working() >= 4, true, 'workers wait');
    const run = await quiet.sync();
    assert.equal(run.state, 'completed');
    await assertConverged(quiet, 1);
  });
});
