import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { GitlabSimulator } from '../../simulators/gitlab/index.ts';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import { gitlabClient } from './gitlab-client.ts';

const PATH = 'acme/shop';

describe('words at the GitLab simulator', () => {
  let simulator: GitlabSimulator;

  before(async () => {
    simulator = await startGitlabSimulator();
    simulator.world.addProject({ path: PATH, members: { bot: 'owner' } });
    simulator.world.addUser({ username: 'bot', token: 'bot-token' });
    simulator.world.addUser({ username: 'alice' });
  });
  after(() => simulator.close());

  /** What an issue with this description did. */
  function effectOf(description: string): { executed: string[]; called: string[]; kept: string } {
    const { world } = simulator;
    const known = { executed: world.executedActions().length, called: world.notifications().length };
    const issue = world.openIssue({ project: PATH, title: 'a', description });
    return {
      executed: world
        .executedActions()
        .slice(known.executed)
        .map(({ name }) => name),
      called: world
        .notifications()
        .slice(known.called)
        .map(({ username }) => username),
      kept: issue.description,
    };
  }

  for (const description of [
    'before\n/close\nafter',
    'before\r\n/close\r\nafter',
    'before\r/close\rafter',
    'before\n  /close\nafter',
    'before\n/CLOSE now\nafter',
    '> quoted\n/close',
    '- item\n/close',
    '```\ncode\n```\n/close',
    '<div>\n</div>\n\n/close',
    '<!-- mark -->\n/close',
  ])
    it(`runs and removes the quick action of ${JSON.stringify(description)}`, () => {
      const { executed, kept } = effectOf(description);
      assert.deepEqual(executed, ['close']);
      assert.doesNotMatch(kept, /\/close/i);
    });

  for (const description of [
    'before /close',
    '\\/close',
    '> /close',
    '- /close',
    '```\n/close\n```',
    '~~~~\n```\n/close\n~~~~',
    '<!--\n/close\n-->',
    '<div>\n/close\n</div>',
    '/closet',
    '/etc/passwd',
    '\u200b/close',
  ])
    it(`leaves ${JSON.stringify(description)} alone`, () => {
      assert.deepEqual(effectOf(description), { executed: [], called: [], kept: description });
    });

  it('does what quick actions say', () => {
    const { world } = simulator;
    const { iid } = world.openIssue({
      project: PATH,
      title: 'a',
      description:
        'words\n/label ~one ~"two words"\n/title better\n/assign @alice\n/due 2026-12-31\n/confidential\n',
    });
    const issue = world.issue(PATH, iid);
    assert.equal(issue.title, 'better');
    assert.equal(issue.description, 'words');
    assert.deepEqual([issue.labels, issue.assignees], [['one', 'two words'], ['alice']]);
    assert.deepEqual([issue.dueDate, issue.confidential], ['2026-12-31', true]);
    world.editDescription({ project: PATH, iid }, 'words\n/unlabel ~one\n/close');
    assert.deepEqual(world.issue(PATH, iid).labels, ['two words']);
    assert.equal(world.issue(PATH, iid).state, 'closed');
  });

  it('keeps no note of nothing but quick actions, and says so', async () => {
    const { world, url } = simulator;
    const { iid, projectId } = world.openIssue({ project: PATH, title: 'a' });
    const bot = gitlabClient(url, 'bot-token');
    const answer = await bot.post(`/projects/${projectId}/issues/${iid}/notes`, { body: '/close' });
    assert.equal(answer.status, 202);
    assert.equal(world.issue(PATH, iid).state, 'closed');
    assert.deepEqual(world.issue(PATH, iid).notes, []);
    const blank = await bot.post(`/projects/${projectId}/issues/${iid}/notes`, { body: ' ' });
    assert.equal(blank.status, 400);
  });

  for (const [description, called] of [
    ['hello @alice.', ['alice']],
    ['hello @all and @acme/dev', ['all']],
    ['hello @acme', ['acme']],
    ['hello &#64;alice', ['alice']],
    ['<b>@alice</b>', ['alice']],
    ['hello @nobody', []],
    ['hello \\@alice', []],
    ['hello @\u200balice', []],
    ['mail to x@alice', []],
    ['`@alice` and <!-- @alice -->', []],
    ['```\n@alice\n```', []],
  ] as const)
    it(`${called.length === 0 ? 'calls nobody' : `calls ${called.join()}`} by ${JSON.stringify(description)}`, () => {
      assert.deepEqual(effectOf(description).called, called);
    });

  it('leaves a note under an issue that a text refers to', () => {
    const { world } = simulator;
    const { iid } = world.openIssue({ project: PATH, title: 'target' });
    const by = world.openIssue({ project: PATH, title: 'a', description: `see #${iid}, not \\#${iid - 1}` });
    assert.deepEqual(
      world.issue(PATH, iid).notes.map(({ body, system }) => [body, system]),
      [[`mentioned in issue #${by.iid}`, true]],
    );
    assert.ok(!world.issue(PATH, iid - 1).notes.some(({ body }) => body.includes(`#${by.iid}`)));
  });
});
