import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { CheckItem, CheckName, Tracker } from '../../src/ports/tracker.ts';
import { azureDevops } from '../../src/providers/azure-devops/index.ts';
import { azureDevopsSpec } from '../simulators/azure-devops-spec.ts';
import { BOT, HERE, openAzureDevops, ORGANIZATION } from './azure-devops-world.ts';
import type { AzureDevopsPlace } from './azure-devops-world.ts';

const NEVER = new AbortController().signal;
const PRINCIPAL = {
  type: 'service_principal',
  tenantId: '11111111-2222-3333-4444-555555555555',
  clientId: 'app',
  clientSecret: 'sh+h&=',
};

describe('the connection test of Azure DevOps', () => {
  let place: AzureDevopsPlace;
  beforeEach(async () => {
    place = await openAzureDevops({ process: 'Agile' });
  });
  afterEach(() => place.close());

  async function lineOf(name: CheckName, tracker: Tracker = place.another()): Promise<CheckItem> {
    const { items } = await tracker.checkup(NEVER);
    const found = items.find((item) => item.name === name);
    assert.ok(found);
    assert.ok(found.outcome === 'ok' || found.remedy !== undefined);
    return found;
  }
  const withToken = (token: string): Tracker => place.connect({}, { type: 'token', token }).tracker;

  it('is six requests, makes nothing, and all is well for an administrator', async () => {
    const { items, bound } = await place.tracker.checkup(NEVER);
    assert.equal(place.simulator.requests.length, 6);
    assert.deepEqual(place.simulator.world.items(ORGANIZATION, HERE.project), []);
    const unwell = items.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name);
    assert.deepEqual(unwell, ['tls', 'expiry']);
    assert.equal(bound?.account, `${BOT}@acme.test`);
    assert.equal(bound.visibility, 'private');
    assert.deepEqual(azureDevopsSpec()?.violations(place.simulator.requests) ?? [], []);
  });

  it('tells a token that is refused from one that may not do enough', async () => {
    const { world } = place.simulator;
    world.addUser({ login: 'reader', token: 'pat-read', scopes: ['vso.work', 'vso.project'] });
    world.setRole(HERE, 'reader', 'contributor');
    assert.equal((await lineOf('token', withToken('pat-read'))).outcome, 'ok');
    assert.equal((await lineOf('scopes', withToken('pat-read'))).outcome, 'failed');
    assert.match((await lineOf('scopes', withToken('pat-read'))).remedy ?? '', /Work Items \(Read & write\)/);
    for (const signIn of [203, 302, 401] as const) {
      place.simulator.knobs.signIn = signIn;
      assert.equal((await lineOf('token', withToken('wrong'))).outcome, 'failed');
      assert.equal((await lineOf('reachable', withToken('wrong'))).outcome, 'ok');
    }
  });

  it('names the permissions that are missing', async () => {
    const { world } = place.simulator;
    world.addUser({ login: 'guest', token: 'pat-guest' });
    world.setRole(HERE, 'guest', 'reader');
    assert.equal((await lineOf('create-issues', withToken('pat-guest'))).outcome, 'failed');
    world.setRole(HERE, 'guest', 'contributor');
    assert.equal((await lineOf('create-issues', withToken('pat-guest'))).outcome, 'ok');
    const webhook = await lineOf('webhook', withToken('pat-guest'));
    assert.ok(webhook.outcome === 'ok' || /Project settings > Service hooks/.test(webhook.remedy ?? ''));
    world.denyArea(HERE, '', 'guest');
    assert.equal((await lineOf('create-issues', withToken('pat-guest'))).outcome, 'failed');
    world.setRole(HERE, 'guest', 'none');
    assert.equal((await lineOf('project', withToken('pat-guest'))).outcome, 'failed');
  });

  it('names fields that we cannot fill in', async () => {
    place.simulator.world.addField(HERE, {
      type: 'User Story',
      referenceName: 'Custom.Risk',
      name: 'Risk',
      required: true,
    });
    const line = await lineOf('required-fields');
    assert.equal(line.outcome, 'failed');
    assert.match(line.detail, /Custom\.Risk/);
  });

  it('tells what states and priorities there are, and a type that is none', async () => {
    assert.match((await lineOf('statuses')).detail, /New \(open\), Active \(active\)/);
    assert.match((await lineOf('priorities')).detail, /1, 2, 3, 4/);
    const { tracker } = place.connect({ workItemType: 'Nonsense' });
    assert.equal((await lineOf('issue-type', tracker)).outcome, 'failed');
    const issues = place.connect({ workItemType: 'Issue' }).tracker;
    assert.equal((await lineOf('statuses', issues)).outcome, 'warning');
  });

  it('warns of a public project, and of a server that is no Azure DevOps', async () => {
    place.simulator.world.setVisibility(HERE, 'public');
    assert.equal((await lineOf('visibility')).outcome, 'warning');
    place.simulator.knobs.next({ answer: 'html' });
    assert.equal((await lineOf('reachable')).outcome, 'failed');
  });
});

describe('the access of an application to Azure DevOps', () => {
  it('is made at Entra ID, used, and made again', async () => {
    const place = await openAzureDevops();
    try {
      const { world } = place.simulator;
      const { tenantId, clientId, clientSecret } = PRINCIPAL;
      world.addServicePrincipal({ login: 'tmi-app', tenantId, clientId, clientSecret });
      world.setRole(HERE, 'tmi-app', 'contributor');
      const first = place.connect({}, PRINCIPAL);
      await assert.rejects(first.tracker.project(NEVER), { code: 'tracker-unauthorized' });
      const { renewal } = first.connection;
      assert.ok(renewal);
      assert.equal(renewal.expiresAt, undefined);
      const { send } = place.open(renewal.endpoint);
      const renewed = await renewal.renew(send, place.clock.now(), NEVER);
      assert.deepEqual(azureDevops.credentials.parse(renewed), renewed);
      const second = place.connect({}, renewed);
      assert.equal((await second.tracker.project(NEVER)).name, HERE.project);
      assert.equal((await second.tracker.checkup(NEVER)).bound?.account, 'tmi-app@acme.test');
      const lifetime = Date.parse(second.connection.renewal?.expiresAt ?? '') - place.clock.now().getTime();
      assert.ok(lifetime > 3_500_000 && lifetime < 3_700_000);
      const request = place.simulator.requests.find(({ path }) => path.endsWith('/token'));
      assert.equal(request?.headers['content-type'], 'application/x-www-form-urlencoded');
      world.changeClientSecret(clientId, 'new');
      await assert.rejects(renewal.renew(send, place.clock.now(), NEVER), {
        code: 'tracker-unauthorized',
        message: /AADSTS7000215/,
      });
    } finally {
      await place.close();
    }
  });
});
