import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { JiraSimulator } from '../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { JiraClient } from './jira-client.ts';
import { basic, jiraClient, words } from './jira-client.ts';

const FIELDS = { project: { key: 'TM' }, issuetype: { name: 'Task' }, summary: 'a threat' };

/** A document with one node in its one paragraph. */
function inline(node: object): object {
  return {
    type: 'doc',
    version: 1,
    content: [{ type: 'paragraph', content: [node] }],
  };
}

describe('the Jira Cloud simulator', () => {
  let simulator: JiraSimulator;
  let bot: JiraClient;
  let now = new Date('2026-03-01T10:00:00.000Z');

  before(async () => {
    simulator = await startJiraSimulator({ now: () => now, random: () => 0.5 });
    const { world } = simulator;
    world.addUser({ name: 'bot', apiToken: 'token', timeZone: 'America/New_York' });
    world.addUser({ name: 'mona', displayName: 'Mona Lisa' });
    world.addProject({ key: 'TM', members: ['bot', 'mona'], hidden: ['duedate'] });
    world.addProject({ key: 'STEPS', members: ['bot', 'mona'], workflow: 'four-step' });
    world.addProject({ key: 'ASKS', members: ['bot', 'mona'], workflow: 'resolution-screen' });
    world.addProject({ key: 'OTHER', members: ['bot', 'mona'] });
    bot = jiraClient(simulator.url, basic('bot@example.com', 'token'));
  });
  after(() => simulator.close());
  beforeEach(() => {
    simulator.knobs.reset();
    now = new Date(now.getTime() + 60_000);
  });

  it('treats a bad token as no token: empty lists with 200, and 401 only where a user is needed', async () => {
    simulator.world.openIssue({ project: 'TM', summary: 'one' });
    const expired = jiraClient(simulator.url, basic('bot@example.com', 'old'));
    const found = await expired.get(`/search/jql?jql=${encodeURIComponent('project = TM')}`);
    assert.equal(found.status, 200);
    assert.deepEqual(found.list('issues'), []);
    assert.equal((await expired.get('/myself')).status, 401);
    assert.equal((await expired.get('/issue/TM-1')).status, 404);
    assert.equal((await expired.post('/issue', { fields: FIELDS })).status, 400);
  });

  it('lets scoped tokens in only through the gateway, and only where their scopes reach', async () => {
    simulator.world.addUser({ name: 'bot', apiToken: 'scoped', scopes: ['read:jira-work'] });
    const auth = basic('bot@example.com', 'scoped');
    assert.equal((await jiraClient(simulator.url, auth).get('/project/TM')).status, 404);
    const plain = jiraClient(simulator.gatewayUrl, basic('bot@example.com', 'token'));
    assert.equal((await plain.get('/project/TM')).status, 401);
    const gateway = jiraClient(simulator.gatewayUrl, auth);
    assert.equal((await gateway.get('/project/TM')).status, 200);
    assert.equal((await gateway.get('/myself')).status, 401);
    assert.equal((await gateway.post('/issue', { fields: FIELDS })).status, 401);
    const elsewhere = jiraClient(`${simulator.url}/ex/jira/other`, auth);
    assert.equal((await elsewhere.get('/project/TM')).status, 404);
  });

  it('refuses fields that are missing, too long, or on no screen, and names each', async () => {
    const bad = await bot.post('/issue', {
      fields: { ...FIELDS, summary: 'a\nb', labels: ['two words'], duedate: '2026-12-31', colour: 'red' },
    });
    assert.equal(bad.status, 400);
    const faults = bad.value('errors');
    assert.deepEqual(Object.keys(faults ?? {}).toSorted(), ['colour', 'duedate', 'labels', 'summary']);
    assert.match(bad.text('errors', 'duedate'), /not on the appropriate screen/);
    const { summary: _, ...without } = FIELDS;
    assert.match((await bot.post('/issue', { fields: without })).text('errors', 'summary'), /must specify/);
    assert.equal((await bot.post('/issue', { fields: { ...FIELDS, summary: 'x'.repeat(256) } })).status, 400);
    assert.equal((await bot.post('/issue', { fields: { ...FIELDS, summary: 'x'.repeat(255) } })).status, 201);
    const long = { ...FIELDS, description: words('x'.repeat(32_768)) };
    assert.match((await bot.post('/issue', { fields: long })).text('errors', 'description'), /32,767/);
  });

  it('takes documents that it knows to the last node, and nothing else', async () => {
    const description = async (content: unknown): Promise<number> => {
      const doc = { type: 'doc', version: 1, content: [content] };
      return (await bot.post('/issue', { fields: { ...FIELDS, description: doc } })).status;
    };
    const text = { type: 'text', text: 'x' };
    const paragraph = { type: 'paragraph', content: [text] };
    const panel = { type: 'panel', attrs: { panelType: 'info' }, content: [paragraph] };
    assert.equal(await description(panel), 201);
    assert.equal(await description({ ...panel, attrs: { panelType: 'red' } }), 400);
    assert.equal(await description({ ...panel, content: [panel] }), 400, 'a panel in a panel');
    assert.equal(await description({ type: 'paragraph', content: [{ type: 'text', text: '' }] }), 400);
    assert.equal(await description({ type: 'marquee' }), 400);
    assert.equal(await description({ ...paragraph, colour: 'red' }), 400);
    const marks = [{ type: 'code' }, { type: 'strong' }];
    assert.equal(await description({ type: 'paragraph', content: [{ ...text, marks }] }), 400);
    assert.equal(await description({ type: 'bulletList', content: [paragraph] }), 400);
    assert.equal((await bot.post('/issue', { fields: { ...FIELDS, description: 'words' } })).status, 400);
  });

  it('creates up to 50 at once; positions shift where some failed, and 400 only if all did', async () => {
    const good = { fields: FIELDS, properties: [{ key: 'p', value: 1 }] };
    const bad = { fields: { ...FIELDS, labels: ['a b'] } };
    const some = await bot.post('/issue/bulk', { issueUpdates: [good, bad, good] });
    assert.equal(some.status, 201);
    assert.equal(some.list('issues').length, 2);
    assert.deepEqual(
      some.list('errors').map((each) => [each['failedElementNumber'], each['status']]),
      [[1, 400]],
    );
    assert.equal((await bot.get(`/issue/${some.text('issues', 1, 'id')}/properties/p`)).number('value'), 1);
    assert.equal((await bot.post('/issue/bulk', { issueUpdates: [bad] })).status, 400);
    assert.equal(
      (await bot.post('/issue/bulk', { issueUpdates: Array.from({ length: 51 }, () => good) })).status,
      400,
    );
  });

  it('changes labels one by one and ignores a transition in an update', async () => {
    const { key } = simulator.world.openIssue({ project: 'TM', summary: 'x', labels: ['a', 'b'] });
    const update = { labels: [{ add: 'c' }, { remove: 'a' }] };
    assert.equal((await bot.put(`/issue/${key}`, { update, transition: { id: '31' } })).status, 204);
    assert.deepEqual(simulator.world.issue(key).labels, ['b', 'c']);
    assert.equal(simulator.world.issue(key).status, 'To Do');
    assert.equal((await bot.put(`/issue/${key}`, { fields: { labels: [] }, update })).status, 400);
    assert.equal(
      (await bot.put(`/issue/${key}?notifyUsers=false`, { fields: {} })).status,
      204,
      'a project admin may',
    );
  });

  it('has no short way through a workflow of four steps', async () => {
    const { key } = simulator.world.openIssue({ project: 'STEPS', summary: 'x' });
    const names: string[] = [];
    while (simulator.world.issue(key).status !== 'Closed') {
      const { transitions } = {
        transitions: (await bot.get(`/issue/${key}/transitions`)).list('transitions'),
      };
      assert.equal(transitions.length, 1);
      const [hop] = transitions;
      assert.equal(
        (await bot.post(`/issue/${key}/transitions`, { transition: { id: hop?.['id'] } })).status,
        204,
      );
      names.push(simulator.world.issue(key).status);
    }
    assert.deepEqual(names, ['In Analysis', 'In Progress', 'In Review', 'Closed']);
    assert.equal((await bot.post(`/issue/${key}/transitions`, { transition: { id: '44' } })).status, 400);
  });

  it('asks for a resolution where the screen does, and hides what a condition forbids', async () => {
    const { key } = simulator.world.openIssue({ project: 'ASKS', summary: 'x' });
    const place = `/issue/${key}/transitions`;
    const listed = await bot.get(`${place}?expand=transitions.fields&transitionId=5`);
    assert.equal(listed.value('transitions', 0, 'fields', 'resolution', 'required'), true);
    const bare = await bot.post(place, { transition: { id: '5' } });
    assert.match(bare.text('errors', 'resolution'), /required/);
    const resolution = { name: 'Duplicate' };
    assert.equal((await bot.post(place, { transition: { id: '4' }, fields: { resolution } })).status, 400);
    assert.equal((await bot.post(place, { transition: { id: '5' }, fields: { resolution } })).status, 204);
    assert.equal(simulator.world.issue(key).resolution, 'Duplicate');
    simulator.world.setStatus(key, 'In Progress');
    assert.equal((await bot.get(`${place}?transitionId=301`)).list('transitions').length, 0);
    simulator.world.assign(key, 'bot');
    assert.equal((await bot.get(`${place}?transitionId=301`)).list('transitions').length, 1);
  });

  it('keeps the id of an issue that moves, and finds it by its old key', async () => {
    const issue = simulator.world.openIssue({ project: 'TM', summary: 'x', labels: ['a'] });
    const moved = simulator.world.moveIssue(issue.key, 'OTHER');
    assert.notEqual(moved.key, issue.key);
    const found = await bot.get(`/issue/${issue.key}?fields=project`);
    assert.deepEqual([found.text('id'), found.text('key')], [issue.id, moved.key]);
    assert.equal(
      (await bot.post('/issue/bulkfetch', { issueIdsOrKeys: [issue.key] })).text('issues', 0, 'key'),
      moved.key,
    );
    assert.equal(found.text('fields', 'project', 'key'), 'OTHER');
  });

  it('clones labels and properties along, so that a mark appears twice', async () => {
    const { key } = simulator.world.openIssue({ project: 'TM', summary: 'x', labels: ['tm-1'] });
    await bot.put(`/issue/${key}/properties/tmi.sync`, { link: 'x' });
    const clone = simulator.world.cloneIssue(key);
    assert.deepEqual([clone.labels, clone.properties], [['tm-1'], { 'tmi.sync': { link: 'x' } }]);
  });

  it('says the same of an issue that is gone and of one that must not be seen', async () => {
    const { key, id } = simulator.world.openIssue({ project: 'OTHER', summary: 'x' });
    simulator.world.setPermissions('OTHER', 'bot', []);
    const hidden = await bot.get(`/issue/${key}`);
    simulator.world.setPermissions('OTHER', 'bot', ['BROWSE_PROJECTS']);
    assert.equal((await bot.get(`/issue/${key}`)).status, 200);
    assert.equal((await bot.put(`/issue/${key}`, { fields: { summary: 'y' } })).status, 403);
    assert.equal((await bot.get(`/issue/${key}/transitions`)).list('transitions').length, 0);
    simulator.world.deleteIssue(key);
    const gone = await bot.get(`/issue/${id}`);
    assert.deepEqual([gone.status, gone.json], [hidden.status, hidden.json]);
    assert.equal(gone.status, 404);
    assert.deepEqual((await bot.post('/issue/bulkfetch', { issueIdsOrKeys: [id] })).list('issues'), []);
  });

  it('shows times in the time zone of the account that asks', async () => {
    const { key, created } = simulator.world.openIssue({ project: 'TM', summary: 'x' });
    const shown = (await bot.get(`/issue/${key}?fields=created`)).text('fields', 'created');
    assert.match(shown, /-0500$/);
    assert.equal(new Date(shown).toISOString(), created);
  });

  it('writes nothing to an archived project', async () => {
    simulator.world.addProject({ key: 'OLD', members: ['bot'] });
    simulator.world.openIssue({ project: 'OLD', summary: 'x' });
    simulator.world.archive('OLD');
    assert.equal((await bot.get('/project/OLD')).value('archived'), true);
    assert.equal((await bot.put('/issue/OLD-1', { fields: { summary: 'y' } })).status, 403);
    assert.equal((await bot.post('/issue', { fields: { ...FIELDS, project: { key: 'OLD' } } })).status, 400);
  });

  it('answers 413 when an issue has all the comments it may have', async () => {
    const { key } = simulator.world.openIssue({ project: 'TM', summary: 'x' });
    simulator.knobs.commentLimit = 1;
    assert.equal((await bot.post(`/issue/${key}/comment`, { body: words('one') })).status, 201);
    assert.equal((await bot.post(`/issue/${key}/comment`, { body: words('two') })).status, 413);
  });

  it('does what mentions, cards and macros say, and nothing of what is only text', async () => {
    const { accountId } = simulator.world.addUser({ name: 'mona' });
    const from = simulator.world.executed().length;
    const { key } = simulator.world.openIssue({ project: 'TM', summary: '[~mona] {html}' });
    const say = (body: unknown): Promise<unknown> => bot.post(`/issue/${key}/comment`, { body });
    await say(words(`[~accountid:${accountId}] {html} !http://x/a.png! @mona`));
    await say(inline({ type: 'mention', attrs: { id: accountId, text: '@Mona' } }));
    await say(
      inline({ type: 'text', text: 'x', marks: [{ type: 'link', attrs: { href: 'javascript:alert(1)' } }] }),
    );
    await say(inline({ type: 'inlineCard', attrs: { url: 'https://evil.example' } }));
    const done = simulator.world.executed().slice(from);
    assert.deepEqual(
      done.map(({ kind, what, where }) => [kind, what, where]),
      [
        ['mention', accountId, 'comment'],
        ['script', 'javascript:alert(1)', 'comment'],
        ['macro', 'https://evil.example', 'comment'],
      ],
    );
  });
});
