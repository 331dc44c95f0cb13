import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { TIMINGS } from '../../src/domain/timings.ts';
import { house } from './house.ts';
import { startRelay } from './relay.ts';
import type { Relay } from './relay.ts';
import { syncedTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const people = () => given().github.world;

const hookOf = (team: Team) =>
  people().hooks(team.place.owner, team.place.repo)[0] ?? assert.fail('there is no hook');
const webhookOf = async (team: Team) =>
  (await given().useCases().integrations.status(team.caller, team.integrationId)).webhook;
const looks = (team: Team): number =>
  team.requests().filter(({ method, path }) => method === 'GET' && path.endsWith('/deliveries')).length;

describe('webhooks that were sent while we were away', () => {
  let relay: Relay;
  before(async () => {
    relay = await startRelay(() => given().url());
  });
  after(() => relay.close());
  afterEach(() => given().github.knobs.reset());

  /** A team whose hook has just lost what a person did. */
  async function missing(): Promise<{ team: Team; guid: string }> {
    const team = await syncedTeam(given(), { hooks: relay.url });
    await given().github.settled();
    await given().stop();
    people().close(team.at(1), 'completed');
    await given().github.settled();
    await given().start();
    const lost = hookOf(team).deliveries.at(-1);
    assert.deepEqual([lost?.event, lost?.statusCode], ['issues', 0]);
    team.forget();
    return { team, guid: lost?.guid ?? '' };
  }

  it('are sent again within the hour, once, and the status says so', async () => {
    const { team, guid } = await missing();
    await team.sync();
    assert.equal(looks(team), 0);
    given().clock.ahead(TIMINGS.redeliverMs);
    await team.sync();
    await given().github.settled();
    await team.settled();
    const attempts = hookOf(team).deliveries.filter((each) => each.guid === guid);
    assert.deepEqual(
      attempts.map(({ redelivery, statusCode }) => [redelivery, statusCode]),
      [
        [false, 0],
        [true, 202],
      ],
    );
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.match((await webhookOf(team)).detail, /had not arrived by .*: 1; 1 were sent again\.$/);
    await team.sync();
    assert.equal(looks(team), 1);
    given().clock.ahead(TIMINGS.redeliverMs);
    await team.sync();
    assert.equal(looks(team), 2);
    assert.equal((await webhookOf(team)).detail, 'The tracker tells us of changes.');
    assert.equal(hookOf(team).deliveries.filter((each) => each.guid === guid).length, 2);
  });

  it('stop nothing where the credential may not ask for them', async () => {
    const { team } = await missing();
    given().github.knobs.next({
      match: ({ path }) => path.endsWith('/attempts'),
      answer: { status: 403, body: { message: 'Resource not accessible by personal access token' } },
    });
    given().clock.ahead(TIMINGS.redeliverMs);
    const run = await team.sync();
    assert.equal(run.state, 'completed', run.error?.message);
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.match((await webhookOf(team)).detail, /could not be seen .* write access to webhooks/);
  });

  it('show that the hook is gone, and it is made again', async () => {
    const team = await syncedTeam(given(), { hooks: relay.url });
    const { owner, repo } = team.place;
    const { id } = hookOf(team);
    const answer = await fetch(`${given().github.url}/api/v3/repos/${owner}/${repo}/hooks/${String(id)}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${team.bot.token}` },
    });
    assert.equal(answer.status, 204);
    given().clock.ahead(TIMINGS.redeliverMs);
    await team.sync();
    assert.notEqual(hookOf(team).id, id);
    assert.equal((await webhookOf(team)).state, 'registered');
  });
});
