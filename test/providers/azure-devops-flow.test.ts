import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import type { AzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import { becomes, house } from '../sync/house.ts';
import { newTeam } from '../sync/team.ts';
import type { Team } from '../sync/team.ts';
import type { IntegrationInput } from '../../src/sync/use-cases.ts';

const THREATS = 12;
const BOT = 'tmi-bot';
const TOKEN = 'pat-of-tmi-bot';
const given = house();

interface Shop {
  team: Team;
  organization: string;
}

async function sync(team: Team): Promise<void> {
  const run = await team.sync({ full: true });
  assert.equal(run.state, 'completed', run.error?.message);
  await team.settled();
}

const statusOf = async (team: Team, key: number): Promise<string> => (await team.threat(key)).status;

describe('the whole way to a simulated Azure DevOps and back', () => {
  let azure: AzureDevopsSimulator;
  before(async () => {
    const { clock } = given();
    azure = await startAzureDevopsSimulator({ now: () => clock.now() });
    azure.world.addUser({ login: BOT, token: TOKEN });
  });
  after(() => azure.close());

  let organizations = 0;
  async function newShop(
    process: 'Basic' | 'Agile' | 'Scrum',
    workItemType: string,
    credentials: object = { type: 'token', token: TOKEN },
    more: Partial<IntegrationInput> = {},
  ): Promise<Shop> {
    organizations += 1;
    const organization = `acme-${String(organizations)}`;
    azure.world.addOrganization({ name: organization, administrators: [BOT, 'tmi-app'] });
    azure.world.addProject({ organization, name: 'shop', process, contributors: ['mona'] });
    azure.world.addProject({ organization, name: 'other', process, contributors: ['mona', BOT] });
    const team = await newTeam(given(), {
      threats: Array.from({ length: THREATS }, (_, number) => ({ id: `t${String(number)}` })),
      integration: {
        name: organization,
        provider: 'azure_devops',
        config: {
          baseUrl: azure.url,
          organization,
          project: 'shop',
          workItemType,
          webhookUrl: given().url(),
        },
        credentials: { ...credentials },
        ...more,
      },
    });
    return { team, organization };
  }
  function writes(): string[] {
    return azure.requests
      .filter(({ method, path }) => method !== 'GET' && !/(?:workitemsbatch|wiql|\/token)$/.test(path))
      .map(({ method, path }) => `${method} ${path.replace(/^\/[0-9a-f-]{36}/, '')}`);
  }
  const item = (organization: string, id: number): Readonly<Record<string, unknown>> =>
    azure.world.item(organization, id).fields;

  it('puts new work items under one of their model with hardly a request more', async () => {
    for (const [process, type, above] of [
      ['Basic', 'Issue', 'Epic'],
      ['Agile', 'Bug', 'Feature'],
    ] as const) {
      const more = { parent: { kind: 'model' } } as const;
      const { team, organization } = await newShop(process, type, { type: 'token', token: TOKEN }, more);
      azure.clearRequests();
      await sync(team);
      const items = azure.world.items(organization, 'shop');
      const [parent] = items.filter((each) => each.type === above);
      assert.equal(parent?.title, `Threat model: ${team.place.owner}`);
      const children = items.filter((each) => each.type === type);
      assert.equal(children.length, THREATS);
      assert.ok(children.every(({ fields }) => fields['System.Parent'] === parent.id));
      assert.ok(writes().length <= 3, writes().join());
      azure.clearRequests();
      await sync(team);
      assert.deepEqual(writes(), []);
    }
  });

  it('makes a work item for each threat with few requests, and a second sync writes nothing', async () => {
    for (const [process, type] of [
      ['Basic', 'Issue'],
      ['Agile', 'Issue'],
      ['Agile', 'Bug'],
      ['Scrum', 'Product Backlog Item'],
    ] as const) {
      const { team, organization } = await newShop(process, type);
      azure.clearRequests();
      await sync(team);
      const items = azure.world.items(organization, 'shop');
      assert.equal(items.length, THREATS);
      assert.ok(items.every(({ fields }) => String(fields['System.Tags']).includes('threat-model')));
      assert.deepEqual(new Set(writes()), new Set(['PATCH /_apis/wit/$batch']));
      assert.ok(writes().length <= 2, `${String(writes().length)} requests`);
      azure.clearRequests();
      await sync(team);
      assert.deepEqual(writes(), [], `${process} ${type}`);
    }
    assert.deepEqual(azure.world.executed(), []);
  });

  it('brings back what people do, by service hooks, and carries out what the threats say', async () => {
    const { team, organization } = await newShop('Scrum', 'Product Backlog Item');
    await sync(team);
    const hooks = azure.world.hooks(organization);
    assert.equal(hooks.length, 5);
    const at = (id: number): { organization: string; id: number } => ({ organization, id });
    azure.world.setState(at(1), 'Done');
    azure.world.addTag(at(2), 'tm-accepted');
    azure.world.setState(at(2), 'Removed');
    azure.world.setState(at(3), 'Committed');
    azure.world.comment(at(4), 'We look at it.');
    await azure.settled();
    await becomes(() => statusOf(team, 1), 'mitigated', 'the threat of the work item that is done');
    await becomes(() => statusOf(team, 2), 'accepted', 'the threat of the accepted one');
    await becomes(() => statusOf(team, 3), 'mitigating', 'the threat of the one in progress');
    const deliveries = azure.world.hooks(organization).flatMap((hook) => hook.deliveries);
    assert.ok(deliveries.length >= 4 && deliveries.every(({ result }) => result === 'succeeded'));
    azure.world.setState(at(1), 'New');
    await becomes(() => statusOf(team, 1), 'identified', 'the threat of the one that was opened again');
    given().clock.ahead(TIMINGS.brakeWindowMs + 1000);
    await team.patch(5, { status: 'mitigated' });
    await team.patch(6, { status: 'transferred', justification: 'insured' });
    await team.patch(7, { status: 'mitigating' });
    await team.settled();
    assert.equal(item(organization, 5)['System.State'], 'Done');
    assert.deepEqual(
      [
        item(organization, 6)['System.State'],
        /tm-transferred/.test(String(item(organization, 6)['System.Tags'])),
      ],
      ['Removed', true],
    );
    assert.equal(item(organization, 7)['System.State'], 'Committed');
    azure.clearRequests();
    await sync(team);
    assert.deepEqual(writes(), []);
  });

  it('takes a work item in the recycle bin for deleted at once, and lets a moved one go', async () => {
    const { team, organization } = await newShop('Basic', 'Issue');
    await sync(team);
    const [gone, moved] = [await team.link(1), await team.link(2)];
    azure.world.deleteItem({ organization, id: 1 });
    azure.world.moveItem({ organization, id: 2 }, 'other');
    await azure.settled();
    await sync(team);
    const stateOf = async (id: string): Promise<string | undefined> =>
      (await team.links()).find((link) => link.id === id)?.state;
    assert.deepEqual([await stateOf(gone.id), await stateOf(moved.id)], ['issue-gone', 'detached']);
    assert.equal(azure.world.items(organization, 'shop').length, THREATS - 2);
  });

  it('renews the access of an application by itself, and asks for a person when its secret has ended', async () => {
    const [tenantId, clientId, clientSecret] = ['11111111-2222-3333-4444-555555555555', 'app', 'shh'];
    azure.world.addServicePrincipal({ login: 'tmi-app', tenantId, clientId, clientSecret });
    const application = { type: 'service_principal', tenantId, clientId, clientSecret };
    const { team, organization } = await newShop('Basic', 'Issue', application);
    await sync(team);
    assert.equal(azure.world.items(organization, 'shop').length, THREATS);
    given().clock.ahead(2 * 3_600_000);
    await sync(team);
    azure.world.changeClientSecret(clientId, 'new');
    given().clock.ahead(2 * 3_600_000);
    await team.sync({ full: true });
    const state = async (): Promise<string | undefined> =>
      (await team.transact((tx) => tx.integrations.get(team.integrationId)))?.state;
    await becomes(state, 'reconnect-needed', 'the integration without access');
    assert.equal((await team.links()).length, THREATS);
  });
});
