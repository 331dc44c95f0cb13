import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { GitlabSimulator, RecordedRequest } from '../../simulators/gitlab/index.ts';
import { startGitlabSimulator } from '../../simulators/gitlab/index.ts';
import type { GitlabClient } from './gitlab-client.ts';
import { gitlabClient } from './gitlab-client.ts';
import { gitlabSpec } from './gitlab-spec.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';

const spec = gitlabSpec();
const skip = spec === undefined ? 'needs the folder shared/specs beside the checkout' : false;

const SHOP = { project: 'acme/shop', iid: 1 };

describe("the GitLab simulator's answers", { skip }, () => {
  let simulator: GitlabSimulator;
  let receiver: HookReceiver;
  let bot: GitlabClient;
  let shop: string;
  let atticId: number;

  before(async () => {
    simulator = await startGitlabSimulator();
    receiver = await startHookReceiver();
    const { world } = simulator;
    world.addUser({ username: 'bot', token: 'bot-token' });
    world.addUser({ username: 'reader', token: 'reader-token', scopes: ['read_api'] });
    const members = { bot: 'owner', reader: 'guest' } as const;
    shop = `/projects/${world.addProject({ path: 'acme/shop', members })}`;
    atticId = world.addProject({ path: 'acme/attic', members });
    bot = gitlabClient(simulator.url, 'bot-token');
  });
  after(async () => {
    await simulator.close();
    await receiver.close();
  });

  it('are as GitLab describes them, request by request', async () => {
    const { world } = simulator;
    for (const path of ['/version', '/metadata', '/user', '/personal_access_tokens/self', shop])
      await bot.get(path);
    const id = (await bot.get('/user')).number('id');
    for (const path of ['/users?username=bot', '/projects/acme%2Fshop', `${shop}/users?search=bo`])
      await bot.get(path);
    for (const path of [`${shop}/members/all`, `${shop}/members/all/${id}`, `${shop}/milestones`])
      await bot.get(path);
    await bot.post(`${shop}/labels`, { name: 'threat-model', color: '#0052cc', description: 'ours' });
    await bot.put(`${shop}/labels/threat-model`, { description: 'still ours' });
    await bot.get(`${shop}/labels?with_counts=true`);
    await bot.get(`${shop}/labels/threat-model`);
    await bot.get(`${shop}/labels/none`);

    const hook = await bot.post(`${shop}/hooks`, {
      url: receiver.url,
      push_events: false,
      issues_events: true,
      confidential_issues_events: true,
      note_events: true,
      token: 'quiet',
      signing_token: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    });
    const place = `${shop}/hooks/${hook.number('id')}`;
    for (const path of [`${shop}/hooks`, place]) await bot.get(path);
    await bot.put(place, { confidential_note_events: true });
    await bot.put(`${place}/custom_headers/x-tenant`, { value: 'a' });
    await bot.delete(`${place}/custom_headers/x-tenant`);

    const wish = {
      title: 'SQL injection',
      description: 'words',
      labels: ['threat-model', 'new'],
      assignee_ids: [id],
    };
    await bot.post(`${shop}/issues`, { ...wish, due_date: '2026-12-31', weight: 3 });
    await bot.post(`${shop}/issues`, { description: 'no title' });
    await bot.post(`${shop}/issues`, { title: 'x'.repeat(256) });
    await bot.post(`${shop}/issues`, { title: 'a quiet one', confidential: true, iid: 40 });
    const one = `${shop}/issues/1`;
    await bot.get(one);
    await bot.put(one, {
      title: 'SQL injection in search',
      description: 'more words',
      add_labels: 'high,low',
    });
    await bot.put(one, { state_event: 'close', remove_labels: ['new'] });
    await bot.put(one, { state_event: 'reopen', assignee_ids: [] });
    await bot.put(one, {});
    const list = `${shop}/issues?scope=all&state=all&order_by=updated_at&sort=asc`;
    await bot.get(`${list}&updated_after=2020-01-01T00:00:00Z&per_page=1`);
    await bot.get(`${list}&pagination=keyset&per_page=1`);
    await bot.get(`${shop}/issues?iids[]=1&iids[]=40&labels=threat-model,high&with_labels_details=true`);
    await bot.get(`${shop}/issues?author_id=${id}&created_after=2020-01-01T00:00:00Z`);
    await bot.get('/issues?scope=all');
    const note = await bot.post(`${one}/notes`, { body: 'what about this?' });
    await bot.put(`${one}/notes/${note.number('id')}`, { body: 'what about that?' });
    await bot.get(`${one}/notes/${note.number('id')}`);
    await bot.get(`${one}/notes?sort=asc&order_by=updated_at`);
    await bot.delete(`${one}/notes/${note.number('id')}`);
    await bot.post(`${one}/notes`, { body: '/label ~acted' });
    await bot.get(`${one}/resource_state_events`);
    await bot.get(`${one}/resource_label_events`);
    const link = await bot.post(`${one}/links`, { target_project_id: 'acme/shop', target_issue_iid: 40 });
    await bot.get(`${one}/links`);
    await bot.get(`${one}/links/${link.number('id')}`);
    await bot.delete(`${one}/links/${link.number('id')}`);
    await bot.post(`${one}/move`, { to_project_id: atticId });
    await bot.delete(`${shop}/issues/40`);
    await bot.get(`${shop}/issues/40`);

    const reader = gitlabClient(simulator.url, 'reader-token');
    await reader.put(one, { title: 'not mine' });
    await reader.get(`${shop}/hooks`);
    await gitlabClient(simulator.url, 'no-token').get('/user');
    await simulator.settled();
    await bot.post(`${place}/test/issues_events`);
    const events = await bot.get(`${place}/events?per_page=5&status=successful`);
    await bot.post(`${place}/events/${Number(events.list()[0]?.['id'])}/resend`);
    await bot.delete(place);
    world.convert(SHOP, 'task');
    await bot.get(one);
    world.renameProject('acme/shop', 'acme/store');
    await bot.get('/projects/acme%2Fshop/issues?state=all');

    assert.deepEqual(spec?.violations(simulator.requests), []);
    const statuses = new Set(simulator.requests.map(({ status }) => status));
    assert.deepEqual(
      [...statuses].toSorted((a, b) => a - b),
      [200, 201, 202, 204, 301, 400, 401, 403, 404],
    );
  });
});

