import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import type { AzureDevopsClient } from './azure-devops-client.ts';
import { azureDevopsClient } from './azure-devops-client.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';
import { isJson } from './json-schema.ts';

const place = { organization: 'acme', project: 'shop' };
const HOOKS = '/_apis/hooks/subscriptions';

function idsOf(resource: unknown): unknown[] {
  return isJson(resource) ? [resource['id'], resource['workItemId']] : [];
}

describe('service hooks of the Azure DevOps simulator', () => {
  let simulator: AzureDevopsSimulator;
  let receiver: HookReceiver;
  let bot: AzureDevopsClient;
  let projectId: string;

  beforeEach(async () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    simulator = await startAzureDevopsSimulator({ random });
    receiver = await startHookReceiver();
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    projectId = simulator.world.addProject({ ...place, name: 'shop', administrators: ['bot'] }).id;
    bot = azureDevopsClient(`${simulator.url}/acme`, 'bot-token');
    simulator.knobs.hookRetryMs = 0;
  });
  afterEach(async () => {
    await simulator.close();
    await receiver.close();
  });

  async function subscribe(event: string, inputs: Record<string, string> = {}): Promise<string> {
    const made = await bot.post(HOOKS, wishOf(event, inputs));
    assert.equal(made.status, 200);
    return String(made.at('id'));
  }

  function wishOf(event: string, inputs: Record<string, string> = {}): Record<string, unknown> {
    return {
      publisherId: 'tfs',
      eventType: `workitem.${event}`,
      resourceVersion: '1.0',
      consumerId: 'webHooks',
      consumerActionId: 'httpRequest',
      publisherInputs: { projectId },
      consumerInputs: {
        url: receiver.url,
        basicAuthUsername: 'tmi',
        basicAuthPassword: 'quiet',
        httpHeaders: 'X-Tmi-Proof: one\nX-Other:two',
        ...inputs,
      },
    };
  }

  const open = (): number => simulator.world.openItem({ ...place, title: 'a' }).id;
  const statusOf = (id: string): string | undefined =>
    simulator.world.hooks('acme').find((each) => each.id === id)?.status;

  function bodies(): Readonly<Record<string, unknown>>[] {
    return receiver.received.map(({ body }): unknown => JSON.parse(body)).filter(isJson);
  }

  it('tell of each event with a password and headers, and show neither again', async () => {
    for (const event of ['created', 'updated', 'deleted', 'restored', 'commented']) await subscribe(event);
    const id = open();
    const at = { ...place, id };
    simulator.world.editTitle(at, 'b');
    simulator.world.comment(at, 'hello');
    simulator.world.deleteItem(at);
    simulator.world.restoreItem(at);
    await simulator.settled();
    const events = bodies().map(({ eventType }) => String(eventType).slice('workitem.'.length));
    assert.deepEqual(events.toSorted(), [
      'commented',
      'created',
      'deleted',
      'restored',
      'updated',
      'updated',
    ]);
    for (const { headers } of receiver.received) {
      assert.equal(headers['authorization'], `Basic ${btoa('tmi:quiet')}`);
      assert.deepEqual([headers['x-tmi-proof'], headers['x-other']], ['one', 'two']);
    }
    const shown = await bot.get(HOOKS);
    assert.equal(/quiet|one/.test(shown.text), false);
    assert.match(shown.text, /"basicAuthPassword":"\*{8}"/);
  });

  it('name the update and the work item in an update, and the work item elsewhere', async () => {
    await subscribe('created');
    const id = open();
    await simulator.settled();
    await subscribe('updated');
    simulator.world.setState({ ...place, id }, 'Done', 'ann');
    await simulator.settled();
    const [created, updated] = bodies();
    assert.deepEqual(
      [created, updated].map((each) => [each?.['eventType'], idsOf(each?.['resource'])]),
      [
        ['workitem.created', [id, undefined]],
        ['workitem.updated', [2, id]],
      ],
    );
    assert.match(JSON.stringify(updated), /"System\.State":\{"oldValue":"To Do","newValue":"Done"\}/);
    assert.match(JSON.stringify(updated), /"revisedBy":\{[^}]*"displayName":"ann"/);
  });

  it('say as little of the work item as they are told', async () => {
    await subscribe('created', {
      resourceDetailsToSend: 'minimal',
      messagesToSend: 'none',
      detailedMessagesToSend: 'none',
    });
    open();
    await simulator.settled();
    const [body] = bodies();
    assert.deepEqual(Object.keys(isJson(body?.['resource']) ? body['resource'] : {}), ['id', 'url']);
    assert.deepEqual([body?.['message'], body?.['detailedMessage']], [null, null]);
  });

  it('try eight times more when the receiver is busy, and are well when it recovers', async () => {
    const id = await subscribe('created');
    receiver.status = 503;
    open();
    await simulator.settled();
    assert.equal(receiver.received.length, 9);
    assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 1);
    assert.equal(statusOf(id), 'onProbation');
  });

  it('are put on probation by any other error, lose new events there, and come back with one success', async () => {
    const id = await subscribe('created');
    receiver.status = 500;
    open();
    await simulator.settled();
    assert.deepEqual([receiver.received.length, statusOf(id)], [1, 'onProbation']);
    receiver.status = 204;
    open();
    await simulator.settled();
    assert.deepEqual(simulator.world.hooks('acme')[0]?.deliveries.length, 1);
    await simulator.world.retryProbation('acme', id);
    assert.deepEqual([receiver.received.length, statusOf(id)], [2, 'enabled']);
    assert.equal(receiver.received[0]?.body, receiver.received[1]?.body);
    open();
    await simulator.settled();
    assert.equal(receiver.received.length, 3);
  });

  it('are disabled after seven retries, or at once by 410, until somebody enables them', async () => {
    const id = await subscribe('created');
    receiver.status = 400;
    open();
    await simulator.settled();
    for (let retry = 0; retry < 7; retry += 1) await simulator.world.retryProbation('acme', id);
    assert.equal(statusOf(id), 'disabledBySystem');
    receiver.status = 204;
    const masked = { basicAuthPassword: '********', httpHeaders: '********' };
    const back = await bot.send('PUT', `${HOOKS}/${id}`, { ...wishOf('created', masked), status: 'enabled' });
    assert.equal(back.at('status'), 'enabled');
    open();
    await simulator.settled();
    assert.equal(receiver.received.at(-1)?.headers['authorization'], `Basic ${btoa('tmi:quiet')}`);
    receiver.status = 410;
    open();
    await simulator.settled();
    assert.equal(statusOf(id), 'disabledBySystem');
    const history = await bot.get(`${HOOKS}/${id}/notifications?result=failed`);
    assert.equal(history.list().length, 2);
  });

  it('can lose, repeat and shuffle events', async () => {
    await subscribe('created');
    simulator.knobs.webhooks.lose = 1;
    open();
    await simulator.settled();
    assert.equal(receiver.received.length, 0);
    simulator.knobs.webhooks = { ...simulator.knobs.webhooks, lose: 0, repeat: 1 };
    open();
    await simulator.settled();
    assert.deepEqual(new Set(bodies().map(({ id }) => id)).size, 1);
    assert.equal(receiver.received.length, 2);
    simulator.knobs.webhooks = { ...simulator.knobs.webhooks, repeat: 0, shuffle: true };
    const opened = Array.from({ length: 8 }, open);
    await simulator.settled();
    const told = bodies()
      .slice(2)
      .map(({ resource }) => (isJson(resource) ? resource['id'] : undefined));
    assert.notDeepEqual(told, opened);
    assert.deepEqual(
      told.map(Number).toSorted((one, other) => one - other),
      opened,
    );
  });

  it('are deaf to other projects, areas and types', async () => {
    simulator.world.addArea(place, 'Web');
    const inputs = { projectId, areaPath: 'shop\\Web', workItemType: 'Task' };
    await bot.post(HOOKS, { ...wishOf('created'), publisherInputs: inputs });
    open();
    simulator.world.openItem({ ...place, type: 'Task', title: 'no area' });
    simulator.world.openItem({
      ...place,
      type: 'Task',
      title: 'meant',
      fields: { 'System.AreaPath': 'shop\\Web' },
    });
    await simulator.settled();
    assert.equal(receiver.received.length, 1);
  });
});

