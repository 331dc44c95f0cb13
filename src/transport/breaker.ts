import { CircuitState, CountBreaker } from 'cockatiel';
import { TrackerError } from '../domain/errors.ts';
import type { Chance, Clock, Log } from '../ports/clock.ts';
import type { TrackerResponse } from '../ports/tracker.ts';
import type { SharedBreaker } from './shared-breaker.ts';

export interface BreakerSettings {
  /** Opens when more than this share of the last `window` calls failed, once there were `minimum` of them. */
  failureShare: number;
  window: number;
  minimum: number;
  /** Open for this long, then one probe decides. */
  openMs: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

const ALONE = 'the probe of a process by itself';

interface BreakerParts {
  clock: Clock;
  chance: Chance;
  log: Log;
  /** Absent: this process decides for itself. */
  shared?: SharedBreaker;
}

/** The host gets no calls at the moment: not a failure of this call, and no reason to try again at once. */
export class BreakerOpen extends TrackerError {}

/** Stops calls to a host that fails, so that nobody waits for it and it can recover. Open for one replica is open for all. */
export class Breaker {
  readonly #host: string;
  readonly #settings: BreakerSettings;
  readonly #parts: BreakerParts;
  #counts: CountBreaker;
  /** In ms; undefined = closed. What this process knows last. */
  #openUntil: number | undefined;
  #isProbing = false;

  constructor(host: string, settings: BreakerSettings, parts: BreakerParts) {
    this.#host = host;
    this.#settings = settings;
    this.#parts = parts;
    this.#counts = counterOf(settings);
  }

  /** Throws a `TrackerError` `tracker-unreachable` while the host gets no calls. */
  async check(): Promise<void> {
    const { resumeAt } = await this.look();
    if (resumeAt !== undefined) throw this.#stopped(Date.parse(resumeAt));
    if (this.#isProbing) throw this.#stopped(this.#now() + this.#settings.openMs);
  }

  /** Runs a call and learns from it; throws as `check`. */
  async run(call: () => Promise<TrackerResponse>): Promise<TrackerResponse> {
    const probe = await this.#admit();
    let answer: TrackerResponse;
    try {
      answer = await call();
    } catch (error) {
      const isFailure = error instanceof TrackerError && error.code === 'tracker-unreachable';
      // A probe that brought no answer proves nothing, whatever stopped it.
      if (isFailure || probe !== undefined) await this.#failed(probe);
      throw error;
    }
    await (answer.status >= 500 ? this.#failed(probe) : this.#answered(probe));
    return answer;
  }

  /** As all replicas know it, or this one alone when they cannot ask each other. `resumeAt` (ISO): no call before. */
  async look(): Promise<{ state: BreakerState; resumeAt?: string }> {
    const asked = await this.#parts.shared?.ask();
    if (asked?.kind === 'closed') this.#close();
    if (asked?.kind === 'open') this.#open(asked.ms);
    if (asked?.kind === 'half-open') this.#openUntil = Math.min(this.#openUntil ?? Infinity, this.#now());
    if (this.#openUntil === undefined) return { state: 'closed' };
    if (this.#now() >= this.#openUntil) return { state: 'half-open' };
    return { state: 'open', resumeAt: iso(this.#openUntil) };
  }

  /** What this process knows, asking nobody. */
  isStopped(): boolean {
    return this.#openUntil !== undefined;
  }

  /** The token of a probe, or undefined for a call like any other. */
  async #admit(): Promise<string | undefined> {
    const { shared, chance } = this.#parts;
    const token = shared === undefined ? ALONE : chance.uuid();
    const asked = await shared?.ask(token);
    const now = this.#now();
    switch (asked?.kind) {
      case 'closed':
        this.#close();
        return undefined;
      case 'open':
        this.#open(asked.ms);
        throw this.#stopped(now + asked.ms);
      case 'half-open':
        throw this.#stopped(now + this.#settings.openMs);
      case 'probe':
        return token;
      case undefined:
        return this.#admitAlone(now, token);
    }
  }

  #admitAlone(now: number, token: string): string | undefined {
    if (this.#openUntil === undefined) return undefined;
    if (now < this.#openUntil) throw this.#stopped(this.#openUntil);
    if (this.#isProbing) throw this.#stopped(now + this.#settings.openMs);
    this.#isProbing = true;
    return token;
  }

  async #answered(probe: string | undefined): Promise<void> {
    if (probe === undefined) return this.#counts.success(CircuitState.Closed);
    this.#close();
    await this.#parts.shared?.close(probe);
  }

  async #failed(probe: string | undefined): Promise<void> {
    const tips = this.#counts.failure(CircuitState.Closed);
    // Calls that were under way when it opened prove nothing new.
    const isLate = probe === undefined && this.#openUntil !== undefined;
    if (isLate || (probe === undefined && !tips)) return;
    this.#open(this.#settings.openMs);
    await this.#parts.shared?.open(this.#settings.openMs, probe);
  }

  #open(ms: number): void {
    const isNews = this.#openUntil === undefined || this.#isProbing;
    this.#isProbing = false;
    this.#openUntil = this.#now() + ms;
    const { log } = this.#parts;
    if (isNews)
      log.warn(
        { host: this.#host, resumeAt: iso(this.#openUntil) },
        'Calls to a tracker are stopped: it keeps failing',
      );
  }

  #close(): void {
    if (this.#openUntil === undefined) return;
    this.#openUntil = undefined;
    this.#isProbing = false;
    this.#counts = counterOf(this.#settings);
    this.#parts.log.info({ host: this.#host }, 'A tracker answers again');
  }

  #now(): number {
    return this.#parts.clock.now().getTime();
  }

  #stopped(until: number): BreakerOpen {
    return new BreakerOpen(
      'tracker-unreachable',
      `${this.#host} kept failing, so it gets no calls until ${iso(until)}.`,
      { arrived: 'no', resumeAt: iso(until) },
    );
  }
}

function counterOf({ failureShare, window, minimum }: BreakerSettings): CountBreaker {
  return new CountBreaker({ threshold: failureShare, size: window, minimumNumberOfCalls: minimum });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
