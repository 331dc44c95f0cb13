import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import type { AzureDevopsClient } from './azure-devops-client.ts';
import { azureDevopsClient } from './azure-devops-client.ts';

const place = { organization: 'acme', project: 'shop' };
const WIT = '/shop/_apis/wit';
const set = (field: string, value: unknown, op = 'replace'): unknown => ({
  op,
  path: `/fields/${field}`,
  value,
});
const rev = (value: number): unknown => ({ op: 'test', path: '/rev', value });

describe('a simulated work item', () => {
  let simulator: AzureDevopsSimulator;
  let bot: AzureDevopsClient;
  let id: number;

  beforeEach(async () => {
    simulator = await startAzureDevopsSimulator();
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    simulator.world.addProject({ ...place, name: 'shop', process: 'Agile', contributors: ['bot'] });
    bot = azureDevopsClient(`${simulator.url}/acme`, 'bot-token');
    ({ id } = await bot.create('User Story', { 'System.Title': 'a', 'System.Tags': 'b; a' }));
  });
  afterEach(() => simulator.close());

  const now = (): ReturnType<AzureDevopsSimulator['world']['item']> => simulator.world.item('acme', id);
  const patch = (...operations: unknown[]): ReturnType<AzureDevopsClient['patch']> =>
    bot.patch(`/_apis/wit/workitems/${id}`, operations);

  it('is written only where its revision is as tested, and then wholly', async () => {
    assert.equal((await patch(rev(1), set('System.Title', 'b'))).at('rev'), 2);
    const stale = await patch(set('System.Title', 'c'), rev(1));
    assert.equal(stale.status, 412);
    assert.match(
      stale.text,
      /VS403351: Test Operation for path \/rev failed, value 2 was not equal to test value 1/,
    );
    const broken = await patch(rev(2), set('System.Title', 'd'), set('System.State', 'Nowhere'));
    assert.equal(broken.status, 400);
    assert.deepEqual([now().title, now().rev], ['b', 2]);
    simulator.knobs.staleStatus = 409;
    assert.equal((await patch(rev(1), set('System.Title', 'c'))).status, 409);
  });

  it('gets no revision from a save that changes nothing', async () => {
    assert.equal((await patch(rev(1), set('System.Title', 'a'))).at('rev'), 1);
  });

  it('keeps its tags when some are added, and has only those it is given when they are replaced', async () => {
    await patch(set('System.Tags', 'c; A', 'add'));
    assert.deepEqual(now().tags, ['a', 'b', 'c']);
    await patch(set('System.Tags', 'c,d'));
    assert.deepEqual(now().tags, ['c', 'd']);
    assert.equal(
      (await patch(set('System.Tags', Array.from({ length: 101 }, (_, i) => `t${i}`).join(';')))).status,
      400,
    );
  });

  it('goes through the states of its type, by categories, with dates and reasons', async () => {
    const states = await bot.get(`${WIT}/workitemtypes/User%20Story/states`);
    assert.deepEqual(
      states.list().map(({ name, category }) => `${String(name)} ${String(category)}`),
      ['New Proposed', 'Active InProgress', 'Resolved Resolved', 'Closed Completed', 'Removed Removed'],
    );
    const closed = await patch(set('System.State', 'Closed'));
    assert.equal(closed.field('System.Reason'), 'Moved to state Closed');
    assert.notEqual(closed.field('Microsoft.VSTS.Common.ClosedDate'), undefined);
    const open = await patch(set('System.State', 'Active'));
    assert.equal(open.field('Microsoft.VSTS.Common.ClosedDate'), undefined);
    const wrong = await patch(set('System.State', 'Done'));
    assert.equal(wrong.at('typeKey'), 'RuleValidationException');
    assert.match(wrong.text, /TF401320: Rule Error for field State\. Error code: .*InvalidListValue/);
  });

  it('says which field a rule asks for', async () => {
    const { world } = simulator;
    const field = { type: 'User Story', referenceName: 'Custom.Team', name: 'Team', required: true };
    world.addField(place, { ...field, allowedValues: ['red', 'blue'] });
    world.addField(place, {
      type: 'User Story',
      referenceName: 'Custom.Why',
      name: 'Why',
      requiredIn: ['Closed'],
    });
    const missing = await patch(set('System.Title', 'b'));
    assert.equal(
      missing.at('customProperties', 'RuleValidationErrors', '0', 'fieldReferenceName'),
      'Custom.Team',
    );
    assert.match(missing.text, /Error code: Required, InvalidEmpty/);
    assert.equal((await patch(set('Custom.Team', 'green'))).status, 400);
    assert.equal((await patch(set('Custom.Team', 'red'))).status, 200);
    assert.match((await patch(set('System.State', 'Closed'))).text, /field Why\. Error code: Required/);
    assert.equal((await patch(set('System.State', 'Closed'), set('Custom.Why', 'x'))).status, 200);
    const required = (await bot.get(`${WIT}/workitemtypes/User%20Story/fields`)).list();
    assert.deepEqual(
      required.filter((each) => each['alwaysRequired']).map((each) => each['referenceName']),
      ['System.Title', 'Custom.Team'],
    );
  });

  it('refuses unknown fields, people, areas, long titles and what only the service writes', async () => {
    assert.match((await patch(set('Custom.None', 1))).text, /TF51535: Cannot find field Custom\.None/);
    assert.match((await patch(set('System.AssignedTo', 'nobody@acme.test'))).text, /unknown identity/);
    assert.match((await patch(set('System.AreaPath', 'shop\\None'))).text, /TF401347/);
    assert.match((await patch(set('System.Title', 'x'.repeat(256)))).text, /InvalidTooLong/);
    assert.match((await patch(set('System.CreatedDate', '2020-01-01'))).text, /ReadOnly/);
    assert.equal((await patch(set('System.Title', 'x'.repeat(255)))).status, 200);
  });

  it('is not saved by a rehearsal', async () => {
    const tried = await bot.create('Bug', { 'System.Title': 'b' }, '?validateOnly=true');
    assert.equal(tried.status, 200);
    assert.equal((await bot.create('Bug', {}, '?validateOnly=true')).status, 400);
    assert.equal(simulator.world.items('acme', 'shop').length, 1);
  });

  it('has one parent, shown on both sides, and no circles', async () => {
    const parent = simulator.world.openItem({ ...place, type: 'Feature', title: 'p' });
    const other = simulator.world.openItem({ ...place, type: 'Feature', title: 'o' });
    const to = (target: number, rel = 'Hierarchy-Reverse'): unknown => ({
      op: 'add',
      path: '/relations/-',
      value: { rel: `System.LinkTypes.${rel}`, url: `${simulator.url}/acme/_apis/wit/workItems/${target}` },
    });
    const linked = await patch(to(parent.id));
    assert.equal(linked.field('System.Parent'), parent.id);
    assert.deepEqual(
      simulator.world.item('acme', parent.id).relations.map(({ rel, target }) => [rel, target]),
      [['System.LinkTypes.Hierarchy-Forward', id]],
    );
    assert.equal(simulator.world.item('acme', parent.id).rev, 1);
    assert.match((await patch(to(other.id))).text, /TF201036.*only one Parent link/);
    assert.equal((await patch(to(parent.id))).status, 400);
    const circle = await bot.patch(`/_apis/wit/workitems/${parent.id}`, [to(id)]);
    assert.match(circle.text, /circular/);
    assert.equal((await patch(to(999))).status, 404);
    await patch({ op: 'remove', path: '/relations/0' });
    assert.deepEqual(simulator.world.item('acme', parent.id).relations, []);
  });

  it('can be moved, converted and cloned by people, and goes to the recycle bin before it is gone', async () => {
    const { world } = simulator;
    const at = { organization: 'acme', id };
    world.addProject({ organization: 'acme', name: 'lab', process: 'Agile', readers: ['bot'] });
    world.moveItem(at, 'lab');
    assert.equal((await bot.get(`/_apis/wit/workitems/${id}`)).field('System.TeamProject'), 'lab');
    assert.equal((await bot.get(`${WIT}/workitems/${id}`)).status, 404);
    assert.equal((await patch(set('System.Title', 'b'))).status, 403);
    world.moveItem(at, 'shop');
    world.convertItem(at, 'Issue');
    assert.deepEqual([now().type, now().state, now().id], ['Issue', 'Active', id]);
    const copy = world.cloneItem(at);
    assert.deepEqual([copy.tags, copy.relations.map(({ target }) => target)], [['a', 'b'], [id]]);
    assert.equal((await bot.send('DELETE', `${WIT}/workitems/${id}`)).status, 200);
    const gone = await bot.get(`/_apis/wit/workitems/${id}`);
    assert.deepEqual([gone.status, gone.text.includes('TF401232')], [404, true]);
    assert.deepEqual(
      (await bot.get(`${WIT}/recyclebin`)).list().map((each) => each['id']),
      [id],
    );
    assert.equal((await bot.send('DELETE', `${WIT}/workitems/${copy.id}?destroy=true`)).status, 403);
    await bot.send('PATCH', `${WIT}/recyclebin/${id}`, { isDeleted: false });
    assert.equal((await bot.get(`/_apis/wit/workitems/${id}`)).status, 200);
    world.destroyItem(at);
    assert.equal((await bot.get(`${WIT}/recyclebin/${id}`)).status, 404);
  });
});

