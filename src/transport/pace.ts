import { TrackerError } from '../domain/errors.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Capabilities, Pace } from '../ports/tracker.ts';
import type { Replicas } from './replicas.ts';
import type { Needs, SharedLane, Told } from './shared-lane.ts';
import { SlidingWindow } from './window.ts';

/** A longer wait is not slept through: the worker has other things to do. */
const LONGEST_WAIT_MS = 30_000;
/** No tracker's window is longer; what asks for more is a mistake, and is asked again after this. */
const LONGEST_BLOCK_MS = 24 * 60 * 60 * 1000;
/** Left to the people who work with the same account. */
const RESERVED_SHARE = 0.2;
const MINUTE = 60_000;

type PublishedLimits = Pick<
  Capabilities,
  'requestsPerMinute' | 'createsPerMinute' | 'createsPerHour' | 'concurrency'
>;

/** What an answer told us. `limited`: it was refused only because we were too fast. */
export interface Observation {
  pace: Pace | undefined;
  /** From `Retry-After`, ms since the epoch. */
  retryAt: number | undefined;
  limited: boolean;
}

interface Budget extends Pace {
  /** When it is full again, with jitter, in ms. */
  fullAt: number;
}

/** What replicas share of a lane, and each one's part of it while they cannot. */
export interface Together {
  lane: SharedLane;
  replicas: Replicas;
}

/** One lane to one tracker for one account: how fast, how many at once, and when not at all. */
export class Lane {
  readonly #host: string;
  readonly #limits: PublishedLimits;
  readonly #together: Together | undefined;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #concurrency: number;
  readonly #requests: readonly SlidingWindow[];
  readonly #creates: readonly SlidingWindow[];
  readonly #budgets = new Map<string, Budget>();
  #inFlight = 0;
  #waiting: (() => void)[] = [];
  #blockedUntil = 0;
  #limitedInARow = 0;
  #lastUsed = 0;

  constructor(host: string, limits: PublishedLimits, clock: Clock, chance: Chance, together?: Together) {
    this.#host = host;
    this.#limits = limits;
    this.#together = together;
    this.#clock = clock;
    this.#chance = chance;
    this.#concurrency = Math.max(1, limits.concurrency);
    this.#requests = windows([limits.requestsPerMinute, MINUTE]);
    this.#creates = windows([limits.createsPerMinute, MINUTE], [limits.createsPerHour, 60 * MINUTE]);
  }

  /**
   * Wait for our turn; call the answer when the call is over. Throws a `TrackerError` `tracker-rate-limited` (not
   * arrived, with `resumeAt`) when the turn is more than 30 s away, or the signal's reason.
   */
  async enter(createsContent: boolean, signal: AbortSignal): Promise<() => void> {
    const latest = this.#now() + LONGEST_WAIT_MS;
    for (;;) {
      signal.throwIfAborted();
      const now = this.#now();
      const ownPart = this.#together?.replicas.share() ?? 1;
      const readyAt = this.#readyAt(createsContent, now, ownPart);
      if (readyAt > latest) throw this.#tooLong(readyAt);
      if (readyAt > now) await this.#clock.sleep(readyAt - now, signal);
      else if (this.#inFlight >= Math.max(1, Math.floor(this.#concurrency * ownPart)))
        await this.#slot(signal);
      else if (this.#together === undefined || !this.#together.replicas.canAsk())
        return this.#take(createsContent, now);
      else {
        const turn = await this.#together.lane.enter(needsOf(this.#limits, createsContent));
        if (turn.kind === 'taken') return this.#take(createsContent, this.#now(), turn.leave);
        if (turn.kind === 'wait') await this.#wait(turn.ms, latest, signal);
      }
    }
  }

  async #wait(ms: number, latest: number, signal: AbortSignal): Promise<void> {
    const readyAt = this.#now() + ms;
    if (readyAt > latest) throw this.#tooLong(readyAt);
    await this.#clock.sleep(ms, signal);
  }

  /** Learn from an answer; before its call's slot is given back. */
  observe({ pace, retryAt, limited }: Observation): void {
    const now = this.#now();
    if (pace !== undefined) this.#learn(pace, now);
    const stated = Math.max(retryAt ?? 0, timeOf(pace?.resumeAt) ?? 0);
    this.#limitedInARow = limited ? this.#limitedInARow + 1 : 0;
    if (stated > now) this.#block(stated + this.#jitter(stated - now));
    else if (limited)
      this.#block(now + this.#chance.fraction() * 1000 * 2 ** Math.min(this.#limitedInARow, 5));
    this.#together?.lane.tell(this.#toldOf(pace, now));
  }

  #toldOf(pace: Pace | undefined, now: number): Told {
    const blockedMs = this.#blockedUntil - now;
    const bucket = pace?.bucket ?? '';
    const budget = pace === undefined ? undefined : this.#budgets.get(bucket);
    if (budget?.remaining === undefined) return { blockedMs };
    const { remaining, fullAt } = budget;
    return { blockedMs, budget: { bucket, remaining, reserved: reservedOf(budget), fullInMs: fullAt - now } };
  }

