import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { IntegrationInput } from '../../src/sync/use-cases.ts';
import { becomes, house } from './house.ts';
import { newTeam } from './team.ts';
import type { Team } from './team.ts';

const given = house();
const DAY_MS = 24 * 60 * 60 * 1000;

/** A tracker with a project of its own. */
interface Place {
  integration: Partial<IntegrationInput>;
  /** What is said about its only issue. */
  comments(): readonly string[];
  close(): Promise<void>;
}

const TRACKERS: Readonly<Record<string, () => Promise<Place>>> = {
  async GitLab() {
    const gitlab = await startGitlabSimulator({ now: () => given().clock.now() });
    const projectId = gitlab.world.addProject({ path: 'acme/shop' });
    gitlab.world.addProjectToken('acme/shop', { token: 'glpat', role: 'maintainer' });
    return {
      integration: {
        provider: 'gitlab',
        config: { baseUrl: gitlab.url, projectId: String(projectId), labels: ['threat-model'] },
        credentials: { type: 'token', token: 'glpat' },
      },
      comments: () => gitlab.world.issues('acme/shop').flatMap(({ notes }) => notes.map(({ body }) => body)),
      close: () => gitlab.close(),
    };
  },
  async Jira() {
    const jira = await startJiraSimulator({ flavour: 'data-center', now: () => given().clock.now() });
    jira.world.addUser({ name: 'bot', admin: true, personalAccessToken: 'pat' });
    const { issueTypes } = jira.world.addProject({
      key: 'TM',
      workflow: 'resolution-screen',
      members: ['bot'],
    });
    return {
      integration: {
        provider: 'jira',
        config: { baseUrl: jira.url, projectKey: 'TM', issueTypeId: issueTypes['Task'] ?? '' },
        credentials: { type: 'token', token: 'pat' },
      },
      comments: () =>
        jira.world.issues('TM').flatMap(({ comments }) => comments.map(({ body }) => JSON.stringify(body))),
      close: () => jira.close(),
    };
  },
  async 'Azure DevOps'() {
    const azure = await startAzureDevopsSimulator({ now: () => given().clock.now() });
    azure.world.addUser({ login: 'bot', token: 'pat' });
    azure.world.addOrganization({ name: 'acme', administrators: ['bot'] });
    azure.world.addProject({ organization: 'acme', name: 'shop', process: 'Agile', contributors: ['bot'] });
    return {
      integration: {
        provider: 'azure_devops',
        config: { baseUrl: azure.url, organization: 'acme', project: 'shop', workItemType: 'Bug' },
        credentials: { type: 'token', token: 'pat' },
      },
      comments: () =>
        azure.world.items('acme', 'shop').flatMap(({ comments }) => comments.map(({ text }) => text)),
      close: () => azure.close(),
    };
  },
};

/** The only link of a team. */
async function linkOf(team: Team) {
  const [link] = await team.links();
  return link ?? assert.fail('there is no link');
}

async function look(team: Team) {
  const { shown, threatId, fields } = await linkOf(team);
  const threat = await team.transact((tx) => tx.threats.get(threatId));
  const labels = shown?.labels.filter((label) => label.startsWith('tm-acc')) ?? [];
  return { status: threat?.status, labels, waits: Object.keys(fields) };
}

async function syncAll(team: Team): Promise<void> {
  const run = await team.sync({ full: true });
  assert.equal(run.state, 'completed', run.error?.message);
  await team.settled();
}

for (const [name, open] of Object.entries(TRACKERS))
  describe(`an acceptance that has ended, in ${name}`, () => {
    let place: Place;
    before(async () => void (place = await open()));
    after(() => place.close());

    it('is not taken back by what the issue still says, also when its write waits', async () => {
      const team = await newTeam(given(), { integration: { name, ...place.integration } });
      await syncAll(team);
      const { threatId } = await linkOf(team);
      const { integrations, threats } = given().useCases();
      const expiresAt = new Date(given().clock.now().getTime() + 30 * DAY_MS).toISOString().slice(0, 10);
      const acceptance = { owner: 'Ada', expiresAt };
      await threats.update(team.caller, threatId, { status: 'accepted', acceptance });
      await team.settled();
      await syncAll(team);
      assert.deepEqual(await look(team), { status: 'accepted', labels: ['tm-accepted'], waits: [] });
      const closed = (await linkOf(team)).shown?.status;
      await integrations.change(team.caller, team.integrationId, { enabled: false });
      given().clock.ahead(31 * DAY_MS);
      await given().stop();
      await given().start();
      await becomes(async () => (await look(team)).status, 'identified', 'the threat');
      assert.deepEqual((await look(team)).labels, ['tm-accepted'], 'nothing was written yet');
      await given().useCases().integrations.change(team.caller, team.integrationId, { enabled: true });
      await syncAll(team);
      for (const _ of ['once', 'and again']) {
        assert.deepEqual(await look(team), { status: 'identified', labels: [], waits: [] });
        assert.notEqual((await linkOf(team)).shown?.status, closed);
        const told = place.comments().filter((text) => text.includes(`by Ada ended on ${expiresAt}`));
        assert.equal(told.length, 1, told.join());
        await syncAll(team);
      }
    });
  });
