import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrackerError } from '../../src/domain/errors.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { trackerClock } from '../../src/sync/clocks.ts';
import { keepLease } from '../../src/sync/work.ts';
import { memoryStage } from '../simulation/memory-stage.ts';
import { settle } from '../store/fixtures.ts';

const OURS = '2026-03-01T10:00:00.000Z';
const clock: Clock = {
  now: () => new Date(OURS),
  elapsed: () => 0,
  sleep: () => assert.fail('nobody sleeps'),
};
const never = new AbortController().signal;
const request = { method: 'GET', path: '/' } as const;

function answerAt(date: string) {
  const headers = new Headers({ date });
  return async () => ({ status: 200, headers, json: undefined, text: '' });
}

describe('the clock of a tracker', () => {
  it('is ours until an answer has told its own', async () => {
    const theirs = trackerClock(clock);
    assert.equal(theirs.translate(OURS), OURS);
    await theirs.heard(answerAt('Sun, 01 Mar 2026 09:20:00 GMT'))(request, never);
    assert.equal(theirs.translate('2026-03-01T09:55:00.000Z'), '2026-03-01T09:15:00.000Z');
  });

  it('is not moved by the parts of a second that a header leaves out, nor by nonsense', async () => {
    const theirs = trackerClock(clock);
    for (const date of ['Sun, 01 Mar 2026 09:59:59 GMT', 'yesterday'])
      await theirs.heard(answerAt(date))(request, never);
    assert.equal(theirs.translate(OURS), OURS);
  });

  it('lets failures through as they are', async () => {
    const failure = new TrackerError('tracker-unreachable', 'Gone.', { arrived: 'no' });
    await assert.rejects(
      trackerClock(clock).heard(async () => {
        throw failure;
      })(request, never),
      failure,
    );
  });
});

const SECOND_MS = 1000;

/** A machine that holds a claim; `setMs`: how far its clock is set while time passes, `countedMs`: how much of it the machine counts. */
async function expiryAfter(passedMs: number, { setMs = 0, countedMs = passedMs }): Promise<number> {
  const stage = memoryStage();
  const { id } = await settle(stage.store, 'acme');
  await stage.store.tenant('acme').transact((tx) => tx.integrations.wake(id));
  const lease = (await stage.store.dispatch.claim('worker', TIMINGS.leaseMs)) ?? assert.fail('nothing to do');
  let now = Date.parse(OURS);
  let elapsed = 0;
  const machine: Clock = { ...clock, now: () => new Date(now), elapsed: () => elapsed };
  const keeper = keepLease({ store: stage.store, clock: machine, timings: TIMINGS }, lease);
  await stage.passes(passedMs);
  now += passedMs + setMs;
  elapsed += countedMs;
  await keeper.ensure();
  return Date.parse(keeper.current().expiresAt) - Date.parse(lease.expiresAt);
}

describe('how old a claim is', () => {
  it('is told by what has elapsed where the clock was set back', async () => {
    assert.equal(await expiryAfter(20 * SECOND_MS, { setMs: -3600 * SECOND_MS }), 20 * SECOND_MS);
  });

  it('is told by the clock where the machine did not count on', async () => {
    assert.equal(await expiryAfter(20 * SECOND_MS, { countedMs: 0 }), 20 * SECOND_MS);
  });

  it('is not worth a word to the database while it is young', async () => {
    assert.equal(await expiryAfter(10 * SECOND_MS, {}), 0);
  });
});
