import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { GithubSimulator } from '../../simulators/github/index.ts';
import { startGithubSimulator } from '../../simulators/github/index.ts';
import type { GithubClient } from './github-client.ts';
import { githubClient } from './github-client.ts';
import { githubSpec } from './github-spec.ts';

const spec = githubSpec();
const skip = spec === undefined ? 'needs the folder shared/specs beside the checkout' : false;

const SHOP = '/repos/acme/shop';

describe("the simulator's answers", { skip }, () => {
  let simulator: GithubSimulator;
  let bot: GithubClient;
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => response.end('ok'));
  });

  before(async () => {
    simulator = await startGithubSimulator();
    const { world } = simulator;
    world.addUser({ login: 'bot', token: 'bot-token', scopes: ['repo', 'admin:repo_hook'] });
    world.addUser({ login: 'reader', token: 'reader-token' });
    world.addRepository({ owner: 'acme', name: 'shop', admin: ['bot'], pull: ['reader'] });
    world.addRepository({ owner: 'acme', name: 'attic', admin: ['bot'] });
    bot = githubClient(simulator.url, 'bot-token');
    await new Promise<void>((resolve) => {
      receiver.listen(0, '127.0.0.1', () => resolve());
    });
  });
  after(async () => {
    await simulator.close();
    receiver.close();
  });

  function receiverUrl(): string {
    const address = receiver.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/hook` : '';
  }

  it('are as GitHub describes them, request by request and payload by payload', async () => {
    const { world } = simulator;
    const hook = await bot.post(`${SHOP}/hooks`, {
      name: 'web',
      active: true,
      events: ['issues', 'issue_comment', 'repository'],
      config: { url: receiverUrl(), content_type: 'json', secret: 'quiet', insecure_ssl: '0' },
    });
    const place = `${SHOP}/hooks/${hook.number('id')}`;
    for (const path of ['/user', '/meta', '/versions', '/rate_limit', SHOP, `${SHOP}/hooks`, place])
      await bot.get(path);
    await bot.patch(place, { active: true, add_events: ['label'] });
    await bot.get(`${place}/config`);
    await bot.patch(`${place}/config`, { secret: 'quieter' });
    await bot.post(`${place}/pings`);

    await bot.post(`${SHOP}/labels`, { name: 'threat-model', color: '0052cc', description: 'ours' });
    await bot.get(`${SHOP}/labels`);
    await bot.get(`${SHOP}/labels/threat-model`);
    await bot.get(`${SHOP}/labels/none`);
    const issue = {
      title: 'SQL injection',
      body: 'words',
      labels: ['threat-model', 'new'],
      assignees: ['bot'],
    };
    await bot.post(`${SHOP}/issues`, issue);
    await bot.post(`${SHOP}/issues`, {});
    await bot.post(`${SHOP}/issues`, { title: 'x'.repeat(257) });
    await bot.get(
      `${SHOP}/issues?state=all&sort=updated&direction=asc&since=2020-01-01T00:00:00Z&per_page=100`,
    );
    const one = `${SHOP}/issues/1`;
    world.setMilestone({ owner: 'acme', repo: 'shop', number: 1 }, { title: 'Q4', dueOn: '2026-12-31' });
    await bot.patch(one, { title: 'SQL injection in search', body: 'more words' });
    await bot.patch(one, { state: 'closed', state_reason: 'not_planned' });
    await bot.patch(one, { state: 'open', milestone: null, assignees: [] });
    await bot.post(`${one}/labels`, { labels: ['bug'] });
    await bot.delete(`${one}/labels/new`);
    await bot.delete(`${one}/labels/new`);
    await bot.put(`${one}/labels`, { labels: ['bug', 'threat-model'] });
    await bot.get(`${one}/labels`);
    await bot.get(`${one}/events`);
    await bot.get(`${SHOP}/issues/events`);
    const comment = await bot.post(`${one}/comments`, { body: 'what about this?' });
    const said = `${SHOP}/issues/comments/${comment.number('id')}`;
    await bot.patch(said, { body: 'what about that?' });
    await bot.get(said);
    await bot.get(`${one}/comments`);
    await bot.get(`${SHOP}/issues/comments?since=2020-01-01T00:00:00Z&sort=updated`);
    await bot.delete(said);
    await bot.get(`${SHOP}/assignees`);
    await bot.get(`${SHOP}/assignees/bot`);
    await bot.get(`${SHOP}/assignees/nobody`);
    await bot.get(`${SHOP}/milestones`);
    await bot.get(`${SHOP}/collaborators/bot/permission`);

    const pull = world.openPullRequest({ owner: 'acme', repo: 'shop', title: 'fix it' });
    await bot.get(`${SHOP}/issues/${pull.number}`);
    await bot.delete(`${one}/labels`);
    const second = world.openIssue({ owner: 'acme', repo: 'shop', title: 'to move', labels: ['bug'] });
    const third = world.openIssue({ owner: 'acme', repo: 'shop', title: 'to delete' });
    world.transferIssue(second, { owner: 'acme', repo: 'attic' });
    world.deleteIssue(third);
    await bot.get(`${SHOP}/issues/${second.number}`);
    await bot.get(`${SHOP}/issues/${third.number}`);
    await bot.get(`${SHOP}/issues/999`);
    const reader = githubClient(simulator.url, 'reader-token');
    await reader.patch(one, { title: 'not mine' });
    await reader.post(`${SHOP}/issues`, { title: 'mine', labels: ['bug'] });
    await githubClient(simulator.url, 'no-token').get('/user');
    world.setVisibility({ owner: 'acme', repo: 'shop' }, 'public');
    world.renameRepository({ owner: 'acme', repo: 'shop' }, 'store');
    await bot.get(`${SHOP}/issues?state=all`);
    await bot.get('/repos/acme/store', { 'x-github-api-version': '2026-03-10' });
    await bot.get('/repos/acme/store/issues', { 'x-github-api-version': '2026-03-10' });
    await bot.get('/repos/acme/store', { 'x-github-api-version': '1999-01-01' });
    world.archive({ owner: 'acme', repo: 'store' });
    await bot.post('/repos/acme/store/issues', { title: 'too late' });
    await simulator.settled();
    const moved = place.replace('shop', 'store');
    const deliveries = await bot.get(`${moved}/deliveries?per_page=5`);
    const delivery = `${moved}/deliveries/${deliveries.first().number('id')}`;
    await bot.get(delivery);
    await bot.post(`${delivery}/attempts`);
    await simulator.settled();

    const sent = world.hooks('acme', 'store').flatMap((each) => each.deliveries);
    const told = new Set(sent.map(({ event, action }) => `${event} ${action}`));
    await bot.delete(moved);
    assert.deepEqual(spec?.violations(simulator.requests), []);
    const faults = sent.flatMap(({ event, body }) => spec?.payloadViolations(event, JSON.parse(body)) ?? []);
    assert.deepEqual(faults, []);
    assert.deepEqual([...told].toSorted(), [
      'issue_comment created',
      'issue_comment deleted',
      'issue_comment edited',
      'issues assigned',
      'issues closed',
      'issues deleted',
      'issues demilestoned',
      'issues edited',
      'issues labeled',
      'issues milestoned',
      'issues opened',
      'issues reopened',
      'issues transferred',
      'issues unassigned',
      'issues unlabeled',
      'ping null',
      'repository archived',
      'repository publicized',
      'repository renamed',
    ]);
    const statuses = new Set(simulator.requests.map(({ status }) => status));
    assert.deepEqual(
      [...statuses].toSorted((a, b) => a - b),
      [200, 201, 202, 204, 301, 400, 401, 403, 404, 410, 422],
    );
  });
});
