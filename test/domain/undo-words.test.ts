import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Step, undoingOf } from '../../src/domain/plan.ts';
import { sentenceOfUndo } from '../../src/domain/undo-words.ts';
import type { Undoing } from '../../src/domain/undoing.ts';

const UNDO: Undoing = { runId: 'r', changes: ['1'], past: {}, holds: false };
const PUSH = { kind: 'push', field: 'status', threat: 'identified', from: 'closed', to: 'open' } as const;
const PULL = { kind: 'pull', field: 'status', from: 'mitigated', to: 'identified', issue: 'open' } as const;
const RESTORED = {
  kind: 'restored',
  field: 'title',
  threat: 'A',
  issue: 'A',
  undo: UNDO,
  runId: 'r',
} as const;
const BLOCK = { field: 'block', threat: 'a', issue: 'b' } as const;

const OTHERS: Step[] = [
  { kind: 'agree', ...BLOCK },
  { kind: 'release', ...BLOCK, owned: true },
  { kind: 'leave', field: 'block', issue: 'b' },
  { kind: 'conflict', ...BLOCK, base: { threat: 'c', issue: 'c' } },
  { kind: 'withdraw', field: 'block' },
  { kind: 'stuck', field: 'block', to: 'a', shows: 'b', reason: 'too long' },
  { kind: 'question', field: 'status', issue: 'closed' },
];

const TABLE: [Step, string][] = [
  [PUSH, 'The status of issue TM-7 goes back from "closed" to "open".'],
  [{ ...PUSH, undo: UNDO }, 'The status of issue TM-7 goes back from "closed" to "open".'],
  [{ ...PUSH, field: 'block' }, 'Our part of the text of issue TM-7 goes back to what it was.'],
  [
    { ...PUSH, undo: { ...UNDO, link: 'ends' } },
    'Issue TM-7 is closed as not planned, and its link ends; nothing is deleted.',
  ],
  [{ ...PUSH, undo: { ...UNDO, link: 'revives' } }, 'Issue TM-7 is opened again, and its link comes back.'],
  [PULL, 'The status of the threat goes back from "mitigated" to "identified".'],
  [RESTORED, 'The title of issue TM-7 is back already, and that is recorded.'],
  ...OTHERS.map((step): [Step, string] => [
    step,
    `${step.field === 'status' ? 'The status' : 'Our part of the text'} stays as it is.`,
  ]),
];

describe('a step of an undo', () => {
  for (const [step, sentence] of TABLE)
    it(`says: ${sentence} (${step.kind})`, () => assert.equal(sentenceOfUndo(step, 'TM-7'), sentence));

  it('knows what it takes back, where it takes something back', () => {
    for (const step of [{ ...PUSH, undo: UNDO }, { ...PULL, undo: UNDO }, RESTORED])
      assert.equal(undoingOf(step), UNDO);
    for (const step of [PUSH, PULL, ...OTHERS]) assert.equal(undoingOf(step), undefined);
  });
});
