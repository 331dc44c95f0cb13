import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import type { GitlabSimulator, GitlabSimulatorOptions } from '../../simulators/gitlab/index.ts';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import type { GitlabClient } from './gitlab-client.ts';
import { gitlabClient, linkTo } from './gitlab-client.ts';

const PATH = 'acme/shop';

describe('the GitLab simulator', () => {
  let simulator: GitlabSimulator;
  let owner: GitlabClient;
  let guest: GitlabClient;
  let shop: string;
  let shopId: number;

  async function start(options: GitlabSimulatorOptions = {}): Promise<void> {
    simulator = await startGitlabSimulator(options);
    const { world } = simulator;
    world.addUser({ username: 'owner', token: 'owner-token' });
    world.addUser({ username: 'guest', token: 'guest-token' });
    world.addUser({ username: 'stranger', token: 'stranger-token' });
    shopId = world.addProject({ path: PATH, members: { owner: 'owner', guest: 'guest' } });
    shop = `/projects/${shopId}`;
    owner = gitlabClient(simulator.url, 'owner-token');
    guest = gitlabClient(simulator.url, 'guest-token');
  }
  async function restart(options: GitlabSimulatorOptions = {}): Promise<void> {
    await simulator.close();
    await start(options);
  }

  beforeEach(async () => {
    await simulator?.close();
    await start();
  });
  after(() => simulator.close());

  it('splits labels at commas, makes those that are new, and adds and removes single ones', async () => {
    const made = await owner.post(`${shop}/issues`, { title: 'a', labels: ['one,two', ' three '] });
    assert.deepEqual(made.value('labels'), ['one', 'three', 'two']);
    const changed = await owner.put(`${shop}/issues/1`, { add_labels: 'four', remove_labels: ['one'] });
    assert.deepEqual(changed.value('labels'), ['four', 'three', 'two']);
    assert.deepEqual(simulator.world.labels(PATH), ['one', 'two', 'three', 'four']);
    const replaced = await owner.put(`${shop}/issues/1`, { labels: '' });
    assert.deepEqual(replaced.value('labels'), []);
  });

  it('keeps one scoped label of a key, in the paid editions only', async () => {
    await owner.post(`${shop}/issues`, { title: 'a', labels: 'tm::open' });
    const paid = await owner.put(`${shop}/issues/1`, { add_labels: 'tm::mitigated' });
    assert.deepEqual(paid.value('labels'), ['tm::mitigated']);
    await restart({ enterprise: false });
    await owner.post(`${shop}/issues`, { title: 'a', labels: 'tm::open' });
    const free = await owner.put(`${shop}/issues/1`, { add_labels: 'tm::mitigated' });
    assert.deepEqual(free.value('labels'), ['tm::mitigated', 'tm::open']);
  });

  it('lets guests use labels on their own new issues, and drops the rest without a word', async () => {
    await owner.post(`${shop}/labels`, { name: 'known', color: '#123456' });
    const made = await guest.post(`${shop}/issues`, { title: 'mine', labels: 'known,unknown' });
    assert.deepEqual(made.value('labels'), ['known']);
    const changed = await guest.put(`${shop}/issues/1`, { title: 'mine still', labels: 'other' });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.value('labels'), ['known']);
    assert.equal((await guest.delete(`${shop}/issues/1`)).status, 403);
    assert.equal((await guest.get(`${shop}/hooks`)).status, 403);
  });

  it('says what is wrong with a title in two ways', async () => {
    const missing = await owner.post(`${shop}/issues`, { description: 'a' });
    assert.deepEqual([missing.status, missing.json], [400, { error: 'title is missing' }]);
    const blank = await owner.post(`${shop}/issues`, { title: ' ' });
    assert.deepEqual([blank.status, blank.json], [400, { message: { title: ["can't be blank"] } }]);
    const long = await owner.post(`${shop}/issues`, { title: '🎉'.repeat(256) });
    assert.deepEqual(long.json, { message: { title: ['is too long (maximum is 255 characters)'] } });
    assert.equal((await owner.post(`${shop}/issues`, { title: '🎉'.repeat(255) })).status, 201);
    const nothing = await owner.put(`${shop}/issues/1`, {});
    assert.match(nothing.text('error'), /at least one parameter must be provided/);
    const odd = await owner.put(`${shop}/issues/1`, { state_event: 'closed' });
    assert.deepEqual(odd.json, { error: 'state_event does not have a valid value' });
  });

  it('hides what one may not see behind 404, and empties the list where issues are switched off', async () => {
    const { world } = simulator;
    const stranger = gitlabClient(simulator.url, 'stranger-token');
    const hidden = await stranger.get(shop);
    assert.deepEqual([hidden.status, hidden.json], [404, { message: '404 Project Not Found' }]);
    world.openIssue({ project: PATH, title: 'open' });
    world.openIssue({ project: PATH, title: 'secret', confidential: true });
    assert.equal((await guest.get(`${shop}/issues/2`)).status, 404);
    assert.equal((await guest.get(`${shop}/issues`)).list().length, 1);
    assert.equal((await owner.get(`${shop}/issues`)).list().length, 2);
    world.setVisibility(PATH, 'public');
    assert.equal((await gitlabClient(simulator.url, undefined).get(`${shop}/issues`)).list().length, 1);
    world.setIssuesAccess(PATH, 'disabled');
    assert.deepEqual((await owner.get(`${shop}/issues`)).list(), []);
    assert.equal((await owner.post(`${shop}/issues`, { title: 'a' })).status, 403);
  });

  it('tells unknown, revoked, expired and weak tokens apart', async () => {
    const { world } = simulator;
    world.addUser({ username: 'owner', token: 'old-token', expiresAt: '2020-01-01' });
    world.addUser({ username: 'owner', token: 'weak-token', scopes: ['read_api'] });
    world.revokeToken('stranger-token');
    const said = async (token: string, method: 'get' | 'post' = 'get'): Promise<unknown[]> => {
      const client = gitlabClient(simulator.url, token);
      const answer = method === 'get' ? await client.get(shop) : await client.post(`${shop}/issues`, {});
      return [answer.status, answer.value('error') ?? answer.value('message')];
    };
    assert.deepEqual(await said('none'), [401, '401 Unauthorized']);
    assert.deepEqual(await said('stranger-token'), [401, 'invalid_token']);
    assert.deepEqual(await said('old-token'), [401, 'invalid_token']);
    assert.deepEqual(await said('weak-token', 'post'), [403, 'insufficient_scope']);
    assert.equal((await said('weak-token'))[0], 200);
    const own = await gitlabClient(simulator.url, 'weak-token').get('/personal_access_tokens/self');
    assert.deepEqual([own.value('scopes'), own.value('active')], [['read_api'], true]);
  });

  it('sends readers of a former path to the number, and writers nowhere', async () => {
    simulator.world.renameProject(PATH, 'acme/store');
    const moved = await owner.get('/projects/acme%2Fshop/issues?state=all');
    assert.equal(moved.status, 301);
    assert.equal(moved.headers.get('location'), `${simulator.url}/api/v4${shop}/issues?state=all`);
    assert.equal((await owner.post('/projects/acme%2Fshop/issues', { title: 'a' })).status, 404);
    assert.equal((await owner.get('/projects/acme%2Fstore')).text('path_with_namespace'), 'acme/store');
  });

  it('leaves a closed original behind a move, and nothing behind a deletion', async () => {
    const attic = simulator.world.addProject({ path: 'acme/attic', members: { owner: 'owner' } });
    await owner.post(`${shop}/issues`, { title: 'a', description: 'mark', labels: 'kept' });
    const moved = await owner.post(`${shop}/issues/1/move`, { to_project_id: attic });
    assert.equal(moved.status, 201);
    assert.equal(moved.text('description'), 'mark');
    const left = await owner.get(`${shop}/issues/1`);
    assert.deepEqual([left.value('state'), left.value('moved_to_id')], ['closed', moved.number('id')]);
    assert.equal((await owner.delete(`${shop}/issues/1`)).status, 204);
    const gone = await owner.get(`${shop}/issues/1`);
    assert.deepEqual([gone.status, gone.json], [404, { message: '404 Not found' }]);
    assert.deepEqual((await owner.get(`${shop}/issues?iids[]=1`)).list(), []);
  });

  it('takes a number of their own from owners only', async () => {
    assert.equal((await owner.post(`${shop}/issues`, { title: 'a', iid: 77 })).number('iid'), 77);
    assert.equal((await owner.post(`${shop}/issues`, { title: 'a', iid: 77 })).status, 409);
    assert.equal((await guest.post(`${shop}/issues`, { title: 'a', iid: 5 })).number('iid'), 78);
  });

  it('filters, sorts and pages issues by number', async () => {
    for (let index = 1; index <= 5; index += 1)
      await owner.post(`${shop}/issues`, { title: `Threat ${index}`, labels: index > 2 ? 'tm,late' : 'tm' });
    await owner.put(`${shop}/issues/3`, { state_event: 'close' });
    const titles = async (query: string): Promise<unknown[]> =>
      (await owner.get(`${shop}/issues?sort=asc&${query}`)).list().map((issue) => issue['iid']);
    assert.deepEqual(await titles('labels=tm,late'), [3, 4, 5]);
    assert.deepEqual(await titles('state=opened&labels=late'), [4, 5]);
    assert.deepEqual(await titles('iids[]=2&iids[]=5'), [2, 5]);
    assert.deepEqual(await titles('order_by=updated_at'), [1, 2, 4, 5, 3]);
    assert.deepEqual(await titles('created_after=2100-01-01T00:00:00Z'), []);
    const bad = await owner.get(`${shop}/issues?updated_after=2026-01-01T00:00:00+02:00`);
    assert.deepEqual([bad.status, bad.json], [400, { error: 'updated_after is invalid' }]);
    const first = await owner.get(`${shop}/issues?per_page=2&sort=asc`);
    assert.deepEqual(
      ['x-total', 'x-total-pages', 'x-page', 'x-next-page', 'x-prev-page'].map((name) =>
        first.headers.get(name),
      ),
      ['5', '3', '1', '2', ''],
    );
    const second = await owner.get(linkTo(first.headers, 'next') ?? '');
    assert.deepEqual(
      second.list().map((issue) => issue['iid']),
      [3, 4],
    );
    const held = { 'if-none-match': second.headers.get('etag') ?? '' };
    assert.equal((await owner.get(linkTo(first.headers, 'next') ?? '', held)).status, 304);
  });

  it('pages by key without losing an issue when an earlier one goes', async () => {
    for (let index = 1; index <= 5; index += 1) await owner.post(`${shop}/issues`, { title: `${index}` });
    const wish = `${shop}/issues?pagination=keyset&order_by=created_at&sort=asc&per_page=2`;
    const first = await owner.get(wish);
    simulator.world.deleteIssue({ project: PATH, iid: 1 });
    const second = await owner.get(linkTo(first.headers, 'next') ?? '');
    assert.deepEqual(
      second.list().map((issue) => issue['iid']),
      [3, 4],
    );
    const third = await owner.get(linkTo(second.headers, 'next') ?? '');
    assert.deepEqual([third.list().length, linkTo(third.headers, 'next')], [1, undefined]);
    await restart({ version: '17.0.0' });
    assert.equal((await owner.get(`${shop}/issues?pagination=keyset`)).status, 405);
  });

  it('changes nothing when it is told what it knows', async () => {
    await owner.post(`${shop}/issues`, { title: 'a', description: 'b', labels: 'c' });
    const before = simulator.world.issue(PATH, 1);
    await owner.put(`${shop}/issues/1`, { title: 'a', description: 'b', labels: 'c', state_event: 'reopen' });
    assert.deepEqual(simulator.world.issue(PATH, 1), before);
  });

  it('attributes changes of state and labels, and leaves system notes', async () => {
    await owner.post(`${shop}/issues`, { title: 'a', labels: 'one' });
    simulator.world.close({ project: PATH, iid: 1 }, 'guest');
    simulator.world.addLabel({ project: PATH, iid: 1 }, 'two', 'guest');
    simulator.world.editTitle({ project: PATH, iid: 1 }, 'b', 'guest');
    const states = (await owner.get(`${shop}/issues/1/resource_state_events`)).list();
    assert.deepEqual(
      states.map((event) => event['state']),
      ['closed'],
    );
    const labels = (await owner.get(`${shop}/issues/1/resource_label_events`)).list();
    assert.deepEqual(
      labels.map((event) => event['action']),
      ['add', 'add'],
    );
    const notes = (await owner.get(`${shop}/issues/1/notes`)).list();
    assert.deepEqual(
      notes.map(({ body, system }) => [body, system]),
      [['changed title from **a** to **b**', true]],
    );
    assert.equal((await owner.delete(`${shop}/issues/1/notes/${Number(notes[0]?.['id'])}`)).status, 403);
  });

  it('lets project and group tokens act as bots, each where it belongs', async () => {
    const { world } = simulator;
    world.addProject({ path: 'acme/attic' });
    const bot = world.addProjectToken(PATH, { token: 'project-token', role: 'reporter' });
    world.addGroupToken('acme', { token: 'group-token', role: 'maintainer' });
    const ours = gitlabClient(simulator.url, 'project-token');
    const user = await ours.get('/user');
    assert.deepEqual([user.value('id'), user.value('bot')], [bot.userId, true]);
    assert.match(user.text('username'), new RegExp(`^project_${shopId}_bot_`));
    assert.deepEqual((await ours.get('/personal_access_tokens/self')).value('user_id'), bot.userId);
    assert.equal((await ours.get('/projects/acme%2Fattic')).status, 404);
    const group = gitlabClient(simulator.url, 'group-token');
    assert.equal((await group.get('/projects/acme%2Fattic/hooks')).status, 200);
  });

  it('shows a browser the issue behind its address, with nothing in it that can act', async () => {
    await restart({ relativeRoot: '/gitlab' });
    const { url } = simulator.world.openIssue({ project: PATH, title: '<b>a</b>', description: '<script>' });
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    const text = await page.text();
    assert.match(text, /&lt;b&gt;a&lt;\/b&gt;/);
    assert.ok(!text.includes('<script>'));
  });

  it('refuses writes to an archived project', async () => {
    await owner.post(`${shop}/issues`, { title: 'a' });
    simulator.world.archive(PATH);
    assert.equal((await owner.get(`${shop}/issues/1`)).status, 200);
    assert.equal((await owner.put(`${shop}/issues/1`, { title: 'b' })).status, 403);
    assert.equal((await owner.post(`${shop}/issues/1/notes`, { body: 'b' })).status, 403);
  });
});
