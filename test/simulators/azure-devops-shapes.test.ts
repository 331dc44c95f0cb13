import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AzureDevopsSimulator, RecordedRequest } from '../../simulators/azure-devops/index.ts';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import type { AzureDevopsClient } from './azure-devops-client.ts';
import { azureDevopsClient } from './azure-devops-client.ts';
import { azureDevopsSpec } from './azure-devops-spec.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';

const spec = azureDevopsSpec();
const skip = spec === undefined ? 'needs the folder shared/specs beside the checkout' : false;

const TITLE = { op: 'add', path: '/fields/System.Title', value: 'a' };
const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };

describe("the Azure DevOps simulator's answers", { skip }, () => {
  let simulator: AzureDevopsSimulator;
  let receiver: HookReceiver;
  let bot: AzureDevopsClient;
  let projectId: string;

  before(async () => {
    simulator = await startAzureDevopsSimulator({ pageSize: 4 });
    receiver = await startHookReceiver();
    const { world } = simulator;
    world.addUser({ login: 'bot', token: 'bot-token', name: 'Threat Bot' });
    world.addOrganization({ name: 'acme', administrators: ['bot'] });
    projectId = world.addProject({ organization: 'acme', name: 'shop', process: 'Agile' }).id;
    world.addArea({ organization: 'acme', project: 'shop' }, 'Web\\Checkout');
    bot = azureDevopsClient(`${simulator.url}/acme`, 'bot-token');
  });
  after(async () => {
    await simulator.close();
    await receiver.close();
  });

  function subscriptionTo(url: string, eventType = 'workitem.updated'): Record<string, unknown> {
    return {
      publisherId: 'tfs',
      eventType,
      resourceVersion: '1.0',
      consumerId: 'webHooks',
      consumerActionId: 'httpRequest',
      publisherInputs: { projectId },
      consumerInputs: { url, basicAuthUsername: 'u', basicAuthPassword: 'p', httpHeaders: 'X-Our: 1' },
    };
  }

  it('are as Azure DevOps describes them, request by request', async () => {
    const { world } = simulator;
    for (const path of ['/_apis/projects', '/_apis/projects/shop?includeCapabilities=true'])
      assert.equal((await bot.get(path)).status, 200);
    for (const path of ['/_apis/connectionData', '/_apis/projects/shop/properties'])
      assert.equal((await bot.get(`${path}?api-version=7.1-preview.1`)).status, 200);
    for (const path of ['/_apis/projects/shop/teams', '/_apis/process/processes'])
      assert.equal((await bot.get(path)).status, 200);
    await azureDevopsClient(simulator.url, 'bot-token').get('/_apis/profile/profiles/me');

    const wit = '/shop/_apis/wit';
    for (const path of ['workitemtypes', 'workitemtypes/Bug', 'workitemtypes/User%20Story/states', 'tags'])
      assert.equal((await bot.get(`${wit}/${path}`)).status, 200);
    for (const path of ['workitemtypes/Bug/fields?$expand=allowedValues', 'classificationnodes?$depth=3'])
      assert.equal((await bot.get(`${wit}/${path}`)).status, 200);
    for (const path of ['fields', 'fields/System.Title', 'workitems/$Bug'])
      assert.equal((await bot.get(`${wit}/${path}`)).status, 200);
    assert.equal((await bot.get('/_apis/wit/workitemrelationtypes')).status, 200);

    const made = await bot.create('Bug', { 'System.Title': 'a', 'System.Tags': 'tm; b' });
    const parent = await bot.create('Feature', { 'System.Title': 'all' }, '?$expand=all');
    await bot.create('Bug', { 'System.Title': 'only a try' }, '?validateOnly=true');
    const item = `${wit}/workitems/${made.id}`;
    await bot.patch(`/_apis/wit/workitems/${made.id}?$expand=relations`, [
      { op: 'test', path: '/rev', value: 1 },
      { op: 'replace', path: '/fields/System.State', value: 'Closed' },
      { op: 'add', path: '/fields/System.AssignedTo', value: 'bot@acme.test' },
      { op: 'add', path: '/fields/System.History', value: 'done' },
      {
        op: 'add',
        path: '/relations/-',
        value: { rel: 'System.LinkTypes.Hierarchy-Reverse', url: parent.at('url') },
      },
      { op: 'add', path: '/relations/-', value: { rel: 'Hyperlink', url: 'https://model.test/1' } },
    ]);
    await bot.patch(item, [{ op: 'test', path: '/rev', value: 1 }, TITLE]);
    await bot.patch(item, [{ op: 'remove', path: '/fields/System.AssignedTo' }]);
    await bot.send('PATCH', item, [TITLE]);
    for (const query of ['', '?$expand=all', '?fields=System.Title,System.State'])
      assert.equal((await bot.get(item + query)).status, 200);
    for (const part of ['updates', 'updates/2', 'revisions', 'revisions/1'])
      assert.equal((await bot.get(`${item}/${part}`)).status, 200);
    await bot.get(`${wit}/workitems?ids=${made.id},${parent.id}&$expand=relations`);
    await bot.post(`${wit}/workitemsbatch`, { ids: [made.id, 99], errorPolicy: 'omit', $expand: 'all' });
    await bot.post(`${wit}/workitemsbatch`, { ids: [made.id, 99], fields: ['System.Title'] });
    await bot.get(`/_apis/wit/workitemtransitions?ids=${made.id}`);
    const batched = await bot.send('PATCH', '/_apis/wit/$batch', [
      {
        method: 'PATCH',
        uri: `/shop/_apis/wit/workitems/$Task?api-version=7.1`,
        headers: JSON_PATCH,
        body: [TITLE],
      },
      { method: 'PATCH', uri: `/_apis/wit/workitems/99?api-version=7.1`, headers: JSON_PATCH, body: [TITLE] },
    ]);
    assert.deepEqual([batched.at('value', '0', 'code'), batched.at('value', '1', 'code')], [200, 404]);

    const query = { query: 'SELECT [System.Id] FROM WorkItems ORDER BY [System.ChangedDate]' };
    await bot.post(`${wit}/wiql?timePrecision=true&$top=2`, query);
    await bot.post('/shop/Team/_apis/wit/wiql', query);
    await bot.post(`${wit}/wiql`, { query: 'SELECT' });

    const comments = `${wit}/workItems/${made.id}/comments`;
    const preview = '?api-version=7.1-preview.4';
    const said = await bot.post(comments + preview, { text: 'hello' });
    await bot.send('PATCH', `${comments}/${said.id}${preview}`, { text: 'hello again' });
    for (const path of ['', `/${said.id}`])
      assert.equal((await bot.get(comments + path + preview)).status, 200);
    await bot.send('DELETE', `${comments}/${said.id}${preview}`);
    await bot.get(`${comments}${preview}&includeDeleted=true`);

    const reporting = `${wit}/reporting/workitemrevisions`;
    const first = await bot.get(`${reporting}?includeDeleted=true&$maxPageSize=3&$expand=fields`);
    await bot.get(`${reporting}?continuationToken=${String(first.at('continuationToken'))}`);
    await bot.post(`${reporting}?startDateTime=2026-01-01T00:00:00Z`, {
      fields: ['System.Rev'],
      includeLatestOnly: true,
    });

    await bot.send('DELETE', item);
    assert.equal((await bot.get(item)).status, 404);
    await bot.get(`${wit}/recyclebin`);
    await bot.get(`${wit}/recyclebin/${made.id}`);
    await bot.send('PATCH', `${wit}/recyclebin/${made.id}`, { isDeleted: false });
    await bot.send('DELETE', `${item}?destroy=true`);
    world.deleteItem({ organization: 'acme', id: parent.id });

    assert.ok(simulator.requests.length > 45);
    assert.deepEqual(spec?.violations(simulator.requests), []);
  });

  it('of service hooks, too', async () => {
    simulator.clearRequests();
    const hooks = '/_apis/hooks/subscriptions';
    const made = await bot.post(hooks, subscriptionTo(receiver.url));
    assert.equal(made.status, 200);
    const hook = `${hooks}/${String(made.at('id'))}`;
    await bot.get(`${hooks}?publisherId=tfs&eventType=workitem.updated`);
    await bot.send('PUT', hook, { ...subscriptionTo(receiver.url), status: 'enabled' });
    await bot.post(hooks, { ...subscriptionTo(receiver.url), eventType: 'workitem.moved' });
    const { id } = simulator.world.openItem({ organization: 'acme', project: 'shop', title: 'a' });
    simulator.world.editTitle({ organization: 'acme', id }, 'b');
    await simulator.settled();
    const history = await bot.get(`${hook}/notifications?maxResults=5`);
    await bot.get(`${hook}/notifications/${String(history.list()[0]?.['id'])}`);
    await bot.post('/_apis/hooks/notificationsquery', { includeDetails: true, maxResults: 5 });
    await bot.post('/_apis/hooks/subscriptionsquery', { publisherId: 'tfs', eventType: 'workitem.updated' });
    await bot.post('/_apis/hooks/testnotifications', { subscriptionId: made.at('id') });
    await bot.get('/_apis/hooks/publishers/tfs/eventtypes');
    await bot.get('/_apis/hooks/consumers/webHooks');
    await bot.send('DELETE', hook);
    assert.equal((await bot.get(hook)).status, 404);
    await simulator.settled();
    assert.deepEqual(spec?.violations(simulator.requests), []);
  });

  describe('are judged by a judge that', () => {
    const good = { at: '', status: 400, headers: {}, answerHeaders: {}, odd: true } as const;
    const faultsOf = (method: string, path: string, query = '', body?: unknown, type = ''): string[] => {
      const request: RecordedRequest = {
        ...good,
        status: 200,
        method,
        path,
        query,
        body,
        answer: undefined,
        headers: { 'content-type': type },
      };
      return spec?.violations([request]) ?? [];
    };

    it('finds wrong paths, parameters, media types and bodies', () => {
      const item = '/shop/_apis/wit/workitems/1';
      assert.deepEqual(faultsOf('GET', item), []);
      assert.match(faultsOf('GET', '/shop/_apis/wit/workitem/1').join(), /no such path/);
      assert.match(faultsOf('GET', item, '?expand=all').join(), /unknown query parameter expand/);
      assert.match(faultsOf('GET', item, '?$expand=most').join(), /\$expand must be equal/);
      assert.match(
        faultsOf('PATCH', item, '', [TITLE], 'application/json').join(),
        /sent as application\/json/,
      );
      assert.match(
        faultsOf('PATCH', item, '', [{ op: 'put', path: '/x' }], JSON_PATCH['Content-Type']).join(),
        /body\/0\/op must be equal/,
      );
      assert.match(
        faultsOf('POST', '/shop/_apis/wit/workitemsbatch', '', { ids: [1], field: ['a'] }).join(),
        /unknown property field/,
      );
    });

    it('finds wrong answers', () => {
      const answer = { id: '1', rev: 1, revision: 2 };
      const request: RecordedRequest = {
        ...good,
        status: 200,
        method: 'GET',
        path: '/_apis/wit/workitems/1',
        query: '',
        body: undefined,
        answer,
        odd: false,
      };
      assert.match(spec?.violations([request]).join() ?? '', /must be integer.*unevaluated properties/);
      const refused = { ...request, status: 404, answer: { error: 'none' } };
      assert.match(spec?.violations([refused]).join() ?? '', /no message or typeKey/);
    });
  });
});
