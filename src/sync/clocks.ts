import { TrackerError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Outbound } from '../ports/outbound.ts';
import type { Lease } from '../ports/store.ts';
import type { Send } from '../ports/tracker.ts';
import type { Parts } from './parts.ts';

/** Less than this is the way of an answer, and a `Date` header has no parts of a second. */
const NOTICED_MS = 2_000;

/**
 * The house on the database's time, which all replicas share and by which leases end and work falls due. A claim tells it, and
 * from then on it goes by what has elapsed: what a machine's own clock says may be an hour off, or be set while it is looked at,
 * and must neither move a due time nor hide what was written a moment ago.
 */
export function onDatabaseTime(parts: Parts, claimed: Lease): Parts {
  const { clock, outbound } = parts;
  const theirs = Date.parse(claimed.expiresAt) - parts.timings.leaseMs - clock.elapsed();
  const offsetMs = (): number => noticed(theirs + clock.elapsed() - clock.now().getTime());
  return { ...parts, clock: shifted(clock, offsetMs), outbound: translated(outbound, offsetMs) };
}

/** The transport counts by the machine's clock; when it says that a call must wait, it says so in the database's time. */
function translated(outbound: Outbound, offsetMs: () => number): Outbound {
  return {
    ...outbound,
    open(endpoint, context) {
      const way = outbound.open(endpoint, context);
      return {
        calls: () => way.calls(),
        send: (request, signal) =>
          way.send(request, signal).catch((error: unknown) => {
            throw error instanceof TrackerError ? resumedLater(error, offsetMs()) : error;
          }),
      };
    },
  };
}

function resumedLater(error: TrackerError, offsetMs: number): TrackerError {
  const { code, message, arrived, cause, status, resumeAt, itemOnly } = error;
  if (resumeAt === undefined || offsetMs === 0) return error;
  return new TrackerError(code, message, {
    arrived,
    cause,
    itemOnly,
    resumeAt: new Date(Date.parse(resumeAt) + offsetMs).toISOString(),
    ...(status === undefined ? {} : { status }),
  });
}

/** A tracker's clock, as far as its answers have told. */
export interface TrackerClock {
  /** The same way to the tracker; what comes back tells its time (RFC 9110 section 6.6.1). */
  heard(send: Send): Send;
  /** A moment of our clock, in the tracker's time. ISO. */
  translate(iso: string): string;
}

/** Until an answer has told otherwise, the tracker's clock is ours. */
export function trackerClock(ours: Clock): TrackerClock {
  let offsetMs = 0;
  return {
    heard: (send) => async (request, signal) => {
      const answer = await send(request, signal);
      const date = Date.parse(answer.headers.get('date') ?? '');
      if (!Number.isNaN(date)) offsetMs = noticed(date - ours.now().getTime());
      return answer;
    },
    translate: (iso) => new Date(Date.parse(iso) + offsetMs).toISOString(),
  };
}

function noticed(offsetMs: number): number {
  return Math.abs(offsetMs) < NOTICED_MS ? 0 : offsetMs;
}

function shifted(clock: Clock, offsetMs: () => number): Clock {
  return {
    now: () => new Date(clock.now().getTime() + offsetMs()),
    elapsed: () => clock.elapsed(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
