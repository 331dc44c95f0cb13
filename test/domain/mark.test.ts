import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import {
  commentMark,
  foreignMarkKey,
  installationId,
  isOurComment,
  keyFingerprint,
  markText,
  readMark,
} from '../../src/domain/mark.ts';
import { Secret } from '../../src/domain/secret.ts';
import { composeBlock, findBlock } from '../../src/providers/shared/managed-block.ts';

const KEY = new Secret('the installation’s random secret');
const OTHER = new Secret('another installation’s secret');
const marks = fc.record(
  { linkId: fc.uuid(), key: fc.string().map(keyFingerprint) },
  { noNullPrototype: true },
);

describe('the mark of an issue', () => {
  it('is read back as it was written, by the installation that wrote it', () => {
    fc.assert(
      fc.property(marks, (mark) => {
        assert.deepEqual(readMark(markText(mark, KEY), KEY), mark);
      }),
    );
  });

  it('is only text for every other installation, but still names the threat to a person', () => {
    fc.assert(
      fc.property(marks, (mark) => {
        const text = markText(mark, OTHER);
        assert.equal(readMark(text, KEY), undefined);
        assert.equal(foreignMarkKey(text), mark.key);
      }),
    );
  });

  it('is only text when one digit of it was changed', () => {
    const text = markText({ linkId: '0f0e0d0c-1111-4222-8333-444455556666', key: keyFingerprint('k') }, KEY);
    for (const at of text.matchAll(/[0-9a-f](?=[0-9a-f-]*( |$))/g)) {
      const digit = at[0] === '0' ? '1' : '0';
      const forged = text.slice(0, at.index) + digit + text.slice(at.index + 1);
      assert.equal(readMark(forged, KEY), undefined, forged);
    }
  });

  it('is only text with anything around it, cut, or in capitals', () => {
    const text = markText({ linkId: '0f0e0d0c-1111-4222-8333-444455556666', key: keyFingerprint('k') }, KEY);
    for (const wrong of [
      ` ${text}`,
      `${text} `,
      `${text}\n`,
      text.slice(0, -1),
      text.toUpperCase(),
      '',
      'tmi:begin',
    ])
      assert.equal(readMark(wrong, KEY), undefined, JSON.stringify(wrong));
    for (const wrong of ['', 'tmi:begin v=2', `x${text}`]) assert.equal(foreignMarkKey(wrong), undefined);
  });

  it('cannot be moved to another link: its MAC is over link and key', () => {
    const [one, two] = ['0f0e0d0c-1111-4222-8333-444455556666', '0f0e0d0c-1111-4222-8333-444455557777'];
    const text = markText({ linkId: one, key: keyFingerprint('k') }, KEY);
    assert.equal(readMark(text.replace(one, two), KEY), undefined);
  });

  it('survives its way through the text of an issue', () => {
    fc.assert(
      fc.property(marks, (mark) => {
        const found = findBlock(
          `Words of people\n\n${composeBlock({ mark: markText(mark, KEY), text: 'Ours' })}`,
        );
        assert.ok(found.kind === 'present');
        assert.deepEqual(readMark(found.mark, KEY), mark);
      }),
    );
  });

  it('tells threats apart and says nothing about them', () => {
    assert.match(keyFingerprint('a secret plan'), /^[0-9a-f]{16}$/);
    assert.equal(keyFingerprint('a'), keyFingerprint('a'));
    assert.notEqual(keyFingerprint('a'), keyFingerprint('b'));
    assert.ok(
      !markText({ linkId: crypto.randomUUID(), key: keyFingerprint('k') }, KEY).includes(KEY.reveal()),
    );
  });
});

describe('the id of an installation', () => {
  it('tells installations apart and says nothing about their secret', () => {
    // Witness: printf 'installation a secret' | sha256sum
    assert.equal(installationId(new Secret('a secret')), '1c2945d79072e3d0');
    assert.notEqual(installationId(KEY), installationId(OTHER));
  });
});

describe('the mark of a comment', () => {
  it('is stable for an op and an installation, and for no other', () => {
    const mark = commentMark('op-1', KEY);
    assert.match(mark, /^tmi:comment v=1 op=op-1 mac=[0-9a-f]{16}$/);
    assert.equal(commentMark('op-1', KEY), mark);
    assert.notEqual(commentMark('op-2', KEY).slice(-16), mark.slice(-16));
    assert.notEqual(commentMark('op-1', OTHER), mark);
  });

  it('makes a comment ours wherever it stands in it, and nothing else does', () => {
    const mark = `<!-- ${commentMark('op-1', KEY)} -->`;
    for (const text of [mark, `Why?\n\n${mark}`, `${mark}\nsigned`]) assert.ok(isOurComment(text), text);
    const marked = `<!-- ${markText({ linkId: crypto.randomUUID(), key: keyFingerprint('k') }, KEY)} -->`;
    for (const text of ['', 'Why?', commentMark('op-1', KEY), marked, '<!-- tmi:comments -->'])
      assert.ok(!isOurComment(text), text);
  });

  it('is no mark of an issue', () => {
    assert.equal(readMark(commentMark('op-1', KEY), KEY), undefined);
  });
});
