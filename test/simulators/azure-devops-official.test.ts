import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import type { AzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { azureDevopsSpec } from './azure-devops-spec.ts';
import type { HookReceiver } from './hook-receiver.ts';
import { startHookReceiver } from './hook-receiver.ts';
import { loadClient, withoutClients } from './other-clients.ts';

const spec = azureDevopsSpec();
const withoutSpec = spec === undefined ? 'needs the folder shared/specs beside the checkout' : false;

type Call = (...args: unknown[]) => Promise<unknown>;
interface WebApi {
  connect: Call;
  getCoreApi: Call;
  getWorkItemTrackingApi: Call;
  rest: unknown;
}
const Client = z.object({
  WebApi: z.custom<new (url: string, handler: unknown) => WebApi>((value) => typeof value === 'function'),
  getPersonalAccessTokenHandler: z.custom<(token: string) => unknown>((value) => typeof value === 'function'),
});
const Module = z.object({ default: Client });
const Item = z.object({ id: z.number(), rev: z.number(), fields: z.record(z.string(), z.unknown()) });
const Commented = z.object({ id: z.number(), text: z.string() });
const Subscription = z.object({
  result: z.object({ id: z.string(), status: z.string(), eventType: z.string() }),
});

const PLACES = [
  { kind: 'services', path: '/acme', version: '7.1' },
  { kind: 'server', path: '/tfs/acme', version: '7.0' },
] as const;

const call = (api: unknown, method: string, ...args: unknown[]): Promise<unknown> => {
  const found: unknown = typeof api === 'object' && api !== null ? Reflect.get(api, method) : undefined;
  if (typeof found !== 'function') throw new Error(`the client has no ${method}`);
  return Promise.resolve(Reflect.apply(found, api, args));
};
const set = (field: string, value: unknown): unknown => ({ op: 'add', path: `/fields/${field}`, value });

for (const { kind, path, version } of PLACES)
  describe(`Microsoft's own client, at ${path}`, { skip: withoutClients }, () => {
    let simulator: AzureDevopsSimulator;
    let receiver: HookReceiver;
    let web: WebApi;
    let work: unknown;
    let projectId: string;

    before(async () => {
      simulator = await startAzureDevopsSimulator();
      receiver = await startHookReceiver();
      const { world } = simulator;
      world.addUser({ login: 'bot', token: 'bot-token', name: 'Threat Bot' });
      world.addOrganization({ name: 'acme', kind, administrators: ['bot'] });
      projectId = world.addProject({ organization: 'acme', name: 'shop', process: 'Scrum' }).id;
      const module = Module.parse(await loadClient('azure-devops-node-api', 'WebApi.js')).default;
      web = new module.WebApi(simulator.url + path, module.getPersonalAccessTokenHandler('bot-token'));
      work = await web.getWorkItemTrackingApi();
    });
    after(async () => {
      await simulator.close();
      await receiver.close();
    });

    it('finds its way, and knows who it is', async () => {
      const data = z.object({ authenticatedUser: z.object({ providerDisplayName: z.string() }) });
      const connected = data.parse(await web.connect());
      assert.equal(connected.authenticatedUser.providerDisplayName, 'Threat Bot');
      const core = await web.getCoreApi();
      const project = z
        .object({ id: z.string(), name: z.string() })
        .parse(await call(core, 'getProject', 'shop'));
      assert.deepEqual(project, { id: projectId, name: 'shop' });
    });

    it('creates, reads, updates, closes, reopens, tags, comments and deletes a work item', async () => {
      const type = 'Product Backlog Item';
      const made = Item.parse(
        await call(
          work,
          'createWorkItem',
          {},
          [set('System.Title', 'a'), set('System.Tags', 'tm-1')],
          'shop',
          type,
        ),
      );
      const update = async (...operations: unknown[]): Promise<z.infer<typeof Item>> =>
        Item.parse(await call(work, 'updateWorkItem', {}, operations, made.id));
      const edited = await update({ op: 'test', path: '/rev', value: made.rev }, set('System.Title', 'b'));
      await assert.rejects(update({ op: 'test', path: '/rev', value: made.rev }, set('System.Title', 'c')), {
        statusCode: 412,
      });
      const closed = await update(set('System.State', 'Done'));
      const reopened = await update(set('System.State', 'New'), set('System.Tags', 'high'));
      assert.deepEqual(
        [edited.fields['System.Title'], closed.fields['System.State'], reopened.fields['System.Tags']],
        ['b', 'Done', 'high; tm-1'],
      );
      const said = Commented.parse(await call(work, 'addComment', { text: 'seen' }, 'shop', made.id));
      await call(work, 'updateComment', { text: 'seen twice' }, 'shop', made.id, said.id);
      const comment = Commented.parse(await call(work, 'getComment', 'shop', made.id, said.id));
      assert.equal(comment.text, 'seen twice');
      await call(work, 'deleteComment', 'shop', made.id, said.id);
      await call(work, 'deleteWorkItem', made.id, 'shop');
      assert.equal(simulator.world.item('acme', made.id).isDeleted, true);
      await call(work, 'restoreWorkItem', { isDeleted: false }, made.id, 'shop');
      assert.equal(simulator.world.item('acme', made.id).isDeleted, false);
    });

    it('lists what changed since, queries, and reads many at once', async () => {
      const { id } = simulator.world.openItem({ organization: 'acme', project: 'shop', title: 'late' });
      const Revisions = z.object({
        values: z.array(z.object({ id: z.number() })),
        continuationToken: z.string(),
      });
      const all = Revisions.parse(await call(work, 'readReportingRevisionsGet', 'shop'));
      simulator.world.editTitle({ organization: 'acme', id }, 'later');
      const since = Revisions.parse(
        await call(work, 'readReportingRevisionsGet', 'shop', undefined, undefined, all.continuationToken),
      );
      assert.deepEqual(
        since.values.map((each) => each.id),
        [id],
      );
      const query = { query: "SELECT [System.Id] FROM WorkItems WHERE [System.Title] = 'LATER'" };
      const Found = z.object({ workItems: z.array(z.object({ id: z.number() })) });
      const found = Found.parse(await call(work, 'queryByWiql', query, { project: 'shop' }));
      assert.deepEqual(found.workItems, [{ id }]);
      const batch = { ids: [id, 999], errorPolicy: 2, fields: ['System.Title'] };
      const many = z.array(Item.nullable()).parse(await call(work, 'getWorkItemsBatch', batch));
      assert.deepEqual(
        many.map((each) => each?.fields['System.Title']),
        ['later', undefined],
      );
    });

    it('makes, lists and deletes a service hook, which is really delivered', async () => {
      const address = `${simulator.url}${path}/_apis/hooks/subscriptions`;
      const end = `?api-version=${version}`;
      const wish = {
        publisherId: 'tfs',
        eventType: 'workitem.created',
        consumerId: 'webHooks',
        consumerActionId: 'httpRequest',
        publisherInputs: { projectId },
        consumerInputs: { url: receiver.url, basicAuthUsername: 'u', basicAuthPassword: 'p' },
      };
      const made = Subscription.parse(await call(web.rest, 'create', address + end, wish)).result;
      simulator.world.openItem({ organization: 'acme', project: 'shop', title: 'told' });
      await simulator.settled();
      assert.equal(receiver.received.length, 1);
      const List = z.object({ result: z.object({ value: z.array(z.object({ id: z.string() })) }) });
      const listed = List.parse(await call(web.rest, 'get', address + end)).result.value;
      assert.deepEqual(
        listed.map((each) => each.id),
        [made.id],
      );
      await call(web.rest, 'del', `${address}/${made.id}${end}`);
      assert.deepEqual(simulator.world.hooks('acme'), []);
    });

    it('sends and gets only what Microsoft describes', { skip: withoutSpec }, () => {
      const theirs = simulator.requests.filter(({ query }) => !query.includes('expand=4'));
      const faults = spec?.violations(theirs) ?? [];
      // The client numbers what the description names.
      assert.deepEqual(
        faults.filter((each) => !each.includes('body/errorPolicy')),
        [],
      );
    });
  });