describe('the simulated processes', () => {
  const FIRST = { Basic: 'To Do', Agile: 'New', Scrum: 'New', CMMI: 'Proposed' } as const;
  const DONE = { Basic: 'Done', Agile: 'Closed', Scrum: 'Done', CMMI: 'Closed' } as const;
  const TYPE = {
    Basic: 'Issue',
    Agile: 'User Story',
    Scrum: 'Product Backlog Item',
    CMMI: 'Requirement',
  } as const;

  it('have their own types and states; a Server with an old process also has forbidden moves', async () => {
    const simulator = await startAzureDevopsSimulator();
    simulator.world.addOrganization({ name: 'Old', kind: 'server' });
    for (const process of ['Basic', 'Agile', 'Scrum', 'CMMI'] as const)
      for (const organization of ['acme', 'Old']) {
        simulator.world.addProject({ organization, name: process, process });
        const item = simulator.world.openItem({ organization, project: process, title: 'a' });
        assert.deepEqual([item.type, item.state], [TYPE[process], FIRST[process]]);
        simulator.world.setState({ organization, id: item.id }, DONE[process]);
        assert.equal(simulator.world.item(organization, item.id).state, DONE[process]);
      }
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    simulator.world.setRole({ organization: 'Old', project: 'CMMI' }, 'bot', 'contributor');
    const old = azureDevopsClient(`${simulator.url}/tfs/Old`, 'bot-token', '/CMMI', '7.0');
    const made = await old.create('Bug', { 'System.Title': 'a' });
    const path = `/_apis/wit/workitems/${made.id}`;
    assert.equal((await old.patch(path, [set('System.State', 'Resolved')])).status, 400);
    for (const state of ['Active', 'Resolved', 'Closed'])
      assert.equal((await old.patch(path, [set('System.State', state)])).field('System.State'), state);
    const type = await old.get('/CMMI/_apis/wit/workitemtypes/Bug');
    assert.deepEqual(type.at('transitions', 'Active'), [{ to: 'Proposed' }, { to: 'Resolved' }]);
    await simulator.close();
  });
});
