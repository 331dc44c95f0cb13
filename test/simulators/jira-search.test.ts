import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { JiraSimulator } from '../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { Answered, JiraClient } from './jira-client.ts';
import { basic, jiraClient } from './jira-client.ts';

describe("the Jira Cloud simulator's search", () => {
  let simulator: JiraSimulator;
  let bot: JiraClient;
  let now = new Date('2026-03-01T10:00:00.000Z');
  const pass = (seconds: number): void => {
    now = new Date(now.getTime() + seconds * 1000);
  };
  const search = (jql: string, more: object = {}): Promise<Answered> =>
    bot.post('/search/jql', { jql, fields: ['summary'], ...more });
  const found = async (jql: string, more: object = {}): Promise<unknown[]> => {
    const answer = await search(jql, more);
    assert.equal(answer.status, 200, JSON.stringify(answer.json));
    return answer.list('issues').map((_, at) => answer.value('issues', at, 'fields', 'summary'));
  };

  before(async () => {
    simulator = await startJiraSimulator({ now: () => now, random: () => 0.999 });
    const { world } = simulator;
    world.addUser({ name: 'bot', apiToken: 'token', timeZone: 'America/New_York' });
    world.addProject({ key: 'TM', members: ['bot', 'mona'] });
    world.addProject({ key: 'SECRET', members: ['mona'] });
    bot = jiraClient(simulator.url, basic('bot@example.com', 'token'));
    world.openIssue({ project: 'TM', summary: 'first', labels: ['tm-1'], by: 'bot' });
    pass(3600);
    world.openIssue({ project: 'TM', summary: 'second', assignee: 'mona' });
    pass(3600);
    world.openIssue({ project: 'TM', summary: 'third', type: 'Bug' });
    world.openIssue({ project: 'SECRET', summary: 'hidden' });
  });
  after(() => simulator.close());
  beforeEach(() => {
    simulator.knobs.reset();
    pass(60);
  });

  it('finds by what the query says, and only what the caller may see', async () => {
    assert.deepEqual(await found('project = TM AND labels = "tm-1"'), ['first']);
    assert.deepEqual(await found('project = TM AND labels in (tm-1, tm-2) OR issuetype = Bug'), [
      'third',
      'first',
    ]);
    assert.deepEqual(await found('reporter = currentUser()'), ['first']);
    assert.deepEqual(await found('project = TM AND assignee is EMPTY ORDER BY key ASC'), ['first', 'third']);
    assert.deepEqual(await found('NOT (labels is EMPTY) and statusCategory != Done'), ['first']);
    assert.deepEqual(await found('issue in (TM-1, TM-3) order by created asc'), ['first', 'third']);
    assert.deepEqual(await found('summary ~ "SECON"'), ['second']);
    assert.deepEqual(await found('created >= -365d ORDER BY created ASC'), ['first', 'second', 'third']);
    assert.deepEqual(await found('project = TM AND issue.property[tmi.sync].link = x'), []);
  });

  it('reads epoch milliseconds exactly, and a bare time in the time zone of the account', async () => {
    const { updated } = simulator.world.issue('TM-2');
    const at = new Date(updated).getTime();
    assert.deepEqual(await found(`project = TM AND updated >= ${at} ORDER BY updated ASC`), [
      'second',
      'third',
    ]);
    assert.deepEqual(await found(`project = TM AND updated > ${at}`), ['third']);
    assert.deepEqual(
      await found('project = TM AND updated >= "2026-03-01 11:00"'),
      [],
      '11:00 in New York is 16:00 UTC',
    );
    assert.deepEqual(await found('project = TM AND updated >= "2026-03-01 06:00" ORDER BY id ASC'), [
      'second',
      'third',
    ]);
    assert.deepEqual(await found('project = TM AND updated >= "2026-03-01 11:00 UTC" ORDER BY id ASC'), [
      'second',
      'third',
    ]);
    assert.deepEqual(await found('project = TM AND created >= -90m ORDER BY id ASC'), ['second', 'third']);
  });

  it('refuses what it cannot read, unknown fields and projects, and searches without a bound', async () => {
    for (const [jql, message] of [
      ['ORDER BY created', /Unbounded/],
      ['', /Unbounded/],
      ['colour = red', /Field 'colour' does not exist/],
      ['project = NONE', /'NONE' does not exist for the field 'project'/],
      ['project = SECRET', /'SECRET' does not exist for the field 'project'/],
      ['project = TM AND', /ends too early/],
      ['project = TM labels = x', /expecting 'AND' or 'OR'/],
      ['updated >= yesterday', /Date value/],
      ['project = "TM', /quotation mark/],
    ] as const) {
      const answer = await search(jql);
      assert.equal(answer.status, 400, jql);
      assert.match(answer.text('errorMessages', 0), message);
    }
  });

  it('shows ids only unless fields are named, without a total', async () => {
    const answer = await bot.get(`/search/jql?jql=${encodeURIComponent('project = TM')}`);
    assert.deepEqual(Object.keys(answer.list('issues')[0] ?? {}), ['id']);
    assert.equal(answer.value('total'), undefined);
    assert.equal(answer.value('nextPageToken'), undefined);
    assert.equal(answer.value('isLast'), true);
  });

  it('pages by token: what moves in the list meanwhile is seen again, and nothing is missed', async () => {
    const jql = 'project = TM ORDER BY updated ASC, id ASC';
    const first = await search(jql, { maxResults: 1 });
    assert.equal(first.text('issues', 0, 'fields', 'summary'), 'first');
    simulator.world.addLabel('TM-1', 'moved');
    const nextPageToken = first.text('nextPageToken');
    assert.deepEqual(await found(jql, { nextPageToken }), ['second', 'third', 'first']);
    assert.equal(
      (await search('project = TM', { nextPageToken })).status,
      400,
      'a token belongs to its query',
    );
    simulator.world.removeLabel('TM-1', 'moved');
  });

  it('lags behind writes, except for the ids that are to be reconciled; a direct read is current', async () => {
    simulator.knobs.indexLagMs = { min: 0, max: 180_000 };
    const { id, key } = simulator.world.openIssue({ project: 'TM', summary: 'fresh' });
    simulator.world.editSummary('TM-3', 'third, edited');
    assert.ok(!(await found('project = TM')).includes('fresh'));
    assert.ok((await found('project = TM')).includes('third'));
    assert.ok((await found('project = TM', { reconcileIssues: [Number(id)] })).includes('fresh'));
    assert.equal((await bot.get(`/issue/${key}`)).status, 200);
    pass(170);
    assert.ok(!(await found('project = TM')).includes('fresh'));
    pass(10);
    assert.deepEqual((await found('project = TM')).slice(0, 2), ['fresh', 'third, edited']);
  });

  it('has no old search any more, and counts only roughly', async () => {
    assert.equal((await bot.get('/search?jql=project%20%3D%20TM')).status, 410);
    assert.equal((await bot.post('/search', { jql: 'project = TM' })).status, 410);
    assert.equal((await bot.post('/search/approximate-count', { jql: 'labels = tm-1' })).number('count'), 1);
  });
});

