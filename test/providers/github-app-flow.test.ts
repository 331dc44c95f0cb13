import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { becomes, house } from '../sync/house.ts';
import { newTeam } from '../sync/team.ts';
import { HOUR_MS } from '../contract/stage.ts';

const THREATS = 5;
const given = house();

describe('a GitHub App in the engine', () => {
  it('is tested, renewed by itself, adopts what its bot wrote, and asks for a person when its key is dead', async () => {
    const { github, clock } = given();
    const { world } = github;
    const place = { owner: 'app-owner', repo: 'threats' };
    world.addRepository({ owner: place.owner, name: place.repo });
    const { appId, privateKey } = world.addApp({ slug: 'engine-app' });
    const installationId = world.installApp({ slug: 'engine-app', owner: place.owner });
    const integration = {
      name: 'App',
      provider: 'github',
      config: { baseUrl: github.url, ...place, labels: ['threat-model'] },
      credentials: { type: 'github_app', appId, installationId, privateKey },
    };
    const team = await newTeam(given(), {
      threats: Array.from({ length: THREATS }, (_, number) => ({ id: `t${String(number)}` })),
      integration,
    });
    const report = await given().useCases().integrations.connect(team.caller, integration);
    assert.equal(report.ok, true, JSON.stringify(report.checks));
    const stored = () => team.transact((tx) => tx.integrations.get(team.integrationId));
    assert.equal((await stored())?.bound?.account, 'engine-app[bot]');

    const run = await team.sync({ full: true });
    assert.equal(run.state, 'completed', run.error?.message);
    await team.settled();
    const issues = world.issues(place.owner, place.repo);
    assert.equal(issues.length, THREATS);
    assert.ok(issues.every(({ author, labels }) => author === 'engine-app[bot]' && labels.length > 0));

    const tokens = () => github.requests.filter(({ path }) => path.endsWith('/access_tokens')).length;
    const before = tokens();
    clock.ahead(2 * HOUR_MS);
    world.close({ ...place, number: 1 });
    await team.sync({ full: true });
    await team.settled();
    assert.equal((await team.threat(1)).status, 'mitigated');
    assert.equal(tokens(), before + 1);

    world.deleteAppKeys('engine-app');
    clock.ahead(2 * HOUR_MS);
    await team.sync({ full: true });
    await becomes(async () => (await stored())?.state, 'reconnect-needed', 'the integration without a key');
    assert.equal((await team.links()).length, THREATS);
    const dead = await given().useCases().integrations.connect(team.caller, integration);
    assert.deepEqual(
      [dead.ok, dead.checks.map(({ name, outcome }) => [name, outcome])],
      [false, [['token', 'failed']]],
    );
  });
});
