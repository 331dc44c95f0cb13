import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JiraSimulator } from '../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';
import type { JiraClient } from './jira-client.ts';
import { basic, jiraClient, words } from './jira-client.ts';
import { jiraSpec } from './jira-spec.ts';

const cloudSpec = jiraSpec('cloud');
const serverSpec = jiraSpec('data-center');
const skip = cloudSpec === undefined ? 'needs the folder shared/specs beside the checkout' : false;

describe("the Jira Cloud simulator's answers", { skip }, () => {
  let simulator: JiraSimulator;
  let receiver: HookReceiver;
  let bot: JiraClient;
  let type: string;

  before(async () => {
    simulator = await startJiraSimulator();
    receiver = await startHookReceiver();
    const { world } = simulator;
    world.addUser({ name: 'bot', apiToken: 'token', admin: true, timeZone: 'Europe/Berlin' });
    const project = world.addProject({
      key: 'TM',
      members: ['bot', 'mona'],
      workflow: 'resolution-screen',
      fields: [{ name: 'Team', type: 'option', options: ['Red', 'Blue'] }],
    });
    world.addProject({ key: 'TEAM', members: ['bot'], workflow: 'team-managed' });
    type = project.issueTypes['Task'] ?? '';
    bot = jiraClient(simulator.url, basic('bot@example.com', 'token'));
  });
  after(async () => {
    await simulator.close();
    await receiver.close();
  });

  it('are as Atlassian describes them, request by request', async () => {
    const { world } = simulator;
    const issueType = { id: type };
    for (const path of [
      '/serverInfo',
      '/myself',
      '/project/TM',
      '/project/TEAM',
      '/project/search',
      '/priority/search',
    ])
      await bot.get(path);
    for (const path of [
      '/project/TM/statuses',
      '/field',
      '/field/search',
      '/label',
      '/statuscategory',
      '/configuration',
    ])
      await bot.get(path);
    await bot.get('/statuses/search');
    await bot.get('/mypermissions?projectKey=TM&permissions=BROWSE_PROJECTS,CREATE_ISSUES,ADMINISTER');
    await bot.get('/issue/createmeta/TM/issuetypes');
    await bot.get(`/issue/createmeta/TM/issuetypes/${type}`);
    await bot.get('/user/assignable/search?project=TM&query=bot');
    const { accountId } = world.addUser({ name: 'mona' });
    await bot.get(`/user?accountId=${encodeURIComponent(accountId)}`);
    const fields = { project: { key: 'TM' }, issuetype: issueType, summary: 'SQL injection', labels: ['a'] };
    const created = await bot.post('/issue', {
      fields: { ...fields, description: words('how'), priority: { id: '2' }, duedate: '2026-12-31' },
      properties: [{ key: 'tmi.sync', value: { link: 'x' } }],
    });
    const one = `/issue/${created.text('id')}`;
    const below = { ...fields, issuetype: { name: 'Sub-task' }, parent: { key: 'TM-1' } };
    await bot.post('/issue', { fields: below, transition: { id: '4' } });
    await bot.post('/issue/bulk', { issueUpdates: [{ fields }, { fields: { ...fields, summary: '' } }] });
    await bot.post('/issue/bulkfetch', {
      issueIdsOrKeys: ['TM-1', 'TM-2'],
      fields: ['summary'],
      properties: ['tmi.sync'],
    });
    world.assign('TM-1', 'mona');
    await bot.put(one, { fields: { summary: 'SQL' }, update: { labels: [{ add: 'b' }, { remove: 'a' }] } });
    await bot.put(`${one}?returnIssue=true`, { fields: { priority: { name: 'Low' } } });
    await bot.get(`${one}?expand=changelog&properties=tmi.sync`);
    await bot.get(`${one}?fields=summary,status`);
    await bot.get(`${one}/editmeta`);
    await bot.get(`${one}/changelog`);
    await bot.post('/changelog/bulkfetch', { issueIdsOrKeys: ['TM-1'] });
    await bot.put(`${one}/assignee`, { accountId: null });
    await bot.get(`${one}/transitions?expand=transitions.fields`);
    await bot.post(`${one}/transitions`, {
      transition: { id: '5' },
      fields: { resolution: { name: 'Done' } },
      update: { comment: [{ add: { body: words('closed') } }] },
    });
    const comment = await bot.post(`${one}/comment`, { body: words('hello') });
    await bot.get(`${one}/comment`);
    await bot.get(`${one}/comment/${comment.text('id')}`);
    await bot.put(`${one}/comment/${comment.text('id')}`, { body: words('hello again') });
    await bot.delete(`${one}/comment/${comment.text('id')}`);
    await bot.get(`${one}/properties`);
    await bot.get(`${one}/properties/tmi.sync`);
    await bot.put(`${one}/properties/other`, { a: [1] });
    await bot.delete(`${one}/properties/other`);
    const link = { globalId: 'tmi=1', object: { url: 'https://example.com/1', title: 'Threat 1' } };
    await bot.post(`${one}/remotelink`, link);
    await bot.post(`${one}/remotelink`, { ...link, relationship: 'mitigates' });
    await bot.get(`${one}/remotelink`);
    await bot.get(`${one}/remotelink?globalId=tmi%3D1`);
    await bot.delete(`${one}/remotelink?globalId=tmi%3D1`);
    await bot.get('/issueLinkType');
    await bot.post('/issueLink', {
      type: { name: 'Relates' },
      inwardIssue: { key: 'TM-1' },
      outwardIssue: { key: 'TM-2' },
    });
    const issue = await bot.get(one);
    const linkId = issue.text('fields', 'issuelinks', 0, 'id');
    await bot.get(`/issueLink/${linkId}`);
    await bot.delete(`/issueLink/${linkId}`);
    const jql = 'project = TM ORDER BY updated ASC, id ASC';
    const page = await bot.post('/search/jql', {
      jql,
      fields: ['*all'],
      maxResults: 2,
      expand: 'changelog',
      reconcileIssues: [],
    });
    await bot.get(
      `/search/jql?jql=${encodeURIComponent(jql)}&nextPageToken=${page.text('nextPageToken')}&maxResults=2`,
    );
    await bot.post('/search/approximate-count', { jql });
    await bot.delete('/issue/TM-3');
    for (const path of ['/issue/TM-99', '/project/NONE', `${one}/properties/none`, '/search'])
      await bot.get(path);
    assert.deepEqual(cloudSpec?.violations(simulator.requests), []);
  });

  it('describe webhooks as Atlassian does, of administrators and of apps', async () => {
    simulator.clearRequests();
    const { world } = simulator;
    const hooks = '/rest/webhooks/1.0/webhook';
    const wish = { name: 'ours', url: receiver.url, events: ['jira:issue_updated'], secret: 'shh' };
    const made = await bot.post(hooks, {
      ...wish,
      filters: { 'issue-related-events-section': 'project = TM' },
    });
    const place = made.text('self').slice(simulator.url.length);
    await bot.get(hooks);
    await bot.get(place);
    await bot.put(place, { ...wish, enabled: false });
    await bot.delete(place);
    world.addOAuthApp({ clientId: 'app', clientSecret: 'secret', user: 'bot', refreshToken: 'first' });
    const refresh = {
      grant_type: 'refresh_token',
      client_id: 'app',
      client_secret: 'secret',
      refresh_token: 'first',
    };
    const tokens = await bot.post('/oauth/token', refresh);
    const app = jiraClient(simulator.gatewayUrl, `Bearer ${tokens.text('access_token')}`);
    const webhooks = [
      { jqlFilter: 'project = TM', events: ['jira:issue_updated'], fieldIdsFilter: ['summary'] },
    ];
    const registered = await app.post('/webhook', { url: receiver.url, webhooks });
    const webhookIds = [registered.number('webhookRegistrationResult', 0, 'createdWebhookId')];
    await app.get('/webhook');
    await app.put('/webhook/refresh', { webhookIds });
    await app.delete('/webhook', { webhookIds });
    await bot.get('/webhook');
    assert.deepEqual(
      simulator.requests.map(({ status }) => status),
      [201, 200, 200, 200, 204, 200, 200, 200, 200, 202, 403],
    );
    assert.deepEqual(cloudSpec?.violations(simulator.requests), []);
  });
});

