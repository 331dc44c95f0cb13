import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Direction, isFoughtOver } from '../../src/domain/flips.ts';

describe('a field that goes back and forth', () => {
  const cases: readonly [string, readonly Direction[], Direction, boolean][] = [
    ['written for the first time', [], 'pushed', false],
    ['turned three times', ['pushed', 'pulled', 'pushed'], 'pulled', false],
    ['turned a fourth time', ['pushed', 'pulled', 'pushed', 'pulled'], 'pushed', true],
    ['turned a fourth time from the other side', ['pulled', 'pushed', 'pulled', 'pushed'], 'pulled', true],
    [
      'written the same way once more after three turns',
      ['pushed', 'pulled', 'pushed', 'pulled'],
      'pulled',
      false,
    ],
    ['written one way ever so often', Array.from({ length: 50 }, () => 'pushed'), 'pushed', false],
    [
      'turned with repeats between',
      ['pulled', 'pulled', 'pushed', 'pulled', 'pulled', 'pushed'],
      'pulled',
      true,
    ],
  ];
  for (const [what, written, next, expected] of cases)
    it(`${expected ? 'is fought over' : 'is not'} when ${what}`, () => {
      assert.equal(isFoughtOver(written, next), expected);
    });
});
