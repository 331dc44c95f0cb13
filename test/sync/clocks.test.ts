import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrackerError } from '../../src/domain/errors.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { trackerClock } from '../../src/sync/clocks.ts';

const OURS = '2026-03-01T10:00:00.000Z';
const clock: Clock = { now: () => new Date(OURS), sleep: () => assert.fail('nobody sleeps') };
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
