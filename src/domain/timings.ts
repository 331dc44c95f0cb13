/** Every wait of the sync engine, in milliseconds; tests hand in a scaled profile and say so. */
export interface Timings {
  /** Before an issue is believed absent after a create of unknown outcome (GitHub 10 s, Jira 180 s): the provider's own. */
  settleFactor: number;
  /** How long a request may be under way until it is given up, at most: for so long, and the settle time after, a write may arrive. */
  callMs: number;
  /** Between the two looks that it takes to believe in a deletion. */
  missingGapMs: number;
  /** Between a close without a reason and our question: people close first and label second. */
  quietMs: number;
  /** How long a lease lives, how often it is renewed, and how long one slice of work may take. */
  leaseMs: number;
  /** A run gives its turn to others after this long, and goes on when they had theirs. */
  sliceMs: number;
  renewMs: number;
  /** First wait after a failed change; doubles up to `retryMaxMs`; set aside after `retryLimit`. */
  retryFirstMs: number;
  retryMaxMs: number;
  retryLimit: number;
  /** The sliding window of the brakes. */
  brakeWindowMs: number;
  /** An idle worker looks for work this often; a wake-up makes it sooner. */
  pollMs: number;
  /** How old an issue may be that a write is decided on, before it is read again. */
  freshMs: number;
  /** Every link is read again at least this often. */
  sweepMs: number;
  /** Deliveries that did not arrive are asked for at most this often. */
  redeliverMs: number;
  /** How long a missing threat's issue stays open before it is closed, where configured. */
  graceMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The product's values (docs/promise.md names each). */
export const TIMINGS: Timings = {
  settleFactor: 1,
  callMs: 80 * SECOND,
  missingGapMs: 10 * MINUTE,
  quietMs: 10 * MINUTE,
  leaseMs: 60 * SECOND,
  sliceMs: 25 * SECOND,
  renewMs: 15 * SECOND,
  retryFirstMs: 30 * SECOND,
  retryMaxMs: HOUR,
  retryLimit: 8,
  brakeWindowMs: HOUR,
  pollMs: 2 * SECOND,
  freshMs: SECOND,
  sweepMs: DAY,
  redeliverMs: HOUR,
  graceMs: 7 * DAY,
};
