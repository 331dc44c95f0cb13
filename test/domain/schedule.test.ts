import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { nextSlot } from '../../src/domain/schedule.ts';

const MINUTE = 60_000;
const NOW = new Date('2026-03-01T10:00:00.000Z');
const minutes = fc.integer({ min: 1, max: 1440 });
const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const slot = (id: string, period: number, now: Date) => Date.parse(nextSlot(id, period, now));

describe('the schedule of an integration', () => {
  it('is strictly after now, and at most one period away', () => {
    fc.assert(
      fc.property(fc.uuid(), minutes, moment, (id, period, now) => {
        const wait = slot(id, period, now) - now.getTime();
        assert.ok(wait > 0 && wait <= period * MINUTE, String(wait));
      }),
    );
  });

  it('is the same for every replica and after every restart until the slot is reached', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        minutes,
        moment,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (id, period, now, share) => {
          const next = slot(id, period, now);
          const later = new Date(Math.floor(now.getTime() + share * (next - 1 - now.getTime())));
          assert.equal(slot(id, period, later), next);
        },
      ),
    );
  });

  it('goes on exactly one period later at its slot', () => {
    fc.assert(
      fc.property(fc.uuid(), minutes, moment, (id, period, now) => {
        const next = slot(id, period, now);
        assert.equal(slot(id, period, new Date(next)), next + period * MINUTE);
      }),
    );
  });

  it('collapses slots that were missed into the next one', () => {
    fc.assert(
      fc.property(fc.uuid(), minutes, fc.integer({ min: 1, max: 500 }), (id, period, missed) => {
        const first = slot(id, period, NOW);
        const afterwards = new Date(first + missed * period * MINUTE + 1);
        assert.equal(slot(id, period, afterwards), first + (missed + 1) * period * MINUTE);
      }),
    );
  });

  it('spreads a thousand integrations over at least 80 % of the period, in every tenth of it', () => {
    for (const period of [5, 60, 1440]) {
      const ids = Array.from({ length: 1000 }, (_, index) => `integration-${index}`);
      const waits = ids.map((id) => (slot(id, period, NOW) - NOW.getTime()) / (period * MINUTE));
      assert.ok(Math.max(...waits) - Math.min(...waits) >= 0.8);
      for (let tenth = 0; tenth < 10; tenth += 1) {
        const inside = waits.filter((wait) => Math.min(9, Math.floor(wait * 10)) === tenth).length;
        assert.ok(inside >= 50 && inside <= 200, `${inside} in tenth ${tenth} of ${period} minutes`);
      }
    }
  });
});
