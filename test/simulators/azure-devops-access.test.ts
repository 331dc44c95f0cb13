import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { azureDevopsClient } from './azure-devops-client.ts';

const place = { organization: 'acme', project: 'shop' };
const PROJECT = '/_apis/projects/shop';
const TENANT = '/0f0f-tenant/oauth2/v2.0/token';

describe('who may do what in the Azure DevOps simulator', () => {
  let simulator: AzureDevopsSimulator;
  let now: number;

  beforeEach(async () => {
    now = Date.parse('2026-03-01T10:00:00Z');
    const limits = { unitsPerFiveMinutes: 4 };
    simulator = await startAzureDevopsSimulator({ now: () => new Date(now), limits, visualStudio: 'acme' });
    const { world } = simulator;
    world.addUser({ login: 'bot', token: 'bot-token' });
    world.addUser({ login: 'narrow', token: 'narrow-token', scopes: ['vso.work_write'] });
    world.addUser({ login: 'reader', token: 'reader-token', expiresAt: '2026-03-02T00:00:00Z' });
    world.addOrganization({ name: 'Old', kind: 'server', apiVersion: 6 });
    for (const organization of ['acme', 'Old'])
      world.addProject({ organization, name: 'shop', contributors: ['bot', 'narrow'], readers: ['reader'] });
  });
  afterEach(() => simulator.close());

  const as = (
    token: string | undefined,
    root = '/acme',
    version = '7.1',
  ): ReturnType<typeof azureDevopsClient> => azureDevopsClient(simulator.url + root, token, '/shop', version);

  it('sends a bad credential to a page to sign in, with a status that may look good', async () => {
    for (const token of [undefined, 'wrong-token']) {
      const plain = await as(token).send('GET', PROJECT, undefined, { accept: '*/*' });
      assert.equal(plain.status, 302);
      assert.match(plain.headers.get('location') ?? '', /\/_signin\?/);
      const json = await as(token).get(PROJECT);
      assert.deepEqual([json.status, json.headers.get('content-type')], [203, 'text/html; charset=utf-8']);
      const honest = await as(token).send('GET', PROJECT, undefined, { 'x-tfs-fedauthredirect': 'Suppress' });
      assert.equal(honest.status, 401);
    }
    simulator.knobs.signIn = 302;
    assert.equal((await as('wrong-token').get(PROJECT)).status, 302);
  });

  it('lets tokens expire, be revoked and be narrow', async () => {
    assert.equal((await as('narrow-token').create('Issue', { 'System.Title': 'a' })).status, 200);
    const refused = await as('narrow-token').get('/_apis/hooks/subscriptions');
    assert.deepEqual([refused.status, refused.text.includes('TF400813')], [401, true]);
    assert.equal((await as('narrow-token').get(PROJECT)).status, 401);
    simulator.world.revokeToken('narrow-token');
    assert.equal((await as('narrow-token').get(PROJECT)).status, 203);
    assert.equal((await as('reader-token').get(PROJECT)).status, 200);
    now = Date.parse('2026-03-02T00:00:00Z');
    assert.equal((await as('reader-token').get(PROJECT)).status, 203);
  });

  it('hides projects, keeps areas closed, and makes service hooks a matter of administrators', async () => {
    const { world } = simulator;
    assert.equal((await as('reader-token').create('Issue', { 'System.Title': 'a' })).status, 403);
    const hook = {
      publisherId: 'tfs',
      eventType: 'workitem.created',
      consumerId: 'webHooks',
      consumerActionId: 'httpRequest',
    };
    const wish = { ...hook, consumerInputs: { url: 'http://127.0.0.1:1/' } };
    const denied = await as('bot-token').post('/_apis/hooks/subscriptions', wish);
    assert.deepEqual([denied.status, denied.text.includes('Edit subscriptions')], [403, true]);
    world.addArea(place, 'Closed');
    world.denyArea(place, 'Closed', 'bot');
    const fields = { 'System.Title': 'a', 'System.AreaPath': 'shop\\Closed' };
    assert.match((await as('bot-token').create('Issue', fields)).text, /TF237111/);
    world.setRole(place, 'reader', 'none');
    assert.match((await as('reader-token').get(PROJECT)).text, /TF200016/);
    world.setVisibility(place, 'public');
    assert.equal((await as('reader-token').get(PROJECT)).at('visibility'), 'public');
    world.renameProject(place, 'store');
    assert.equal((await as('bot-token').get(PROJECT)).status, 404);
    world.deleteProject({ organization: 'acme', project: 'store' });
    assert.equal((await as('bot-token').get('/_apis/projects/store')).status, 404);
  });

  it('gives an application a token of Entra ID for an hour', async () => {
    const { world } = simulator;
    world.addServicePrincipal({ login: 'app', tenantId: '0f0f-tenant', clientId: 'c', clientSecret: 's' });
    world.setRole(place, 'app', 'contributor');
    const ask = async (form: Record<string, string>): Promise<[number, string]> => {
      const response = await fetch(simulator.url + TENANT, {
        method: 'POST',
        body: new URLSearchParams(form),
      });
      return [response.status, await response.text()];
    };
    const scope = '499b84ac-1321-427f-aa17-267ca6975798/.default';
    const form = { grant_type: 'client_credentials', client_id: 'c', client_secret: 's', scope };
    const [status, text] = await ask(form);
    assert.equal(status, 200);
    const token = /"access_token":"([^"]+)"/.exec(text)?.[1] ?? '';
    const bearer = { authorization: `Bearer ${token}` };
    assert.equal((await as(undefined).send('GET', PROJECT, undefined, bearer)).status, 200);
    assert.equal((await as(token).get(PROJECT)).status, 203);
    now += 3_600_000;
    assert.equal((await as(undefined).send('GET', PROJECT, undefined, bearer)).status, 203);
    assert.match(
      (await ask({ ...form, client_secret: 'x' })).join(' '),
      /^401 .*invalid_client.*AADSTS7000215/,
    );
    assert.match((await ask({ ...form, client_id: 'x' })).join(' '), /^400 .*AADSTS700016/);
    assert.match((await ask({ ...form, scope: 'all' })).join(' '), /^400 .*invalid_scope/);
    world.changeClientSecret('c', 'new');
    assert.equal((await ask(form))[0], 401);
  });

  it('wants an api-version that it knows, and the word preview where there is nothing else', async () => {
    const bot = as('bot-token');
    assert.equal(
      (await bot.get(`${PROJECT}?api-version=9.0`)).at('typeKey'),
      'VssVersionOutOfRangeException',
    );
    assert.equal(
      (await bot.get(`${PROJECT}?api-version=7.2`)).at('typeKey'),
      'VssInvalidPreviewVersionException',
    );
    assert.equal((await bot.get(`${PROJECT}?api-version=7.2-preview.4`)).status, 200);
    assert.equal((await bot.get('/_apis/connectionData?api-version=7.1')).status, 400);
    const query = { method: 'POST', body: '{}', headers: { authorization: `Basic ${btoa(':bot-token')}` } };
    const unversioned = await fetch(`${simulator.url}/acme/_apis/wit/wiql`, query);
    assert.match(await unversioned.text(), /VssVersionNotSpecifiedException/);
    const old = as('bot-token', '/tfs/Old', '6.0');
    assert.equal((await old.get(PROJECT)).status, 200);
    assert.match((await old.get(`${PROJECT}?api-version=7.1`)).text, /out of range.* supports is 6\.0/);
    const data = await old.get('/_apis/connectionData?api-version=6.0-preview');
    assert.equal(data.at('deploymentType'), 'onPremises');
  });

  it('is found below the organization, below /tfs for a Server, and without a name at its own host', async () => {
    assert.equal((await as('bot-token', '').get(PROJECT)).status, 200);
    assert.equal((await as('bot-token', '/DefaultCollection').get(PROJECT)).status, 200);
    assert.equal((await as('bot-token', '/tfs/Nowhere').get(PROJECT)).status, 404);
    assert.equal((await as('bot-token', '/nowhere').get(PROJECT)).status, 404);
  });

  it('shows people its work items in a browser, as text that cannot act', async () => {
    const made = simulator.world.openItem({ ...place, title: '<b>a</b>', description: '<i>x</i>' });
    const see = async (path: string): Promise<string> =>
      (await fetch(simulator.url + path, { headers: { accept: 'text/html' } })).text();
    assert.match(await see('/acme/shop'), /&lt;b&gt;a&lt;\/b&gt;.*<strong>To Do<\/strong>/);
    assert.match(await see(`/acme/_workitems/edit/${made.id}`), /<pre>&lt;i&gt;x&lt;\/i&gt;<\/pre>/);
  });

  it('holds back a busy account: first late with status 200, then not at all', async () => {
    const bot = as('bot-token');
    const seen: string[] = [];
    for (let index = 0; index < 10; index += 1) {
      const { status, headers } = await bot.create('Issue', { 'System.Title': 'a' });
      seen.push(
        `${status} ${headers.get('x-ratelimit-remaining') ?? '-'} ${headers.get('retry-after') ?? '-'}`,
      );
    }
    assert.deepEqual(seen, [
      '200 - -',
      '200 2 -',
      '200 1 -',
      '200 0 -',
      '200 0 1',
      '200 0 2',
      '200 0 3',
      '200 0 4',
      '429 - 300',
      '429 - 300',
    ]);
    assert.equal((await as('reader-token').get(PROJECT)).status, 200);
    now += 300_000;
    assert.equal((await bot.get(PROJECT)).status, 200);
    simulator.knobs.slowDown(1, 9);
    const slow = await bot.get(PROJECT);
    assert.deepEqual([slow.status, slow.headers.get('retry-after'), slow.at('name')], [200, '9', 'shop']);
    assert.equal((await bot.get(PROJECT)).headers.get('retry-after'), null);
  });
});
