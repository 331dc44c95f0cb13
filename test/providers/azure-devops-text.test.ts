import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fc } from '../properties.ts';
import type { BlockDocument } from '../../src/domain/block.ts';
import type { Issue, IssueRef, IssueWrite } from '../../src/domain/issue.ts';
import { htmlFormat as format } from '../../src/providers/azure-devops/html-format.ts';
import { blockOf, composeSection, replaceSection } from '../../src/providers/azure-devops/html-section.ts';
import { hostileText } from './hostile.ts';
import { HOSTILE_CLASSES } from './hostile-classes.ts';
import { HERE, openAzureDevops, ORGANIZATION } from './azure-devops-world.ts';
import type { AzureDevopsPlace } from './azure-devops-world.ts';

const Z = '\u200B';
const DOCUMENTS = 1000;
const MARK =
  'tmi:begin v=1 link=0b7cbb1e-1d3c-4f2e-9a55-6a1f2c3d4e5f key=0123456789abcdef mac=fedcba9876543210';
const COMMENT_MARK = 'tmi:comment v=1 op=a mac=b';

const span = fc.record(
  { text: hostileText, style: fc.constantFrom('strong', 'emphasis', 'code') },
  { requiredKeys: ['text'] },
);
const spans = fc.array(span, { minLength: 1, maxLength: 4 });
const document: fc.Arbitrary<BlockDocument> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('quote'), text: hostileText }),
    fc.record({ kind: fc.constant('paragraph'), spans }),
    fc.record({ kind: fc.constant('list'), items: fc.array(spans, { maxLength: 3 }) }),
  ),
  { minLength: 1, maxLength: 3 },
);

function line(...texts: string[]): string {
  return format.block([{ kind: 'paragraph', spans: texts.map((text) => ({ text })) }], 60_000);
}

/** The same words in every place that words can have. */
function everywhere(text: string): BlockDocument {
  return [
    { kind: 'paragraph', spans: [{ text }] },
    { kind: 'paragraph', spans: [{ text, style: 'strong' }, { text: ' and ' }, { text, style: 'emphasis' }] },
    { kind: 'quote', text },
    { kind: 'list', items: [[{ text }], [{ text: 'x' }, { text }]] },
    { kind: 'paragraph', spans: [{ text, style: 'code' }, { text }] },
    { kind: 'quote', text: `words\n${text}\n${text}` },
  ];
}

function kindOf(body: string): string {
  return blockOf(body).kind;
}

function createOf(title: string, text: string): IssueWrite {
  return { kind: 'create', title, block: { mark: MARK, text }, labels: [] };
}