describe("the Jira Data Center simulator's search", () => {
  let simulator: JiraSimulator;
  let bot: JiraClient;

  before(async () => {
    simulator = await startJiraSimulator({ flavour: 'data-center', pageSize: 2 });
    simulator.world.addUser({ name: 'bot', personalAccessToken: 'pat' });
    simulator.world.addProject({ key: 'TM', members: ['bot', 'mona'] });
    bot = jiraClient(simulator.url, 'Bearer pat', '/rest/api/2');
    for (const summary of ['a', 'b', 'c']) simulator.world.openIssue({ project: 'TM', summary });
  });
  after(() => simulator.close());

  it('pages by offset with a total, and never more than the administrator allows', async () => {
    const jql = 'project = TM ORDER BY key ASC';
    const first = await bot.post('/search', { jql, maxResults: 50, fields: ['summary'] });
    assert.deepEqual(
      [first.number('total'), first.number('maxResults'), first.list('issues').length],
      [3, 2, 2],
    );
    const second = await bot.post('/search', { jql, startAt: 2, fields: ['summary'] });
    assert.equal(second.text('issues', 0, 'fields', 'summary'), 'c');
  });

  it('needs no bound and knows no UTC suffix', async () => {
    assert.equal((await bot.get('/search?jql=order%20by%20created')).status, 200);
    assert.equal((await bot.post('/search', { jql: 'updated > "2026-01-01 00:00 UTC"' })).status, 400);
  });
});
