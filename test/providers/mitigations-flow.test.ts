import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import type { IntegrationInput } from '../../src/sync/use-cases.ts';
import { house } from '../sync/house.ts';
import { platform, threat, type Platform } from '../sync/platform.ts';

const given = house();

/** What people do at a tracker with the issue of this key. */
interface Desk {
  integration: Partial<IntegrationInput>;
  complete(key: string): void;
  verify(key: string): void;
  isClosed(key: string): boolean;
  hasLabel(key: string, label: string): boolean;
  /** How the issues of mitigations stand under those of their threats. */
  placed: 'child' | 'link';
  close(): Promise<void>;
}

const now = () => given().clock.now();

async function gitlabDesk(): Promise<Desk> {
  const gitlab = await startGitlabSimulator({ now });
  const path = 'acme/mitigations';
  const projectId = gitlab.world.addProject({ path, members: { mona: 'maintainer' } });
  gitlab.world.addProjectToken(path, { token: 'glpat-1', role: 'maintainer' });
  const at = (key: string) => ({ project: path, iid: Number(key) });
  const issue = (key: string) =>
    gitlab.world.issues(path).find(({ iid }) => iid === Number(key)) ?? assert.fail(`no issue ${key}`);
  return {
    integration: {
      provider: 'gitlab',
      config: { baseUrl: gitlab.url, projectId: String(projectId), labels: ['threat-model'] },
      credentials: { type: 'token', token: 'glpat-1' },
    },
    complete: (key) => gitlab.world.close(at(key)),
    verify: (key) => gitlab.world.addLabel(at(key), 'tm-verified'),
    isClosed: (key) => issue(key).state === 'closed',
    hasLabel: (key, label) => issue(key).labels.includes(label),
    placed: 'link',
    close: () => gitlab.close(),
  };
}

async function azureDesk(): Promise<Desk> {
  const azure = await startAzureDevopsSimulator({ now });
  azure.world.addUser({ login: 'bot', token: 'pat' });
  const organization = 'acme';
  azure.world.addOrganization({ name: organization, administrators: ['bot'] });
  azure.world.addProject({ organization, name: 'shop', process: 'Basic', contributors: ['mona', 'bot'] });
  const at = (key: string) => ({ organization, id: Number(key) });
  const fields = (key: string) => azure.world.item(organization, Number(key)).fields;
  return {
    integration: {
      provider: 'azure_devops',
      config: { baseUrl: azure.url, organization, project: 'shop', workItemType: 'Issue' },
      credentials: { type: 'token', token: 'pat' },
    },
    complete: (key) => azure.world.setState(at(key), 'Done'),
    verify: (key) => azure.world.addTag(at(key), 'tm-verified'),
    isClosed: (key) => fields(key)['System.State'] === 'Done',
    hasLabel: (key, label) => String(fields(key)['System.Tags']).includes(label),
    placed: 'child',
    close: () => azure.close(),
  };
}

async function jiraDesk(): Promise<Desk> {
  const jira = await startJiraSimulator({ flavour: 'data-center', now });
  jira.world.addUser({ name: 'bot', admin: true, personalAccessToken: 'pat' });
  const { issueTypes } = jira.world.addProject({
    key: 'MIT',
    workflow: 'resolution-screen',
    members: ['bot'],
  });
  return {
    integration: {
      provider: 'jira',
      config: { baseUrl: jira.url, projectKey: 'MIT', issueTypeId: issueTypes['Task'] ?? '' },
      credentials: { type: 'token', token: 'pat' },
    },
    complete: (key) => jira.world.setStatus(key, 'Resolved'),
    verify: (key) => jira.world.addLabel(key, 'tm-verified'),
    isClosed: (key) => jira.world.issue(key).resolution === 'Done',
    hasLabel: (key, label) => jira.world.issue(key).labels.includes(label),
    placed: 'link',
    close: () => jira.close(),
  };
}

/** A full look, for trackers whose webhooks are not on here. */
async function looked({ team }: Platform): Promise<void> {
  const run = await team.sync({ full: true });
  assert.equal(run.state, 'completed', run.error?.message);
  await team.settled();
}

const DESKS = { gitlab: gitlabDesk, jira: jiraDesk, 'azure-devops': azureDesk };

for (const [name, open] of Object.entries(DESKS))
  describe(`mitigations in a simulated ${name}`, () => {
    let desk: Desk;
    before(async () => (desk = await open()));
    after(() => desk.close());

    it('stand under their threats, come to their status by what people do, and close their issues', async () => {
      const integration = { ...desk.integration, granularity: 'threat+mitigations', gate: true } as const;
      const made = await platform(given(), integration, [threat('T1', ['M1', 'S*']), threat('T2', ['S*'])]);
      const { team } = made;
      const plan = await given().useCases().sync.plan(team.caller, team.integrationId);
      assert.equal(plan.counts.create, 4);
      await looked(made);
      const keyOf = async (what: string) =>
        (await made.link(what)).issue?.key ?? assert.fail(`no issue of ${what}`);
      const [home, first, shared] = [await keyOf('T1'), await keyOf('M1'), await keyOf('S')];
      for (const each of ['M1', 'S']) {
        const { placed } = await made.link(each);
        assert.deepEqual([placed?.kind, placed?.key], [desk.placed, home], each);
      }
      for (const key of [first, shared]) desk.complete(key);
      await looked(made);
      assert.deepEqual(await made.mitigations('T1'), ['M1 done', 'S done']);
      assert.equal((await made.threat('T1')).status, 'mitigating');
      // More than four changes of a status within an hour would wait for a person.
      given().clock.ahead(TIMINGS.brakeWindowMs + 1000);
      desk.verify(shared);
      const { id } = await made.threat('T1');
      await given().useCases().threats.updateMitigation(team.caller, id, 'M1', 'verified');
      await looked(made);
      await looked(made);
      assert.ok(desk.hasLabel(first, 'tm-verified'));
      for (const key of ['T1', 'T2']) {
        assert.equal((await made.threat(key)).status, 'mitigated');
        assert.ok(desk.isClosed(await keyOf(key)), key);
      }
      const run = await team.sync({ full: true });
      assert.deepEqual([run.counts.pushed, run.counts.pulled, run.counts.created], [0, 0, 0]);
      assert.equal((await team.links()).length, 4);
    });
  });