  /** What is left of the tightest budget that the tracker told us of; undefined = nothing known. */
  pace(): Pace | undefined {
    const now = this.#now();
    const known = [...this.#budgets.values()].filter((budget) => budget.fullAt > now);
    const [tightest] = known.toSorted((a, b) => share(a) - share(b));
    const blocked = this.#blockedUntil > now ? { resumeAt: iso(this.#blockedUntil) } : {};
    if (tightest === undefined) return this.#blockedUntil > now ? blocked : undefined;
    const { fullAt: _, resumeAt: __, ...told } = tightest;
    return { ...told, ...blocked };
  }

  /** True when forgetting this lane loses nothing. */
  isIdle(): boolean {
    const now = this.#now();
    return this.#inFlight === 0 && this.#blockedUntil <= now && now - this.#lastUsed > 60 * MINUTE;
  }

  #readyAt(createsContent: boolean, now: number, ownPart: number): number {
    const limits = createsContent ? [...this.#requests, ...this.#creates] : this.#requests;
    const budgets = [...this.#budgets.values()].filter((budget) => isSpent(budget));
    return Math.max(
      now,
      this.#blockedUntil,
      ...limits.map((limit) => limit.readyAt(now, ownPart)),
      ...budgets.map((budget) => budget.fullAt),
    );
  }

  #take(createsContent: boolean, now: number, leave?: () => void): () => void {
    for (const limit of this.#requests) limit.take(now);
    if (createsContent) for (const limit of this.#creates) limit.take(now);
    for (const [name, budget] of this.#budgets) {
      if (budget.fullAt <= now) this.#budgets.delete(name);
      else if (budget.remaining !== undefined) budget.remaining -= 1;
    }
    this.#inFlight += 1;
    this.#lastUsed = now;
    return () => {
      this.#inFlight -= 1;
      leave?.();
      // All of them: who is woken first may have to wait for something else.
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  #learn(pace: Pace, now: number): void {
    const resetsAt = timeOf(pace.resetsAt);
    if (resetsAt === undefined || resetsAt <= now) return;
    // Answers overtake each other; what others in flight will take is not in this one yet.
    const others = Math.max(0, this.#inFlight - 1);
    const remaining = pace.remaining === undefined ? {} : { remaining: pace.remaining - others };
    this.#budgets.set(pace.bucket ?? '', {
      ...pace,
      ...remaining,
      fullAt: resetsAt + this.#jitter(resetsAt - now),
    });
  }

  #block(until: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, Math.min(until, this.#now() + LONGEST_BLOCK_MS));
  }

  /** So that everybody who waits for the same moment does not come at the same moment. */
  #jitter(waitMs: number): number {
    return this.#chance.fraction() * Math.min(waitMs / 10, 30_000);
  }

  #slot(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.push(wake);
    });
  }

  #tooLong(readyAt: number): TrackerError {
    return new TrackerError('tracker-rate-limited', `${this.#host} lets us go on at ${iso(readyAt)}.`, {
      arrived: 'no',
      resumeAt: iso(readyAt),
    });
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

function windows(...limits: readonly (readonly [number | undefined, number])[]): readonly SlidingWindow[] {
  return limits.flatMap(([limit, ms]) => (limit === undefined ? [] : [new SlidingWindow(ours(limit), ms)]));
}

/** Of a published limit. */
function ours(limit: number): number {
  return Math.max(1, Math.floor(limit * (1 - RESERVED_SHARE)));
}

/** 0 = no limit. */
function oursOf(limit: number | undefined): number {
  return limit === undefined ? 0 : ours(limit);
}

function needsOf(limits: PublishedLimits, createsContent: boolean): Needs {
  return {
    concurrency: Math.max(1, limits.concurrency),
    requestsPerMinute: oursOf(limits.requestsPerMinute),
    createsPerMinute: createsContent ? oursOf(limits.createsPerMinute) : 0,
    createsPerHour: createsContent ? oursOf(limits.createsPerHour) : 0,
  };
}

function isSpent(budget: Budget): boolean {
  return budget.remaining !== undefined && budget.remaining <= reservedOf(budget);
}

function reservedOf({ limit = 0 }: Budget): number {
  return limit * RESERVED_SHARE;
}

function share({ remaining, limit }: Budget): number {
  return (remaining ?? Infinity) / (limit ?? remaining ?? 1);
}

function timeOf(stated: string | undefined): number | undefined {
  const time = stated === undefined ? Number.NaN : Date.parse(stated);
  return Number.isNaN(time) ? undefined : time;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
