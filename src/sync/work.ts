import { AppError } from '../domain/errors.ts';
import { NO_COUNTS, type Run, type RunCounts, type RunItem } from '../domain/run.ts';
import type { Secret } from '../domain/secret.ts';
import type { Tx } from '../ports/repositories.ts';
import type { Lease } from '../ports/store.ts';
import type { Parts } from './parts.ts';
import type { Session } from './session.ts';
import type { WriteBreaker } from './write-breaker.ts';

/** A claim on an integration, kept alive while its holder works. */
export interface LeaseKeeper {
  current(): Lease;
  /** Renews when it is time; throws `lease-lost` when another worker has taken over. Call it before every call and write. */
  ensure(): Promise<void>;
}

export function keepLease(parts: Pick<Parts, 'store' | 'clock' | 'timings'>, claimed: Lease): LeaseKeeper {
  const { leaseMs, renewMs } = parts.timings;
  let lease = claimed;
  const { clock } = parts;
  let renewed = { at: clock.now().getTime(), elapsed: clock.elapsed() };
  return {
    current: () => lease,
    async ensure() {
      const at = clock.now().getTime();
      const elapsed = clock.elapsed();
      // A clock that was set back hides what has passed, one that stood still with its machine as well: whichever tells more.
      if (Math.max(at - renewed.at, elapsed - renewed.elapsed) < renewMs) return;
      const kept = await parts.store.dispatch.renew(lease, leaseMs);
      if (kept === undefined)
        throw new AppError('lease-lost', `Another worker has taken over integration ${lease.integrationId}.`);
      lease = kept;
      renewed = { at, elapsed };
    },
  };
}

/** One run at work: what every step of it needs. `run` is the run as last stored. */
export interface Work {
  parts: Parts;
  session: Session;
  lease: LeaseKeeper;
  markKey: Secret;
  /** Aborted when the service stops: finish the item in hand, park the rest. */
  stop: AbortSignal;
  /** When this slice of work is over, in milliseconds since 1970. */
  sliceEndsAt: number;
  /** Ends calls that are under way; aborted only when stopping takes too long. */
  signal: AbortSignal;
  /** The way of every write to the tracker. */
  writes: WriteBreaker;
  tally: Tally;
  run: Run;
  /** A person asked for this run. */
  approved: boolean;
}

/** Counts of a run while it works. */
export class Tally {
  counts: RunCounts;
  done: number;
  total: number;

  constructor(run: Run) {
    this.counts = { ...NO_COUNTS, ...run.counts };
    this.done = run.progress.done;
    this.total = run.progress.total;
  }

  soFar(): Pick<Run, 'counts' | 'progress'> {
    const progress = { done: this.done, total: Math.max(this.total, this.done) };
    return { counts: { ...this.counts }, progress };
  }

  add(outcome: RunItem['outcome'] | 'unchanged', count = 1): void {
    this.done += count;
    switch (outcome) {
      case 'created':
      case 'adopted':
      case 'pushed':
      case 'pulled':
      case 'skipped':
      case 'failed':
      case 'unchanged':
        this.counts[outcome] += count;
        return;
      case 'conflict':
        this.counts.conflicts += count;
        return;
      case 'parked':
    }
  }
}

/** False: nobody has said yes to the first sync, or to what a database that was put back in time makes of both sides. */
export function mayWrite({ session }: Pick<Work, 'session'>): boolean {
  return session.integration.state !== 'new';
}

export function nowOf(work: Pick<Work, 'parts'>): string {
  return work.parts.clock.now().toISOString();
}

export function later(work: Pick<Work, 'parts'>, ms: number): string {
  return new Date(work.parts.clock.now().getTime() + ms).toISOString();
}

/** A transaction of the worker: it holds only while this worker's lease does. */
export async function recording<T>(work: Work, body: (tx: Tx) => Promise<T>): Promise<T> {
  return work.parts.store.tenant(work.session.tenantId).transact(async (tx) => {
    await tx.integrations.hold(work.lease.current());
    return body(tx);
  });
}

/** How long a failed change waits before its next try: doubling, with full jitter over the second half. */
export function backoffMs(work: Pick<Work, 'parts'>, failures: number): number {
  const { retryFirstMs, retryMaxMs } = work.parts.timings;
  const cap = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.max(0, failures - 1));
  return cap / 2 + (cap / 2) * work.parts.chance.fraction();
}
