import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recognise, type Claimant, type MarkedIssue } from '../../src/domain/forgotten.ts';

const issue = (linkId: string, title: string, key = 'k', block: string | null = null): MarkedIssue => ({
  linkId,
  key,
  shows: { title, block },
});
const threat = (name: string, title: string, key = 'k', block: string | null = null): Claimant => ({
  name,
  key,
  isFree: true,
  wants: { title, block },
});
const taken = (claimant: Claimant): Claimant => ({ ...claimant, isFree: false });

/** Issues, threats, whose is whose, and which threats may have one of the others. */
const TABLE: readonly (readonly [string, MarkedIssue[], Claimant[], [string, string][], string[]])[] = [
  ['nobody has forgotten anything', [], [threat('a', 'A')], [], []],
  ['its threat is gone, too', [issue('1', 'A', 'other')], [threat('a', 'A')], [], []],
  ['a key of one threat is enough', [issue('1', 'By a person')], [threat('a', 'A')], [['1', 'a']], []],
  ['a threat has an issue already', [issue('1', 'A')], [taken(threat('a', 'A'))], [], []],
  [
    'of copies the title tells',
    [issue('1', 'A'), issue('2', 'B')],
    [threat('b', 'B'), threat('a', 'A')],
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
    [],
  ],
  [
    'of copies our part of the text tells',
    [issue('1', 'By a person', 'k', 'Block A')],
    [threat('a', 'Same', 'k', 'Block A'), threat('b', 'Same', 'k', 'Block B')],
    [['1', 'a']],
    [],
  ],
  [
    'of copies the one that has its issue does not count',
    [issue('1', 'A')],
    [taken(threat('b', 'A')), threat('a', 'A')],
    [['1', 'a']],
    [],
  ],
  [
    'of copies the free one is not taken for its likeness to nothing',
    [issue('1', 'By a person')],
    [taken(threat('b', 'B')), threat('a', 'A')],
    [],
    ['a'],
  ],
  [
    'copies that look the same are for a person',
    [issue('1', 'A')],
    [threat('a', 'A'), threat('b', 'A')],
    [],
    ['a', 'b'],
  ],
  [
    'two issues of one threat are for a person',
    [issue('1', 'A'), issue('2', 'A')],
    [threat('a', 'A')],
    [],
    ['a'],
  ],
  [
    'of two issues with its key the one that shows it is the threat’s',
    [issue('1', 'A'), issue('2', 'B')],
    [threat('a', 'A')],
    [['1', 'a']],
    [],
  ],
  [
    'one that is not told makes nobody else’s doubtful',
    [issue('1', 'A'), issue('2', 'By a person'), issue('3', 'C', 'other')],
    [threat('a', 'A'), threat('b', 'B'), threat('c', 'C', 'other')],
    [
      ['1', 'a'],
      ['3', 'c'],
    ],
    ['b'],
  ],
  [
    'an issue of another key that looks the same is no rival',
    [issue('1', 'A'), issue('2', 'B'), issue('3', 'A', 'other')],
    [threat('a', 'A')],
    [['1', 'a']],
    [],
  ],
  [
    'an absent text is like no other',
    [{ linkId: '1', key: 'k', shows: { block: null } }],
    [{ name: 'a', key: 'k', isFree: true, wants: { block: null } }, threat('b', 'B')],
    [],
    ['a', 'b'],
  ],
];

describe('issues whose links were forgotten', () => {
  for (const [sentence, issues, claimants, pairs, unsure] of TABLE)
    it(sentence, () => {
      assert.deepEqual(recognise(issues, claimants), {
        pairs: pairs.map(([linkId, name]) => ({ linkId, name })),
        unsure,
      });
    });
});
