import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import type { BlockDocument } from '../../src/domain/block.ts';
import { cleanText, cut } from '../../src/providers/shared/hostile-text.ts';
import { composeBlock, findBlock } from '../../src/providers/shared/managed-block.ts';
import { markdownFormat } from '../../src/providers/shared/markdown.ts';
import { hostileText } from './hostile.ts';

const format = markdownFormat(65_000);
const MARK = 'tmi:begin v=1 link=a key=b mac=c';
const Z = '\u200B';

function quote(text: string): string {
  return format.block([{ kind: 'quote', text }], 60_000);
}
function line(text: string): string {
  return format.block([{ kind: 'paragraph', spans: [{ text }] }], 60_000);
}

function link(href: string): string {
  return format.block([{ kind: 'paragraph', spans: [{ text: 'Part of: ' }, { text: '12', href }] }], 60_000);
}

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

function hasCode(nodes: BlockDocument): boolean {
  return nodes.some((node) => {
    if (node.kind === 'quote') return false;
    const all = node.kind === 'paragraph' ? node.spans : node.items.flat();
    return all.some((each) => each.style === 'code');
  });
}

describe('hostile text in Markdown', () => {
  it('calls nobody and refers to nothing', () => {
    assert.equal(
      line('@me @org/team #1 GH-1 o/r#1 !1 &1'),
      `@${Z}me @${Z}org/team #${Z}1 GH-${Z}1 o/r#${Z}1 !${Z}1 &amp;${Z}1`,
    );
    assert.equal(line('a ~label %m $1'), `a \\~${Z}label %${Z}m \\$${Z}1`);
    assert.equal(line('Fixes #12, closes GH-3'), `Fixes #${Z}12, closes GH-${Z}3`);
    assert.equal(line('commit 0a1b2c3d4e'), `commit 0a1b2c${Z}3d4e`);
    assert.equal(line('https://github.com/o/r/issues/1'), `https:${Z}//github.com/o/r/issues/1`);
  });

  it('loads nothing and links nowhere but by bare http and https addresses', () => {
    assert.equal(line('![x](http://e.example/x.png)'), '\\!\\[x\\](http://e.example/x.png)');
    assert.equal(line('see https://e.example/a_b?x=1.'), 'see https://e.example/a_b?x=1.');
    assert.equal(line('[a](javascript:alert)'), '\\[a\\](javascript:alert)');
    assert.equal(line('ftp://e.example www.e.example'), `ftp:${Z}//e.example www${Z}.e.example`);
  });

  it('cannot act across the pieces of a line', () => {
    const joined = (...texts: string[]): string =>
      format.block([{ kind: 'paragraph', spans: texts.map((text) => ({ text })) }], 60_000);
    assert.equal(joined('@', 'me'), `@${Z}me`);
    assert.equal(joined('o/r#', '1'), `o/r#${Z}1`);
    assert.equal(joined('GH-', '1'), `GH-${Z}1`);
    assert.equal(joined('https://e.example/a', '@me'), `https://e.example/a @${Z}me`);
    assert.equal(joined('&', 'lt;'), '&amp;lt;');
    const code = format.block(
      [
        {
          kind: 'paragraph',
          spans: [
            { text: '@me', style: 'code' },
            { text: '``', style: 'code' },
          ],
        },
      ],
      99,
    );
    assert.equal(code, `\`@me\`${Z}\`\`\` \`\` \`\`\``);
  });

  it('encodes in an address what is no part of one', () => {
    assert.equal(line('https://e.example/😀*(x)'), 'https://e.example/%F0%9F%98%80%2A%28x)');
  });

  it('links to an issue of ours, and to nothing but web addresses', () => {
    assert.equal(link('https://git.test/a/b/issues/12'), 'Part of: [12](https://git.test/a/b/issues/12)');
    assert.equal(link('https://git.test/a)](b'), 'Part of: [12](https://git.test/a%29%5D%28b)');
    for (const href of ['javascript:alert(1)', 'data:text/html,x', 'issues/12'])
      assert.equal(link(href), 'Part of: 12');
  });

  it('prints no credentials of an address', () => {
    assert.equal(
      line('https://user:p@ss@e.example/x and postgres://u:p@db'),
      `https://e.example/x and postgres:${Z}//db`,
    );
  });

  it('runs no quick action, wherever the line begins', () => {
    for (const text of [
      '/close',
      ' \u00a0/close',
      '\u200B/close',
      '\u200D/close',
      'x\r\n/close',
      '- /close',
      '<p>/close',
    ])
      assert.doesNotMatch(quote(text), /^[\s>\-\u200B-\u200D]*\/close/m, text);
    assert.equal(format.title('/close', 120), '\\/close');
  });

  it('makes no heading, rule, table, code, task or foreign list of it', () => {
    const lines = ['# a', '---', '===', '| a |', '```', '~~~', '- [ ] a', '+ a', '1) a', '> a', '    a'];
    const escaped = [
      '\\# a',
      '\\---',
      '\\===',
      '\\| a \\|',
      '\\`\\`\\`',
      '\\~\\~\\~',
      '- \\[ \\] a',
      '\\+ a',
      '1\\) a',
      '&gt; a',
      'a',
    ];
    assert.deepEqual(
      quote(lines.join('\n')).split('\n'),
      escaped.map((each) => `> ${each}`),
    );
  });

  it('keeps simple lists and line breaks', () => {
    assert.equal(
      quote('Steps:\n- one\n* two\n1. three\n\n\n\nend'),
      '> Steps:\n> - one\n> - two\n> 1. three\n>\n> end',
    );
  });

  it('decodes entities until they are stable, then drops tags', () => {
    assert.equal(line('&amp;amp;amp;lt;b&amp;amp;amp;gt;bold&lt;/b&gt; &#x41;&#66;'), 'bold AB');
    assert.equal(line('<script>x</script><img src=x onerror=y> a < b'), 'x a &lt; b');
    assert.equal(line('List<String> & <id>'), 'List&lt;String&gt; &amp; &lt;id&gt;');
  });

  it('drops what is not seen: control, direction, lone surrogates, heaps of accents', () => {
    assert.equal(cleanText('a\u0000b\u202Ec\uD800d\u001B[31m\u2066e\uFEFF'), 'abcd[31me');
    assert.ok(cleanText(`z${'\u0300'.repeat(500)}`).length < 20);
    assert.equal(cleanText('a\rb\u2028c\u0085d'), 'a\nb\nc\nd');
  });

  it('cannot open or close a block, nor call anybody, in any mixture', () => {
    fc.assert(
      fc.property(document, (nodes) => {
        const text = format.block(nodes, 60_000);
        const found = findBlock(`above\n${composeBlock({ mark: MARK, text })}\nbelow`);
        assert.ok(found.kind === 'present' && found.text === `\n${text}\n`);
        assert.equal(text.isWellFormed(), true);
        assert.doesNotMatch(text, /<!--/);
        assert.doesNotMatch(text, /^(?:> |- |\d+\. )*\/\w/m);
        // Code and links call nobody: https://docs.github.com/en/get-started/writing-on-github
        const words = text.replace(/https?:\/\/\S+/g, '');
        if (!hasCode(nodes)) assert.doesNotMatch(words, /@[a-z]|#\d|GH-\d/i);
      }),
    );
  });

  it('is one line in a title, never empty, never too long', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 20, max: 200 }), (text, limit) => {
        const title = format.title(text, limit);
        assert.ok(title.length > 0 && title.length <= limit);
        assert.doesNotMatch(title, /[\r\n]|@[a-z]|#\d/i);
      }),
    );
  });
});

