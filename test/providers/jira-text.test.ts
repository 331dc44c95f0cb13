import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { isAdfDocument } from '../../simulators/jira/adf.ts';
import { effectsOf } from '../../simulators/jira/effects.ts';
import type { Flavour } from '../../simulators/jira/index.ts';
import type { BlockDocument } from '../../src/domain/block.ts';
import type { Issue, IssueWrite } from '../../src/domain/issue.ts';
import { adfMarkup } from '../../src/providers/jira/adf-markup.ts';
import type { Markup } from '../../src/providers/jira/markup.ts';
import { wikiMarkup } from '../../src/providers/jira/wiki-markup.ts';
import { HOSTILE_CLASSES } from './hostile-classes.ts';
import { hostileText } from './hostile.ts';
import { openJira } from './jira-world.ts';
import type { JiraPlace } from './jira-world.ts';

const Z = '\u200B';
const DOCUMENTS = 1000;
const BATCH = 50;
const MARK =
  'tmi:begin v=1 link=0b7cbb1e-1d3c-4f2e-9a55-6a1f2c3d4e5f key=0123456789abcdef mac=fedcba9876543210';
const COMMENT_MARK = 'tmi:comment v=1 op=a mac=b';
const LIMIT = 16_000;

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

const MARKUPS: Readonly<Record<Flavour, Markup>> = { cloud: adfMarkup, 'data-center': wikiMarkup };
const FLAVOURS = ['cloud', 'data-center'] as const;

function wiki(...texts: string[]): string {
  return wikiMarkup.format.block([{ kind: 'paragraph', spans: texts.map((text) => ({ text })) }], LIMIT);
}

function quoted(text: string): unknown {
  return JSON.parse(adfMarkup.format.block([{ kind: 'quote', text }], LIMIT));
}

describe('wiki markup', () => {
  it('calls nobody, renders no macro and loads nothing', () => {
    assert.equal(wiki('[~mona] {include:x} !x.png!'), `\\[\\~${Z}mona\\] \\{include:x\\} \\!${Z}x.png\\!`);
    assert.equal(wiki('{code}', 'x', '{code}'), '\\{code\\}x\\{code\\}');
    assert.equal(wiki('C:\\{x}'), `C:\\${Z}\\{x\\}`);
    assert.equal(wiki('[x|javascript:alert(1)]'), '\\[x\\|javascript:alert(1)\\]');
  });

  it('shows words as they are', () => {
    assert.equal(wiki('a_b cross-site 1*2 "x" 50%'), 'a_b cross-site 1\\*2 "x" 50%');
    assert.equal(
      wiki('-gone- +new+ _x_ ??cite?? ^up^'),
      '\\-gone- \\+new+ \\_x\\_ \\?\\?cite\\?\\? \\^up\\^',
    );
    assert.equal(wiki('h1. x'), `h1${Z}. x`);
    assert.equal(wiki('# x'), '\\# x');
    assert.equal(wiki('- x'), '\\- x');
    assert.equal(wiki('(x) (/) :) ;)'), `\\(x) \\(/) :${Z}) ;${Z})`);
  });

  it('refers to no issue, also across the pieces of a line', () => {
    assert.equal(wiki('see ABC-12'), `see ABC-${Z}12`);
    assert.equal(wiki('ABC-', '12'), `ABC-${Z}12`);
    assert.equal(
      wiki('https://jira.example.com/browse/ABC-1'),
      `https:${Z}//jira.example.com/browse/ABC-${Z}1`,
    );
  });

  it('keeps addresses', () => {
    assert.equal(wiki('see https://e.example/a_b?x=1-2.'), 'see https://e.example/a_b?x=1-2.');
    assert.equal(wiki('https://e.example/{x}'), `https:${Z}//e.example/\\{x\\}`);
  });
});

function item(text: string) {
  return { content: [{ content: [{ text, type: 'text' }], type: 'paragraph' }], type: 'listItem' };
}

