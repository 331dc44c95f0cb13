import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import type { JiraSimulator } from '../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';
import { words } from './jira-client.ts';
import { jiraSpec } from './jira-spec.ts';
import { loadClient, withoutClients } from './other-clients.ts';

const withSpec = {
  skip: jiraSpec('cloud') === undefined && 'needs the folder shared/specs beside the checkout',
};

type Method = (parameters?: unknown) => Promise<unknown>;
const Method = z.custom<Method>((value) => typeof value === 'function');
/** A client as jira.js makes it: groups of methods. */
const Client = z.record(z.string(), z.unknown());
const Sixth = z.object({
  createCloudClient: z.custom<(config: object) => unknown>((value) => typeof value === 'function'),
});
const Fifth = z.object({
  Version2Client: z.custom<new (config: object) => object>((value) => typeof value === 'function'),
});

const Created = z.object({ id: z.string(), key: z.string() });
const Issue = z.object({
  id: z.string(),
  fields: z.object({
    summary: z.string(),
    status: z.object({ name: z.string() }),
    labels: z.array(z.string()),
  }),
});
const Found = z.object({ issues: z.array(Issue), nextPageToken: z.string().optional() });
const Transitions = z.object({ transitions: z.array(z.object({ id: z.string(), name: z.string() })) });
const Comment = z.object({ id: z.string() });

/** Calls `group.method`; jira.js 5 keeps its methods on classes. */
function caller(client: unknown): (group: string, method: string, parameters?: unknown) => Promise<unknown> {
  return (group, method, parameters) => {
    const owner: unknown =
      client !== null && typeof client === 'object' ? Reflect.get(client, group) : undefined;
    const found: unknown =
      owner !== null && typeof owner === 'object' ? Reflect.get(owner, method) : undefined;
    const call = Method.parse(found, { error: () => `jira.js has no ${group}.${method}` });
    return call.call(owner, parameters);
  };
}