describe('text that is too long', () => {
  it('is cut in the longest quote first, and always fits', () => {
    const short = { kind: 'quote', text: 'short words' } as const;
    const long = { kind: 'quote', text: 'long '.repeat(1000) } as const;
    const text = format.block([short, long], 500);
    assert.ok(text.length <= 500 && text.length > 450);
    assert.match(text, /^> short words\n\n> (?:long )+l?o?n?g? ?…$/);
  });

  it('fits whatever it is made of', () => {
    const long = fc
      .tuple(hostileText, fc.integer({ min: 0, max: 300 }))
      .map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(long, long, fc.integer({ min: 10, max: 3000 }), (a, b, limit) => {
        const nodes: BlockDocument = [
          { kind: 'paragraph', spans: [{ text: a, style: 'strong' }] },
          { kind: 'quote', text: b },
          { kind: 'list', items: [[{ text: b }], [{ text: a, style: 'code' }]] },
        ];
        assert.ok(format.block(nodes, limit).length <= limit);
      }),
      { numRuns: 50 },
    );
  });

  it('is never cut inside a character', () => {
    const family = '👩‍👩‍👧‍👦';
    for (let limit = 3; limit < 40; limit += 1)
      assert.match(cut(family.repeat(10), limit), new RegExp(`^(?:${family})* …$`, 'u'));
  });
});

describe('the canonical form', () => {
  it('is stable', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        assert.equal(format.canonBlock(format.canonBlock(text)), format.canonBlock(text));
        assert.equal(format.canonTitle(format.canonTitle(text)), format.canonTitle(text));
      }),
    );
  });

  it('does not see how a tracker stores line ends, trailing spaces and accents', () => {
    assert.equal(format.canonBlock('\r\n a \r\n\r\ncafe\u0301\t\r\n'), ' a\n\ncafé');
    assert.equal(format.canonTitle(' a  b\n'), 'a b');
  });

  it('is what a block is rendered in', () => {
    fc.assert(
      fc.property(document, (nodes) => {
        const text = format.block(nodes, 60_000);
        assert.equal(format.canonBlock(text), text);
      }),
    );
  });
});
