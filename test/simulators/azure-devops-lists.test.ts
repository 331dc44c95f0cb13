import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import type { AzureDevopsClient } from './azure-devops-client.ts';
import { azureDevopsClient } from './azure-devops-client.ts';

const place = { organization: 'acme', project: 'shop' };
const REPORT = '/shop/_apis/wit/reporting/workitemrevisions';
const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };

function numberOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
}

function body(...more: unknown[]): unknown[] {
  return [{ op: 'add', path: '/fields/System.Title', value: 'b' }, ...more];
}

describe('lists of the Azure DevOps simulator', () => {
  let simulator: AzureDevopsSimulator;
  let bot: AzureDevopsClient;
  let now: number;

  beforeEach(async () => {
    now = Date.parse('2026-03-01T10:00:00Z');
    simulator = await startAzureDevopsSimulator({ now: () => new Date(now), queryLimit: 5 });
    simulator.world.addUser({ login: 'bot', token: 'bot-token' });
    simulator.world.addProject({ ...place, name: 'shop', contributors: ['bot'] });
    bot = azureDevopsClient(`${simulator.url}/acme`, 'bot-token');
  });
  afterEach(() => simulator.close());

  const open = (title: string, more: { tags?: string[]; project?: string; by?: string } = {}): number =>
    simulator.world.openItem({ ...place, title, ...more }).id;

  async function ask(where: string, query = ''): Promise<unknown> {
    const text = { query: `SELECT [System.Id] FROM WorkItems WHERE ${where}` };
    const answer = await bot.post(`/shop/_apis/wit/wiql${query}`, text);
    const items = answer.at('workItems');
    return Array.isArray(items) ? items.map((each: unknown) => numberOf(each)) : answer.at('message');
  }

  it('tell every save since the token, deletions included, without a gap', async () => {
    const [a, b] = [open('a'), open('b')];
    const first = await bot.get(`${REPORT}?includeDeleted=true&$maxPageSize=1`);
    assert.deepEqual([first.list().length, first.at('isLastBatch')], [1, false]);
    const rest = await fetch(String(first.at('nextLink')), {
      headers: { authorization: `Basic ${btoa(':bot-token')}` },
    });
    assert.match(await rest.text(), /"id":2/);
    const token = String((await bot.get(`${REPORT}?includeDeleted=true`)).at('continuationToken'));
    const since = (): ReturnType<AzureDevopsClient['get']> =>
      bot.get(`${REPORT}?includeDeleted=true&continuationToken=${encodeURIComponent(token)}`);
    assert.deepEqual((await since()).list(), []);
    simulator.world.editDescription({ ...place, id: a }, '<p>long</p>');
    simulator.world.deleteItem({ ...place, id: b });
    const seen = (await since()).list().map(({ id, rev, fields }) => ({ id, rev, fields }));
    assert.deepEqual(
      seen.map(({ id, rev }) => [id, rev]),
      [
        [a, 2],
        [b, 2],
      ],
    );
    assert.equal(JSON.stringify(seen).includes('"System.IsDeleted":true'), true);
    assert.equal(JSON.stringify(seen).includes('System.Description'), false);
    const live = await bot.get(`${REPORT}?includeLatestOnly=true&$expand=fields`);
    assert.deepEqual(
      live.list().map(({ id }) => id),
      [a],
    );
    assert.match(live.text, /System\.Description/);
  });

  it('may lag, and then catch up without a gap', async () => {
    open('early');
    now += 60_000;
    simulator.knobs.listLagMs = 30_000;
    const late = open('late');
    const before = await bot.get(REPORT);
    assert.equal(before.list().length, 1);
    assert.deepEqual(await ask("[System.Title] = 'late'"), []);
    assert.equal((await bot.get(`/_apis/wit/workitems/${late}`)).status, 200);
    now += 30_000;
    const after = await bot.get(`${REPORT}?continuationToken=${String(before.at('continuationToken'))}`);
    assert.deepEqual(
      after.list().map(({ id }) => id),
      [late],
    );
  });

  it('answer queries by whole tags, quoted texts, areas, people and macros', async () => {
    simulator.world.addArea(place, 'Web');
    const a = open("it's", { tags: ['tm-1', 'x'], by: 'ann' });
    const b = open('b', { tags: ['tm-12'] });
    simulator.world.setField({ ...place, id: b }, 'System.AreaPath', 'shop\\Web');
    simulator.world.assign({ ...place, id: b }, 'bot');
    simulator.world.addProject({ organization: 'acme', name: 'lab', readers: ['bot'] });
    const c = open('c', { project: 'lab' });
    for (const [where, found] of [
      ["[System.Tags] CONTAINS 'TM-1'", [a]],
      ["[System.Tags] NOT CONTAINS 'tm-1'", [b, c]],
      ["[System.Title] = 'it''s'", [a]],
      ["[System.Title] CONTAINS 'S' OR [System.Id] = 2", [a, b]],
      ["[System.AreaPath] UNDER 'shop'", [a, b]],
      ["[System.AreaPath] UNDER 'shop\\Web'", [b]],
      ['[Assigned To] = @Me', [b]],
      ["[System.CreatedBy] = 'ann@acme.test'", [a]],
      ['[System.TeamProject] = @project AND NOT ([System.Id] IN (1, 3))', [b]],
      ["[System.AssignedTo] = ''", [a, c]],
      ["[System.CreatedDate] >= @today - 1 AND [System.State] <> 'Done'", [a, b, c]],
      ["[System.State] EVER 'To Do' ORDER BY [System.Id] DESC", [c, b, a]],
      ['[System.Description] IS NOT EMPTY', []],
    ] as const)
      assert.deepEqual(await ask(where), found, where);
  });

  it('compare dates by day unless time is asked for', async () => {
    const a = open('a');
    assert.deepEqual(await ask("[System.ChangedDate] >= '2026-03-01'"), [a]);
    assert.match(String(await ask("[System.ChangedDate] > '2026-03-01T09:00:00Z'")), /cannot supply a time/);
    assert.deepEqual(await ask("[System.ChangedDate] > '2026-03-01T09:00:00Z'", '?timePrecision=true'), [a]);
    assert.deepEqual(await ask("[System.ChangedDate] > '2026-03-01T10:00:00Z'", '?timePrecision=true'), []);
  });

  it('fail rather than shorten a query with too many results', async () => {
    for (let index = 0; index < 6; index += 1) open(`t${index}`);
    assert.match(String(await ask('[System.Id] > 0')), /^VS402337/);
    assert.deepEqual(await ask('[System.Id] > 0 ORDER BY [System.Id]', '?$top=2'), [1, 2]);
    assert.match(String(await ask('[Custom.None] = 1')), /TF51005/);
    assert.match(String(await ask("[System.Title] = 'a' AND")), /TF51006/);
  });

  it('read up to 200 work items at once, with null for those that are not there', async () => {
    const id = open('a');
    const path = '/_apis/wit/workitemsbatch';
    assert.equal((await bot.post(path, { ids: [id, 99] })).status, 404);
    const omitted = await bot.post(path, { ids: [99, id], errorPolicy: 'omit', $expand: 'relations' });
    assert.deepEqual([omitted.at('value', '0'), omitted.at('value', '1', 'id')], [null, id]);
    assert.equal((await bot.post(path, { ids: Array.from({ length: 201 }, () => id) })).status, 400);
    assert.equal(
      (await bot.post(path, { ids: [id], fields: ['System.Title'], $expand: 'relations' })).status,
      400,
    );
  });

  it('save many at once, each with its own result, and know new ones by negative ids', async () => {
    const id = open('a');
    const create = '/shop/_apis/wit/workitems/$Issue?api-version=7.1';
    const url = `${simulator.url}/acme/_apis/wit/workItems/-1`;
    const link = {
      op: 'add',
      path: '/relations/-',
      value: { rel: 'System.LinkTypes.Hierarchy-Reverse', url },
    };
    const stale = { op: 'test', path: '/rev', value: 7 };
    const parts = [
      { uri: create, body: body({ op: 'add', path: '/id', value: -1 }) },
      { uri: create, body: body(link) },
      { uri: `/_apis/wit/workitems/${id}?api-version=7.1`, body: [stale, ...body()] },
      { uri: create, body: [{ op: 'add', path: '/fields/System.State', value: 'Done' }] },
    ].map((part) => ({ method: 'PATCH', headers: JSON_PATCH, ...part }));
    const answer = await bot.send('PATCH', '/_apis/wit/$batch', parts);
    assert.deepEqual(
      answer.list().map(({ code }) => code),
      [200, 200, 412, 400],
    );
    assert.equal(typeof answer.at('value', '0', 'body'), 'string');
    assert.deepEqual(
      simulator.world.item('acme', 3).relations.map(({ target }) => target),
      [2],
    );
    assert.equal(simulator.world.item('acme', id).title, 'a');
    const many = Array.from({ length: 201 }, () => parts[0]);
    assert.equal((await bot.send('PATCH', '/_apis/wit/$batch', many)).status, 400);
  });
});
