import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JiraSimulator } from '../../simulators/jira/index.ts';
import { startJiraSimulator } from '../../simulators/jira/index.ts';
import type { JiraClient } from './jira-client.ts';
import { basic, jiraClient } from './jira-client.ts';

const FIELDS = { project: { key: 'TM' }, issuetype: { name: 'Task' }, summary: 'a threat' };

describe('the Jira Data Center simulator', () => {
  let simulator: JiraSimulator;
  let bot: JiraClient;

  before(async () => {
    simulator = await startJiraSimulator({ flavour: 'data-center', contextPath: '/jira' });
    const { world } = simulator;
    world.addUser({ name: 'bot', personalAccessToken: 'pat', password: 'word' });
    world.addProject({ key: 'TM', members: ['bot', 'mona'] });
    bot = jiraClient(simulator.url, 'Bearer pat', '/rest/api/2');
  });
  after(() => simulator.close());

  it('wants a CAPTCHA after three wrong passwords, even before a right one', async () => {
    const wrong = jiraClient(simulator.url, basic('bot', 'wrong'), '/rest/api/2');
    for (let at = 0; at < 3; at += 1) assert.equal((await wrong.get('/myself')).status, 401);
    const right = jiraClient(simulator.url, basic('bot', 'word'), '/rest/api/2');
    const refused = await right.get('/myself');
    assert.equal(refused.status, 403);
    assert.match(refused.headers.get('x-authentication-denied-reason') ?? '', /CAPTCHA/);
    simulator.world.unlock('bot');
    assert.equal((await right.get('/myself')).status, 200);
    assert.equal((await bot.get('/myself')).status, 200);
  });

  it('runs wiki markup: mentions, macros, images; not what is escaped or in code', async () => {
    const description = [
      '[~mona] and \\[~root\\]',
      '{panel}{html}<b>x</b>{html}{panel} \\{include:x\\}',
      '{code}[~lisa] {html}{code} {noformat}{toc}{noformat}',
      '!http://evil.example/a.png! [click|javascript:alert(1)] great! done!',
    ].join('\n');
    const id = (await bot.post('/issue', { fields: { ...FIELDS, description } })).text('id');
    assert.deepEqual(
      simulator.world.executed().map(({ kind, what }) => [kind, what]),
      [
        ['mention', 'mona'],
        ['macro', 'html'],
        ['macro', 'html'],
        ['image', 'http://evil.example/a.png'],
        ['script', 'javascript:alert(1)'],
      ],
    );
    assert.equal((await bot.get(`/issue/${id}`)).text('fields', 'description'), description);
  });

  it('lives below its context path only', async () => {
    const host = simulator.url.replace('/jira', '');
    assert.equal((await jiraClient(host, 'Bearer pat', '/rest/api/2').get('/myself')).status, 404);
  });
});