describe('the knobs of the Azure DevOps simulator', () => {
  it('fail a request before or after it was done', async () => {
    const simulator = await startAzureDevopsSimulator();
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    simulator.world.addProject({ ...place, name: 'shop', contributors: ['bot'] });
    const bot = azureDevopsClient(`${simulator.url}/acme`, 'bot-token');
    const create = (): ReturnType<AzureDevopsClient['create']> =>
      bot.create('Issue', { 'System.Title': 'a' });
    const count = (): number => simulator.world.items('acme', 'shop').length;
    simulator.knobs.next({ match: ({ method }) => method === 'POST', answer: { status: 503 } });
    const failed = await create();
    assert.deepEqual([failed.status, failed.at('typeKey'), count()], [503, 'VssServiceResponseException', 0]);
    simulator.knobs.next({ when: 'after', answer: 'reset' });
    await assert.rejects(create(), TypeError);
    assert.equal(count(), 1);
    simulator.knobs.next({ answer: 'empty-list' });
    assert.deepEqual((await bot.get('/shop/_apis/wit/workitems?ids=1')).list(), []);
    simulator.knobs.next({ answer: 'html' });
    assert.match((await bot.get('/_apis/projects')).text, /^<!DOCTYPE/);
    simulator.knobs.signIn = 401;
    simulator.knobs.reset();
    assert.equal(simulator.knobs.signIn, 'auto');
    await simulator.close();
  });
});