describe('Atlassian documents', () => {
  it('keep paragraphs, line breaks and simple lists of what is quoted', () => {
    assert.deepEqual(quoted('one\ntwo\n\n- a\n- b\n3. c'), [
      {
        content: [{ text: 'one', type: 'text' }, { type: 'hardBreak' }, { text: 'two', type: 'text' }],
        type: 'paragraph',
      },
      { content: [item('a'), item('b')], type: 'bulletList' },
      { attrs: { order: 3 }, content: [item('c')], type: 'orderedList' },
    ]);
  });

  it('are compared without what an editor adds', () => {
    const ours = '[{"content":[{"text":"one two","type":"text"}],"type":"paragraph"}]';
    const saved = JSON.stringify([
      {
        type: 'paragraph',
        attrs: { localId: 'a1b2' },
        content: [
          { type: 'text', text: 'one ', marks: [] },
          { type: 'text', text: 'two' },
        ],
      },
    ]);
    assert.equal(adfMarkup.format.canonBlock(saved), ours);
  });

  it('are left alone where something in our panel cannot be read', () => {
    const mark = { type: 'text', text: MARK, marks: [{ type: 'subsup', attrs: { type: 'sub' } }] };
    const mention = { type: 'mention', attrs: { id: '1', text: '@mona' } };
    const panel = {
      type: 'panel',
      attrs: { panelType: 'info' },
      content: [
        { type: 'paragraph', content: [mention] },
        { type: 'paragraph', content: [mark] },
      ],
    };
    const description = { type: 'doc', version: 1, content: [panel] };
    const { body, block } = adfMarkup.read(description);
    assert.deepEqual(block, { kind: 'unknown' });
    assert.equal(adfMarkup.replace(body, { mark: MARK, text: '[]' }), undefined);
  });

  it('say nothing where the answer did not carry them', () => {
    assert.deepEqual(adfMarkup.read(undefined).block, { kind: 'unknown' });
    assert.deepEqual(adfMarkup.read('words').block, { kind: 'unknown' });
    assert.deepEqual(adfMarkup.read(null).block, { kind: 'absent' });
  });

  it('know our mark only in small print and in its panel', () => {
    const quotes = adfMarkup.format.block([{ kind: 'quote', text: MARK }], LIMIT);
    const { block } = adfMarkup.read(adfMarkup.compose({ mark: MARK, text: quotes }));
    assert.deepEqual(block, { kind: 'present', mark: MARK, text: quotes });
  });
});

function doesNothing(markup: Markup, nodes: BlockDocument): void {
  const description = markup.compose({ mark: MARK, text: markup.format.block(nodes, LIMIT) });
  assert.ok(typeof description === 'string' || isAdfDocument(description), JSON.stringify(description));
  assert.deepEqual(effectsOf(description), []);
}

