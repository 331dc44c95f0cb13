import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import {
  composeBlock,
  composeComment,
  findBlock,
  findCommentMark,
  replaceBlock,
} from '../../src/providers/shared/managed-block.ts';

const MARK = 'tmi:begin v=1 link=a key=b mac=c';
const BLOCK = { mark: MARK, text: 'ours' };
/** What people write, line ends of every kind, markers of other programs, but no marker of ours. */
const people = fc
  .array(
    fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      ' ',
      '\t',
      'text',
      '<!-- note -->',
      '>',
      '```',
      '\u200B',
      'é',
      '<!--',
    ),
  )
  .map((parts) => parts.join(''));

describe('the managed block', () => {
  it('leaves what people wrote around it byte for byte', () => {
    fc.assert(
      fc.property(people, people, fc.string(), (above, below, words) => {
        fc.pre(!/<!--|-->/.test(words));
        const body = `${above} ${composeBlock({ mark: MARK, text: 'old' })}${below}`;
        const after = replaceBlock(body, { mark: MARK, text: words });
        assert.equal(after, `${above} ${composeBlock({ mark: MARK, text: words })}${below}`);
      }),
    );
  });

  it('is found again as it was composed', () => {
    fc.assert(
      fc.property(people, fc.string(), people, (above, words, below) => {
        fc.pre(!/<!--|-->/.test(words));
        const found = findBlock(`${above} ${composeBlock({ mark: MARK, text: words })}${below}`);
        assert.ok(found.kind === 'present');
        assert.deepEqual([found.mark, found.text], [MARK, `\n${words}\n`]);
      }),
    );
  });

  it('is found with the line ends of a browser', () => {
    const found = findBlock(composeBlock(BLOCK).replaceAll('\n', '\r\n'));
    assert.ok(found.kind === 'present' && found.mark === MARK);
  });

  it('is absent where nobody has put it, and then goes below what people wrote', () => {
    assert.deepEqual(findBlock('Only words <!-- tmi: --> <!-- tmi:beginning -->'), { kind: 'absent' });
    assert.equal(replaceBlock('Words\r\n', BLOCK), `Words\r\n\n\n${composeBlock(BLOCK)}`);
    assert.equal(replaceBlock('', BLOCK), composeBlock(BLOCK));
  });

  it('is damaged in every other form, and then stays untouched', () => {
    const [begin, end] = [`<!-- ${MARK} -->`, '<!-- tmi:end -->'];
    const damaged = [
      begin,
      end,
      `${end}\n${begin}`,
      `${begin}\n${begin}`,
      `${begin}\n${begin}\nx\n${end}`,
      `${begin}\nx\n${end}\n${end}`,
      `${begin}\nx\n${end}\n${begin}\nx\n${end}`,
      `${begin}\n${begin}\nx\n${end}\n${end}`,
      `${begin}\nx\n<!--tmi:end--> <!-- tmi:end\t-->`,
    ];
    for (const body of damaged) {
      assert.equal(findBlock(body).kind, 'damaged', body);
      assert.equal(replaceBlock(body, BLOCK), undefined, body);
    }
  });

  it('refuses a mark or a text that would be read as something else', () => {
    const texts = ['<!-- tmi:end -->', `<!-- ${MARK} -->`];
    for (const text of texts)
      assert.throws(() => composeBlock({ mark: MARK, text }), { code: 'unprocessable' });
    for (const mark of ['tmi:end', 'tmi:begin x --> <b>', 'tmi:begin a\nb', 'x'])
      assert.throws(() => composeBlock({ mark, text: 'x' }), { code: 'unprocessable' });
  });
});

describe('the mark of a comment', () => {
  it('is found again', () => {
    const mark = 'tmi:comment v=1 op=a mac=b';
    assert.equal(findCommentMark(composeComment('words', mark)), mark);
    assert.equal(findCommentMark('words <!-- note -->'), undefined);
  });

  it('must be one', () => {
    assert.throws(() => composeComment('words', 'other'), { code: 'unprocessable' });
  });
});