describe('the HTML of Azure DevOps', () => {
  it('is plain text in few elements, in which nothing refers or calls', () => {
    assert.equal(line('a < b & c > d "e"'), '<p>a &lt; b &amp; c &gt; d "e"</p>');
    assert.equal(line('#1 AB#2 !3 @mona'), `<p>#${Z}1 AB#${Z}2 !${Z}3 @${Z}mona</p>`);
    assert.equal(line('see #', '12'), `<p>see #${Z}12</p>`);
    assert.ok(line(MARK).startsWith(`<p>tmi${Z}:begin `));
    const list = format.block(
      [{ kind: 'list', items: [[{ text: 'a', style: 'strong' }], [{ text: 'b' }]] }],
      99,
    );
    assert.equal(list, '<ul><li><b>a</b></li><li>b</li></ul>');
    const quote = format.block([{ kind: 'quote', text: 'one\n- two\n\n\n\nthree' }], 99);
    assert.equal(quote, '<blockquote>one<br>- two<br><br>three</blockquote>');
  });

  it('links addresses that show where they lead', () => {
    assert.equal(
      line('see https://e.example/a?b=1&c=2.'),
      '<p>see <a href="https://e.example/a?b=1&amp;c=2">https://e.example/a?b=1&amp;c=2</a>.</p>',
    );
    assert.doesNotMatch(
      line('javascript:alert(1) https://e.example/"onclick=x'),
      /<a[^>]*(?:javascript|onclick)/,
    );
  });

  it('is one text, however an editor has written it', () => {
    const ours = '<p>a <b>b</b> &amp; "c"</p><ul><li>d</li></ul><blockquote>e<br>f</blockquote>';
    const edited =
      '<div style="x"><span>a&nbsp;<strong>b</strong> &#38; &quot;c&quot;</span><br></div>\r\n<ul>\n<li><div>d</div></li></ul><blockquote><p>e</p><p>f</p></blockquote><p>&nbsp;</p>';
    assert.equal(format.canonBlock(edited), ours);
    assert.equal(format.canonBlock(ours), ours);
    for (const other of ['<p>a <b>b</b> &amp; "d"</p>', '<p>a b &amp; "c"</p>'])
      assert.notEqual(format.canonBlock(other), '<p>a <b>b</b> &amp; "c"</p>');
  });

  it('knows no link around mere space', () => {
    const ours = '<p>a <b>b<br>c</b></p>';
    for (const edited of [
      '<p>a<a href="https://e.example">&nbsp;</a><b>b<br>c</b></p>',
      '<p>a <b>b</b><a href="https://e.example"><b><br></b></a><b>c</b></p>',
    ])
      assert.equal(format.canonBlock(edited), ours);
    assert.equal(format.canonBlock(ours), ours);
  });

  it('fits, and is canonical as it is rendered', () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 10, max: 2000 }), (nodes, limit) => {
        const text = format.block(nodes, limit);
        assert.ok(text.length <= limit);
        assert.equal(format.canonBlock(text), text);
        const whole = format.block(nodes, 100_000);
        assert.equal(format.canonBlock(whole), whole);
        assert.deepEqual(blockOf(composeSection({ mark: MARK, text: whole })), {
          kind: 'present',
          mark: MARK,
          text: whole,
        });
      }),
    );
  });

  it('has one form for whatever people may write', () => {
    const pieces = fc.constantFrom('<p>', '</p>', '<b>', '</b>', ' ', 'a', '<br>', '<li>', '</li>', '<ul>', '</ul>', '<blockquote>', '</blockquote>', '&nbsp;', '&amp;', '&#60;', '<a href="https://e.example">', '</a>', '<div>', '</div>', '<', '\n', '<i>', '</i>', '<code>', '</code>', '&hellip;'); // prettier-ignore
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const once = format.canonBlock(parts.join(''));
        assert.equal(format.canonBlock(once), once);
      }),
      { numRuns: 2000 },
    );
  });

  it('makes titles of one line that fit', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 20, max: 200 }), (text, limit) => {
        const title = format.title(text, limit);
        assert.ok(title.length > 0 && title.length <= limit);
        assert.equal(format.canonTitle(title), format.canonTitle(format.canonTitle(title)));
        assert.doesNotMatch(title, /[\r\n]|@[a-z]|#\d/i);
      }),
    );
  });
});

describe('our section in a long text', () => {
  const section = composeSection({ mark: MARK, text: '<p>x</p>' });

  it('is found in what an editor makes of it', () => {
    const edited = section
      .replace('<h3>From', '<h3 style="color:red"><span>From')
      .replace('it)</h3>', 'it)</span></h3>');
    assert.deepEqual(blockOf(`<div>above</div>${edited}<p>below</p>`), {
      kind: 'present',
      mark: MARK,
      text: '<p>x</p>',
    });
  });

  it('is damaged when a part is gone, doubled or cut through, and left alone', () => {
    const broken = [
      section + section,
      section.replace(/<h3>End.*/, ''),
      section.replace(/<h3>From.*?<\/h3>/, ''),
      section.replace(/<p>tmi.*?<\/p>/, ''),
      `${section}<p>${MARK}</p>`,
      section.replace('<p>x</p>', '<p>x</p></div><div><div>'),
    ];
    for (const body of broken) {
      assert.equal(kindOf(body), 'damaged', body);
      assert.equal(replaceSection(body, { mark: MARK, text: '<p>y</p>' }), undefined);
    }
  });

  it('is unknown with something in it that we cannot read, or as Markdown', () => {
    for (const body of [
      section.replace('<p>x</p>', '<p>x<img src="https://e.example/x.png"></p>'),
      section.replace('<p>x</p>', '<table><tr><td>x</td></tr></table>'),
      `### From the threat model (kept in step with it)\n\nx\n\n${MARK}\n\n### End of the part from the threat model`,
    ]) {
      assert.equal(kindOf(body), 'unknown', body);
      assert.equal(replaceSection(body, { mark: MARK, text: '<p>y</p>' }), undefined);
    }
  });

  it('is not where there is none', () => {
    for (const body of ['', '<p>words</p>', '# Heading\n\nwords', '<h3>From the threat model</h3>'])
      assert.equal(kindOf(body), 'absent');
  });

  it('is told from hostile bodies quickly', () => {
    for (const piece of ['<h1>', '<h3 ', '<', '&nbsp;', '<!--', 'tmi:begin ', '<a "', '</h3>'])
      assert.ok(['absent', 'unknown', 'damaged'].includes(kindOf(piece.repeat(1_000_000 / piece.length))));
  });
});

