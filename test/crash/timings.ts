import { TIMINGS, type Timings } from '../../src/domain/timings.ts';

/** A tenth of the product's waits that a crash can cost: lease, settling, retries. Brakes, deletions and the sweep keep theirs. */
export const TENTH: Timings = {
  ...TIMINGS,
  settleFactor: TIMINGS.settleFactor / 10,
  leaseMs: TIMINGS.leaseMs / 10,
  renewMs: TIMINGS.renewMs / 10,
  sliceMs: TIMINGS.sliceMs / 10,
  retryFirstMs: TIMINGS.retryFirstMs / 10,
  pollMs: TIMINGS.pollMs / 10,
};
