import { BrokenCircuitError, circuitBreaker, CircuitState, CountBreaker, handleWhen } from 'cockatiel';
import { TrackerError } from '../domain/errors.ts';
import type { Clock, Log } from '../ports/clock.ts';
import type { TrackerResponse } from '../ports/tracker.ts';

export interface BreakerSettings {
  /** Opens when more than this share of the last `window` calls failed, once there were `minimum` of them. */
  failureShare: number;
  window: number;
  minimum: number;
  /** Open for this long, then one probe decides. */
  openMs: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** The host gets no calls at the moment: not a failure of this call, and no reason to try again at once. */
export class BreakerOpen extends TrackerError {}

/** Stops calls to a host that fails, so that nobody waits for it and it can recover. */
export class Breaker {
  readonly #host: string;
  readonly #clock: Clock;
  readonly #openMs: number;
  readonly #policy;
  #resumeAt = 0;

  constructor(host: string, settings: BreakerSettings, clock: Clock, log: Log) {
    this.#host = host;
    this.#clock = clock;
    this.#openMs = settings.openMs;
    const failures = handleWhen((error) => this.#isFailure(error)).orWhenResult(isBrokenAnswer);
    this.#policy = circuitBreaker(failures, {
      breaker: new CountBreaker({
        threshold: settings.failureShare,
        size: settings.window,
        minimumNumberOfCalls: settings.minimum,
      }),
      halfOpenAfter: settings.openMs,
    });
    this.#policy.onBreak(() => {
      this.#resumeAt = clock.now().getTime() + this.#openMs;
      log.warn({ host, resumeAt: iso(this.#resumeAt) }, 'Calls to a tracker are stopped: it keeps failing');
    });
    this.#policy.onReset(() => log.info({ host }, 'A tracker answers again'));
  }

  /** Throws a `TrackerError` `tracker-unreachable` while the host gets no calls. */
  check(): void {
    const now = this.#clock.now().getTime();
    const { state } = this.#policy;
    if (state === CircuitState.HalfOpen) throw this.#stopped(now + this.#openMs);
    if (state === CircuitState.Open && now < this.#resumeAt) throw this.#stopped(this.#resumeAt);
  }

  /** Runs a call and learns from it; throws as `check`. */
  async run(call: () => Promise<TrackerResponse>): Promise<TrackerResponse> {
    this.check();
    try {
      return await this.#policy.execute(call);
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw this.#stopped(this.#resumeAt);
      throw error;
    }
  }

  state(): BreakerState {
    const { state } = this.#policy;
    if (state === CircuitState.Closed) return 'closed';
    return state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** ISO; when the next probe may go. Undefined while calls go through. */
  resumeAt(): string | undefined {
    return this.state() === 'closed' ? undefined : iso(this.#resumeAt);
  }

  /** A probe that brought no answer proves nothing, whatever stopped it. */
  #isFailure(error: unknown): boolean {
    if (this.#policy.state === CircuitState.HalfOpen) return true;
    return error instanceof TrackerError && error.code === 'tracker-unreachable';
  }

  #stopped(resumeAt: number): BreakerOpen {
    return new BreakerOpen(
      'tracker-unreachable',
      `${this.#host} kept failing, so it gets no calls until ${iso(resumeAt)}.`,
      { arrived: 'no', resumeAt: iso(resumeAt) },
    );
  }
}

function isBrokenAnswer(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'status' in answer && Number(answer.status) >= 500;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
