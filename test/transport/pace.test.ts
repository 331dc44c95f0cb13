import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { TrackerError } from '../../src/domain/errors.ts';
import type { Pace } from '../../src/ports/tracker.ts';
import { Lane } from '../../src/transport/pace.ts';
import { retryAfterOf } from '../../src/transport/retry-after.ts';
import { SlidingWindow } from '../../src/transport/window.ts';
import { chance, never, virtualClock } from './world.ts';

function laneWith(limits: ConstructorParameters<typeof Lane>[1], fraction = 0) {
  const clock = virtualClock();
  return { clock, lane: new Lane('tracker.example', limits, clock, chance(fraction)) };
}

const told = (pace: Pace | undefined, retryAt?: number, limited = false) => ({ pace, retryAt, limited });

/** One call that takes no time: enter, observe, leave. */
async function call(lane: Lane, pace?: Pace, createsContent = false) {
  const leave = await lane.enter(createsContent, never);
  lane.observe(told(pace));
  leave();
}

function at(clock: { now(): Date }, ms: number): string {
  return new Date(clock.now().getTime() + ms).toISOString();
}

describe('a sliding window', () => {
  it('never lets more than its limit through in any window, and never less than it could', () => {
    const gaps = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), gaps, (limit, waits) => {
        const window = new SlidingWindow(limit, 1000);
        const taken: number[] = [];
        let now = 0;
        for (const wait of waits) {
          const asked = now + wait;
          now = window.readyAt(asked);
          const first = taken.at(-limit);
          assert.equal(now, first === undefined ? asked : Math.max(asked, first + 1000));
          window.take(now);
          taken.push(now);
        }
        for (const [index, time] of taken.entries()) {
          const before = taken[index - limit];
          assert.ok(before === undefined || time - before >= 1000);
        }
      }),
    );
  });

  it('does not stand still when the clock is set back', () => {
    const window = new SlidingWindow(2, 1000);
    for (const time of [86_400_000, 86_400_001]) window.take(time);
    assert.equal(window.readyAt(5), 5);
  });

  it('forgets only what lies ahead of a clock that was set back', () => {
    const window = new SlidingWindow(2, 1000);
    for (const time of [100, 86_400_000]) window.take(time);
    assert.equal(window.readyAt(250), 250);
    window.take(250);
    assert.equal(window.readyAt(300), 1100);
  });
});