for (const flavour of FLAVOURS) {
  const markup = MARKUPS[flavour];
  const { format } = markup;

  describe(`text for Jira ${flavour}`, () => {
    it('fits, is canonical as it is rendered, and is found again as it is', () => {
      fc.assert(
        fc.property(document, fc.integer({ min: 40, max: 2000 }), (nodes, limit) => {
          assert.ok(format.block(nodes, limit).length <= limit);
          const text = format.block(nodes, LIMIT);
          assert.equal(format.canonBlock(text), text);
          assert.equal(
            format.canonBlock(format.canonBlock('x\n'.concat(text))),
            format.canonBlock('x\n'.concat(text)),
          );
          const { block } = markup.read(markup.compose({ mark: MARK, text }));
          assert.deepEqual(block, { kind: 'present', mark: MARK, text });
        }),
        { numRuns: DOCUMENTS },
      );
    });

    it('does nothing where Jira renders it', () => {
      const texts = Object.values(HOSTILE_CLASSES).flat();
      for (const text of texts) doesNothing(markup, everywhere(text));
      const harmless = fc.property(document, (nodes) => doesNothing(markup, nodes));
      fc.assert(harmless, { numRuns: DOCUMENTS });
    });

    it('has titles of one line', () => {
      fc.assert(
        fc.property(hostileText, fc.integer({ min: 20, max: 200 }), (text, limit) => {
          const title = format.title(text, limit);
          assert.ok(title.length > 0 && title.length <= limit);
          assert.doesNotMatch(title, /[\r\n]/);
          assert.equal(format.canonTitle(title), format.canonTitle(format.canonTitle(title)));
        }),
      );
    });

    it('keeps everything around our block, whatever it is', () => {
      fc.assert(
        fc.property(document, document, (nodes, others) => {
          const text = format.block(nodes, LIMIT);
          const first = markup.read(markup.compose({ mark: MARK, text }));
          const next = format.block(others, LIMIT);
          const replaced = markup.replace(first.body, { mark: MARK, text: next });
          assert.deepEqual(replaced?.description, markup.compose({ mark: MARK, text: next }));
        }),
      );
    });
  });

  describe(`text in a simulated Jira ${flavour}, which carries out what it reads`, () => {
    let place: JiraPlace;
    const { signal } = new AbortController();
    before(async () => {
      place = await openJira(flavour);
    });
    after(() => place.close());

    async function create(texts: readonly string[]): Promise<readonly Issue[]> {
      const writes = texts.map((text): IssueWrite => {
        const title = format.title(text, 120);
        return { kind: 'create', title, block: { mark: MARK, text }, labels: ['threat-model'] };
      });
      const outcomes = await place.tracker.write(writes, signal);
      return outcomes.map((outcome) => {
        assert.ok(outcome.kind === 'written' && outcome.issue, JSON.stringify(outcome));
        assert.equal(outcome.warnings, undefined);
        return outcome.issue;
      });
    }

    it(`shows ${String(DOCUMENTS)} documents as they were written, so that nothing is written again`, async () => {
      const texts = fc
        .sample(document, { numRuns: DOCUMENTS, seed: 20_261_122 })
        .map((nodes) => format.block(nodes, LIMIT));
      for (let at = 0; at < texts.length; at += BATCH) {
        const batch = texts.slice(at, at + BATCH);
        const issues = await create(batch);
        const read = await place.tracker.read(
          issues.map((issue) => issue.ref),
          signal,
        );
        const writes = issues.map((issue, index): IssueWrite => {
          const outcome = read.get(issue.ref.id);
          assert.ok(outcome?.kind === 'found');
          const text = batch[index] ?? '';
          assert.deepEqual(outcome.issue.block, { kind: 'present', mark: MARK, text });
          const seenAt = place.clock.now().toISOString();
          const change = { block: { mark: MARK, text }, title: issue.title };
          return { kind: 'update', ref: issue.ref, seen: outcome.issue, seenAt, change };
        });
        const puts = place.simulator.requests.filter(({ method }) => method === 'PUT').length;
        for (const outcome of await place.tracker.write(writes, signal))
          assert.equal(outcome.kind, 'written');
        assert.equal(place.simulator.requests.filter(({ method }) => method === 'PUT').length, puts);
      }
      assert.deepEqual(place.simulator.world.executed(), []);
    });

    it('runs nothing of the hostile classes, in titles, blocks and comments', async () => {
      const texts = Object.values(HOSTILE_CLASSES).flat();
      for (let at = 0; at < texts.length; at += BATCH) {
        const batch = texts.slice(at, at + BATCH);
        const issues = await create(batch.map((text) => format.block(everywhere(text), LIMIT)));
        const writes = issues.flatMap((issue, index): IssueWrite[] => {
          const text = batch[index] ?? '';
          const seenAt = place.clock.now().toISOString();
          const change = { title: format.title(text, 120) };
          return [
            { kind: 'comment', ref: issue.ref, mark: COMMENT_MARK, text: format.comment(everywhere(text)) },
            { kind: 'update', ref: issue.ref, seen: issue, seenAt, change },
          ];
        });
        for (const outcome of await place.tracker.write(writes, signal))
          assert.equal(outcome.kind, 'written', JSON.stringify(outcome));
      }
      assert.deepEqual(place.simulator.world.executed(), []);
    });
  });
}
