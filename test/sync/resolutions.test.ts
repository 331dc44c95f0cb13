import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import { house } from './house.ts';
import { newTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();

async function look(team: Team) {
  const run = await team.sync({ full: true });
  assert.equal(run.state, 'completed', run.error?.message);
  await team.settled();
  const [link] = await team.links();
  assert.ok(link);
  const threat = await team.transact((tx) => tx.threats.get(link.threatId));
  return { status: threat?.status, waits: link.fields.status?.kind, threatId: link.threatId };
}

/** Whatever was agreed or waits, a further look changes nothing. */
async function isAtRest(team: Team): Promise<void> {
  const before = await look(team);
  const run = await team.sync({ full: true });
  assert.deepEqual([run.counts.pushed, run.counts.pulled], [0, 0]);
  assert.deepEqual(await look(team), before);
}

describe('why an issue was closed, in the words of its tracker', () => {
  it('is the resolution of Jira', async () => {
    const jira = await startJiraSimulator({ flavour: 'data-center', now: () => given().clock.now() });
    try {
      jira.world.addUser({ name: 'bot', admin: true, personalAccessToken: 'pat' });
      const { issueTypes } = jira.world.addProject({
        key: 'TM',
        workflow: 'resolution-screen',
        members: ['bot'],
      });
      const team = await newTeam(given(), {
        integration: {
          name: 'Jira',
          provider: 'jira',
          config: { baseUrl: jira.url, projectKey: 'TM', issueTypeId: issueTypes['Task'] ?? '' },
          credentials: { type: 'token', token: 'pat' },
          mapping: { status: { byResolution: { "won't do": 'accepted' } } },
        },
      });
      assert.equal((await look(team)).status, 'identified');
      jira.world.setStatus('TM-1', 'Closed', { resolution: "Won't Do" });
      const accepted = await look(team);
      assert.deepEqual([accepted.status, accepted.waits], ['accepted', undefined]);
      await isAtRest(team);
      await given().useCases().threats.update(team.caller, accepted.threatId, { status: 'mitigated' });
      await team.settled();
      assert.equal((await look(team)).status, 'mitigated', 'a resolution that stays is no edit of people');
      await isAtRest(team);
      await given().useCases().threats.update(team.caller, accepted.threatId, { status: 'identified' });
      await team.settled();
      assert.equal((await look(team)).status, 'identified');
      assert.equal(jira.world.issue('TM-1').resolution, null);
      await isAtRest(team);
    } finally {
      await jira.close();
    }
  });

  it('is the reason of Azure DevOps', async () => {
    const azure = await startAzureDevopsSimulator({ now: () => given().clock.now() });
    try {
      azure.world.addUser({ login: 'bot', token: 'pat' });
      azure.world.addOrganization({ name: 'acme', administrators: ['bot'] });
      azure.world.addProject({
        organization: 'acme',
        name: 'shop',
        process: 'Agile',
        contributors: ['bot', 'mona'],
      });
      const team = await newTeam(given(), {
        integration: {
          name: 'Azure',
          provider: 'azure_devops',
          config: { baseUrl: azure.url, organization: 'acme', project: 'shop', workItemType: 'Bug' },
          credentials: { type: 'token', token: 'pat' },
          mapping: { status: { byResolution: { 'As Designed': 'false-positive', Deferred: 'accepted' } } },
        },
      });
      assert.equal((await look(team)).status, 'identified');
      const [item] = azure.world.items('acme', 'shop');
      assert.ok(item);
      const place = { organization: 'acme', id: item.id };
      azure.world.setState(place, 'Closed', 'mona', 'Deferred');
      const accepted = await look(team);
      assert.deepEqual([accepted.status, accepted.waits], ['accepted', undefined]);
      await isAtRest(team);
      await given().useCases().threats.update(team.caller, accepted.threatId, { status: 'mitigated' });
      await team.settled();
      assert.equal((await look(team)).status, 'mitigated', 'a reason that stays is no edit of people');
      await isAtRest(team);
    } finally {
      await azure.close();
    }
  });
});