describe('jira.js 6, with Jira Cloud', { skip: withoutClients }, () => {
  let simulator: JiraSimulator;
  let receiver: HookReceiver;
  let call: ReturnType<typeof caller>;
  const mismatches: unknown[] = [];

  before(async () => {
    simulator = await startJiraSimulator();
    receiver = await startHookReceiver();
    const { world } = simulator;
    world.addUser({ name: 'bot', apiToken: 'token', admin: true });
    world.addProject({ key: 'TM', members: ['bot', 'mona'] });
    const { createCloudClient } = Sixth.parse(await loadClient('jira.js', 'dist/index.js'));
    const client = createCloudClient({
      host: simulator.url,
      auth: { type: 'basic', email: 'bot@example.com', apiToken: 'token' },
      onSchemaMismatch: (report: unknown) => mismatches.push(report),
    });
    call = caller(Client.parse(client));
  });
  after(async () => {
    await simulator.close();
    await receiver.close();
  });

  it('goes through the life of an issue, and every answer is what it expects', async () => {
    await call('myself', 'getCurrentUser');
    await call('permissions', 'getMyPermissions', { projectKey: 'TM', permissions: 'CREATE_ISSUES' });
    await call('projects', 'getProject', { projectIdOrKey: 'TM' });
    await call('projects', 'getAllStatuses', { projectIdOrKey: 'TM' });
    await call('issues', 'getCreateIssueMetaIssueTypes', { projectIdOrKey: 'TM' });
    await call('issues', 'getCreateIssueMetaIssueTypeId', { projectIdOrKey: 'TM', issueTypeId: '10001' });
    const fields = { project: { key: 'TM' }, issuetype: { id: '10001' }, summary: 'SQL injection' };
    const { id } = Created.parse(
      await call('issues', 'createIssue', {
        fields: { ...fields, description: words('how'), labels: ['threat-model'] },
        properties: [{ key: 'tmi.sync', value: { link: 'x' } }],
      }),
    );
    const issueIdOrKey = id;
    const read = async (): Promise<z.infer<typeof Issue>> =>
      Issue.parse(await call('issues', 'getIssue', { issueIdOrKey }));
    assert.equal((await read()).fields.summary, 'SQL injection');
    await call('issues', 'editIssue', {
      issueIdOrKey,
      fields: { summary: 'SQL' },
      update: { labels: [{ add: 'new' }] },
    });
    assert.deepEqual((await read()).fields.labels, ['new', 'threat-model']);
    await walk(call, id, 'Done');
    assert.equal((await read()).fields.status.name, 'Done');
    await walk(call, id, 'To Do');
    assert.equal((await read()).fields.status.name, 'To Do');
    const comment = Comment.parse(
      await call('issueComments', 'addComment', { issueIdOrKey, body: words('hello') }),
    );
    await call('issueComments', 'updateComment', {
      issueIdOrKey,
      id: comment.id,
      body: { body: words('hello again') },
    });
    await call('issueComments', 'getComments', { issueIdOrKey });
    await call('issueProperties', 'getIssueProperty', { issueIdOrKey, propertyKey: 'tmi.sync' });
    await call('issues', 'getChangeLogs', { issueIdOrKey });
    await call('issues', 'createIssues', {
      issueUpdates: [{ fields }, { fields: { ...fields, summary: '' } }],
    });
    await call('issues', 'bulkFetchIssues', { issueIdsOrKeys: ['TM-1', 'TM-2'], fields: ['summary'] });
    assert.deepEqual(mismatches, []);
  });

  it('lists what changed since a time, page by page', async () => {
    const since = simulator.world.issue('TM-1').created;
    simulator.world.openIssue({ project: 'TM', summary: 'by a person' });
    const jql = `project = TM AND updated >= ${new Date(since).getTime()} ORDER BY updated ASC, id ASC`;
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = Found.parse(
        await call('issueSearch', 'searchAndReconsileIssuesUsingJqlPost', {
          jql,
          maxResults: 1,
          fields: ['summary', 'status', 'labels'],
          ...(token === undefined ? {} : { nextPageToken: token }),
        }),
      );
      seen.push(...page.issues.map(({ fields }) => fields.summary));
      token = page.nextPageToken;
    } while (token !== undefined);
    assert.deepEqual(seen.toSorted(), ['SQL', 'SQL injection', 'by a person'].toSorted());
    assert.deepEqual(mismatches, []);
  });

  it('has its webhooks as an OAuth app, with tokens that rotate', async () => {
    const { world } = simulator;
    world.addOAuthApp({ clientId: 'app', clientSecret: 'secret', user: 'bot', refreshToken: 'first' });
    const answer = await fetch(`${simulator.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        grant_type: 'refresh_token',
        client_id: 'app',
        client_secret: 'secret',
        refresh_token: 'first',
      }),
    });
    const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json());
    const { createCloudClient } = Sixth.parse(await loadClient('jira.js', 'dist/index.js'));
    const app = caller(
      createCloudClient({
        host: simulator.gatewayUrl,
        auth: { type: 'bearer', token },
        onSchemaMismatch: (report: unknown) => mismatches.push(report),
      }),
    );
    const webhooks = [{ jqlFilter: 'project = TM', events: ['jira:issue_updated'] }];
    await app('webhooks', 'registerDynamicWebhooks', { url: receiver.url, webhooks });
    await app('webhooks', 'getDynamicWebhooksForApp');
    world.editSummary('TM-1', 'edited');
    await simulator.settled();
    const [bearer = ''] = receiver.received.map(({ headers }) => headers['authorization']);
    const [head, claims, signature] = bearer.replace('Bearer ', '').split('.');
    const expected = createHmac('sha256', 'secret').update(`${head}.${claims}`).digest('base64url');
    assert.equal(signature, expected);
    const id = simulator.world.hooks()[0]?.id;
    await app('webhooks', 'refreshWebhooks', { webhookIds: [id] });
    await app('webhooks', 'deleteWebhookById', { webhookIds: [id] });
    assert.deepEqual(simulator.world.hooks(), []);
    assert.deepEqual(mismatches, []);
  });

  it('sends and gets nothing that the description does not know', withSpec, () => {
    assert.deepEqual(jiraSpec('cloud')?.violations(simulator.requests), []);
  });
});

describe("jira.js 5's client of API v2, with Jira Data Center", { skip: withoutClients }, () => {
  let simulator: JiraSimulator;
  let receiver: HookReceiver;
  let call: ReturnType<typeof caller>;

  before(async () => {
    simulator = await startJiraSimulator({ flavour: 'data-center', contextPath: '/jira' });
    receiver = await startHookReceiver();
    const { world } = simulator;
    world.addUser({ name: 'bot', password: 'word', admin: true });
    world.addProject({ key: 'TM', members: ['bot', 'mona'], workflow: 'resolution-screen' });
    const { Version2Client } = Fifth.parse(await loadClient('jira.js-v5', 'dist/esm/index.mjs'));
    call = caller(
      new Version2Client({
        host: simulator.url,
        authentication: { basic: { email: 'bot', apiToken: 'word' } },
      }),
    );
  });
  after(async () => {
    await simulator.close();
    await receiver.close();
  });

  it('goes through the life of an issue', async () => {
    await call('myself', 'getCurrentUser');
    await call('projects', 'getProject', { projectIdOrKey: 'TM' });
    await call('issues', 'getCreateIssueMetaIssueTypes', { projectIdOrKey: 'TM' });
    const fields = {
      project: { key: 'TM' },
      issuetype: { id: '10001' },
      summary: 'SQL injection',
      labels: ['a'],
    };
    const { id } = Created.parse(
      await call('issues', 'createIssue', { fields: { ...fields, description: 'h2. How' } }),
    );
    const issueIdOrKey = id;
    await call('issues', 'editIssue', {
      issueIdOrKey,
      fields: { summary: 'SQL' },
      update: { labels: [{ add: 'b' }] },
    });
    await assert.rejects(() => walk(call, id, 'Resolve Issue'));
    await walk(call, id, 'Resolve Issue', { resolution: { name: "Won't Do" } });
    assert.equal(simulator.world.issue('TM-1').resolution, "Won't Do");
    await walk(call, id, 'Reopen Issue');
    assert.equal(simulator.world.issue('TM-1').resolution, null);
    await call('issueComments', 'addComment', { issueIdOrKey, comment: 'hello' });
    await call('issueComments', 'getComments', { issueIdOrKey });
    const issue = Issue.parse(await call('issues', 'getIssue', { issueIdOrKey }));
    assert.deepEqual(issue.fields.labels, ['a', 'b']);
    const jql = 'project = TM AND updated >= -5m ORDER BY updated ASC';
    const found = Found.parse(
      await call('issueSearch', 'searchForIssuesUsingJqlPost', { jql, startAt: 0, maxResults: 10 }),
    );
    assert.deepEqual(
      found.issues.map((each) => each.id),
      [id],
    );
    await call('issues', 'deleteIssue', { issueIdOrKey });
    assert.deepEqual(simulator.world.issues('TM'), []);
  });

  it('sends and gets nothing that the description does not know', withSpec, () => {
    assert.deepEqual(jiraSpec('data-center')?.violations(simulator.requests), []);
  });
});

async function walk(
  call: ReturnType<typeof caller>,
  issueIdOrKey: string,
  name: string,
  fields?: object,
): Promise<void> {
  const { transitions } = Transitions.parse(await call('issues', 'getTransitions', { issueIdOrKey }));
  const id = transitions.find((each) => each.name === name)?.id;
  const more = fields === undefined ? {} : { fields };
  await call('issues', 'doTransition', { issueIdOrKey, transition: { id }, ...more });
}