describe('a lane to a tracker', () => {
  it('keeps a fifth of the published limits free, in every minute', async () => {
    const { clock, lane } = laneWith({ requestsPerMinute: 100, concurrency: 8 });
    const times: number[] = [];
    for (let each = 0; each < 200; each += 1) {
      try {
        await call(lane);
        times.push(clock.now().getTime());
      } catch (error) {
        assert.ok(error instanceof TrackerError && error.resumeAt !== undefined);
        clock.pass(Date.parse(error.resumeAt) - clock.now().getTime());
      }
    }
    for (const [index, time] of times.entries()) {
      const before = times[index - 80];
      assert.ok(before === undefined || time - before >= 60_000);
    }
  });

  it('counts created content apart: reads go on while creates must wait', async () => {
    const { lane } = laneWith({ createsPerMinute: 10, concurrency: 2 });
    for (let each = 0; each < 8; each += 1) await call(lane, undefined, true);
    await assert.rejects(call(lane, undefined, true), { code: 'tracker-rate-limited', arrived: 'no' });
    await call(lane);
  });

  it('is unlimited where the host publishes no limits and tells none', async () => {
    const { clock, lane } = laneWith({ concurrency: 4 });
    for (let each = 0; each < 5000; each += 1) await call(lane);
    assert.deepEqual(clock.slept, []);
  });

  it('sleeps through a short wait and throws a long one, with the time', async () => {
    const { clock, lane } = laneWith({ concurrency: 4 });
    lane.observe(told({ resumeAt: at(clock, 20_000) }));
    await call(lane);
    assert.deepEqual(clock.slept, [20_000]);
    const resumeAt = at(clock, 31_000);
    lane.observe(told({ resumeAt }));
    await assert.rejects(call(lane), { code: 'tracker-rate-limited', arrived: 'no', resumeAt });
    assert.deepEqual(lane.pace(), { resumeAt });
  });

  it('makes no call before a stated time, not even those that were already waiting', async () => {
    const { clock, lane } = laneWith({ concurrency: 1 });
    const leave = await lane.enter(false, never);
    const second = lane.enter(false, never);
    const resumeAt = at(clock, 10_000);
    lane.observe(told({ resumeAt }));
    leave();
    (await second)();
    assert.ok(clock.now().getTime() >= Date.parse(resumeAt));
  });

  it('comes back after a day at the latest, whatever is asked for', async () => {
    const { clock, lane } = laneWith({ concurrency: 1 });
    lane.observe(told({ resumeAt: '2048-01-01T00:00:00.000Z' }));
    assert.deepEqual(lane.pace(), { resumeAt: at(clock, 24 * 60 * 60 * 1000) });
  });

  it('adds at most a tenth, and at most 30 s, so that not everybody comes at once', async () => {
    const { clock, lane } = laneWith({ concurrency: 1 }, 0.999);
    lane.observe(told({ resumeAt: at(clock, 10_000) }));
    await call(lane);
    assert.ok((clock.slept[0] ?? 0) > 10_900 && (clock.slept[0] ?? 0) <= 11_000);
    const hour = clock.now().getTime() + 3_600_000;
    lane.observe(told(undefined, hour));
    const resumeAt = Date.parse(lane.pace()?.resumeAt ?? '');
    assert.ok(resumeAt > hour && resumeAt <= hour + 30_000);
  });

  it('stops at a fifth of the budget that the tracker tells, until it is full again', async () => {
    const { clock, lane } = laneWith({ concurrency: 1 });
    const resetsAt = at(clock, 25_000);
    await call(lane, { remaining: 1003, limit: 5000, resetsAt });
    for (let each = 0; each < 3; each += 1) {
      const leave = await lane.enter(false, never);
      leave();
    }
    assert.deepEqual(clock.slept, []);
    await call(lane);
    assert.deepEqual(clock.slept, [25_000]);
  });

  it('goes by the tightest of several budgets', async () => {
    const { clock, lane } = laneWith({ concurrency: 1 });
    const resetsAt = at(clock, 60_000);
    await call(lane, { remaining: 4000, limit: 5000, resetsAt, bucket: 'core' });
    await call(lane, { remaining: 500, limit: 5000, resetsAt, bucket: 'graphql' });
    await assert.rejects(call(lane), { code: 'tracker-rate-limited' });
    assert.deepEqual(lane.pace(), { remaining: 500, limit: 5000, resetsAt, bucket: 'graphql' });
  });

  it('waits by chance, longer each time, when it is limited without being told for how long', async () => {
    const { clock, lane } = laneWith({ concurrency: 1 }, 0.5);
    for (let each = 0; each < 3; each += 1) {
      const leave = await lane.enter(false, never);
      lane.observe(told(undefined, undefined, true));
      leave();
    }
    assert.deepEqual(clock.slept, [1000, 2000]);
  });

  it('lets no more calls run at once than the tracker bears, and loses none of those that wait', async () => {
    const { lane } = laneWith({ createsPerMinute: 1000, concurrency: 3 });
    let [running, most, done] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const leave = await lane.enter(index % 2 === 0, never);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        done += 1;
        leave();
      }),
    );
    assert.deepEqual({ most, done }, { most: 3, done: 50 });
  });

  it('wakes a read although the create before it has used up its limit', async () => {
    const { lane } = laneWith({ createsPerMinute: 3, concurrency: 1 });
    const leave = await lane.enter(true, never);
    const second = lane.enter(true, never);
    const third = assert.rejects(lane.enter(true, never), { code: 'tracker-rate-limited' });
    const read = lane.enter(false, never);
    leave();
    (await second)();
    await third;
    (await read)();
  });

  it('gives up waiting for a slot when its caller does', async () => {
    const { lane } = laneWith({ concurrency: 1 });
    const stop = new AbortController();
    await lane.enter(false, never);
    const waiting = lane.enter(false, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, { message: 'enough' });
  });
});

describe('Retry-After', () => {
  it('is read as seconds or as a date, and else as nothing', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    const read = (value: string) => retryAfterOf(new Headers({ 'retry-after': value }), now);
    assert.equal(read('120'), now + 120_000);
    assert.equal(read('0'), now);
    assert.equal(read('Thu, 01 Jan 2026 00:01:00 GMT'), now + 60_000);
    for (const nonsense of ['', 'soon', '-5', '1.5', '99999999999999', 'NaN'])
      assert.equal(read(nonsense), undefined);
    assert.equal(retryAfterOf(new Headers(), now), undefined);
  });
});