describe('text in a simulated Azure DevOps, which carries out what it reads', () => {
  let place: AzureDevopsPlace;
  const { signal } = new AbortController();
  before(async () => {
    place = await openAzureDevops();
  });
  after(() => place.close());

  async function written(writes: readonly IssueWrite[]): Promise<Issue[]> {
    const outcomes = await place.tracker.write(writes, signal);
    return outcomes.map((outcome) => {
      assert.ok(outcome.kind === 'written' && outcome.issue, JSON.stringify(outcome));
      assert.equal(outcome.warnings, undefined);
      return outcome.issue;
    });
  }

  it('would carry out what is not made harmless', () => {
    const { world } = place.simulator;
    world.openItem({
      ...HERE,
      title: 'Number one',
      description: '<img src="https://e.example/x.png">#1<script>x</script>',
    });
    assert.deepEqual(
      world.executed().map(({ kind }) => kind),
      ['reference', 'image', 'script'],
    );
  });

  it('is 24 classes of hostile text of which none does anything, created, changed or in a comment', async () => {
    const earlier = place.simulator.world.executed().length;
    assert.equal(Object.keys(HOSTILE_CLASSES).length, 24);
    for (const text of Object.values(HOSTILE_CLASSES).flat()) {
      const [created] = await written([
        createOf(format.title(text, 120), format.block(everywhere(text), 500_000)),
      ]);
      assert.ok(created);
      const block = { mark: MARK, text: format.block(everywhere(`${text} again`), 500_000) };
      const seenAt = place.clock.now().toISOString();
      const { ref } = created;
      const [changed, commented] = await place.tracker.write(
        [
          { kind: 'update', ref, seen: created, seenAt, change: { block } },
          { kind: 'comment', ref, mark: COMMENT_MARK, text: format.comment(everywhere(text)) },
        ],
        signal,
      );
      assert.ok(changed?.kind === 'written' && commented?.kind === 'written', text);
      assert.deepEqual(changed.issue?.block, { kind: 'present', ...block });
      assert.deepEqual(place.simulator.world.executed().slice(earlier), [], text);
    }
  });

  it(`is ${String(DOCUMENTS)} documents that are read as they were written, so that a second sync writes nothing`, async () => {
    const earlier = place.simulator.world.executed().length;
    const texts = fc
      .sample(document, { numRuns: DOCUMENTS, seed: 7 })
      .map((nodes) => format.block(nodes, 500_000));
    const issues = await written(texts.map((text) => createOf('Title', text)));
    const outcomes = await place.tracker.read(
      issues.map(({ ref }) => ref),
      signal,
    );
    const seenAt = place.clock.now().toISOString();
    const again = issues.map(({ ref }, index): IssueWrite => {
      const text = texts[index] ?? '';
      const outcome = outcomes.get(ref.id);
      assert.ok(outcome?.kind === 'found');
      assert.deepEqual(outcome.issue.block, { kind: 'present', mark: MARK, text });
      return { kind: 'update', ref, seen: outcome.issue, seenAt, change: { block: { mark: MARK, text } } };
    });
    place.simulator.clearRequests();
    await place.tracker.write(again.slice(0, 100), signal);
    assert.deepEqual(
      place.simulator.requests.filter(({ method }) => method !== 'GET'),
      [],
    );
    assert.deepEqual(place.simulator.world.executed().slice(earlier), []);
  });

  it('stays readable where people have made the text Markdown, and is written around their words', async () => {
    const { id } = place.simulator.world.openItem({
      ...HERE,
      title: 'Markdown',
      description: '# Theirs\n\n*words*',
    });
    const ref: IssueRef = { id: String(id), key: String(id) };
    const seen = await place.tracker.find(ref.key, signal);
    assert.ok(seen);
    const text = format.block(everywhere('@<b9bb3e58-63b5-4c23-9d3d-c9d0d1d0d1d0> #1'), 9000);
    const [shown] = await written([
      {
        kind: 'update',
        ref,
        seen,
        seenAt: place.clock.now().toISOString(),
        change: { block: { mark: MARK, text } },
      },
    ]);
    assert.deepEqual(shown?.block, { kind: 'present', mark: MARK, text });
    assert.ok(shown.body.startsWith('# Theirs\n\n*words*\n\n<h3>'));
    assert.ok(place.simulator.world.item(ORGANIZATION, id).id === id);
  });
});
