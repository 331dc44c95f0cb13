import { messageOf } from '../domain/errors.ts';
import type { Log } from '../ports/clock.ts';
import type { Lease, Whose } from '../ports/store.ts';
import type { Parts } from './parts.ts';
import { workIntegration } from './work-integration.ts';

/** Workers of this process: each claims an integration, works it, gives it back. */
export interface Workers {
  /** False once a worker has died of something nobody foresaw. */
  healthy(): boolean;
  /** Finish the items in hand, give the leases back; calls still under way after `graceMs` are aborted. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Whose work each worker of a process takes: so many integrations are worked at a time, and one worker is always there for a tenant
 * that nobody serves, however much another one has to do.
 */
const WORKERS: readonly Whose[] = ['any', 'any', 'any', 'any', 'unserved'];

export function startWorkers(parts: Parts): Workers {
  const stop = new AbortController();
  const hard = new AbortController();
  const bell = doorbell();
  const silence = parts.bus.onWake(() => {
    bell.ring();
  });
  const failures = new Map<string, number>();
  let alive = true;

  async function work(name: string, whose: Whose): Promise<void> {
    while (!stop.signal.aborted) {
      const lease = await claim(parts, name, whose);
      if (lease === undefined) {
        await bell.wait(parts, stop.signal);
        continue;
      }
      await handle(lease);
    }
  }

  async function handle(lease: Lease): Promise<void> {
    const { integrationId } = lease;
    const failed = failures.get(integrationId) ?? 0;
    try {
      const end = await workIntegration(parts, lease, failed, {
        stop: stop.signal,
        hard: hard.signal,
      });
      failures.set(integrationId, end.failed ? failed + 1 : 0);
      await parts.store.dispatch.release(end.lease, end.nextDueAt);
    } catch (error) {
      // The lease was lost or the database is away: whoever holds it, or comes next, goes on from what was committed.
      failures.set(integrationId, failed + 1);
      report(parts.log, integrationId, error);
    }
  }

  const working = WORKERS.map((whose, index) =>
    work(`${parts.chance.uuid()}/${index}`, whose).catch((error: unknown) => {
      alive = false;
      parts.log.error({ error: messageOf(error) }, 'worker died');
    }),
  );

  return {
    healthy: () => alive,
    async stop(graceMs) {
      stop.abort();
      bell.ring();
      silence();
      const ended = Promise.all(working);
      const grace = new AbortController();
      const late = abortLater(parts, graceMs, grace.signal, hard);
      await ended;
      grace.abort();
      await late;
    },
  };
}

/** Aborts `hard` after `ms`, unless `cancel` comes first. */
async function abortLater(
  parts: Parts,
  ms: number,
  cancel: AbortSignal,
  hard: AbortController,
): Promise<void> {
  try {
    await parts.clock.sleep(ms, cancel);
    hard.abort();
  } catch {
    // All workers have ended in time.
  }
}

async function claim(parts: Parts, name: string, whose: Whose): Promise<Lease | undefined> {
  try {
    return await parts.store.dispatch.claim(name, parts.timings.leaseMs, whose);
  } catch (error) {
    parts.log.error({ error: messageOf(error) }, 'could not claim work');
    return undefined;
  }
}

function report(log: Log, integrationId: string, error: unknown): void {
  log.error({ integrationId, error: messageOf(error) }, 'work on an integration ended early');
}

/** Wakes sleeping workers; a ring while nobody sleeps is not lost. */
function doorbell() {
  let rung = false;
  let waiting = new Set<() => void>();
  return {
    ring(): void {
      rung = true;
      for (const wake of waiting) wake();
    },
    async wait(parts: Parts, stop: AbortSignal): Promise<void> {
      if (!rung && !stop.aborted) {
        const sleep = new AbortController();
        const wake = (): void => {
          sleep.abort();
        };
        waiting.add(wake);
        await parts.clock.sleep(parts.timings.pollMs, sleep.signal).catch(() => undefined);
        waiting.delete(wake);
      }
      rung = false;
      waiting = new Set(waiting);
    },
  };
}