describe("the Jira Data Center simulator's answers", { skip }, () => {
  let simulator: JiraSimulator;
  let bot: JiraClient;
  let type: string;

  before(async () => {
    simulator = await startJiraSimulator({ flavour: 'data-center', contextPath: '/jira' });
    const { world } = simulator;
    world.addUser({ name: 'bot', personalAccessToken: 'pat', admin: true });
    type = world.addProject({ key: 'TM', members: ['bot', 'mona'] }).issueTypes['Task'] ?? '';
    bot = jiraClient(simulator.url, 'Bearer pat', '/rest/api/2');
  });
  after(() => simulator.close());

  it('are as Atlassian describes them, request by request', async () => {
    for (const path of [
      '/serverInfo',
      '/myself',
      '/mypermissions?projectKey=TM',
      '/project/TM',
      '/project/TM/statuses',
    ])
      await bot.get(path);
    for (const path of [
      '/field',
      '/priority',
      '/status',
      '/statuscategory',
      '/configuration',
      '/user?username=bot',
    ])
      await bot.get(path);
    await bot.get('/issue/createmeta/TM/issuetypes');
    await bot.get(`/issue/createmeta/TM/issuetypes/${type}`);
    await bot.get('/user/assignable/search?project=TM&username=bot');
    const fields = {
      project: { key: 'TM' },
      issuetype: { id: type },
      summary: 'SQL injection',
      labels: ['a'],
    };
    const made = await bot.post('/issue', {
      fields: { ...fields, description: 'h2. How\n*bold*', assignee: { name: 'mona' } },
      properties: [{ key: 'tmi.sync', value: { link: 'x' } }],
    });
    const one = `/issue/${made.text('id')}`;
    await bot.post('/issue/bulk', { issueUpdates: [{ fields }] });
    await bot.get(`${one}?properties=tmi.sync&expand=changelog`);
    await bot.put(one, { update: { labels: [{ add: 'b' }] } });
    await bot.get(`${one}/editmeta`);
    await bot.get(`${one}/transitions`);
    await bot.post(`${one}/transitions`, { transition: { id: '31' } });
    await bot.put(`${one}/assignee`, { name: 'bot' });
    const comment = await bot.post(`${one}/comment`, { body: 'hello' });
    await bot.get(`${one}/comment`);
    await bot.put(`${one}/comment/${comment.text('id')}`, { body: 'hello again' });
    await bot.delete(`${one}/comment/${comment.text('id')}`);
    await bot.get(`${one}/properties`);
    await bot.get(`${one}/properties/tmi.sync`);
    await bot.put(`${one}/properties/other`, 'text');
    await bot.delete(`${one}/properties/other`);
    await bot.post(`${one}/remotelink`, {
      globalId: 'g',
      object: { url: 'https://example.com', title: 't' },
    });
    await bot.get(`${one}/remotelink`);
    await bot.post('/issueLink', {
      type: { name: 'Blocks' },
      inwardIssue: { key: 'TM-1' },
      outwardIssue: { key: 'TM-2' },
    });
    await bot.get('/issueLinkType');
    await bot.get('/search?jql=project%20%3D%20TM&startAt=0&maxResults=1&fields=summary');
    await bot.post('/search', { jql: 'project = TM', fields: ['summary'], startAt: 1 });
    const hooks = '/rest/jira-webhook/1.0/webhooks';
    const configuration = { SECRET: 'shh', EXCLUDE_BODY: 'false' };
    const hook = await bot.post(hooks, {
      name: 'ours',
      url: 'http://127.0.0.1:9/',
      events: ['comment_created'],
      configuration,
    });
    await bot.get(hooks);
    await bot.put(`${hooks}/${hook.number('id')}`, { active: false });
    await bot.get(`${hooks}/${hook.number('id')}/statistics`);
    await bot.delete(`${hooks}/${hook.number('id')}`);
    await bot.delete('/issue/TM-2');
    assert.deepEqual(
      simulator.requests.filter(({ status }) => status >= 400),
      [],
    );
    assert.deepEqual(serverSpec?.violations(simulator.requests), []);
  });

  it('knows nothing of what only Cloud has', async () => {
    for (const path of [
      '/search/jql?jql=project%20%3D%20TM',
      '/priority/search',
      '/rest/webhooks/1.0/webhook',
      '/rest/api/3/myself',
    ])
      assert.equal((await bot.get(path)).status, 404, path);
    assert.equal((await bot.post('/issue/bulkfetch', { issueIdsOrKeys: ['TM-1'] })).status, 404);
  });
});
