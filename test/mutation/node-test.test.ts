import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as ours from './node-test.ts';

const FILE = 'test/domain/explanation.test.ts';

describe('the stand-in for node:test', () => {
  it('runs a test with the hooks of all its suites, as often as one likes', async () => {
    const steps: string[] = [];
    const [only, ...others] = await ours.collect(FILE, async () => {
      ours.before(() => steps.push('file'));
      ours.describe('outer', () => {
        ours.beforeEach(() => steps.push('outer each'));
        ours.describe('inner', () => {
          ours.before(() => steps.push('inner'));
          ours.beforeEach(() => steps.push('inner each'));
          ours.afterEach(() => steps.push('inner done'));
          ours.after(() => steps.push('inner closed'));
          ours.it('works', { timeout: 1 }, () => steps.push('test'));
        });
        ours.afterEach(() => steps.push('outer done'));
      });
      ours.after(() => steps.push('file closed'));
    });
    assert.ok(only);
    assert.deepEqual([only.id, others], [`${FILE}: outer > inner > works`, []]);
    const bench = new ours.Bench();
    await bench.run(only);
    await bench.run(only);
    await bench.close();
    const each = ['outer each', 'inner each', 'test', 'inner done', 'outer done'];
    assert.deepEqual(steps, ['file', 'inner', ...each, ...each, 'inner closed', 'file closed']);
  });

  it('throws what a test or a hook throws', async () => {
    const tests = await ours.collect(FILE, async () => {
      ours.describe('hook', () => {
        ours.beforeEach(() => assert.fail('in a hook'));
        ours.it('fails', () => {});
      });
      ours.it('fails later', async () => {
        await Promise.reject(new Error('in a promise'));
      });
    });
    const bench = new ours.Bench();
    const [first, second] = tests;
    assert.ok(first && second);
    await assert.rejects(bench.run(first), /in a hook/);
    await assert.rejects(bench.run(second), /in a promise/);
  });

  it('tells tests of the same name apart', async () => {
    const tests = await ours.collect(FILE, async () => {
      for (const _ of [1, 2, 3]) ours.it('same', () => {});
    });
    assert.equal(new Set(tests.map(({ id }) => id)).size, 3);
  });

  it('compares with the snapshots of node:test', async () => {
    const [only] = await ours.collect(FILE, async () => {
      ours.describe('an explanation where', () => {
        ours.it('is told in these words', (t) => t.assert.snapshot('other words'));
      });
    });
    assert.ok(only);
    await assert.rejects(new ours.Bench().run(only), /nothing waits/);
  });
});