function faultsIn(method: string, path: string, query: string, body?: unknown, answer?: unknown): string[] {
  const recorded: RecordedRequest = {
    at: '2026-03-01T10:00:00.000Z',
    method,
    path,
    query,
    status: 200,
    headers: {},
    body,
    answer,
    answerHeaders: {},
    odd: answer === undefined,
  };
  const found = spec?.violations([recorded]) ?? [];
  return found.map((fault) => fault.slice(fault.indexOf(': ') + 2));
}

describe("GitLab's description as a judge of requests", { skip }, () => {
  const ISSUES = '/projects/7/issues';

  it('lets good requests pass', () => {
    assert.deepEqual(faultsIn('GET', ISSUES, '?iids[]=1&iids[]=2&scope=all&labels=a,b&per_page=100'), []);
    assert.deepEqual(faultsIn('GET', ISSUES, '?pagination=keyset&order_by=updated_at&id=7&cursor=abc'), []);
    assert.deepEqual(faultsIn('PUT', `${ISSUES}/1`, '', { state_event: 'close', add_labels: ['a'] }), []);
    assert.deepEqual(faultsIn('PUT', `${ISSUES}/1`, '', { remove_labels: 'a,b' }), []);
  });

  it('finds wrong parameters, bodies, paths and answers', () => {
    assert.deepEqual(faultsIn('GET', ISSUES, '?since=2020'), ['unknown query parameter since']);
    assert.match(faultsIn('GET', ISSUES, '?state=open').join(), /^query parameter state must be equal/);
    assert.match(faultsIn('GET', ISSUES, '?updated_after=yesterday').join(), /date-time/);
    assert.match(faultsIn('POST', ISSUES, '', { description: 'b' }).join(), /required property 'title'/);
    assert.deepEqual(faultsIn('POST', ISSUES, '', { title: 'a', body: 'b' }), [
      'unknown property body in the body',
    ]);
    assert.match(faultsIn('PUT', `${ISSUES}/1`, '', { state_event: 'closed' }).join(), /allowed values/);
    assert.deepEqual(faultsIn('PATCH', `${ISSUES}/1`, ''), ['the description has no such path and method']);
    assert.match(faultsIn('GET', '/user', '', undefined, { id: 'one' }).join(), /id must be integer/);
    assert.match(faultsIn('GET', `${ISSUES}/1`, '', undefined, { id: 1 }).join(), /required property/);
  });
});
