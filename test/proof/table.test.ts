import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PARTS } from './parts.ts';
import type { Result } from './results.ts';
import { lineOf, tableOf } from './table.ts';

const part = (name: string) => PARTS.find((each) => each.name === name) ?? assert.fail(name);
const SIMULATION = part('simulation');

function slice(change: Partial<Result>): Result {
  return {
    part: 'simulation',
    slice: '1-5000',
    amount: 5000,
    violations: 0,
    note: 'seeds',
    seconds: 60,
    load: 1.5,
    at: '2026-11-22T10:00:00.000Z',
    commit: 'abc',
    command: 'npm run sim',
    ...change,
  };
}

describe('the table of the proof', () => {
  it('adds slices up', () => {
    const late = slice({ slice: '5001-10000', load: 3, seconds: 90, at: '2026-11-22T11:30:00.000Z' });
    assert.deepEqual(lineOf(SIMULATION, [slice({}), late, slice({ part: 'merge', violations: 9 })]), {
      cells: [
        SIMULATION.what,
        '10,000 seeds',
        '0',
        '3 min',
        '3.0',
        '2026-11-22 11:30',
        '`npm run sim and 1 more like it`',
      ],
      isGood: true,
    });
  });

  it('is good only where it was tried often enough and nothing was wrong', () => {
    const line = lineOf(SIMULATION, [slice({})]);
    assert.equal(line.isGood, false);
    assert.equal(line.cells[1], '5,000 of 10,000 seeds');
    assert.equal(lineOf(SIMULATION, [slice({ amount: 10_000, violations: 1 })]).isGood, false);
    assert.equal(lineOf(SIMULATION, []).isGood, false);
    assert.equal(lineOf(SIMULATION, []).cells[1], 'not run');
  });

  it('is one of Markdown', () => {
    const lines = tableOf(PARTS.map((each) => lineOf(each, []))).split('\n');
    assert.equal(lines.length, PARTS.length + 2);
    assert.equal(new Set(lines.map(({ length }) => length)).size, 1);
    for (const line of lines) assert.match(line, /^\| .* \|$/);
  });
});

describe('what a part says at its end', () => {
  const TABLE: readonly (readonly [string, string, number, number])[] = [
    ['simulation', '300 seeds, 2 with a violation, 7 edits overwritten', 300, 2],
    ['planted', '20 of 22 planted bugs found', 22, 2],
    ['crash-postgres', '200 kills, 61 other faults, 3 violations', 200, 3],
    ['mutation', ' 84.9 %  849 of 1000 mutants killed in 50 modules, 7 s; 85 % is enough', 1000, 1],
    ['mutation', ' 85.0 %  850 of 1000 mutants killed in 50 modules, 7 s; 85 % is enough', 1000, 0],
    ['table', '    # 5460 rows\n    # 51200 rows\n# fail 0', 56_660, 0],
    ['reconcile', '# 100000 lives, 346813 runs\n# fail 1', 100_000, 1],
  ];
  for (const [name, words, amount, violations] of TABLE)
    it(`is read: ${name} with ${violations} violations`, () => {
      const { note: _, ...read } = part(name).read(`before\n${words}\nafter`) ?? assert.fail();
      assert.deepEqual(read, { amount, violations });
    });

  it('is missed where it did not come to its end', () => {
    for (const each of PARTS) assert.equal(each.read('Error: something\n# pass 1\n'), undefined, each.name);
  });
});
