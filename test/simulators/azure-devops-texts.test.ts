import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import { startAzureDevopsSimulator } from '../../simulators/azure-devops/index.ts';
import type { AzureDevopsClient } from './azure-devops-client.ts';
import { azureDevopsClient } from './azure-devops-client.ts';

const DESCRIPTION = '/fields/System.Description';
const FORMAT = '/multilineFieldsFormat/System.Description';

const choose = (value: string): unknown => ({ op: 'add', path: FORMAT, value });
const write = (value: string): unknown => ({ op: 'add', path: DESCRIPTION, value });

describe('texts in the Azure DevOps simulator', () => {
  let simulator: AzureDevopsSimulator;
  let bot: AzureDevopsClient;
  let ann: string;
  let id: number;

  beforeEach(async () => {
    simulator = await startAzureDevopsSimulator();
    const { world } = simulator;
    world.addUser({ login: 'bot', token: 'bot-token' });
    ann = world.addUser({ login: 'ann' }).id;
    world.addOrganization({ name: 'Old', kind: 'server' });
    for (const organization of ['acme', 'Old'])
      world.addProject({ organization, name: 'shop', contributors: ['bot'] });
    bot = azureDevopsClient(`${simulator.url}/acme`, 'bot-token');
    ({ id } = await bot.create('Issue', { 'System.Title': 'a' }));
  });
  afterEach(() => simulator.close());

  async function kept(html: string): Promise<unknown> {
    const answer = await bot.patch(`/_apis/wit/workitems/${id}`, [
      { op: 'add', path: DESCRIPTION, value: html },
    ]);
    assert.equal(answer.status, 200);
    return answer.field('System.Description');
  }
  const mention = (): string => `<a href="#" data-vss-mention="version:2.0,${ann}">@Ann</a>`;
  const executed = (): string[] =>
    simulator.world.executed().map(({ kind, field, target }) => `${kind} ${field} ${target}`);

  it('are rewritten as HTML: what the service does not know goes, the rest is written its own way', async () => {
    for (const [sent, shown] of [
      ['<p id="x" class="y">a<br/>b<br />c</p>', '<p>a<br>b<br>c</p>'],
      ["<DIV STYLE='color: red; position: fixed'>x</DIV>", '<div style="color:red;">x</div>'],
      ['<b>open <i>both', '<b>open <i>both</i></b>'],
      ['a<!-- mark -->b<details>c</details>', 'abc'],
      ['&quot;a&quot; &amp; b &#39;c&#39; &lt;d&gt; e & f', '"a" &amp; b \'c\' &lt;d&gt; e &amp; f'],
      ['plain, with > and "', 'plain, with > and "'],
      [
        '<h2>x</h2><ul><li>1</li></ul><pre><code>y</code></pre>',
        '<h2>x</h2><ul><li>1</li></ul><pre><code>y</code></pre>',
      ],
    ])
      assert.equal(await kept(sent ?? ''), shown);
    assert.deepEqual(executed(), []);
  });

  it('lose what is dangerous, and it is told that it was there', async () => {
    const html =
      '<p onclick="x()">a</p><script>alert(1)</script><a href=" java&#115;cript:x">b</a><img src=x onerror=y>';
    assert.equal(await kept(html), '<p>a</p><a>b</a><img src="x">');
    assert.deepEqual(
      simulator.world.executed().map(({ target }) => target),
      ['script', 'onclick', 'javascript:', 'onerror'],
    );
  });

  it('call people who are mentioned, once, and do so in comments and in the history, too', async () => {
    await kept(`<p>${mention()} and #7, but not <code>#8</code> or &#35;9</p>`);
    await kept(`<p>${mention()} and #7</p>`);
    assert.deepEqual(executed(), [`mention System.Description ${ann}`, 'reference System.Description 7']);
    assert.deepEqual(simulator.world.notified(), ['ann@acme.test']);
    await bot.patch(`/_apis/wit/workitems/${id}`, [
      { op: 'add', path: '/fields/System.History', value: mention() },
    ]);
    await bot.post(`/shop/_apis/wit/workItems/${id}/comments?api-version=7.1-preview.4`, { text: mention() });
    assert.equal(executed().filter((each) => each.startsWith('mention comment')).length, 2);
    assert.equal(simulator.world.item('acme', id).comments.length, 2);
  });

  it('may be Markdown in the Services, chosen together with a value and for good', async () => {
    const item = `/_apis/wit/workitems/${id}`;
    assert.equal((await bot.patch(item, [choose('Markdown')])).status, 400);
    await bot.patch(item, [choose('Markdown'), write('# A\n\n`x` <details>b</details> &lt;c&gt; <br/>')]);
    const shown = await bot.get(`${item}?api-version=7.2-preview.3`);
    assert.equal(shown.field('System.Description'), '# A\n\n`x` b &lt;c&gt; <br>');
    assert.deepEqual(shown.at('multilineFieldsFormat'), { 'System.Description': 'markdown' });
    assert.equal((await bot.get(item)).at('multilineFieldsFormat'), undefined);
    await bot.patch(item, [write(`@<${ann}> \\@<${ann}> \`@<${ann}>\` #3 \\#4`)]);
    assert.deepEqual(executed(), [`mention System.Description ${ann}`, 'reference System.Description 3']);
    assert.equal((await bot.patch(item, [choose('Html'), write('x')])).status, 400);
    const old = azureDevopsClient(`${simulator.url}/tfs/Old`, 'bot-token', '/shop', '7.0');
    const made = await old.create('Issue', { 'System.Title': 'a' });
    assert.equal(
      (await old.patch(`/_apis/wit/workitems/${made.id}`, [choose('Markdown'), write('x')])).status,
      400,
    );
  });
});
